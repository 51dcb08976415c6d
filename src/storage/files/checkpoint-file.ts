/**
 * Text checkpoint files (Kafka's CheckpointFile): `0`, number of entries, one line an entry, every line ended by a
 * newline; replaced atomically. A missing or empty file has no entries (Kafka creates them empty). Anything else that
 * does not read back exactly is an error of the directory, never silently dropped entries.
 */
import { OperationError } from '../../base/errors.js';
import { writeAtomically, writeWhole } from './atomic-file.js';
import { type FileOps, systemFiles } from './file-ops.js';

export const CHECKPOINT_VERSION = 0;
/** A line holds a topic of 249 characters and two numbers; 300,000 partitions of them. Larger is not ours. */
export const CHECKPOINT_BYTES_MAX = 100 * 1024 * 1024;

const NUMBER = /^-?\d{1,16}$/;

function malformed(path: string, why: string): OperationError {
  return new OperationError('STORAGE_FAILED', `Malformed checkpoint file ${path}: ${why}`);
}

/** Fields of every entry, each entry having exactly `fields` of them. */
export function readCheckpoint(path: string, fields: number, files: FileOps = systemFiles): string[][] {
  const bytes = files.read(path);
  if (bytes === null || bytes.length === 0) return [];
  if (bytes.length > CHECKPOINT_BYTES_MAX) throw malformed(path, `${bytes.length} bytes`);
  const lines = new TextDecoder().decode(bytes).split('\n');
  if (lines.at(-1) === '') lines.pop();
  const [version = '', count = ''] = lines;
  if (!NUMBER.test(version)) throw malformed(path, `version line '${version.slice(0, 40)}'`);
  if (Number(version) !== CHECKPOINT_VERSION) throw malformed(path, `unknown version ${version}`);
  if (!NUMBER.test(count)) throw malformed(path, `count line '${count.slice(0, 40)}'`);
  const entries = lines.slice(2).map((line, index) => {
    const parts = line.split(/\s+/);
    if (parts.length !== fields) throw malformed(path, `line ${index + 3}: '${line.slice(0, 300)}'`);
    return parts;
  });
  if (entries.length !== Number(count)) {
    throw malformed(path, `${count} entries announced, ${entries.length} found`);
  }
  return entries;
}

export function writeCheckpoint(path: string, entries: Iterable<string>, files: FileOps = systemFiles): void {
  writeAtomically(path, encodeCheckpoint(entries), files);
}

/** As `writeCheckpoint` for the first entries of a new file; not durable until it is synced. */
export function writeFirstCheckpoint(path: string, entries: Iterable<string>, files: FileOps): void {
  writeWhole(path, encodeCheckpoint(entries), files);
}

function encodeCheckpoint(entries: Iterable<string>): Uint8Array {
  const lines = [...entries];
  const text = [String(CHECKPOINT_VERSION), String(lines.length), ...lines, ''].join('\n');
  return new TextEncoder().encode(text);
}

/** A number of an entry as a safe integer in [min, 2^53). */
export function checkpointNumber(path: string, text: string, min: number): number {
  const value = Number(text);
  if (!NUMBER.test(text) || !Number.isSafeInteger(value) || value < min) {
    throw malformed(path, `number '${text}'`);
  }
  return value;
}
