/**
 * Which member a request speaks for: a known one, a new one, or a static one that comes back under another id
 * (getOrMaybeSubscribe…ConsumerGroupMember). Throws Rejection with Kafka's texts.
 */
import { KafkaError } from '../../../base/kafka-error.js';
import type { ConsumerContext, Decision } from './consumer-context.js';
import type { ConsumerGroup } from './consumer-group.js';
import { type ConsumerGroupMember, JOIN_EPOCH, LEAVE_STATIC_EPOCH, newMember } from './member.js';
import { isSubset, type TopicPartitions } from './owned-partitions.js';
import { currentAssignmentRecord, memberRecord, memberTombstones, targetRecord } from './records.js';
import { Rejection } from './rejection.js';

/** `classic`: the request is a JoinGroup; it has no member epoch and owned partitions prove nothing. */
export interface Joining {
  readonly memberId: string;
  readonly memberEpoch: number;
  readonly instanceId: string | null;
  readonly owned: readonly TopicPartitions[] | null;
  readonly mayCreate: boolean;
  readonly protocol: 'consumer' | 'classic';
}

export function checkSize({ settings }: ConsumerContext, group: ConsumerGroup, memberId: string): void {
  const max = settings.consumerGroupMaxSize;
  if (group.members.size < max || (memberId !== '' && group.members.has(memberId))) return;
  throw new Rejection(
    KafkaError.GROUP_MAX_SIZE_REACHED,
    `The consumer group has reached its maximum capacity of ${max} members.`,
  );
}

export function subscribe(group: ConsumerGroup, joining: Joining, out: Decision): ConsumerGroupMember {
  return joining.instanceId === null
    ? subscribeDynamic(group, joining)
    : subscribeStatic(group, joining, joining.instanceId, out);
}

export function knownMember(group: ConsumerGroup, memberId: string): ConsumerGroupMember {
  const member = group.members.get(memberId);
  if (member !== undefined) return member;
  throw new Rejection(
    KafkaError.UNKNOWN_MEMBER_ID,
    `Member ${memberId} is not a member of group ${group.groupId}.`,
  );
}

/** The member that owns the instance id, if it is the one that asks. */
export function knownStaticMember(
  group: ConsumerGroup,
  memberId: string,
  instanceId: string,
): ConsumerGroupMember {
  const member = group.staticMember(instanceId);
  if (member === undefined) {
    throw new Rejection(KafkaError.UNKNOWN_MEMBER_ID, `Instance id ${instanceId} is unknown.`);
  }
  checkNotFenced(member, memberId, instanceId);
  return member;
}

export function checkNotFenced(member: ConsumerGroupMember, memberId: string, instanceId: string): void {
  if (member.memberId === memberId) return;
  throw new Rejection(
    KafkaError.FENCED_INSTANCE_ID,
    `Static member ${memberId} with instance id ${instanceId} was fenced by member ${member.memberId}.`,
  );
}

function subscribeDynamic(group: ConsumerGroup, joining: Joining): ConsumerGroupMember {
  const { memberId, mayCreate } = joining;
  const known = group.members.get(memberId);
  const member = known === undefined && mayCreate ? newMember(memberId) : knownMember(group, memberId);
  if (joining.protocol === 'consumer') checkEpoch(member, joining);
  return member;
}

function subscribeStatic(
  group: ConsumerGroup,
  joining: Joining,
  instanceId: string,
  out: Decision,
): ConsumerGroupMember {
  const { memberId, protocol } = joining;
  if (!joining.mayCreate) {
    const member = knownStaticMember(group, memberId, instanceId);
    if (protocol === 'consumer') checkEpoch(member, joining);
    return member;
  }
  const previous = group.staticMember(instanceId);
  if (previous === undefined) return group.members.get(memberId) ?? newMember(memberId);
  // Between members of the new protocol the old one must have said that it leaves for a while (epoch −2).
  const isReleased = previous.memberEpoch === LEAVE_STATIC_EPOCH;
  if (protocol === 'consumer' && previous.classic === null && !isReleased) {
    throw new Rejection(
      KafkaError.UNRELEASED_INSTANCE_ID,
      `Static member ${memberId} with instance id ${instanceId} cannot join the group because the instance id is owned by ${previous.memberId} member.`,
    );
  }
  const member = { ...previous, memberId, memberEpoch: 0, previousMemberEpoch: 0 };
  replace(group, previous, member, out);
  return member;
}

/** The new id gets everything that the old one had. */
function replace(
  group: ConsumerGroup,
  from: ConsumerGroupMember,
  to: ConsumerGroupMember,
  out: Decision,
): void {
  const { groupId } = group;
  for (const record of memberTombstones(groupId, from.memberId)) out.record(record);
  out.record(memberRecord(groupId, to));
  out.record(targetRecord(groupId, to.memberId, group.target.get(from.memberId) ?? new Map()));
  out.record(currentAssignmentRecord(groupId, to));
}

/** An epoch behind is let pass when the last answer may have been lost: the member owns nothing but what it has. */
function checkEpoch(member: ConsumerGroupMember, { memberEpoch, owned }: Joining): void {
  if (memberEpoch === JOIN_EPOCH || memberEpoch === member.memberEpoch) return;
  const isAhead = memberEpoch > member.memberEpoch;
  if (!isAhead && memberEpoch === member.previousMemberEpoch && isSubset(owned, member.assignedPartitions)) {
    return;
  }
  throw new Rejection(
    KafkaError.FENCED_MEMBER_EPOCH,
    `The consumer group member has a ${isAhead ? 'greater' : 'smaller'} member epoch (${memberEpoch}) than the one known by the group coordinator (${member.memberEpoch}). The member must abandon all its partitions and rejoin.`,
  );
}
