/**
 * Making and moving a partition's directory. `partition.metadata` is its first file: without it Kafka sets the directory
 * aside. Nothing is synced here: the metadata log is what makes a partition exist. Until the log's first flush
 * (`syncNames`) a power cut may take the directory or leave its small files empty; the next start makes them anew.
 */
import { basename, dirname, join } from 'node:path';
import { OperationError } from '../base/errors.js';
import type { LogSpec } from './contract.js';
import { renameDurably } from './files/atomic-file.js';
import { LEADER_EPOCH_FILE, movedDirectoryName, PARTITION_METADATA_FILE } from './files/file-names.js';
import type { FileOps } from './files/file-ops.js';
import {
  readPartitionMetadata,
  writeFirstPartitionMetadata,
  writePartitionMetadata,
} from './files/partition-metadata.js';

/** Creates the directory ('new': nothing else is in it), or checks that it belongs to the topic id of `spec`. */
export function prepareLogDirectory(spec: LogSpec, files: FileOps): 'new' | 'found' {
  if (files.stat(spec.directory) === null) {
    files.makeDirectory(spec.directory);
    writeFirstPartitionMetadata(spec.directory, spec.topicId, files);
    return 'new';
  }
  const path = join(spec.directory, PARTITION_METADATA_FILE);
  const emptied = files.stat(path)?.sizeBytes === 0; // a power cut soon after it was made
  const found = emptied ? null : readPartitionMetadata(spec.directory, files);
  if (found === null) {
    writePartitionMetadata(spec.directory, spec.topicId, files);
  } else if (found !== spec.topicId) {
    throw new OperationError(
      'STORAGE_FAILED',
      `${spec.directory} belongs to topic id ${found}, not to ${spec.topicId} (an older topic of the same name?)`,
    );
  }
  return 'found';
}

/** Makes the partition's small files and its directory's name durable; before any offset counts as flushed. */
export function syncNames(directory: string, files: FileOps): void {
  for (const name of [PARTITION_METADATA_FILE, LEADER_EPOCH_FILE]) {
    const path = join(directory, name);
    if (files.stat(path) !== null) files.sync(path);
  }
  files.syncDirectory(directory);
  files.syncDirectory(dirname(directory));
}

/** Renames to `<topic>-<partition>.<32 hex digits>-delete`; returns the new path. */
export function moveForDeletion(spec: LogSpec, random: () => number, files: FileOps): string {
  let uniqueId = '';
  while (uniqueId.length < 32) uniqueId += Math.floor(random() * 16).toString(16);
  const target = join(
    dirname(spec.directory),
    movedDirectoryName(spec.topic, spec.partition, uniqueId, 'delete'),
  );
  renameDurably(spec.directory, target, files);
  return target;
}

export function logName(spec: LogSpec): string {
  return basename(spec.directory);
}
