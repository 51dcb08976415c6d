/** Runs a ShareShard without a broker: keeps the log, gives answers, lets time pass. */
import type { CoordinatorRecord, Outcome } from '../../../src/coordinator/framework/contract.js';
import { shareRecordSerde } from '../../../src/coordinator/share/share-record-serde.js';
import type { SharePartitionKey, ShareRecord } from '../../../src/coordinator/share/share-records.js';
import {
  type ReadShareState,
  type ShareResult,
  ShareShard,
  type ShareStateSummary,
} from '../../../src/coordinator/share/share-shard.js';
import type { StateBatch } from '../../../src/coordinator/share/state-batches.js';

export const TOPIC_ID = 'hIRIlMzJQEeQb1-mDSD05w';
export const UPDATES_PER_SNAPSHOT = 4;
export const COLD_MS = 300_000;

export const keyOf = (partition = 0, groupId = 'g', topicId = TOPIC_ID): SharePartitionKey => ({
  groupId,
  topicId,
  partition,
});

export class ShareShardRunner {
  readonly shard: ShareShard;
  readonly log: CoordinatorRecord[] = [];
  /** Records of the last outcome that had any. */
  lastRecords: ShareRecord[] = [];
  nowMs = 1_700_000_000_000;
  readonly timers = new Map<string, number>();

  constructor(readonly partitions = 3) {
    this.shard = new ShareShard({
      settings: {
        snapshotUpdateRecordsPerSnapshot: UPDATES_PER_SNAPSHOT,
        coldPartitionSnapshotIntervalMs: COLD_MS,
      },
      partitionsOf: (topicId) => (topicId === TOPIC_ID ? partitions : 0),
    });
  }

  static started(): ShareShardRunner {
    const runner = new ShareShardRunner();
    runner.apply(runner.shard.onLoaded(runner.nowMs));
    return runner;
  }

  /** A new shard that reads this one's log, from `start` on. */
  restarted(start = 0): ShareShardRunner {
    const successor = new ShareShardRunner(this.partitions);
    successor.nowMs = this.nowMs;
    this.log.forEach((stored, offset) => {
      successor.log.push(stored);
      if (offset >= start) successor.replay(stored, offset);
    });
    successor.apply(successor.shard.onLoaded(successor.nowMs));
    return successor;
  }

  initialize(key: SharePartitionKey, stateEpoch: number, startOffset: number): ShareResult {
    return this.ask((shard) => shard.initialize(1, key, stateEpoch, startOffset, this.nowMs));
  }
  read(key: SharePartitionKey, leaderEpoch: number): ReadShareState {
    return this.ask((shard) => shard.read(1, key, leaderEpoch, this.nowMs));
  }
  write(
    key: SharePartitionKey,
    stateEpoch: number,
    leaderEpoch: number,
    startOffset: number,
    stateBatches: readonly StateBatch[] = [],
    deliveryCompleteCount = 0,
  ): ShareResult {
    const write = { startOffset, deliveryCompleteCount, stateBatches };
    return this.ask((shard) => shard.write(1, key, stateEpoch, leaderEpoch, write, this.nowMs));
  }
  readSummary(key: SharePartitionKey): ShareStateSummary {
    return this.ask((shard) => shard.readSummary(1, key, this.nowMs));
  }
  delete(key: SharePartitionKey): ShareResult {
    return this.ask((shard) => shard.delete(1, key, this.nowMs));
  }

  ask<Response>(decide: (shard: ShareShard) => Outcome<ShareRecord>): Response {
    const [answer] = this.apply(decide(this.shard));
    return answer as Response;
  }

  /** Answers of the outcome. */
  apply({ records, answers, timers }: Outcome<ShareRecord>): unknown[] {
    if (records.length > 0) this.lastRecords = [...records];
    for (const record of records) {
      const stored = shareRecordSerde.encode(record);
      this.replay(stored, this.log.length);
      this.log.push(stored);
    }
    for (const { key, atMs } of timers) {
      if (atMs === null) this.timers.delete(key);
      else this.timers.set(key, atMs);
    }
    return answers.map(({ response }) => response);
  }

  advance(byMs: number): void {
    this.nowMs += byMs;
    for (const [key, atMs] of [...this.timers]) {
      if (atMs > this.nowMs) continue;
      this.timers.delete(key);
      this.apply(this.shard.onTimer(key, this.nowMs));
    }
  }

  private replay({ key, value }: CoordinatorRecord, offset: number): void {
    const record = shareRecordSerde.decode(key, value);
    if (record === null) throw new Error('a record that the serde does not know');
    this.shard.replay(record, { offset, producerId: -1n, producerEpoch: -1 });
  }
}
