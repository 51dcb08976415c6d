/** Making and moving a partition's directory. `partition.metadata` is its first file: without it Kafka sets the directory aside. */
import { basename, dirname, join } from 'node:path';
import { OperationError } from '../base/errors.js';
import type { LogSpec } from './contract.js';
import { renameDurably } from './files/atomic-file.js';
import { movedDirectoryName } from './files/file-names.js';
import type { FileOps } from './files/file-ops.js';
import { readPartitionMetadata, writePartitionMetadata } from './files/partition-metadata.js';

/** Creates the directory, or checks that it belongs to the topic id of `spec`. */
export function prepareLogDirectory(spec: LogSpec, files: FileOps): void {
  if (files.stat(spec.directory) === null) {
    files.makeDirectory(spec.directory);
    files.syncDirectory(dirname(spec.directory));
  }
  const found = readPartitionMetadata(spec.directory, files);
  if (found === null) {
    writePartitionMetadata(spec.directory, spec.topicId, files);
  } else if (found !== spec.topicId) {
    throw new OperationError(
      'STORAGE_FAILED',
      `${spec.directory} belongs to topic id ${found}, not to ${spec.topicId} (an older topic of the same name?)`,
    );
  }
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
