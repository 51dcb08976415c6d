/** `quorum-state`: the Raft election state as JSON (QuorumStateData.json): v0 with static voters, v1 with kraft.version 1. */
import { join } from 'node:path';
import { OperationError } from '../../base/errors.js';
import { writeAtomically } from '../../storage/files/atomic-file.js';
import type { FileOps } from '../../storage/files/file-ops.js';
import { ZERO_UUID } from '../image/model.js';

export const QUORUM_STATE_FILE = 'quorum-state';
const QUORUM_STATE_BYTES_MAX = 64 * 1024;

export interface QuorumState {
  readonly leaderId: number;
  readonly leaderEpoch: number;
}

/** null = the file is missing or empty: no election yet. */
export function readQuorumState(directory: string, files: FileOps): QuorumState | null {
  const path = join(directory, QUORUM_STATE_FILE);
  const bytes = files.read(path);
  if (bytes === null || bytes.length === 0) return null;
  let parsed: unknown = null;
  try {
    if (bytes.length <= QUORUM_STATE_BYTES_MAX) parsed = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    parsed = null; // told below with the path
  }
  if (typeof parsed === 'object' && parsed !== null && 'leaderEpoch' in parsed && 'leaderId' in parsed) {
    const { leaderEpoch, leaderId } = parsed;
    if (isInt32(leaderEpoch) && isInt32(leaderId)) return { leaderId, leaderEpoch };
  }
  throw new OperationError(
    'METADATA_CORRUPT',
    `${path} is no quorum state; remove it to take the epoch from the log`,
  );
}

function isInt32(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= -1 && value <= 0x7fffffff;
}

export function writeQuorumState(
  directory: string,
  state: QuorumState,
  kraftVersion: number,
  files: FileOps,
): void {
  const { leaderId, leaderEpoch } = state;
  const json =
    kraftVersion === 0
      ? {
          clusterId: '',
          leaderId,
          leaderEpoch,
          votedId: -1,
          appliedOffset: 0,
          currentVoters: [{ voterId: leaderId }],
          data_version: 0,
        }
      : { leaderId, leaderEpoch, votedId: -1, votedDirectoryId: ZERO_UUID, data_version: 1 };
  writeAtomically(join(directory, QUORUM_STATE_FILE), new TextEncoder().encode(JSON.stringify(json)), files);
}
