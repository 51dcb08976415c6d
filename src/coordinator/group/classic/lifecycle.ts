/** Classic groups when the log is read, when it has been read, and when the shard goes. */
import type { OutcomeBuilder } from '../../framework/outcome.js';
import type { GroupContext } from '../group-context.js';
import type { GroupMetadataRecord } from '../records/classic-records.js';
import type { GroupRecord } from '../records/group-record.js';
import { completeJoin, completeSync } from './answers.js';
import { ClassicGroup } from './classic-group.js';
import { applyAssignments, groupFromRecord } from './metadata-record.js';
import { prepareRebalance } from './rebalance.js';
import { restartSession } from './session.js';

type Out = OutcomeBuilder<GroupRecord>;

/**
 * While the log is read, a record is the group. Later it is the group's own decision: members and requests that wait are
 * newer than it; what it brings are the assignments.
 */
export function replayGroupMetadata(
  { groups }: GroupContext,
  { group: groupId, value }: GroupMetadataRecord,
  isLive: boolean,
): void {
  const present = groups.get(groupId);
  if (value === null) {
    // A group that became one of another type keeps its place.
    if (present instanceof ClassicGroup) groups.delete(groupId);
  } else if (isLive && present instanceof ClassicGroup) {
    applyAssignments(present, value);
  } else {
    groups.set(groupFromRecord(groupId, value));
  }
}

export function onClassicLoaded(context: GroupContext, out: Out, group: ClassicGroup, nowMs: number): void {
  for (const member of group.members.values()) restartSession(out, group, member, nowMs);
  // group.max.size was lowered: who joins first stays.
  if (group.members.size > context.settings.groupMaxSize) prepareRebalance(context, out, group, nowMs);
}

/** Everybody who waits is told; the shard is not asked again. */
export function failWaiting(out: Out, group: ClassicGroup, errorCode: number): void {
  for (const member of group.members.values()) {
    completeJoin(out, group, member, { memberId: member.memberId, errorCode });
    completeSync(out, member, { errorCode });
  }
}
