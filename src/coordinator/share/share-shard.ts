/**
 * The share partitions of one partition of __share_group_state: begins, reads, changes and forgets their state; replay and
 * timers. Any thread; the contract is in framework/contract.ts. Kafka's counterpart: ShareCoordinatorShard.
 *
 *   initialize ──> snapshot      write ──> update … every n-th a snapshot      delete ──> tombstone
 *   cold timer ──> snapshot of what nobody has written for long, so that the log before it can go
 */
import { KafkaError } from '../../base/kafka-error.js';
import type { CoordinatorShard, Outcome, RecordPosition, RequestToken } from '../framework/contract.js';
import { answerOnly, noOutcome, OutcomeBuilder } from '../framework/outcome.js';
import { LogNeeds } from './log-needs.js';
import { errorText } from './share-errors.js';
import { type SharePartitionKey, type ShareRecord, sharePartitionName } from './share-records.js';
import {
  initialState,
  type ShareState,
  type ShareWrite,
  snapshotRecord,
  stateAfterUpdate,
  stateAfterWrite,
  stateOf,
  tombstoneRecord,
  UNINITIALIZED_DELIVERY_COMPLETE_COUNT,
  UNINITIALIZED_START_OFFSET,
  updateRecord,
} from './share-state.js';
import { isBatch, type StateBatch } from './state-batches.js';

/** Getters: a changed key is seen by the next call. Names are Kafka's keys. */
export interface ShareCoordinatorSettings {
  readonly snapshotUpdateRecordsPerSnapshot: number;
  readonly coldPartitionSnapshotIntervalMs: number;
}

export interface ShareShardOptions {
  readonly settings: ShareCoordinatorSettings;
  /** Of the present metadata image; 0: there is no such topic. */
  partitionsOf(topicId: string): number;
}

/** KafkaError (0 = done) with the text that clients are told. */
export interface ShareResult {
  readonly error: number;
  readonly errorMessage: string | null;
}

export interface ReadShareState extends ShareResult {
  readonly stateEpoch: number;
  readonly startOffset: number;
  readonly batches: readonly StateBatch[];
}

export interface ShareStateSummary extends ShareResult {
  readonly stateEpoch: number;
  readonly leaderEpoch: number;
  readonly startOffset: number;
  readonly deliveryCompleteCount: number;
}

const DONE: ShareResult = { error: KafkaError.NONE, errorMessage: null };
const WRITE_UNINITIALIZED = 'Write operation on uninitialized share partition not allowed.';
const READ_UNINITIALIZED = 'Read operation on uninitialized share partition not allowed.';
const NEGATIVE_PARTITION = 'The partition id cannot be a negative number.';
const BAD_BATCH = 'The offsets of a state batch are out of order.';
const COLD_SNAPSHOTS = 'cold-snapshots';

interface Entry {
  readonly key: SharePartitionKey;
  state: ShareState;
  /** The largest seen; a smaller one in a request is fenced. */
  leaderEpoch: number;
  stateEpoch: number;
  /** Since the last snapshot that their number caused. */
  updates: number;
}

export function failed(error: number, errorMessage = errorText(error)): ShareResult {
  return { error, errorMessage };
}
export function readFailed(error: number, errorMessage?: string | null): ReadShareState {
  return { ...failed(error, errorMessage), stateEpoch: 0, startOffset: 0, batches: [] };
}
export function summaryFailed(error: number, errorMessage?: string | null): ShareStateSummary {
  const nothing = { stateEpoch: 0, leaderEpoch: 0, startOffset: 0, deliveryCompleteCount: -1 };
  return { ...failed(error, errorMessage), ...nothing };
}
const onlyError = (error: number): ShareResult => failed(error);

type Result = Outcome<ShareRecord>;

export class ShareShard implements CoordinatorShard<ShareRecord> {
  readonly #entries = new Map<string, Entry>();
  readonly #log = new LogNeeds();

  constructor(private readonly options: ShareShardOptions) {}

  initialize(
    token: RequestToken,
    key: SharePartitionKey,
    stateEpoch: number,
    startOffset: number,
    nowMs: number,
  ): Result {
    const out = new OutcomeBuilder<ShareRecord>();
    const entry = this.#entries.get(sharePartitionName(key));
    const refuse = (error: number, text?: string) => out.answer(token, failed(error, text), onlyError);
    if (key.partition < 0) return refuse(KafkaError.INVALID_REQUEST, NEGATIVE_PARTITION);
    if (entry !== undefined && stateEpoch !== -1 && entry.stateEpoch > stateEpoch)
      return refuse(KafkaError.FENCED_STATE_EPOCH);
    if (!this.#exists(key)) return refuse(KafkaError.UNKNOWN_TOPIC_OR_PARTITION);
    out.record(snapshotRecord(key, initialState(entry?.state ?? null, stateEpoch, startOffset, nowMs)));
    return out.answer(token, DONE, onlyError);
  }

  /** By the leader of the partition: a larger leader epoch is written down, and older leaders are fenced. */
  read(token: RequestToken, key: SharePartitionKey, leaderEpoch: number, nowMs: number): Result {
    const out = new OutcomeBuilder<ShareRecord>();
    const entry = this.#entries.get(sharePartitionName(key));
    const refuse = (error: number, text?: string) => out.answer(token, readFailed(error, text), readFailed);
    if (key.partition < 0) return refuse(KafkaError.INVALID_REQUEST, NEGATIVE_PARTITION);
    if (entry === undefined) return refuse(KafkaError.INVALID_REQUEST, READ_UNINITIALIZED);
    if (leaderEpoch !== -1 && entry.leaderEpoch > leaderEpoch) return refuse(KafkaError.FENCED_LEADER_EPOCH);
    if (!this.#exists(key)) return refuse(KafkaError.UNKNOWN_TOPIC_OR_PARTITION);
    const { state } = entry;
    const { stateEpoch, startOffset, deliveryCompleteCount } = state;
    if (leaderEpoch !== -1 && leaderEpoch !== entry.leaderEpoch) {
      const unchanged = { startOffset, deliveryCompleteCount, stateBatches: [] };
      out.record(this.#recordOf(entry, unchanged, leaderEpoch, nowMs));
    }
    const answer = { ...DONE, stateEpoch, startOffset, batches: state.stateBatches };
    return out.answer<ReadShareState>(token, answer, (error) => readFailed(error));
  }

  /** Epochs of −1 are not compared. */
  write(
    token: RequestToken,
    key: SharePartitionKey,
    stateEpoch: number,
    leaderEpoch: number,
    write: ShareWrite,
    nowMs: number,
  ): Result {
    const out = new OutcomeBuilder<ShareRecord>();
    const entry = this.#entries.get(sharePartitionName(key));
    const refuse = (error: number, text?: string) => out.answer(token, failed(error, text), onlyError);
    if (key.partition < 0) return refuse(KafkaError.INVALID_REQUEST, NEGATIVE_PARTITION);
    if (entry === undefined) return refuse(KafkaError.INVALID_REQUEST, WRITE_UNINITIALIZED);
    if (leaderEpoch !== -1 && entry.leaderEpoch > leaderEpoch) return refuse(KafkaError.FENCED_LEADER_EPOCH);
    if (stateEpoch !== -1 && entry.stateEpoch > stateEpoch) return refuse(KafkaError.FENCED_STATE_EPOCH);
    if (!this.#exists(key)) return refuse(KafkaError.UNKNOWN_TOPIC_OR_PARTITION);
    // Kafka accepts them from its own brokers, and would not come back from merging some.
    if (!write.stateBatches.every(isBatch)) return refuse(KafkaError.INVALID_REQUEST, BAD_BATCH);
    out.record(this.#recordOf(entry, write, entry.state.leaderEpoch, nowMs));
    return out.answer(token, DONE, onlyError);
  }

  readSummary(token: RequestToken, key: SharePartitionKey, _nowMs: number): Result {
    const out = new OutcomeBuilder<ShareRecord>();
    const refuse = (error: number, text?: string) =>
      out.answer(token, summaryFailed(error, text), summaryFailed);
    if (key.partition < 0) return refuse(KafkaError.INVALID_REQUEST, NEGATIVE_PARTITION);
    if (!this.#exists(key)) return refuse(KafkaError.UNKNOWN_TOPIC_OR_PARTITION);
    const state = this.#entries.get(sharePartitionName(key))?.state;
    const summary: ShareStateSummary = {
      ...DONE,
      stateEpoch: state?.stateEpoch ?? 0,
      leaderEpoch: state?.leaderEpoch ?? 0,
      startOffset: state?.startOffset ?? UNINITIALIZED_START_OFFSET,
      deliveryCompleteCount: state?.deliveryCompleteCount ?? UNINITIALIZED_DELIVERY_COMPLETE_COUNT,
    };
    return out.answer(token, summary, (error) => summaryFailed(error));
  }

  delete(token: RequestToken, key: SharePartitionKey, _nowMs: number): Result {
    const out = new OutcomeBuilder<ShareRecord>();
    const refuse = (error: number, text?: string) => out.answer(token, failed(error, text), onlyError);
    if (key.partition < 0) return refuse(KafkaError.INVALID_REQUEST, NEGATIVE_PARTITION);
    if (!this.#exists(key)) return refuse(KafkaError.UNKNOWN_TOPIC_OR_PARTITION);
    if (this.#entries.has(sharePartitionName(key))) out.record(tombstoneRecord(key));
    return out.answer(token, DONE, onlyError);
  }

  onTopicsDeleted(topicIds: ReadonlySet<string>, _nowMs: number): Result {
    const out = new OutcomeBuilder<ShareRecord>();
    for (const { key } of this.#entries.values())
      if (topicIds.has(key.topicId)) out.record(tombstoneRecord(key));
    return out;
  }

  /** Records before this offset say nothing any more; null: none can go. */
  get redundantBefore(): number | null {
    return this.#log.redundantBefore;
  }

  /** The same for the runtime: answered when everything before is durable. */
  tellRedundant(token: RequestToken): Result {
    return answerOnly<ShareRecord, number | null>(token, this.redundantBefore, () => null);
  }

  replay(record: ShareRecord, { offset }: RecordPosition): void {
    const name = sharePartitionName(record);
    const entry = this.#entries.get(name);
    if (record.type === 'ShareUpdate') {
      if (record.value === null) return;
      const state = stateAfterUpdate(entry?.state ?? null, record.value);
      this.#put(name, record, entry, state, record.value.leaderEpoch, Number.NEGATIVE_INFINITY);
      const updated = this.#entries.get(name);
      if (updated !== undefined) updated.updates++;
      return;
    }
    this.#log.wrote(name, offset, record.value === null);
    if (record.value === null) {
      this.#entries.delete(name);
      return;
    }
    const state = stateOf(record.value);
    this.#put(name, record, entry, state, state.leaderEpoch, state.stateEpoch);
    if (entry !== undefined && entry.updates >= this.options.settings.snapshotUpdateRecordsPerSnapshot)
      entry.updates = 0;
  }

  onLoaded(nowMs: number): Result {
    return this.#armColdSnapshots(new OutcomeBuilder(), nowMs);
  }

  onTimer(key: string, nowMs: number): Result {
    if (key !== COLD_SNAPSHOTS) return noOutcome();
    const out = new OutcomeBuilder<ShareRecord>();
    const entries = [...this.#entries.values()];
    // All are cold snapshots already: nothing new was written, and nothing would be won.
    if (entries.some(({ state }) => state.createTimestamp === state.writeTimestamp)) {
      for (const { key: partition, state } of entries) {
        if (nowMs - state.writeTimestamp < this.options.settings.coldPartitionSnapshotIntervalMs) continue;
        const snapshotEpoch = state.snapshotEpoch + 1;
        out.record(snapshotRecord(partition, { ...state, snapshotEpoch, writeTimestamp: nowMs }));
      }
    }
    return this.#armColdSnapshots(out, nowMs);
  }

  onUnloaded(): Result {
    return noOutcome();
  }

  #armColdSnapshots(out: OutcomeBuilder<ShareRecord>, nowMs: number): Result {
    return out.setTimer(COLD_SNAPSHOTS, nowMs + this.options.settings.coldPartitionSnapshotIntervalMs);
  }

  #exists({ topicId, partition }: SharePartitionKey): boolean {
    return partition < this.options.partitionsOf(topicId);
  }

  #recordOf(entry: Entry, write: ShareWrite, leaderEpoch: number, nowMs: number): ShareRecord {
    const { key, state, updates } = entry;
    if (updates < this.options.settings.snapshotUpdateRecordsPerSnapshot)
      return updateRecord(key, state, write, leaderEpoch);
    return snapshotRecord(key, stateAfterWrite(state, write, leaderEpoch, nowMs));
  }

  #put(
    name: string,
    { groupId, topicId, partition }: SharePartitionKey,
    entry: Entry | undefined,
    state: ShareState,
    leaderEpoch: number,
    stateEpoch: number,
  ): void {
    if (entry === undefined) {
      const key = { groupId, topicId, partition };
      this.#entries.set(name, { key, state, leaderEpoch, stateEpoch, updates: 0 });
      return;
    }
    entry.state = state;
    entry.leaderEpoch = Math.max(entry.leaderEpoch, leaderEpoch);
    entry.stateEpoch = Math.max(entry.stateEpoch, stateEpoch);
  }
}
