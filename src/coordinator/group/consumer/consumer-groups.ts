/**
 * The door to consumer groups: what GroupShard calls. Decides nothing itself. State beside the groups: hashes of topics,
 * expressions being resolved, join timers that run; a restart may forget all of it.
 */
import type { JoinGroupRequest } from '../../../protocol/11-join-group.js';
import type { HeartbeatRequest } from '../../../protocol/12-heartbeat.js';
import type { LeaveGroupRequest } from '../../../protocol/13-leave-group.js';
import type { SyncGroupRequest } from '../../../protocol/14-sync-group.js';
import type { ConsumerGroupHeartbeatRequest } from '../../../protocol/68-consumer-group-heartbeat.js';
import type { Outcome } from '../../framework/contract.js';
import { answerOnly, noOutcome, OutcomeBuilder } from '../../framework/outcome.js';
import type { TimerName } from '../../framework/timer-key.js';
import type { GroupCall } from '../group-call.js';
import type { GroupContext } from '../group-context.js';
import type { ConsumerGroupRecord } from '../records/consumer-group-records.js';
import type { GroupRecord } from '../records/group-record.js';
import {
  heartbeatToConsumerGroup,
  joinConsumerGroup,
  leaveConsumerGroup,
  syncConsumerGroup,
} from './classic-requests.js';
import type { ConsumerContext } from './consumer-context.js';
import { ConsumerGroup } from './consumer-group.js';
import { describeConsumerGroup, describeFailure } from './describe.js';
import { consumerGroupHeartbeat } from './heartbeat.js';
import { fence } from './leave.js';
import { LEAVE_STATIC_EPOCH, MemberState } from './member.js';
import { TopicHashes } from './metadata-hash.js';
import { RegexResolver } from './regex-resolver.js';
import { replayConsumerGroupRecord } from './replay.js';
import {
  CONSUMER_JOIN,
  CONSUMER_REBALANCE,
  CONSUMER_REGEX,
  CONSUMER_SESSION,
  CONSUMER_SYNC,
  joinTimerKey,
  rebalanceTimerKey,
  sessionTimerKey,
} from './timers.js';

type Result = Outcome<GroupRecord>;

export class ConsumerGroups {
  readonly #context: ConsumerContext;
  readonly #regexes = new RegexResolver();

  constructor(context: GroupContext) {
    this.#context = { ...context, hashes: new TopicHashes(), regexes: this.#regexes, joinTimers: new Set() };
  }

  heartbeat(call: GroupCall, request: ConsumerGroupHeartbeatRequest, nowMs: number): Result {
    return consumerGroupHeartbeat(this.#context, call, request, nowMs);
  }

  /** A group of this type with members: requests of the classic protocol are translated. */
  groupWithMembers(groupId: string): ConsumerGroup | null {
    const group = this.#context.groups.get(groupId);
    return group instanceof ConsumerGroup && !group.isEmpty ? group : null;
  }
  joinAsClassic(group: ConsumerGroup, call: GroupCall, request: JoinGroupRequest, nowMs: number): Result {
    return joinConsumerGroup(this.#context, group, call, request, nowMs);
  }
  syncAsClassic(group: ConsumerGroup, call: GroupCall, request: SyncGroupRequest, nowMs: number): Result {
    return syncConsumerGroup(this.#context, group, call, request, nowMs);
  }
  heartbeatAsClassic(
    group: ConsumerGroup,
    call: GroupCall,
    request: HeartbeatRequest,
    nowMs: number,
  ): Result {
    return heartbeatToConsumerGroup(this.#context, group, call, request, nowMs);
  }
  leaveAsClassic(group: ConsumerGroup, call: GroupCall, request: LeaveGroupRequest, nowMs: number): Result {
    return leaveConsumerGroup(this.#context, group, call, request, nowMs);
  }

  /** The answer is an array of described groups, in the order asked for. */
  describe(call: GroupCall, groupIds: readonly string[]): Result {
    return answerOnly(
      call.token,
      groupIds.map((groupId) => describeConsumerGroup(this.#context, groupId)),
      (error) => groupIds.map((groupId) => describeFailure(groupId, error)),
    );
  }

  replay(record: ConsumerGroupRecord): void {
    replayConsumerGroupRecord(this.#context.groups, record);
  }

  /** Members of before the start have a whole session to be heard of. */
  onLoaded(out: OutcomeBuilder<GroupRecord>, nowMs: number): void {
    this.#regexes.lastNewTopicsMs = nowMs;
    for (const group of this.#groups()) {
      const { groupId } = group;
      const sessionMs = this.#context.settings.consumerGroupSessionTimeoutMs(groupId);
      for (const member of group.members.values()) {
        out.setTimer(sessionTimerKey(groupId, member.memberId), nowMs + sessionMs);
        if (member.state === MemberState.UNREVOKED_PARTITIONS) {
          out.setTimer(rebalanceTimerKey(groupId, member.memberId), nowMs + member.rebalanceTimeoutMs);
        }
      }
    }
  }

  /** null: not a timer of a consumer group. */
  onTimer({ kind, parts }: TimerName, nowMs: number): Result | null {
    const [groupId = '', memberId = ''] = parts;
    const out = new OutcomeBuilder<GroupRecord>();
    switch (kind) {
      case CONSUMER_REGEX:
        this.#regexes.go(this.#context, groupId, nowMs, out);
        return out;
      case CONSUMER_SESSION:
        this.#fence(groupId, memberId, 'the member session expired', nowMs, out);
        return out;
      case CONSUMER_JOIN:
        this.#context.joinTimers.delete(joinTimerKey(groupId, memberId));
        this.#fence(groupId, memberId, 'it did not rejoin within the rebalance timeout', nowMs, out);
        return out;
      case CONSUMER_SYNC:
        this.#fence(groupId, memberId, 'it did not sync within the rebalance timeout', nowMs, out);
        return out;
      case CONSUMER_REBALANCE:
        if (this.#isStillUnrevoked(groupId, memberId)) {
          this.#fence(groupId, memberId, 'it kept partitions beyond the rebalance timeout', nowMs, out);
        }
        return out;
      default:
        return null;
    }
  }

  /**
   * Groups look at their topics with their next heartbeat: a rebalance is told to members there anyway. Which topics
   * changed is not known here; a hash that stays the same costs a look.
   */
  onMetadataChanged(nowMs: number): Result {
    let hasRegexes = false;
    for (const group of this.#groups()) {
      group.metadataSeenEpoch = -1;
      hasRegexes ||= group.subscriptions.regexCount > 0;
    }
    this.#regexes.noteTopics(this.#context, hasRegexes, nowMs);
    const topics = this.#context.topics();
    this.#context.hashes.retain((name) => topics.byName(name) !== undefined);
    return noOutcome();
  }

  /** A static member that left for a while has nothing to give up but its session. */
  #isStillUnrevoked(groupId: string, memberId: string): boolean {
    const group = this.#context.groups.get(groupId);
    const member = group instanceof ConsumerGroup ? group.members.get(memberId) : undefined;
    return member?.state === MemberState.UNREVOKED_PARTITIONS && member.memberEpoch !== LEAVE_STATIC_EPOCH;
  }

  #fence(
    groupId: string,
    memberId: string,
    reason: string,
    nowMs: number,
    out: OutcomeBuilder<GroupRecord>,
  ): void {
    const group = this.#context.groups.get(groupId);
    const member = group instanceof ConsumerGroup ? group.members.get(memberId) : undefined;
    if (!(group instanceof ConsumerGroup) || member === undefined) return;
    this.#context.report('info', `member removed: ${reason}`, { group: groupId, member: memberId });
    fence(this.#context, group, [member], nowMs, out);
  }

  *#groups(): Iterable<ConsumerGroup> {
    for (const group of this.#context.groups.values()) if (group instanceof ConsumerGroup) yield group;
  }
}
