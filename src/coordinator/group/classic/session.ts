/** Sessions of members: a timer each, moved by everything that shows the member alive. */
import { KafkaError } from '../../../base/kafka-error.js';
import type { OutcomeBuilder } from '../../framework/outcome.js';
import type { GroupContext } from '../group-context.js';
import type { GroupRecord } from '../records/group-record.js';
import { completeJoin, completeSync } from './answers.js';
import type { ClassicGroup } from './classic-group.js';
import type { ClassicMember } from './classic-member.js';
import { completeJoinPhase, rebalanceOrCompleteJoin } from './rebalance.js';
import { sessionTimerKey } from './timers.js';

type Out = OutcomeBuilder<GroupRecord>;

export function restartSession(
  out: Out,
  group: ClassicGroup,
  member: ClassicMember,
  nowMs: number,
  timeoutMs = member.sessionTimeoutMs,
): void {
  out.setTimer(sessionTimerKey(group.groupId, member.memberId), nowMs + timeoutMs);
}

/** Takes a member or pending id out of the group and answers whatever it waits for. What follows is the caller's. */
export function removeMember(out: Out, group: ClassicGroup, memberId: string): void {
  const member = group.members.get(memberId);
  if (member !== undefined) {
    completeJoin(out, group, member, { errorCode: KafkaError.UNKNOWN_MEMBER_ID });
    completeSync(out, member, { errorCode: KafkaError.UNKNOWN_MEMBER_ID });
  }
  group.remove(memberId);
  out.cancelTimer(sessionTimerKey(group.groupId, memberId));
}

/** The session timer of a member or pending id ran out. */
export function expireSession(
  context: GroupContext,
  out: Out,
  group: ClassicGroup,
  memberId: string,
  nowMs: number,
): void {
  const member = group.members.get(memberId);
  if (member === undefined && !group.pendingJoin.has(memberId)) return;
  // Its session starts again when its request is answered.
  if (member?.hasSatisfiedHeartbeat === true) return;
  removeMember(out, group, memberId);
  context.report('info', 'member removed: session expired', { group: group.groupId, member: memberId });
  if (group.state === 'PreparingRebalance') {
    if (group.hasAllMembersJoined) completeJoinPhase(context, out, group, nowMs);
  } else if (member !== undefined) {
    rebalanceOrCompleteJoin(context, out, group, nowMs);
  }
}
