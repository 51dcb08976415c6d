/**
 * Members of a consumer group that speak the classic protocol: their SyncGroup, Heartbeat and LeaveGroup. REBALANCE_IN_PROGRESS
 * tells them to join again; who does not within its rebalance timeout is removed.
 */
import { KafkaError } from '../../../base/kafka-error.js';
import type { LeaveGroupResponse } from '../../../protocol/13-leave-group.js';
import type { SyncGroupRequest } from '../../../protocol/14-sync-group.js';
import { CONSUMER_PROTOCOL_TYPE } from '../classic/classic-group.js';
import type { ConsumerContext, Decision } from './consumer-context.js';
import type { ConsumerGroup } from './consumer-group.js';
import { assignmentBytes } from './consumer-protocol.js';
import { checkNotFenced, knownMember, knownStaticMember } from './joining.js';
import { fence } from './leave.js';
import { type ClassicMetadata, type ConsumerGroupMember, MemberState } from './member.js';
import { orRefuse, Rejection } from './rejection.js';
import { joinTimerKey, sessionTimerKey, syncTimerKey } from './timers.js';

/** Who a request of the classic protocol speaks for. */
export interface ClassicIdentity {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly generationId: number;
}

type ClassicMember = ConsumerGroupMember & { readonly classic: ClassicMetadata };

/** Throws Rejection unless the member is known, classic, and of this generation. */
function classicMember(group: ConsumerGroup, identity: ClassicIdentity): ClassicMember {
  const { memberId, groupInstanceId, generationId } = identity;
  const member = memberOf(group, memberId, groupInstanceId);
  const { classic } = member;
  if (classic === null) {
    const message = `Member ${memberId} does not use the classic protocol.`;
    throw new Rejection(KafkaError.UNKNOWN_MEMBER_ID, message);
  }
  if (member.memberEpoch !== generationId) {
    throw new Rejection(
      KafkaError.ILLEGAL_GENERATION,
      `The request generation id ${generationId} is not equal to the member epoch ${member.memberEpoch} of member ${memberId}.`,
    );
  }
  return { ...member, classic };
}

function memberOf(group: ConsumerGroup, memberId: string, instanceId: string | null): ConsumerGroupMember {
  return instanceId === null ? knownMember(group, memberId) : knownStaticMember(group, memberId, instanceId);
}

/** The assignment as the member reads it. Throws Rejection. */
export function syncAsClassic(
  context: ConsumerContext,
  group: ConsumerGroup,
  request: SyncGroupRequest,
  nowMs: number,
  out: Decision,
): Uint8Array {
  const member = classicMember(group, request);
  const { sessionTimeoutMs, supportedProtocols } = member.classic;
  const { protocolType, protocolName } = request;
  const [protocol] = supportedProtocols;
  const otherType = protocolType !== null && protocolType !== CONSUMER_PROTOCOL_TYPE;
  if (otherType || (protocolName !== null && protocolName !== protocol.name)) {
    throw new Rejection(
      KafkaError.INCONSISTENT_GROUP_PROTOCOL,
      'another protocol than the one it joined with',
    );
  }
  if (group.assignmentEpoch > member.memberEpoch && member.state !== MemberState.UNREVOKED_PARTITIONS) {
    expectRejoin(context, group, member, nowMs, out);
    throw new Rejection(
      KafkaError.REBALANCE_IN_PROGRESS,
      `A new rebalance is triggered in group ${group.groupId} and member ${member.memberId} should rejoin to catch up.`,
    );
  }
  out.cancelTimer(syncTimerKey(group.groupId, member.memberId));
  out.setTimer(sessionTimerKey(group.groupId, member.memberId), nowMs + sessionTimeoutMs);
  return assignmentBytes(member.assignedPartitions, protocol.metadata, context.topics());
}

/** KafkaError of the answer; REBALANCE_IN_PROGRESS is no refusal: the session goes on. Throws Rejection. */
export function heartbeatAsClassic(
  context: ConsumerContext,
  group: ConsumerGroup,
  identity: ClassicIdentity,
  nowMs: number,
  out: Decision,
): number {
  const member = classicMember(group, identity);
  const sessionMs = member.classic.sessionTimeoutMs;
  out.setTimer(sessionTimerKey(group.groupId, member.memberId), nowMs + sessionMs);
  const mustRejoin =
    member.memberEpoch < group.assignmentEpoch ||
    member.state === MemberState.UNREVOKED_PARTITIONS ||
    (member.state === MemberState.UNRELEASED_PARTITIONS && !waitsForOthers(group, member));
  if (!mustRejoin) return KafkaError.NONE;
  expectRejoin(context, group, member, nowMs, out);
  return KafkaError.REBALANCE_IN_PROGRESS;
}

/** Partitions of its target are still owned by others. */
function waitsForOthers(group: ConsumerGroup, member: ConsumerGroupMember): boolean {
  for (const [topicId, partitions] of group.target.get(member.memberId) ?? []) {
    const assigned = member.assignedPartitions.get(topicId);
    for (const partition of partitions) {
      if (assigned?.has(partition) !== true && group.owners.epochOf(topicId, partition) !== -1) return true;
    }
  }
  return false;
}

/** The timer is not moved when it runs. */
function expectRejoin(
  { joinTimers }: ConsumerContext,
  group: ConsumerGroup,
  member: ConsumerGroupMember,
  nowMs: number,
  out: Decision,
): void {
  const key = joinTimerKey(group.groupId, member.memberId);
  if (joinTimers.has(key)) return;
  joinTimers.add(key);
  out.setTimer(key, nowMs + member.rebalanceTimeoutMs);
}

export interface Leaving {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
}

/** An answer for each; tools remove static members by their instance id alone. */
export function leaveAsClassic(
  context: ConsumerContext,
  group: ConsumerGroup,
  leaving: readonly Leaving[],
  nowMs: number,
  out: Decision,
): LeaveGroupResponse['members'] {
  const gone = new Map<string, ConsumerGroupMember>();
  const answers = leaving.map(({ memberId, groupInstanceId }) => {
    const errorCode = orRefuse<number>(
      () => {
        const member = leavingMember(group, memberId, groupInstanceId);
        gone.set(member.memberId, member);
        return KafkaError.NONE;
      },
      ({ code }) => code,
    );
    return { memberId, groupInstanceId, errorCode };
  });
  fence(context, group, [...gone.values()], nowMs, out);
  return answers;
}

function leavingMember(
  group: ConsumerGroup,
  memberId: string,
  instanceId: string | null,
): ConsumerGroupMember {
  if (instanceId === null) return knownMember(group, memberId);
  const member = group.staticMember(instanceId);
  if (member === undefined) {
    throw new Rejection(KafkaError.UNKNOWN_MEMBER_ID, `Instance id ${instanceId} is unknown.`);
  }
  if (memberId !== '') checkNotFenced(member, memberId, instanceId);
  return member;
}
