/**
 * `meta.properties` of a log dir (Kafka's MetaProperties, a Java properties file): which cluster, node and directory
 * it is. Version 1 (KRaft) is read and written; version 0 (ZooKeeper) is refused with a reason.
 */
import { join } from 'node:path';
import { parse, stringify } from 'dot-properties';
import { OperationError } from '../../base/errors.js';
import { writeAtomically } from './atomic-file.js';
import { META_PROPERTIES_FILE } from './file-names.js';
import { type FileOps, systemFiles } from './file-ops.js';

export interface MetaProperties {
  clusterId: string;
  nodeId: number;
  /** null = absent (Kafka before 3.7); the caller makes one and writes the file again. */
  directoryId: string | null;
}

const META_PROPERTIES_BYTES_MAX = 64 * 1024;

/** null = the file does not exist: the directory is not formatted. */
export function readMetaProperties(
  logDirectory: string,
  files: FileOps = systemFiles,
): MetaProperties | null {
  const path = join(logDirectory, META_PROPERTIES_FILE);
  const bytes = files.read(path);
  if (bytes === null) return null;
  if (bytes.length > META_PROPERTIES_BYTES_MAX) throw invalid(path, `${bytes.length} bytes`);
  const values = parse(new TextDecoder('latin1').decode(bytes));
  const text = (key: string): string | null => {
    const value: unknown = values[key];
    return typeof value === 'string' && value !== '' ? value.trim() : null;
  };
  const version = text('version') ?? '0';
  if (version !== '1') {
    throw invalid(path, `version ${version}; only version 1 (KRaft) directories can be opened`);
  }
  const clusterId = text('cluster.id');
  const nodeId = text('node.id');
  if (clusterId === null) throw invalid(path, 'cluster.id is missing');
  if (nodeId === null || !/^\d{1,10}$/.test(nodeId)) throw invalid(path, 'node.id is missing or no number');
  return { clusterId, nodeId: Number(nodeId), directoryId: text('directory.id') };
}

function invalid(path: string, why: string): OperationError {
  return new OperationError('STORAGE_FAILED', `Invalid ${path}: ${why}`);
}

/** `comment`: one line, usually the date, written as Java's Properties does. */
export function writeMetaProperties(
  logDirectory: string,
  properties: MetaProperties,
  comment: string,
  files: FileOps = systemFiles,
): void {
  const entries: Record<string, string> = {
    'cluster.id': properties.clusterId,
    'node.id': String(properties.nodeId),
    version: '1',
  };
  if (properties.directoryId !== null) entries['directory.id'] = properties.directoryId;
  const sorted = Object.fromEntries(Object.entries(entries).sort(([a], [b]) => (a < b ? -1 : 1)));
  const body = stringify(sorted, { keySep: '=', latin1: true });
  const text = `#\n#${comment.replace(/[\r\n]/g, ' ')}\n${body}\n`;
  writeAtomically(join(logDirectory, META_PROPERTIES_FILE), new TextEncoder().encode(text), files);
}
