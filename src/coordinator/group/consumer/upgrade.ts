/**
 * A group of the classic protocol becomes a consumer group when a member of the new protocol joins it (KIP-848, online
 * migration). Its members go on with the classic protocol; their requests are translated (classic-*.ts).
 */
import { KafkaError } from '../../../base/kafka-error.js';
import { ClassicGroup } from '../classic/classic-group.js';
import type { ClassicMember } from '../classic/classic-member.js';
import { failWaiting } from '../classic/lifecycle.js';
import type { Group } from '../group.js';
import { type ConsumerContext, type Decision, metadataHashOf } from './consumer-context.js';
import { ConsumerGroup } from './consumer-group.js';
import { parseAssignment, parseSubscription } from './consumer-protocol.js';
import { type ConsumerGroupMember, newMember, toNames } from './member.js';
import { toOwned } from './owned-partitions.js';
import {
  currentAssignmentRecord,
  epochRecord,
  memberRecord,
  targetEpochRecord,
  targetRecord,
} from './records.js';
import { Rejection } from './rejection.js';
import { sessionTimerKey } from './timers.js';

/**
 * The group in its new shape; null: it is of another type. Throws Rejection with the reason why it cannot be. The classic group
 * stays as it is: the request may yet be refused. When it is not, `releaseWaiting` follows.
 */
export function upgradeOrNull(
  context: ConsumerContext,
  group: Group,
  nowMs: number,
  out: Decision,
): ConsumerGroup | null {
  if (!(group instanceof ClassicGroup)) return null;
  const upgraded = group.isEmpty ? new ConsumerGroup(group.groupId) : converted(context, group);
  for (const key of group.timerKeys()) out.cancelTimer(key);
  for (const record of group.tombstones()) out.record(record);
  if (!group.isEmpty) writeDown(upgraded, nowMs, out);
  return upgraded;
}

/** Members that wait in the classic group's join phase are to join again. */
export function releaseWaiting(group: Group | undefined, out: Decision): void {
  if (group instanceof ClassicGroup) failWaiting(out, group, KafkaError.REBALANCE_IN_PROGRESS);
}

function refuse(groupId: string, reason: string): never {
  throw new Rejection(
    KafkaError.GROUP_ID_NOT_FOUND,
    `Cannot upgrade classic group ${groupId} to consumer group because ${reason}.`,
  );
}

function converted(context: ConsumerContext, group: ClassicGroup): ConsumerGroup {
  const { settings } = context;
  const { groupId } = group;
  const policy = settings.consumerGroupMigrationPolicy;
  if (policy !== 'upgrade' && policy !== 'bidirectional') refuse(groupId, 'online upgrade is disabled');
  if (!group.usesConsumerProtocol) {
    refuse(groupId, 'the group does not use the consumer embedded protocol');
  }
  if (group.members.size > settings.consumerGroupMaxSize) {
    refuse(groupId, 'the group size exceeds the consumer group maximum size');
  }
  const upgraded = new ConsumerGroup(groupId);
  upgraded.groupEpoch = group.generation;
  upgraded.assignmentEpoch = group.generation;
  for (const member of group.members.values()) addMember(context, group, member, upgraded);
  upgraded.metadataHash = metadataHashOf(context, upgraded.subscriptions.topicNames());
  return upgraded;
}

function addMember(
  context: ConsumerContext,
  group: ClassicGroup,
  member: ClassicMember,
  upgraded: ConsumerGroup,
): void {
  const { groupId, generation } = group;
  // Before its first generation the group has no protocol yet: the one that it would have now.
  const metadata = member.metadataOf(group.protocolName ?? group.selectProtocol());
  const subscription = metadata === undefined ? null : parseSubscription(metadata);
  const assigned = parseAssignment(member.assignment, context.topics());
  if (subscription === null || assigned === null) {
    refuse(groupId, 'the embedded consumer protocol is malformed');
  }
  if (assigned.hasUserData) {
    refuse(
      groupId,
      'an unsupported custom assignor is in use. Please refer to the documentation or switch to a default assignor before re-attempting the upgrade',
    );
  }
  upgraded.setTarget(member.memberId, assigned.assignment);
  upgraded.putMember({
    ...newMember(member.memberId),
    memberEpoch: generation,
    previousMemberEpoch: generation,
    instanceId: member.groupInstanceId,
    rackId: subscription.rackId || null,
    rebalanceTimeoutMs: member.rebalanceTimeoutMs,
    clientId: member.clientId,
    clientHost: member.clientHost,
    subscribedTopicNames: toNames(subscription.topics),
    assignedPartitions: toOwned(assigned.assignment, generation),
    classic: { sessionTimeoutMs: member.sessionTimeoutMs, supportedProtocols: member.protocols },
  });
}

/** All records of the group, and its members' sessions. */
function writeDown(group: ConsumerGroup, nowMs: number, out: Decision): void {
  const { groupId } = group;
  const members: readonly ConsumerGroupMember[] = [...group.members.values()];
  for (const member of members) out.record(memberRecord(groupId, member));
  out.record(epochRecord(groupId, group.groupEpoch, group.metadataHash));
  for (const { memberId, instanceId } of members) {
    out.record(targetRecord(groupId, memberId, group.targetOf(memberId, instanceId)));
  }
  out.record(targetEpochRecord(groupId, group.assignmentEpoch, group.assignmentTimestampMs));
  for (const member of members) {
    out.record(currentAssignmentRecord(groupId, member));
    const sessionMs = member.classic?.sessionTimeoutMs ?? 0;
    out.setTimer(sessionTimerKey(groupId, member.memberId), nowMs + sessionMs);
  }
}
