/** When a member or a topic changes, the group's epoch goes up: first half of every heartbeat. */
import { type ConsumerContext, type Decision, metadataHashOf } from './consumer-context.js';
import type { ConsumerGroup } from './consumer-group.js';
import { type ConsumerGroupMember, regexOf, sameMember, sameNames } from './member.js';
import { epochRecord, memberRecord, partitionMetadataTombstone } from './records.js';
import { Subscriptions } from './subscriptions.js';

/** The member's value before and after the request. */
export interface MemberChange {
  readonly before: ConsumerGroupMember;
  readonly after: ConsumerGroupMember;
}

/** Writes the member down when it changed; whether the names it is subscribed to did. */
export function recordMember(group: ConsumerGroup, { before, after }: MemberChange, out: Decision): boolean {
  if (sameMember(before, after)) return false;
  out.record(memberRecord(group.groupId, after));
  return !sameNames(before.subscribedTopicNames, after.subscribedTopicNames);
}

/** The group as it is after the request. */
export interface GroupEpoch {
  readonly groupEpoch: number;
  readonly subscriptions: Subscriptions;
  readonly members: number;
}

/** When nothing changes. */
export function presentEpoch({ groupEpoch, subscriptions, members }: ConsumerGroup): GroupEpoch {
  return { groupEpoch, subscriptions, members: members.size };
}

/** Looks at topics and subscriptions; the epoch goes up by one when `bump` says so or the topics are not those of before. */
export function updateEpoch(
  context: ConsumerContext,
  group: ConsumerGroup,
  after: ConsumerGroupMember,
  bump: 'always' | 'when topics changed',
  out: Decision,
): GroupEpoch {
  const subscriptions = subscriptionsAfter(group, after);
  const hash = metadataHashOf(context, subscriptions.topicNames());
  const members = group.members.size + (memberInGroup(group, after) === null ? 1 : 0);
  let { groupEpoch } = group;
  if (bump === 'always' || hash !== group.metadataHash) {
    groupEpoch++;
    out.record(epochRecord(group.groupId, groupEpoch, hash));
  }
  group.metadataSeenEpoch = groupEpoch;
  if (group.hasPartitionMetadataRecord) out.record(partitionMetadataTombstone(group.groupId));
  return { groupEpoch, subscriptions, members };
}

/** What the group holds of the member now; of a static one that takes a new id, what it holds under the old one. */
export function memberInGroup(group: ConsumerGroup, after: ConsumerGroupMember): ConsumerGroupMember | null {
  return group.members.get(after.memberId) ?? group.staticMember(after.instanceId) ?? null;
}

/** A copy with the change in it; an expression that nobody uses any more matches nothing. */
function subscriptionsAfter(group: ConsumerGroup, after: ConsumerGroupMember): Subscriptions {
  const subscriptions = new Subscriptions(group.subscriptions);
  const known = memberInGroup(group, after);
  subscriptions.replaceMember(known, after);
  const regex = regexOf(known);
  if (regex !== null && subscriptions.membersOf(regex) === 0) subscriptions.setResolved(regex, null);
  return subscriptions;
}
