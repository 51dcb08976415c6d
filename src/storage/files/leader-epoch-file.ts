/** `leader-epoch-checkpoint` of a partition directory: one `epoch startOffset` line an entry, both strictly rising. */
import { join } from 'node:path';
import { OperationError } from '../../base/errors.js';
import {
  checkpointNumber,
  readCheckpoint,
  writeCheckpoint,
  writeFirstCheckpoint,
} from './checkpoint-file.js';
import { LEADER_EPOCH_FILE } from './file-names.js';
import { type FileOps, systemFiles } from './file-ops.js';

export interface EpochEntry {
  epoch: number;
  startOffset: number;
}

export function readLeaderEpochs(directory: string, files: FileOps = systemFiles): EpochEntry[] {
  const path = join(directory, LEADER_EPOCH_FILE);
  const entries = readCheckpoint(path, 2, files).map(([epoch = '', startOffset = '']) => ({
    epoch: checkpointNumber(path, epoch, 0),
    startOffset: checkpointNumber(path, startOffset, 0),
  }));
  entries.forEach((entry, index) => {
    const before = entries[index - 1];
    if (before && (entry.epoch <= before.epoch || entry.startOffset <= before.startOffset)) {
      throw new OperationError('STORAGE_FAILED', `Leader epochs in ${path} do not rise at line ${index + 3}`);
    }
  });
  return entries;
}

export function writeLeaderEpochs(
  directory: string,
  entries: readonly EpochEntry[],
  files: FileOps = systemFiles,
): void {
  writeCheckpoint(join(directory, LEADER_EPOCH_FILE), linesOf(entries), files);
}

/** The first entry of a new log: not durable until the log's first flush. */
export function writeFirstLeaderEpoch(directory: string, entry: EpochEntry, files: FileOps): void {
  writeFirstCheckpoint(join(directory, LEADER_EPOCH_FILE), linesOf([entry]), files);
}

function linesOf(entries: readonly EpochEntry[]): string[] {
  return entries.map(({ epoch, startOffset }) => `${epoch} ${startOffset}`);
}
