/**
 * The groups of one partition of __consumer_offsets: every API of groups and offsets, replay, timers. It only dispatches;
 * decisions lie in classic/, consumer/ and offsets/. Any thread; the contract is in framework/contract.ts.
 * Kafka's counterpart: GroupCoordinatorShard.
 */
import { KafkaError } from '../../base/kafka-error.js';
import type { Report } from '../../base/report.js';
import type { OffsetCommitRequest } from '../../protocol/08-offset-commit.js';
import type { JoinGroupRequest } from '../../protocol/11-join-group.js';
import type { HeartbeatRequest } from '../../protocol/12-heartbeat.js';
import type { LeaveGroupRequest } from '../../protocol/13-leave-group.js';
import type { SyncGroupRequest } from '../../protocol/14-sync-group.js';
import type { OffsetDeleteRequest } from '../../protocol/47-offset-delete.js';
import type { ConsumerGroupHeartbeatRequest } from '../../protocol/68-consumer-group-heartbeat.js';
import type { CoordinatorShard, Outcome, RecordPosition } from '../framework/contract.js';
import { OutcomeBuilder } from '../framework/outcome.js';
import { parseTimerKey } from '../framework/timer-key.js';
import { ClassicGroup } from './classic/classic-group.js';
import { heartbeatClassicGroup } from './classic/heartbeat.js';
import { joinClassicGroup } from './classic/join.js';
import { leaveClassicGroup } from './classic/leave.js';
import { failWaiting, onClassicLoaded, replayGroupMetadata } from './classic/lifecycle.js';
import { expireJoinPhase, expirePendingSync } from './classic/rebalance.js';
import { expireSession } from './classic/session.js';
import { syncClassicGroup } from './classic/sync.js';
import { CLASSIC_JOIN, CLASSIC_SESSION, CLASSIC_SYNC } from './classic/timers.js';
import { ConsumerGroups } from './consumer/consumer-groups.js';
import { deleteGroups } from './delete-groups.js';
import { describeGroups } from './describe-groups.js';
import type { GroupCall } from './group-call.js';
import type { GroupContext } from './group-context.js';
import type { GroupSettings } from './group-settings.js';
import { GroupTable } from './group-table.js';
import { type ListFilters, listGroups } from './list-groups.js';
import { commitOffsets } from './offsets/commit.js';
import { deleteOffsets, topicTombstones } from './offsets/delete.js';
import { expireOffsets, TOMBSTONES_MAX } from './offsets/expiry.js';
import { fetchOffsets, type OffsetFetchGroup } from './offsets/fetch.js';
import { OffsetStore } from './offsets/offset-store.js';
import type { GroupRecord } from './records/group-record.js';
import type { TopicView } from './topic-view.js';

export interface GroupShardOptions {
  topics(): TopicView;
  readonly settings: GroupSettings;
  randomUuid(): string;
  readonly report: Report;
}

type Result = Outcome<GroupRecord>;

/** Timers of the shard itself. */
const EXPIRE_OFFSETS = 'expire-offsets';
const DELETED_TOPICS = 'deleted-topics';

export class GroupShard implements CoordinatorShard<GroupRecord> {
  private readonly context: GroupContext;
  private readonly consumerGroups: ConsumerGroups;
  /** Records replayed are the shard's own decisions; what lives beside them (requests that wait) stays. */
  private isLive = false;
  /** Topics whose offsets are being removed, over several batches when there are many. */
  private readonly deletedTopics = new Set<string>();

  constructor({ topics, settings, randomUuid, report }: GroupShardOptions) {
    const groups = new GroupTable();
    this.context = { groups, offsets: new OffsetStore(), settings, topics, randomUuid, report };
    this.consumerGroups = new ConsumerGroups(this.context);
  }

  // Classic groups, and members of consumer groups that speak the classic protocol. Answers are whole responses.

  joinGroup(call: GroupCall, request: JoinGroupRequest, nowMs: number): Result {
    const group = this.consumerGroups.groupWithMembers(request.groupId);
    if (group !== null) return this.consumerGroups.joinAsClassic(group, call, request, nowMs);
    return joinClassicGroup(this.context, new OutcomeBuilder(), call, request, nowMs);
  }
  syncGroup(call: GroupCall, request: SyncGroupRequest, nowMs: number): Result {
    const group = this.consumerGroups.groupWithMembers(request.groupId);
    if (group !== null) return this.consumerGroups.syncAsClassic(group, call, request, nowMs);
    return syncClassicGroup(this.context, new OutcomeBuilder(), call, request, nowMs);
  }
  heartbeat(call: GroupCall, request: HeartbeatRequest, nowMs: number): Result {
    const group = this.consumerGroups.groupWithMembers(request.groupId);
    if (group !== null) return this.consumerGroups.heartbeatAsClassic(group, call, request, nowMs);
    return heartbeatClassicGroup(this.context, new OutcomeBuilder(), call, request, nowMs);
  }
  leaveGroup(call: GroupCall, request: LeaveGroupRequest, nowMs: number): Result {
    const group = this.consumerGroups.groupWithMembers(request.groupId);
    if (group !== null) return this.consumerGroups.leaveAsClassic(group, call, request, nowMs);
    return leaveClassicGroup(this.context, new OutcomeBuilder(), call, request, nowMs);
  }

  // Consumer groups (KIP-848).

  consumerGroupHeartbeat(call: GroupCall, request: ConsumerGroupHeartbeatRequest, nowMs: number): Result {
    return this.consumerGroups.heartbeat(call, request, nowMs);
  }
  /** The answer is an array of described groups, in the order asked for. */
  consumerGroupDescribe(call: GroupCall, groupIds: readonly string[], _nowMs: number): Result {
    return this.consumerGroups.describe(call, groupIds);
  }

  // Offsets.

  commitOffsets(call: GroupCall, request: OffsetCommitRequest, nowMs: number): Result {
    return commitOffsets(this.context, new OutcomeBuilder(), call, request, nowMs);
  }
  deleteOffsets(call: GroupCall, request: OffsetDeleteRequest, _nowMs: number): Result {
    return deleteOffsets(this.context, new OutcomeBuilder(), call, request);
  }
  /** Of v8 and later one element of the request's groups; the answer is one of the response's. */
  fetchOffsets(call: GroupCall, group: OffsetFetchGroup, requireStable: boolean, _nowMs: number): Result {
    return fetchOffsets(this.context, new OutcomeBuilder(), call, group, requireStable);
  }

  // Groups of any type.

  /** The answer is an array of results. */
  deleteGroups(call: GroupCall, groupIds: readonly string[], _nowMs: number): Result {
    return deleteGroups(this.context, new OutcomeBuilder(), call, groupIds);
  }
  /** The answer is an array of described groups, in the order asked for. */
  describeGroups(call: GroupCall, groupIds: readonly string[], _nowMs: number): Result {
    return describeGroups(this.context, new OutcomeBuilder(), call, groupIds);
  }
  /** The answer is an array of this shard's groups. */
  listGroups(call: GroupCall, filters: ListFilters, _nowMs: number): Result {
    return listGroups(this.context, new OutcomeBuilder(), call, filters);
  }

  // Metadata.

  /** Offsets of topics that are gone are of no use, and would be wrong for a new topic of the same name. */
  onTopicsDeleted(names: readonly string[], nowMs: number): Result {
    for (const name of names) this.deletedTopics.add(name);
    return this.removeDeletedTopics(nowMs);
  }
  onMetadataChanged(nowMs: number): Result {
    return this.consumerGroups.onMetadataChanged(nowMs);
  }

  // The log.

  replay(record: GroupRecord, position: RecordPosition): void {
    switch (record.type) {
      case 'OffsetCommit':
        this.context.offsets.replay(record, position);
        if (record.value !== null && this.context.groups.get(record.group) === undefined)
          this.context.groups.set(ClassicGroup.empty(record.group, record.value.commitTimestamp));
        break;
      case 'GroupMetadata':
        replayGroupMetadata(this.context, record, this.isLive);
        break;
      default:
        this.consumerGroups.replay(record);
    }
  }

  /** A transaction marker in the partition: offsets of the producer's transaction become committed, or are forgotten. */
  replayEndTransaction(producerId: bigint, committed: boolean): void {
    this.context.offsets.endTransaction(producerId, committed);
  }

  onLoaded(nowMs: number): Result {
    this.isLive = true;
    const out = new OutcomeBuilder<GroupRecord>();
    out.setTimer(EXPIRE_OFFSETS, nowMs + this.context.settings.offsetsRetentionCheckIntervalMs);
    for (const group of this.context.groups.values()) {
      if (group instanceof ClassicGroup) onClassicLoaded(this.context, out, group, nowMs);
    }
    this.consumerGroups.onLoaded(out, nowMs);
    return out;
  }

  onUnloaded(): Result {
    const out = new OutcomeBuilder<GroupRecord>();
    for (const group of this.context.groups.values()) {
      if (group instanceof ClassicGroup) failWaiting(out, group, KafkaError.NOT_COORDINATOR);
    }
    return out;
  }

  onTimer(key: string, nowMs: number): Result {
    const out = new OutcomeBuilder<GroupRecord>();
    const name = parseTimerKey(key);
    const ofConsumerGroup = this.consumerGroups.onTimer(name, nowMs);
    if (ofConsumerGroup !== null) return ofConsumerGroup;
    const { kind, parts } = name;
    const [groupId = '', memberId = ''] = parts;
    switch (kind) {
      case EXPIRE_OFFSETS:
        return this.expireOffsets(out, nowMs);
      case DELETED_TOPICS:
        return this.removeDeletedTopics(nowMs);
    }
    const group = this.context.groups.get(groupId);
    if (!(group instanceof ClassicGroup)) return out;
    switch (kind) {
      case CLASSIC_SESSION:
        expireSession(this.context, out, group, memberId, nowMs);
        break;
      case CLASSIC_JOIN:
        expireJoinPhase(this.context, out, group, nowMs);
        break;
      case CLASSIC_SYNC:
        expirePendingSync(this.context, out, group, nowMs);
        break;
    }
    return out;
  }

  private expireOffsets(out: OutcomeBuilder<GroupRecord>, nowMs: number): Result {
    const isDone = expireOffsets(this.context, out, nowMs);
    return out.setTimer(
      EXPIRE_OFFSETS,
      isDone ? nowMs + this.context.settings.offsetsRetentionCheckIntervalMs : nowMs,
    );
  }

  private removeDeletedTopics(nowMs: number): Result {
    const out = new OutcomeBuilder<GroupRecord>();
    for (const record of topicTombstones(this.context, this.deletedTopics)) {
      if (out.records.length === TOMBSTONES_MAX) return out.setTimer(DELETED_TOPICS, nowMs);
      out.record(record);
    }
    this.deletedTopics.clear();
    return out;
  }
}
