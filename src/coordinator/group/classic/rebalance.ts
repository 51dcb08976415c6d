/**
 * The course of a rebalance: it is prepared (members are told to join again), its join phase ends (all have joined, or time is
 * up), the leader assigns, everybody fetches the assignment.
 * Kafka's counterpart: prepareRebalance … completeClassicGroupJoin of GroupMetadataManager.
 */
import { KafkaError } from '../../../base/kafka-error.js';
import type { OutcomeBuilder } from '../../framework/outcome.js';
import type { GroupContext } from '../group-context.js';
import type { GroupRecord } from '../records/group-record.js';
import { completeJoin, completeSync, generationFields, joinedMembers } from './answers.js';
import type { ClassicGroup } from './classic-group.js';
import { NO_ASSIGNMENT } from './classic-member.js';
import { groupMetadataRecord } from './metadata-record.js';
import { joinTimerKey, sessionTimerKey, syncTimerKey } from './timers.js';

type Out = OutcomeBuilder<GroupRecord>;

/** A join phase that nobody has joined begins again this much later at least: a client may ask for a timeout of 0. */
const REJOIN_WAIT_MS_MIN = 1_000;

/** Members changed: a rebalance starts, or the one that runs may have everybody now. */
export function rebalanceOrCompleteJoin(
  context: GroupContext,
  out: Out,
  group: ClassicGroup,
  nowMs: number,
): void {
  if (group.state === 'PreparingRebalance') maybeCompleteJoinPhase(context, out, group, nowMs);
  else prepareRebalance(context, out, group, nowMs);
}

export function prepareRebalance(context: GroupContext, out: Out, group: ClassicGroup, nowMs: number): void {
  if (group.state === 'CompletingRebalance') failSyncs(out, group, KafkaError.REBALANCE_IN_PROGRESS, nowMs);
  group.pendingSync.clear();
  out.cancelTimer(syncTimerKey(group.groupId));
  const isInitial = group.isEmpty;
  group.transitionTo('PreparingRebalance', nowMs);
  if (isInitial) {
    const delayMs = context.settings.groupInitialRebalanceDelayMs;
    group.initialDelay = { delayMs, remainingMs: Math.max(group.rebalanceTimeoutMs - delayMs, 0) };
    group.newMemberAdded = false;
    out.setTimer(joinTimerKey(group.groupId), nowMs + delayMs);
  } else if (group.hasAllMembersJoined) {
    completeJoinPhase(context, out, group, nowMs);
  } else {
    out.setTimer(joinTimerKey(group.groupId), nowMs + group.rebalanceTimeoutMs);
  }
}

/** Ends the join phase when nobody is missing. The first one of an Empty group ends by its delay only. */
export function maybeCompleteJoinPhase(
  context: GroupContext,
  out: Out,
  group: ClassicGroup,
  nowMs: number,
): void {
  if (group.state !== 'PreparingRebalance' || group.isInitialRebalance || !group.hasAllMembersJoined) return;
  completeJoinPhase(context, out, group, nowMs);
}

/** The join timer ran out: the initial delay is over, or is prolonged; or time to rejoin is. */
export function expireJoinPhase(context: GroupContext, out: Out, group: ClassicGroup, nowMs: number): void {
  if (group.state !== 'PreparingRebalance') return;
  const delay = group.initialDelay;
  if (delay === null || !group.newMemberAdded || delay.remainingMs === 0) {
    completeJoinPhase(context, out, group, nowMs);
    return;
  }
  group.newMemberAdded = false;
  const nextMs = Math.min(context.settings.groupInitialRebalanceDelayMs, delay.remainingMs);
  group.initialDelay = { delayMs: nextMs, remainingMs: Math.max(delay.remainingMs - delay.delayMs, 0) };
  out.setTimer(joinTimerKey(group.groupId), nowMs + nextMs);
}

/** Removes who did not come, makes the next generation and tells it to its members. */
export function completeJoinPhase(context: GroupContext, out: Out, group: ClassicGroup, nowMs: number): void {
  out.cancelTimer(joinTimerKey(group.groupId));
  removeAbsentDynamicMembers(out, group);
  if (group.members.size > 0 && !electJoinedLeader(group)) {
    // Static members only, and none of them is back: they keep their places until their sessions end.
    out.setTimer(joinTimerKey(group.groupId), nowMs + Math.max(group.rebalanceTimeoutMs, REJOIN_WAIT_MS_MIN));
    return;
  }
  group.initialDelay = null;
  group.startNextGeneration(nowMs);
  context.report('debug', 'generation', {
    group: group.groupId,
    generation: group.generation,
    members: group.members.size,
  });
  if (group.isEmpty) {
    out.record(groupMetadataRecord(group));
    return;
  }
  const members = joinedMembers(group);
  for (const member of group.members.values()) {
    const isLeader = member.memberId === group.leaderId;
    completeJoin(out, group, member, {
      ...generationFields(group, member.memberId),
      members: isLeader ? members : [],
    });
    out.setTimer(sessionTimerKey(group.groupId, member.memberId), nowMs + member.sessionTimeoutMs);
    member.isNew = false;
    group.pendingSync.add(member.memberId);
  }
  out.setTimer(syncTimerKey(group.groupId), nowMs + group.rebalanceTimeoutMs);
}

/** Members that have not sent SyncGroup in time lose their place. */
export function expirePendingSync(context: GroupContext, out: Out, group: ClassicGroup, nowMs: number): void {
  if (group.state !== 'CompletingRebalance' && group.state !== 'Stable') return;
  if (group.pendingSync.size === 0) return;
  for (const memberId of [...group.pendingSync]) {
    // Nothing of it waits: a member whose SyncGroup waits is not pending, nor is there a join phase.
    group.remove(memberId);
    out.cancelTimer(sessionTimerKey(group.groupId, memberId));
    context.report('info', 'member removed: no SyncGroup in time', {
      group: group.groupId,
      member: memberId,
    });
  }
  prepareRebalance(context, out, group, nowMs);
}

/** Everybody who waits for an assignment joins again instead. */
function failSyncs(out: Out, group: ClassicGroup, errorCode: number, nowMs: number): void {
  for (const member of group.members.values()) {
    member.assignment = NO_ASSIGNMENT;
    if (completeSync(out, member, { errorCode }))
      out.setTimer(sessionTimerKey(group.groupId, member.memberId), nowMs + member.sessionTimeoutMs);
  }
}

function removeAbsentDynamicMembers(out: Out, group: ClassicGroup): void {
  for (const member of [...group.members.values()]) {
    if (member.awaitingJoin !== null || member.isStatic) continue;
    group.remove(member.memberId);
    out.cancelTimer(sessionTimerKey(group.groupId, member.memberId));
  }
}

/** A leader that joined stays; else the first member that did. Returns whether there is one. */
function electJoinedLeader(group: ClassicGroup): boolean {
  const leader = group.leaderId === null ? undefined : group.members.get(group.leaderId);
  if (leader !== undefined && leader.awaitingJoin !== null) return true;
  for (const member of group.members.values()) {
    if (member.awaitingJoin === null) continue;
    group.leaderId = member.memberId;
    return true;
  }
  return false;
}
