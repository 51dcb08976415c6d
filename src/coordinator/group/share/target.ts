/**
 * The target assignment: computed by the first heartbeat that finds the group's epoch ahead of it, but not more often than
 * group.share.assignment.interval.ms (KIP-1263). Only partitions whose state the share coordinator keeps are assigned.
 */
import { KafkaError } from '../../../base/kafka-error.js';
import {
  type Assignment,
  AssignorError,
  EMPTY_ASSIGNMENT,
  type MemberSpec,
} from '../../assignor/assignor.js';
import { assignSimple } from '../../assignor/simple.js';
import { topicIdsOf } from '../consumer/consumer-context.js';
import { sameAssignment } from '../consumer/owned-partitions.js';
import { Rejection } from '../consumer/rejection.js';
import type { GroupEpoch } from './group-epoch.js';
import { targetEpochRecord, targetRecord } from './records.js';
import type { Decision, ShareContext } from './share-context.js';
import { type ShareGroup, subscriptionTypeOf } from './share-group.js';
import type { ShareGroupMember } from './share-member.js';

/** The member's part of the target, and its epoch. */
export interface MemberTarget {
  readonly epoch: number;
  readonly target: Assignment;
}

/** Throws Rejection when the assignor fails. */
export function updateTarget(
  context: ShareContext,
  group: ShareGroup,
  epoch: GroupEpoch,
  after: ShareGroupMember,
  nowMs: number,
  out: Decision,
): MemberTarget {
  const { groupId } = group;
  if (group.assignmentEpoch >= epoch.groupEpoch || !mayCompute(context, group, nowMs))
    return { epoch: group.assignmentEpoch, target: group.targetOf(after.memberId) };
  const target = compute(context, group, epoch, after);
  for (const [memberId, assignment] of target) {
    const known = group.target.get(memberId);
    if (known === undefined || !sameAssignment(known, assignment))
      out.record(targetRecord(groupId, memberId, assignment));
  }
  out.record(targetEpochRecord(groupId, epoch.groupEpoch, nowMs));
  return { epoch: epoch.groupEpoch, target: target.get(after.memberId) ?? EMPTY_ASSIGNMENT };
}

function mayCompute({ settings }: ShareContext, group: ShareGroup, nowMs: number): boolean {
  const intervalMs = settings.shareGroupAssignmentIntervalMs(group.groupId);
  return group.assignmentTimestampMs === 0 || nowMs >= group.assignmentTimestampMs + intervalMs;
}

/** Of every member of the group after the change. */
function compute(
  context: ShareContext,
  group: ShareGroup,
  { groupEpoch, topics, members: count }: GroupEpoch,
  after: ShareGroupMember,
): Map<string, Assignment> {
  const members = new Map(group.members);
  members.set(after.memberId, after);
  const specs = new Map<string, MemberSpec>();
  for (const [memberId, { subscribedTopicNames }] of members) {
    specs.set(memberId, {
      instanceId: null,
      topicIds: topicIdsOf(context, subscribedTopicNames),
      assignment: group.targetOf(memberId),
    });
  }
  const spec = { members: specs, subscriptionType: subscriptionTypeOf(topics, count) };
  const { initialized } = group.state;
  try {
    return assignSimple(
      spec,
      (topicId) => context.topics().byId(topicId)?.partitions,
      (topicId, partition) => initialized.get(topicId)?.partitions.has(partition) === true,
    );
  } catch (error) {
    if (!(error instanceof AssignorError)) throw error;
    const message = `Failed to compute a new target assignment for epoch ${groupEpoch}: ${error.message}`;
    context.report('error', message, { group: group.groupId });
    throw new Rejection(KafkaError.UNKNOWN_SERVER_ERROR, message);
  }
}
