/**
 * One step of a member towards its target (CurrentAssignmentBuilder). Pure. A member first gives up what is not its target
 * any more; only then its epoch follows; partitions that others still own are given when they are free.
 *
 *   STABLE (epoch < target's) ──> UNREVOKED ── reports that they are gone ──┐
 *        └───────────────── nothing to give up ─────────────────────────────┴──> next epoch: STABLE or UNRELEASED
 */
import { unreachable } from '../../../base/assert.js';
import { KafkaError } from '../../../base/kafka-error.js';
import type { Assignment } from '../../assignor/assignor.js';
import { type ConsumerGroupMember, MemberState } from './member.js';
import { NO_PARTITIONS, type OwnedPartitions, ownedOf, type TopicPartitions } from './owned-partitions.js';
import { Rejection } from './rejection.js';

export interface ReconcileInput {
  readonly targetEpoch: number;
  readonly target: Assignment;
  /** The member's subscription changed with this request: partitions of topics it left are taken at once. */
  readonly hasSubscriptionChanged: boolean;
  /** Ids of the topics that the member is subscribed to and that exist. */
  readonly subscribedTopicIds: ReadonlySet<string>;
  /** What the member says it owns; null: it says nothing. */
  readonly owned: readonly TopicPartitions[] | null;
  /** −1: free. */
  currentPartitionEpoch(topicId: string, partition: number): number;
}

const NO_TARGET: ReadonlySet<number> = new Set();

/** The member after the step; the same value when nothing changes. Throws Rejection (fenced). */
export function reconcile(member: ConsumerGroupMember, input: ReconcileInput): ConsumerGroupMember {
  switch (member.state) {
    case MemberState.STABLE:
      if (member.memberEpoch !== input.targetEpoch) return toTarget(member, member.memberEpoch, input);
      return input.hasSubscriptionChanged ? dropUnsubscribed(member, input) : member;
    case MemberState.UNREVOKED_PARTITIONS:
      if (!stillOwns(input.owned, member.partitionsPendingRevocation)) {
        return toTarget(member, member.memberEpoch, input);
      }
      return input.hasSubscriptionChanged ? dropUnsubscribed(member, input) : member;
    case MemberState.UNRELEASED_PARTITIONS:
      return toTarget(member, member.memberEpoch, input);
    case MemberState.UNKNOWN:
      if (input.owned === null || input.owned.length > 0) {
        throw new Rejection(
          KafkaError.FENCED_MEMBER_EPOCH,
          'The consumer group member is in a unknown state. The member must abandon all its partitions and rejoin.',
        );
      }
      return toTarget(member, input.targetEpoch, input);
    default:
      return unreachable(member.state);
  }
}

/** Without a report the member may still own them. */
function stillOwns(owned: readonly TopicPartitions[] | null, revoked: OwnedPartitions): boolean {
  if (owned === null) return true;
  return owned.some(({ topicId, partitions }) => {
    const ofTopic = ownedOf(revoked, topicId);
    return partitions.some((partition) => ofTopic.has(partition));
  });
}

/** Partitions of topics that the member left are to be given up; nothing is granted. */
function dropUnsubscribed(member: ConsumerGroupMember, input: ReconcileInput): ConsumerGroupMember {
  const kept = new Map(member.assignedPartitions);
  const revoked = new Map(member.partitionsPendingRevocation);
  for (const [topicId, partitions] of member.assignedPartitions) {
    if (input.subscribedTopicIds.has(topicId)) continue;
    kept.delete(topicId);
    revoked.set(topicId, new Map([...ownedOf(revoked, topicId), ...partitions]));
  }
  // Kafka counts a member that is left without any topic as changed, even when it owned nothing.
  const hasNoTopic = input.subscribedTopicIds.size === 0 && member.partitionsPendingRevocation.size === 0;
  if (kept.size === member.assignedPartitions.size && !hasNoTopic) return member;
  const previousMemberEpoch = member.memberEpoch;
  if (revoked.size === 0 || !stillOwns(input.owned, revoked))
    return { ...member, previousMemberEpoch, assignedPartitions: kept };
  return {
    ...member,
    previousMemberEpoch,
    state: MemberState.UNREVOKED_PARTITIONS,
    assignedPartitions: kept,
    partitionsPendingRevocation: revoked,
  };
}

interface Step {
  readonly kept: Map<string, ReadonlyMap<number, number>>;
  readonly revoked: Map<string, ReadonlyMap<number, number>>;
  readonly granted: Map<string, readonly number[]>;
  /** Others still own partitions of the target. */
  unreleased: boolean;
}

function toTarget(
  member: ConsumerGroupMember,
  memberEpoch: number,
  input: ReconcileInput,
): ConsumerGroupMember {
  const step = plan(member, input);
  if (step.revoked.size > 0 && stillOwns(input.owned, step.revoked)) {
    return {
      ...member,
      state: MemberState.UNREVOKED_PARTITIONS,
      memberEpoch,
      previousMemberEpoch: member.memberEpoch,
      assignedPartitions: step.kept,
      partitionsPendingRevocation: step.revoked,
    };
  }
  for (const [topicId, partitions] of step.granted) {
    const ofTopic = new Map(ownedOf(step.kept, topicId));
    for (const partition of partitions) ofTopic.set(partition, input.targetEpoch);
    step.kept.set(topicId, ofTopic);
  }
  return {
    ...member,
    state: step.unreleased ? MemberState.UNRELEASED_PARTITIONS : MemberState.STABLE,
    memberEpoch: input.targetEpoch,
    previousMemberEpoch: member.memberEpoch,
    assignedPartitions: step.kept,
    partitionsPendingRevocation: NO_PARTITIONS,
  };
}

function plan(member: ConsumerGroupMember, input: ReconcileInput): Step {
  const step: Step = { kept: new Map(), revoked: new Map(), granted: new Map(), unreleased: false };
  for (const topicId of new Set([...input.target.keys(), ...member.assignedPartitions.keys()])) {
    // The target may be older than the subscription: a topic that was left is not granted again.
    const target = input.subscribedTopicIds.has(topicId)
      ? (input.target.get(topicId) ?? NO_TARGET)
      : NO_TARGET;
    const assigned = ownedOf(member.assignedPartitions, topicId);
    const kept = new Map([...assigned].filter(([partition]) => target.has(partition)));
    const revoked = new Map([...assigned].filter(([partition]) => !target.has(partition)));
    const wanted = [...target].filter((partition) => !assigned.has(partition));
    // What the member itself is giving up counts as free for it.
    const ownPending = ownedOf(member.partitionsPendingRevocation, topicId);
    const free = wanted.filter(
      (partition) => input.currentPartitionEpoch(topicId, partition) === -1 || ownPending.has(partition),
    );
    if (free.length < wanted.length) step.unreleased = true;
    if (kept.size > 0) step.kept.set(topicId, kept);
    if (revoked.size > 0) step.revoked.set(topicId, revoked);
    if (free.length > 0) step.granted.set(topicId, free);
  }
  return step;
}
