/** When a member, a topic or the partitions that can be assigned change, the group's epoch goes up. */
import { epochRecord } from './records.js';
import { type Decision, metadataHashOf, type ShareContext } from './share-context.js';
import type { ShareGroup, TopicCounts } from './share-group.js';
import type { ShareGroupMember } from './share-member.js';

export interface GroupEpoch {
  readonly groupEpoch: number;
  readonly isBumped: boolean;
  /** What the group is subscribed to after the request. */
  readonly topics: TopicCounts;
  readonly members: number;
}

export function updateEpoch(
  context: ShareContext,
  group: ShareGroup,
  change: {
    readonly before: ShareGroupMember;
    readonly after: ShareGroupMember;
    readonly namesChanged: boolean;
  },
  out: Decision,
): GroupEpoch {
  const { before, after, namesChanged } = change;
  const isDue = group.assignmentEpoch >= group.groupEpoch && hasUnassigned(group);
  const isKnown = group.members.has(after.memberId);
  const members = group.members.size + (isKnown ? 0 : 1);
  if (!namesChanged && !isDue && group.isMetadataSeen)
    return { groupEpoch: group.groupEpoch, isBumped: false, topics: group.topics, members };
  const topics = group.topicsAfter(isKnown ? before : null, after);
  const hash = metadataHashOf(context, topics.keys());
  const isBumped = namesChanged || isDue || hash !== group.metadataHash;
  const groupEpoch = group.groupEpoch + (isBumped ? 1 : 0);
  if (isBumped) out.record(epochRecord(group.groupId, groupEpoch, hash));
  group.isMetadataSeen = true;
  return { groupEpoch, isBumped, topics, members };
}

/** A subscribed topic has other partitions with state than the target assigns. */
function hasUnassigned(group: ShareGroup): boolean {
  if (group.state.initialized.size === 0) return false;
  const assigned = new Map<string, Set<number>>();
  for (const target of group.target.values()) {
    for (const [topicId, partitions] of target) {
      const known = assigned.get(topicId) ?? new Set();
      for (const partition of partitions) known.add(partition);
      assigned.set(topicId, known);
    }
  }
  for (const [topicId, { name, partitions }] of group.state.initialized) {
    if (!group.topics.has(name)) continue;
    const known = assigned.get(topicId);
    if (known?.size !== partitions.size || [...partitions].some((partition) => !known.has(partition)))
      return true;
  }
  return false;
}
