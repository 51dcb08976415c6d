/** A member's step towards its target as part of a request: what is written, and the timer of one that has to give something up. */
import { type ConsumerContext, type Decision, topicIdsOf } from './consumer-context.js';
import type { ConsumerGroup } from './consumer-group.js';
import { type ConsumerGroupMember, isReconciledTo, MemberState, sameMember } from './member.js';
import type { TopicPartitions } from './owned-partitions.js';
import { reconcile } from './reconcile.js';
import { currentAssignmentRecord } from './records.js';
import type { MemberTarget } from './target.js';
import { rebalanceTimerKey } from './timers.js';

/** The member after the step. Throws Rejection (fenced). */
export function maybeReconcile(
  context: ConsumerContext,
  group: ConsumerGroup,
  member: ConsumerGroupMember,
  { epoch, target }: MemberTarget,
  hasSubscriptionChanged: boolean,
  owned: readonly TopicPartitions[] | null,
  nowMs: number,
  out: Decision,
): ConsumerGroupMember {
  if (!hasSubscriptionChanged && isReconciledTo(member, epoch)) return member;
  const next = reconcile(member, {
    targetEpoch: epoch,
    target,
    hasSubscriptionChanged,
    subscribedTopicIds: topicIdsOf(context, group.subscriptions.topicsOf(member)),
    owned,
    currentPartitionEpoch: (topicId, partition) => group.owners.epochOf(topicId, partition),
  });
  if (sameMember(next, member)) return member;
  out.record(currentAssignmentRecord(group.groupId, next));
  if (next.classic === null) {
    const key = rebalanceTimerKey(group.groupId, next.memberId);
    if (next.state === MemberState.UNREVOKED_PARTITIONS) out.setTimer(key, nowMs + next.rebalanceTimeoutMs);
    else out.cancelTimer(key);
  }
  return next;
}
