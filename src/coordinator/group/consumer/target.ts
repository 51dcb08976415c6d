/**
 * The target assignment: computed by the first heartbeat that finds the group's epoch ahead of it, but not more often than
 * group.consumer.assignment.interval.ms (KIP-1263). Until then members go on towards the old one.
 */
import { KafkaError } from '../../../base/kafka-error.js';
import {
  type Assignment,
  AssignorError,
  EMPTY_ASSIGNMENT,
  type GroupSpec,
  type MemberSpec,
} from '../../assignor/assignor.js';
import { assignorNamed, type ConsumerContext, type Decision, topicIdsOf } from './consumer-context.js';
import type { ConsumerGroup } from './consumer-group.js';
import { type GroupEpoch, memberInGroup } from './group-epoch.js';
import type { ConsumerGroupMember } from './member.js';
import { sameAssignment } from './owned-partitions.js';
import { targetEpochRecord, targetRecord } from './records.js';
import { Rejection } from './rejection.js';

/** The member's part of the target, and its epoch. */
export interface MemberTarget {
  readonly epoch: number;
  readonly target: Assignment;
}

/** Throws Rejection when the assignor fails. */
export function updateTarget(
  context: ConsumerContext,
  group: ConsumerGroup,
  epoch: GroupEpoch,
  after: ConsumerGroupMember,
  nowMs: number,
  out: Decision,
): MemberTarget {
  const { groupEpoch } = epoch;
  const { memberId, instanceId } = after;
  if (group.assignmentEpoch >= groupEpoch || !mayCompute(context, group, nowMs)) {
    return { epoch: group.assignmentEpoch, target: group.targetOf(memberId, instanceId) };
  }
  const target = compute(context, group, epoch, after);
  for (const [id, assignment] of target) {
    const known = group.target.get(id);
    if (known === undefined || !sameAssignment(known, assignment)) {
      out.record(targetRecord(group.groupId, id, assignment));
    }
  }
  out.record(targetEpochRecord(group.groupId, groupEpoch, nowMs));
  return { epoch: groupEpoch, target: target.get(memberId) ?? EMPTY_ASSIGNMENT };
}

function mayCompute({ settings }: ConsumerContext, group: ConsumerGroup, nowMs: number): boolean {
  const intervalMs = settings.consumerGroupAssignmentIntervalMs(group.groupId);
  return group.assignmentTimestampMs === 0 || nowMs >= group.assignmentTimestampMs + intervalMs;
}

/** Of every member of the group after the change. */
function compute(
  context: ConsumerContext,
  group: ConsumerGroup,
  { groupEpoch, subscriptions, members }: GroupEpoch,
  after: ConsumerGroupMember,
): Map<string, Assignment> {
  const spec: GroupSpec = {
    subscriptionType: subscriptions.type(members),
    members: memberSpecs(context, group, after),
  };
  const assignor = assignorNamed(context, group.preferredAssignor(memberInGroup(group, after), after));
  const topics = context.topics();
  try {
    const assigned = assignor.assign(spec, (topicId) => topics.byId(topicId)?.partitions);
    return new Map([...spec.members.keys()].map((id) => [id, assigned.get(id) ?? EMPTY_ASSIGNMENT]));
  } catch (error) {
    if (!(error instanceof AssignorError)) throw error;
    const message = `Failed to compute a new target assignment for epoch ${groupEpoch}: ${error.message}`;
    context.report('error', message, { group: group.groupId });
    throw new Rejection(KafkaError.UNKNOWN_SERVER_ERROR, message);
  }
}

function memberSpecs(
  context: ConsumerContext,
  group: ConsumerGroup,
  after: ConsumerGroupMember,
): Map<string, MemberSpec> {
  const replaced = group.staticMember(after.instanceId);
  const members = new Map(group.members);
  if (replaced !== undefined && replaced.memberId !== after.memberId) members.delete(replaced.memberId);
  members.set(after.memberId, after);
  // Members of a group mostly have the same topics: each set is made once.
  const idsByNames = new Map<string, ReadonlySet<string>>();
  const idsOf = (names: readonly string[]) => {
    const key = JSON.stringify(names);
    const ids = idsByNames.get(key) ?? topicIdsOf(context, names);
    idsByNames.set(key, ids);
    return ids;
  };
  return new Map(
    [...members].map(([id, member]) => [
      id,
      {
        instanceId: member.instanceId,
        topicIds: idsOf(group.subscriptions.topicsOf(member)),
        assignment: group.targetOf(id, member.instanceId),
      },
    ]),
  );
}
