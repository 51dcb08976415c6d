/** Reads Kafka's schema files (JSON with line comments) when a checkout of the facts lies beside the repository. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const facts = resolve(import.meta.dirname, '../../../shared/facts');
export const haveFacts = existsSync(join(facts, 'messages/clients'));
export const factsMissing = `Kafka's schema files are not beside the repository (${facts}/messages)`;

export interface KafkaField {
  name: string;
  type: string;
  versions?: string;
  nullableVersions?: string;
  taggedVersions?: string;
  flexibleVersions?: string;
  tag?: number;
  default?: string | number | boolean | null;
  ignorable?: boolean | string;
  fields?: KafkaField[];
}
export interface KafkaSchema {
  name: string;
  type: string;
  apiKey?: number;
  validVersions: string;
  flexibleVersions?: string;
  latestVersionUnstable?: boolean;
  fields?: KafkaField[];
  commonStructs?: { name: string; fields: KafkaField[] }[];
}

/** Drops `//` comments outside of strings. */
function stripComments(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|\/\/[^\n]*/g, (match) => (match.startsWith('"') ? match : ''));
}

/** Every schema of a folder by its name. */
export function loadSchemas(...folders: string[]): Map<string, KafkaSchema> {
  const schemas = new Map<string, KafkaSchema>();
  for (const folder of folders) {
    const path = join(facts, folder);
    for (const file of readdirSync(path).filter((name) => name.endsWith('.json'))) {
      const schema: KafkaSchema = JSON.parse(stripComments(readFileSync(join(path, file), 'utf8')));
      schemas.set(schema.name, schema);
    }
  }
  return schemas;
}

/** "none" -> null, "3" -> [3, 3], "3+" -> [3, Infinity], "3-5" -> [3, 5]. */
export function versionRange(text: string | undefined): [number, number] | null {
  if (text === undefined || text === 'none') return null;
  const match = /^(\d+)(\+|-(\d+))?$/.exec(text);
  if (match === null) throw new Error(`version range ${text}`);
  const first = Number(match[1]);
  if (match[2] === undefined) return [first, first];
  return [first, match[2] === '+' ? Number.POSITIVE_INFINITY : Number(match[3])];
}

export function inRange(text: string | undefined, version: number): boolean {
  const range = versionRange(text);
  return range !== null && version >= range[0] && version <= range[1];
}
