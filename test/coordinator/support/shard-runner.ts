/**
 * A GroupShard with the smallest possible runtime: records go through their bytes and are replayed at once, timers run when
 * the test's clock reaches them, answers are kept by token.
 */
import type { CoordinatorRecord, Outcome } from '../../../src/coordinator/framework/contract.js';
import type { GroupCall } from '../../../src/coordinator/group/group-call.js';
import type { GroupSettings } from '../../../src/coordinator/group/group-settings.js';
import { GroupShard } from '../../../src/coordinator/group/group-shard.js';
import type { GroupRecord } from '../../../src/coordinator/group/records/group-record.js';
import { groupRecordSerde } from '../../../src/coordinator/group/records/group-record-serde.js';
import type { TopicInfo, TopicView } from '../../../src/coordinator/group/topic-view.js';

export const SETTINGS: GroupSettings = {
  groupMinSessionTimeoutMs: 6_000,
  groupMaxSessionTimeoutMs: 1_800_000,
  groupInitialRebalanceDelayMs: 3_000,
  groupMaxSize: 2 ** 31 - 1,
  offsetMetadataMaxBytes: 4096,
  offsetsRetentionMs: 7 * 24 * 3_600_000,
  offsetsRetentionCheckIntervalMs: 600_000,
  consumerGroupMaxSize: 2 ** 31 - 1,
  consumerGroupAssignors: ['uniform', 'range'],
  consumerGroupMigrationPolicy: 'bidirectional',
  consumerGroupSessionTimeoutMs: () => 45_000,
  consumerGroupHeartbeatIntervalMs: () => 5_000,
  consumerGroupAssignmentIntervalMs: () => 1_000,
  shareGroupMaxSize: 200,
  shareGroupInitializeRetryIntervalMs: 30_000,
  shareGroupSessionTimeoutMs: () => 45_000,
  shareGroupHeartbeatIntervalMs: () => 5_000,
  shareGroupAssignmentIntervalMs: () => 1_000,
};

export const START_MS = 1_700_000_000_000;

/** The log of a partition: what a restart reads. */
export interface StoredRecord extends CoordinatorRecord {
  readonly producerId: bigint;
}

export class ShardRunner {
  readonly shard: GroupShard;
  nowMs = START_MS;
  readonly log: StoredRecord[] = [];
  /** Records of the last outcome that had any, as they came back from their bytes. */
  lastRecords: GroupRecord[] = [];
  readonly timers = new Map<string, number>();
  private readonly answers = new Map<number, unknown>();
  private nextToken = 1;
  private nextUuid = 1;

  constructor(
    private readonly options: { settings?: Partial<GroupSettings>; topics?: readonly TopicInfo[] } = {},
  ) {
    const topics = options.topics ?? [];
    const view: TopicView = {
      byName: (name) => topics.find((topic) => topic.name === name),
      byId: (id) => topics.find((topic) => topic.id === id),
      names: () => topics.map((topic) => topic.name),
    };
    this.shard = new GroupShard({
      topics: () => view,
      settings: { ...SETTINGS, ...options.settings },
      randomUuid: () => `${this.nextUuid++}`.padStart(36, '0'),
      report: () => {},
    });
  }

  /** A shard that has read an empty partition. */
  static started(...parameters: ConstructorParameters<typeof ShardRunner>): ShardRunner {
    const runner = new ShardRunner(...parameters);
    runner.apply(runner.shard.onLoaded(runner.nowMs));
    return runner;
  }

  /** A new shard that reads this one's log: the broker was killed and started again. */
  restarted(options = this.options): ShardRunner {
    const successor = new ShardRunner(options);
    successor.nowMs = this.nowMs;
    successor.nextUuid = this.nextUuid + 1_000_000;
    for (const record of this.log) {
      const decoded = groupRecordSerde.decode(record.key, record.value);
      if (decoded === null) throw new Error('a record that the serde does not know');
      successor.shard.replay(decoded, {
        offset: successor.log.length,
        producerId: record.producerId,
        producerEpoch: 0,
      });
      successor.log.push(record);
    }
    successor.apply(successor.shard.onLoaded(successor.nowMs));
    return successor;
  }

  /** Asks the shard; returns the token under which `answer` finds what it said. */
  send(
    version: number,
    decide: (shard: GroupShard, call: GroupCall, nowMs: number) => Outcome<GroupRecord>,
    clientId = 'client',
  ): number {
    const token = this.nextToken++;
    this.apply(decide(this.shard, { token, version, clientId, clientHost: '/127.0.0.1' }, this.nowMs));
    return token;
  }

  /** Like `send`, for what is answered at once. */
  ask<Response>(
    version: number,
    decide: (shard: GroupShard, call: GroupCall, nowMs: number) => Outcome<GroupRecord>,
  ): Response {
    return this.answer<Response>(this.send(version, decide));
  }

  isAnswered(token: number): boolean {
    return this.answers.has(token);
  }

  answer<Response>(token: number): Response {
    if (!this.answers.has(token)) throw new Error(`request ${token} waits`);
    return this.answers.get(token) as Response;
  }

  apply(outcome: Outcome<GroupRecord>, producerId = -1n): void {
    if (outcome.records.length > 0) this.lastRecords = [];
    for (const record of outcome.records) this.store(record, producerId);
    for (const { token, response } of outcome.answers) {
      if (this.answers.has(token)) throw new Error(`request ${token} is answered twice`);
      this.answers.set(token, response);
    }
    for (const { key, atMs } of outcome.timers) {
      if (atMs === null) this.timers.delete(key);
      else this.timers.set(key, atMs);
    }
  }

  /** Writes and replays one record. */
  store(record: GroupRecord, producerId = -1n): void {
    const bytes = groupRecordSerde.encode(record);
    const decoded = groupRecordSerde.decode(bytes.key, bytes.value);
    if (decoded === null) throw new Error(`${record.type} is unknown to the serde`);
    this.shard.replay(decoded, { offset: this.log.length, producerId, producerEpoch: 0 });
    this.log.push({ ...bytes, producerId });
    this.lastRecords.push(decoded);
  }

  /** Time passes; timers run in order. */
  advance(byMs: number): void {
    const endMs = this.nowMs + byMs;
    for (;;) {
      let next: [string, number] | undefined;
      for (const timer of this.timers) if (next === undefined || timer[1] < next[1]) next = timer;
      if (next === undefined || next[1] > endMs) break;
      this.timers.delete(next[0]);
      this.nowMs = Math.max(this.nowMs, next[1]);
      this.apply(this.shard.onTimer(next[0], this.nowMs));
    }
    this.nowMs = endMs;
  }
}
