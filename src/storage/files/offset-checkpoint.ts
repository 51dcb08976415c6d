/**
 * The four `topic partition offset` checkpoints in the root of a log dir (Kafka's OffsetCheckpointFile): recovery
 * points, log start offsets, high watermarks, first dirty offsets of the cleaner. Owned by the main thread.
 */
import { join } from 'node:path';
import { checkpointNumber, readCheckpoint, writeCheckpoint } from './checkpoint-file.js';
import { type FileOps, systemFiles } from './file-ops.js';

export const OffsetCheckpointName = {
  recoveryPoint: 'recovery-point-offset-checkpoint',
  logStart: 'log-start-offset-checkpoint',
  highWatermark: 'replication-offset-checkpoint',
  cleaner: 'cleaner-offset-checkpoint',
} as const;
export type OffsetCheckpointName = (typeof OffsetCheckpointName)[keyof typeof OffsetCheckpointName];

export interface PartitionOffset {
  topic: string;
  partition: number;
  offset: number;
}

/** One checkpoint file, held as a map from `<topic>-<partition>`. A repeated partition: the last line wins. */
export function readOffsetCheckpoint(
  logDirectory: string,
  name: OffsetCheckpointName,
  files: FileOps = systemFiles,
): Map<string, PartitionOffset> {
  const path = join(logDirectory, name);
  const entries = new Map<string, PartitionOffset>();
  for (const [topic = '', partitionText = '', offsetText = ''] of readCheckpoint(path, 3, files)) {
    const partition = checkpointNumber(path, partitionText, 0);
    entries.set(`${topic}-${partition}`, {
      topic,
      partition,
      offset: checkpointNumber(path, offsetText, 0),
    });
  }
  return entries;
}

export function writeOffsetCheckpoint(
  logDirectory: string,
  name: OffsetCheckpointName,
  entries: Iterable<PartitionOffset>,
  files: FileOps = systemFiles,
): void {
  const lines: string[] = [];
  for (const { topic, partition, offset } of entries) lines.push(`${topic} ${partition} ${offset}`);
  writeCheckpoint(join(logDirectory, name), lines, files);
}
