/**
 * Members that go: by themselves (epoch −1), for a while (static ones, −2), or because they were not heard of. What they
 * owned is free at once; the group's epoch goes up.
 */
import { KafkaError } from '../../../base/kafka-error.js';
import type { ConsumerGroupHeartbeatRequest } from '../../../protocol/68-consumer-group-heartbeat.js';
import type { Outcome } from '../../framework/contract.js';
import { OutcomeBuilder } from '../../framework/outcome.js';
import type { GroupCall } from '../group-call.js';
import type { GroupRecord } from '../records/group-record.js';
import { type ConsumerContext, type Decision, metadataHashOf } from './consumer-context.js';
import { ConsumerGroup } from './consumer-group.js';
import { downgradeAfterLeave } from './downgrade.js';
import { heartbeatAnswer, heartbeatFailure } from './heartbeat-request.js';
import { knownMember, knownStaticMember } from './joining.js';
import { type ConsumerGroupMember, LEAVE_STATIC_EPOCH, regexOf } from './member.js';
import { NO_PARTITIONS, withEpoch } from './owned-partitions.js';
import { currentAssignmentRecord, epochRecord, memberTombstones, regexTombstone } from './records.js';
import { Rejection } from './rejection.js';
import { Subscriptions } from './subscriptions.js';
import { memberTimerKeys } from './timers.js';

export function consumerGroupNamed({ groups }: ConsumerContext, groupId: string): ConsumerGroup {
  const group = groups.get(groupId);
  if (group instanceof ConsumerGroup) return group;
  throw new Rejection(
    KafkaError.GROUP_ID_NOT_FOUND,
    group === undefined ? `Group ${groupId} not found.` : `Group ${groupId} is not a consumer group.`,
  );
}

export function leave(
  context: ConsumerContext,
  call: GroupCall,
  request: ConsumerGroupHeartbeatRequest,
  nowMs: number,
): Outcome<GroupRecord> {
  const out = new OutcomeBuilder<GroupRecord>();
  const { memberId, memberEpoch, instanceId } = request;
  const group = consumerGroupNamed(context, request.groupId);
  const member =
    instanceId === null ? knownMember(group, memberId) : knownStaticMember(group, memberId, instanceId);
  if (memberEpoch === LEAVE_STATIC_EPOCH) {
    out.record(currentAssignmentRecord(group.groupId, awayForAWhile(member)));
  } else {
    fence(context, group, [member], nowMs, out);
  }
  return out.answer(call.token, heartbeatAnswer({ memberId, memberEpoch }), heartbeatFailure);
}

/** It keeps what it owns until its session ends; epochs of 0 let its successor commit. */
function awayForAWhile(member: ConsumerGroupMember): ConsumerGroupMember {
  return {
    ...member,
    memberEpoch: LEAVE_STATIC_EPOCH,
    assignedPartitions: withEpoch(member.assignedPartitions, 0),
    partitionsPendingRevocation: NO_PARTITIONS,
  };
}

/** Removes members of the group; the last one that spoke the new protocol turns the group into a classic one. */
export function fence(
  context: ConsumerContext,
  group: ConsumerGroup,
  members: readonly ConsumerGroupMember[],
  nowMs: number,
  out: Decision,
): void {
  if (members.length === 0) return;
  const { groupId } = group;
  for (const { memberId } of members) {
    for (const key of memberTimerKeys(groupId, memberId)) {
      out.cancelTimer(key);
      context.joinTimers.delete(key);
    }
  }
  if (downgradeAfterLeave(context, group, members, nowMs, out)) return;
  const left = new Subscriptions(group.subscriptions);
  for (const member of members) {
    for (const record of memberTombstones(groupId, member.memberId)) out.record(record);
    left.replaceMember(member, null);
  }
  for (const regex of new Set(members.map(regexOf))) {
    if (regex === null || left.membersOf(regex) > 0) continue;
    out.record(regexTombstone(groupId, regex));
    left.setResolved(regex, null);
  }
  out.record(epochRecord(groupId, group.groupEpoch + 1, metadataHashOf(context, left.topicNames())));
}
