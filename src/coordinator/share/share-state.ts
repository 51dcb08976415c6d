/** What is known of one share partition, and the records that change it (ShareGroupOffset). */
import type { ShareSnapshotValue } from '../../protocol/share-records/share-snapshot.js';
import type { ShareUpdateValue } from '../../protocol/share-records/share-update.js';
import type { SharePartitionKey, ShareRecord } from './share-records.js';
import { combineBatches, type StateBatch } from './state-batches.js';

/** Of a partition whose records were never fetched by the group. */
export const UNINITIALIZED_START_OFFSET = -1;
export const UNINITIALIZED_DELIVERY_COMPLETE_COUNT = -1;

export interface ShareState {
  readonly snapshotEpoch: number;
  readonly stateEpoch: number;
  readonly leaderEpoch: number;
  /** −1: initialised, but nobody has said yet where to begin. */
  readonly startOffset: number;
  /** −1: not known. */
  readonly deliveryCompleteCount: number;
  readonly createTimestamp: number;
  readonly writeTimestamp: number;
  /** Sorted, without overlaps. */
  readonly stateBatches: readonly StateBatch[];
}

/** One write: −1 as start or epoch leaves what is known. */
export interface ShareWrite {
  readonly startOffset: number;
  readonly deliveryCompleteCount: number;
  readonly stateBatches: readonly StateBatch[];
}

/** The state's share of a record, without what decoding adds. */
export function stateOf(value: ShareSnapshotValue): ShareState {
  const { unknownTags: _, ...state } = value;
  return state;
}

/** A state begun at `startOffset`, or begun again over `before`. */
export function initialState(
  before: ShareState | null,
  stateEpoch: number,
  startOffset: number,
  nowMs: number,
): ShareState {
  // Where the start is known, the lag can be told from there on.
  const deliveryCompleteCount =
    startOffset === UNINITIALIZED_START_OFFSET ? UNINITIALIZED_DELIVERY_COMPLETE_COUNT : 0;
  return {
    snapshotEpoch: before === null ? 0 : before.snapshotEpoch + 1,
    stateEpoch,
    leaderEpoch: 0,
    startOffset,
    deliveryCompleteCount,
    createTimestamp: nowMs,
    writeTimestamp: nowMs,
    stateBatches: [],
  };
}

/** The whole state after a write, for a new snapshot. */
export function stateAfterWrite(
  state: ShareState,
  write: ShareWrite,
  leaderEpoch: number,
  nowMs: number,
): ShareState {
  const startOffset = write.startOffset === -1 ? state.startOffset : write.startOffset;
  return {
    snapshotEpoch: state.snapshotEpoch + 1,
    stateEpoch: state.stateEpoch,
    leaderEpoch,
    startOffset,
    deliveryCompleteCount: write.deliveryCompleteCount,
    createTimestamp: nowMs,
    writeTimestamp: nowMs,
    stateBatches: combineBatches(state.stateBatches, write.stateBatches, startOffset),
  };
}

/** `before` null: the snapshot in front of the update is gone; as much as it tells is taken. */
export function stateAfterUpdate(before: ShareState | null, update: ShareUpdateValue): ShareState {
  if (before === null) {
    const { unknownTags: _, ...known } = update;
    return { ...known, stateEpoch: 0, createTimestamp: 0, writeTimestamp: 0 };
  }
  const startOffset = update.startOffset === -1 ? before.startOffset : update.startOffset;
  return {
    ...before,
    startOffset,
    leaderEpoch: update.leaderEpoch === -1 ? before.leaderEpoch : update.leaderEpoch,
    deliveryCompleteCount: update.deliveryCompleteCount,
    stateBatches: combineBatches(before.stateBatches, update.stateBatches, startOffset),
  };
}

export function snapshotRecord(key: SharePartitionKey, state: ShareState): ShareRecord {
  const { groupId, topicId, partition } = key;
  return {
    type: 'ShareSnapshot',
    groupId,
    topicId,
    partition,
    value: { ...state, stateBatches: [...state.stateBatches] },
  };
}

export function updateRecord(
  key: SharePartitionKey,
  state: ShareState,
  write: ShareWrite,
  leaderEpoch: number,
): ShareRecord {
  const { groupId, topicId, partition } = key;
  const { startOffset, deliveryCompleteCount } = write;
  return {
    type: 'ShareUpdate',
    groupId,
    topicId,
    partition,
    value: {
      snapshotEpoch: state.snapshotEpoch,
      leaderEpoch,
      startOffset,
      deliveryCompleteCount,
      stateBatches: combineBatches([], write.stateBatches, startOffset),
    },
  };
}

export function tombstoneRecord({ groupId, topicId, partition }: SharePartitionKey): ShareRecord {
  return { type: 'ShareSnapshot', groupId, topicId, partition, value: null };
}
