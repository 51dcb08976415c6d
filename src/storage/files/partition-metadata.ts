/**
 * `partition.metadata`: the topic id a partition directory belongs to. Two lines, no newline at the end. Without it
 * Kafka sets the directory aside and serves an empty partition, so it is the first file of a new directory.
 */
import { join } from 'node:path';
import { OperationError } from '../../base/errors.js';
import { writeAtomically, writeWhole } from './atomic-file.js';
import { PARTITION_METADATA_FILE } from './file-names.js';
import { type FileOps, systemFiles } from './file-ops.js';

/** 22 characters of URL-safe base64. */
const TOPIC_ID = /^[A-Za-z0-9_-]{22}$/;
const ZERO_ID = 'AAAAAAAAAAAAAAAAAAAAAA';

/** The topic id, or null when the file does not exist. Throws OperationError when it cannot be read as one. */
export function readPartitionMetadata(directory: string, files: FileOps = systemFiles): string | null {
  const path = join(directory, PARTITION_METADATA_FILE);
  const bytes = files.read(path);
  if (bytes === null) return null;
  const lines = new TextDecoder().decode(bytes.subarray(0, 1024)).split('\n');
  const version = /^version:\s*(\d+)\s*$/.exec(lines[0] ?? '')?.[1];
  const topicId = /^topic_id:\s*(\S+)\s*$/.exec(lines[1] ?? '')?.[1];
  if (version !== '0' || topicId === undefined || !TOPIC_ID.test(topicId) || topicId === ZERO_ID) {
    throw new OperationError('STORAGE_FAILED', `Invalid topic id or version in ${path}`);
  }
  return topicId;
}

export function writePartitionMetadata(
  directory: string,
  topicId: string,
  files: FileOps = systemFiles,
): void {
  writeAtomically(join(directory, PARTITION_METADATA_FILE), encode(directory, topicId), files);
}

/** For a new directory: not durable until the log's first flush. */
export function writeFirstPartitionMetadata(directory: string, topicId: string, files: FileOps): void {
  writeWhole(join(directory, PARTITION_METADATA_FILE), encode(directory, topicId), files);
}

function encode(directory: string, topicId: string): Uint8Array {
  if (!TOPIC_ID.test(topicId) || topicId === ZERO_ID) {
    throw new OperationError('STORAGE_FAILED', `Invalid topic id '${topicId}' for ${directory}`);
  }
  return new TextEncoder().encode(`version: 0\ntopic_id: ${topicId}`);
}
