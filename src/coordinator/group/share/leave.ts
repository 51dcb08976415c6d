/** Members that go: by themselves (epoch −1), or because they were not heard of. The group's epoch goes up. */
import { epochRecord, memberTombstones } from './records.js';
import { type Decision, metadataHashOf, type ShareContext } from './share-context.js';
import type { ShareGroup } from './share-group.js';
import type { ShareGroupMember } from './share-member.js';
import { shareSessionKey } from './timers.js';

export function fence(
  context: ShareContext,
  group: ShareGroup,
  member: ShareGroupMember,
  out: Decision,
): void {
  const { groupId } = group;
  const { memberId } = member;
  for (const record of memberTombstones(groupId, memberId)) out.record(record);
  const hash = metadataHashOf(context, group.topicsAfter(member, null).keys());
  out.record(epochRecord(groupId, group.groupEpoch + 1, hash));
  out.cancelTimer(shareSessionKey(groupId, memberId));
}
