/**
 * Every defined message against Kafka's own schema files: field by field, version by version. Versions below Kafka 4's
 * minimum are compared with the 3.9 files.
 */
import { describe, expect, it } from 'vitest';
import * as groupRecords from '../../src/protocol/group-records/index.js';
import { apis, metadataRecords } from '../../src/protocol/index.js';
import * as control from '../../src/protocol/records/control.js';
import * as shareRecords from '../../src/protocol/share-records/index.js';
import { isFlexible, type Message, requestHeader, responseHeader } from '../../src/wire/index.js';
import { structLayout } from '../../src/wire/layout.js';
import { defaultOf, type Field, type Fields, type FieldType } from '../../src/wire/schema.js';
import {
  factsMissing,
  haveFacts,
  inRange,
  type KafkaField,
  type KafkaSchema,
  loadSchemas,
  versionRange,
} from './kafka-schema.js';

/** One field of one version as both sides describe it. */
interface Row {
  path: string;
  type: string;
  nullable: boolean;
  compact: boolean;
  tag: number | undefined;
}
/** What does not depend on the version. */
interface Extra {
  default: string;
  ignorable: boolean;
}

const lower = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);

function kafkaStruct(schema: KafkaSchema, field: KafkaField): KafkaField[] {
  const name = field.type.replace('[]', '');
  return field.fields ?? schema.commonStructs?.find((common) => common.name === name)?.fields ?? [];
}

function kafkaRows(schema: KafkaSchema, fields: KafkaField[], version: number, prefix: string): Row[] {
  const rows: Row[] = [];
  for (const field of fields.filter((each) => inRange(each.versions, version))) {
    const base = field.type.replace('[]', '');
    const isStruct = /^[A-Z]/.test(base);
    const path = prefix + lower(field.name);
    const flexible = inRange(field.flexibleVersions ?? schema.flexibleVersions, version);
    rows.push({
      path,
      type: (field.type.startsWith('[]') ? '[]' : '') + (isStruct ? 'struct' : base),
      nullable: inRange(field.nullableVersions, version),
      compact: flexible,
      tag: inRange(field.taggedVersions, version) ? field.tag : undefined,
    });
    if (isStruct) rows.push(...kafkaRows(schema, kafkaStruct(schema, field), version, `${path}.`));
  }
  return rows;
}

const WIRE_TYPES: Record<string, string> = { clampedInt64: 'int64', bigint64: 'int64' };

function typeText(type: FieldType): string {
  if (type.kind === 'array') return `[]${typeText(type.element)}`;
  return WIRE_TYPES[type.kind] ?? type.kind;
}
function structFields(type: FieldType): Fields | undefined {
  const inner = type.kind === 'array' ? type.element : type;
  return inner.kind === 'struct' ? inner.fields : undefined;
}

function ourRows(fields: Fields, version: number, flexible: boolean, prefix: string): Row[] {
  const rows: Row[] = [];
  for (const placed of structLayout(fields, version, flexible).all.filter((each) => each.present)) {
    const { name, field, nullable, compact, tag } = placed;
    const path = prefix + name;
    rows.push({ path, type: typeText(field.type), nullable, compact, tag });
    const inner = structFields(field.type);
    if (inner !== undefined) rows.push(...ourRows(inner, version, flexible, `${path}.`));
  }
  return rows;
}

/** Fields that exist in part of the versions only must say the same about `ignorable`; all must have the same default. */
function kafkaExtras(
  schema: KafkaSchema,
  fields: KafkaField[],
  prefix: string,
  into: Map<string, Extra>,
): void {
  for (const field of fields) {
    const path = prefix + lower(field.name);
    const base = field.type.replace('[]', '');
    into.set(path, { default: kafkaDefault(field), ignorable: String(field.ignorable) === 'true' });
    if (/^[A-Z]/.test(base)) kafkaExtras(schema, kafkaStruct(schema, field), `${path}.`, into);
  }
}
function kafkaDefault(field: KafkaField): string {
  // Kafka's generator knows the string "null"; a JSON null it reads as no default at all (its coordinator records show it).
  const text = field.default === undefined || field.default === null ? undefined : String(field.default);
  if (text === 'null') return 'null';
  if (field.type.startsWith('[]')) return '[]';
  if (/^[A-Z]/.test(field.type)) return 'struct';
  switch (field.type) {
    case 'bool':
      return String(text?.toLowerCase() === 'true');
    case 'string':
      return JSON.stringify(text ?? '');
    case 'uuid':
      return '"AAAAAAAAAAAAAAAAAAAAAA"';
    case 'bytes':
      return 'empty';
    case 'records':
      return 'null';
    case 'float64':
      return String(Number(text ?? 0));
    default:
      return String(BigInt(text ?? 0));
  }
}
function ourDefault(field: Field): string {
  const value = defaultOf(field);
  if (value === null) return 'null';
  if (field.type.kind === 'clampedInt64' && value === Number.MAX_SAFE_INTEGER) return String(2n ** 63n - 1n);
  if (field.type.kind === 'array') return '[]';
  if (field.type.kind === 'struct') return 'struct';
  if (field.type.kind === 'bytes') return 'empty';
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}

function compareExtras(message: Message, expected: Map<string, Extra>): string[] {
  const wrong: string[] = [];
  const [first, last] = message.versions;
  const visit = (fields: Fields, prefix: string): void => {
    for (const [name, field] of Object.entries(fields)) {
      const path = prefix + name;
      const kafka = expected.get(path);
      const { since = 0, until = last, ignorable } = field.options;
      if (ourDefault(field) !== kafka?.default)
        wrong.push(`${path}: default ${ourDefault(field)}, ${kafka?.default}`);
      const partial = since > first || until < last;
      if (partial && prefix === '' && (ignorable ?? false) !== kafka?.ignorable)
        wrong.push(`${path}: ignorable`);
      if (partial && ignorable === true && kafka?.ignorable !== true)
        wrong.push(`${path}: must not be ignorable`);
      const inner = structFields(field.type);
      if (inner !== undefined) visit(inner, `${path}.`);
    }
  };
  visit(message.fields, '');
  return wrong;
}

const messages: Message[] = [
  ...apis.flatMap((api) => [api.request, api.response]),
  ...Object.values(metadataRecords),
  ...Object.values(groupRecords),
  ...Object.values(shareRecords),
  control.endTxnMarker,
  control.leaderChangeMessage,
  control.snapshotHeaderRecord,
  control.snapshotFooterRecord,
  control.kRaftVersionRecord,
  control.votersRecord,
  requestHeader,
  responseHeader,
];

describe.skipIf(!haveFacts)(
  haveFacts ? 'conformance with Kafka 4.3.1' : `conformance: ${factsMissing}`,
  () => {
    const newest = haveFacts
      ? loadSchemas(
          'messages/clients',
          'messages/metadata',
          'messages/group-coordinator',
          'messages/share-coordinator',
        )
      : new Map<string, KafkaSchema>();
    const older = haveFacts ? loadSchemas('messages-3.9/clients') : new Map<string, KafkaSchema>();

    it.each(messages.map((message): [string, Message] => [message.name, message]))('%s', (name, message) => {
      const schema = newest.get(name);
      expect(schema, 'Kafka has a schema of this name').toBeDefined();
      if (schema === undefined) return;
      const range = versionRange(schema.validVersions) ?? [0, 0];
      expect(message.key).toBe(schema.apiKey ?? null);
      expect(message.kind).toBe(schema.type);
      expect(message.latestVersionUnstable).toBe(schema.latestVersionUnstable ?? false);
      expect(message.versions[1]).toBe(range[1]);

      const extras = new Map<string, Extra>();
      for (let version = message.versions[0]; version <= message.versions[1]; version++) {
        const source = version < range[0] ? older.get(name) : schema;
        if (source === undefined) throw new Error(`no 3.9 schema of ${name}`);
        expect(inRange(source.validVersions, version), `v${version} is valid`).toBe(true);
        expect(isFlexible(message, version)).toBe(inRange(source.flexibleVersions, version));
        const ours = ourRows(message.fields, version, isFlexible(message, version), '');
        expect(ours, `v${version}`).toEqual(kafkaRows(source, source.fields ?? [], version, ''));
        kafkaExtras(source, source.fields ?? [], '', extras);
      }
      kafkaExtras(schema, schema.fields ?? [], '', extras);
      expect(compareExtras(message, extras)).toEqual([]);
    });

    it('all metadata records of Kafka are defined', () => {
      const kafka = [...loadSchemas('messages/metadata').values()].map((schema) => schema.name).sort();
      expect(Object.keys(metadataRecords).sort()).toEqual(kafka);
    });
  },
);
