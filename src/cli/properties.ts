import { readFileSync } from 'node:fs';
import { parse } from 'dot-properties';
import { OperationError } from '../base/errors.js';

/** What runs when no server.properties is given: one combined node on the loopback interface. */
export const DEFAULT_PROPERTIES: Readonly<Record<string, string>> = {
  'process.roles': 'broker,controller',
  'node.id': '1',
  listeners: 'PLAINTEXT://127.0.0.1:9092',
  'controller.listener.names': 'CONTROLLER',
  'log.dirs': './data',
};

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

/** Reads a Java properties file. */
export function readProperties(path: string): Map<string, string> {
  let text: string;
  try {
    text = readFileSync(path, 'latin1');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new OperationError('CONFIG_INVALID', `Cannot read ${path}: ${why}`, { cause: error });
  }
  return new Map(
    Object.entries(parse(text)).flatMap(([key, value]) => (isText(value) ? [[key, value.trim()]] : [])),
  );
}

/** One `--override k=v`. */
export function parseOverride(text: string): [string, string] {
  const at = text.indexOf('=');
  if (at <= 0) throw new OperationError('CONFIG_INVALID', `--override needs key=value, not "${text}"`);
  return [text.slice(0, at).trim(), text.slice(at + 1).trim()];
}

/** The file's keys (or the defaults when there is none) under the overrides. */
export function effectiveProperties(
  file: string | undefined,
  overrides: readonly string[],
): Map<string, string> {
  const properties = file === undefined ? new Map(Object.entries(DEFAULT_PROPERTIES)) : readProperties(file);
  for (const [key, value] of overrides.map(parseOverride)) properties.set(key, value);
  return properties;
}
