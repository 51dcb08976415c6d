/**
 * JoinGroup (key 11), v0-9. v1 rebalance timeout. v4 member id required (KIP-394). v5 static members (KIP-345). v7 protocol
 * type and name in the answer (KIP-559). v8 reason. v9 skipAssignment (KIP-814).
 */
import { KafkaError } from '../../../base/kafka-error.js';
import type { JoinGroupRequest } from '../../../protocol/11-join-group.js';
import type { OutcomeBuilder } from '../../framework/outcome.js';
import type { GroupCall } from '../group-call.js';
import type { GroupContext } from '../group-context.js';
import type { GroupRecord } from '../records/group-record.js';
import { answerJoin, generationFields, joinedMembers } from './answers.js';
import { ClassicGroup } from './classic-group.js';
import { addMember, type Join, rejoinMember, replaceStaticMember } from './membership.js';
import { newGroupRecord } from './metadata-record.js';
import { removeMember } from './session.js';
import { sessionTimerKey } from './timers.js';

/** First version whose clients must come back with the id they are given. */
const KNOWN_MEMBER_ID_VERSION = 4;

export function joinClassicGroup(
  context: GroupContext,
  out: OutcomeBuilder<GroupRecord>,
  call: GroupCall,
  request: JoinGroupRequest,
  nowMs: number,
): OutcomeBuilder<GroupRecord> {
  const { groupId, memberId, sessionTimeoutMs } = request;
  const { settings, groups } = context;
  const refuse = (errorCode: number, id = memberId) => {
    answerJoin(out, call, { memberId: id, errorCode });
    return out;
  };
  if (groupId === '') return refuse(KafkaError.INVALID_GROUP_ID);
  if (
    sessionTimeoutMs < settings.groupMinSessionTimeoutMs ||
    sessionTimeoutMs > settings.groupMaxSessionTimeoutMs
  ) {
    return refuse(KafkaError.INVALID_SESSION_TIMEOUT);
  }
  const present = groups.get(groupId);
  const existing = present instanceof ClassicGroup ? present : undefined;
  if (present !== undefined && existing === undefined) {
    if (!present.isEmpty) return refuse(KafkaError.INCONSISTENT_GROUP_PROTOCOL, '');
    // Nobody is left in a group of the other protocol: it becomes a classic one; its offsets stay.
    for (const record of present.tombstones()) out.record(record);
    for (const key of present.timerKeys()) out.cancelTimer(key);
    groups.delete(groupId);
  }
  if (existing === undefined && memberId !== '') return refuse(KafkaError.UNKNOWN_MEMBER_ID);
  const group = existing ?? ClassicGroup.empty(groupId, nowMs);
  if (existing === undefined) groups.set(group);
  const written = out.records.length;

  if (!accepts(context, group, memberId)) {
    removeMember(out, group, memberId);
    refuse(KafkaError.GROUP_MAX_SIZE_REACHED, '');
  } else {
    const join: Join = { context, out, call, request, group, nowMs };
    const error = memberId === '' ? joinNewMember(join) : joinKnownMember(join);
    if (error !== KafkaError.NONE) refuse(error);
  }
  if (existing === undefined && out.records.length === written) out.record(newGroupRecord(group));
  return out;
}

/** group.max.size: in the join phase those count who have joined, later the members. */
function accepts({ settings }: GroupContext, group: ClassicGroup, memberId: string): boolean {
  const member = group.members.get(memberId);
  switch (group.state) {
    case 'Empty':
      return true;
    case 'PreparingRebalance':
      return (member?.awaitingJoin ?? null) !== null || group.numAwaitingJoin < settings.groupMaxSize;
    default:
      return member !== undefined || group.members.size < settings.groupMaxSize;
  }
}

function joinNewMember(join: Join): number {
  const { context, out, call, request, group, nowMs } = join;
  const { groupInstanceId, protocolType, protocols } = request;
  if (!group.supports(protocolType, protocols)) return KafkaError.INCONSISTENT_GROUP_PROTOCOL;
  const memberId = `${groupInstanceId ?? call.clientId}-${context.randomUuid()}`;
  if (groupInstanceId !== null) {
    const oldMemberId = group.memberIdOf(groupInstanceId);
    if (oldMemberId === undefined) addMember(join, memberId);
    else replaceStaticMember(join, oldMemberId, memberId);
  } else if (call.version < KNOWN_MEMBER_ID_VERSION) {
    addMember(join, memberId);
  } else {
    group.pendingJoin.add(memberId);
    out.setTimer(sessionTimerKey(group.groupId, memberId), nowMs + request.sessionTimeoutMs);
    answerJoin(out, call, { memberId, errorCode: KafkaError.MEMBER_ID_REQUIRED });
  }
  return KafkaError.NONE;
}

function joinKnownMember(join: Join): number {
  const { out, call, request, group } = join;
  const { memberId, groupInstanceId, protocolType, protocols } = request;
  if (!group.supports(protocolType, protocols)) return KafkaError.INCONSISTENT_GROUP_PROTOCOL;
  if (group.pendingJoin.has(memberId)) {
    // An id that was given to a dynamic member; Kafka fails on this with an unexpected error.
    if (groupInstanceId !== null) return KafkaError.UNKNOWN_SERVER_ERROR;
    addMember(join, memberId);
    return KafkaError.NONE;
  }
  const error = group.validateMember(memberId, groupInstanceId);
  if (error !== KafkaError.NONE) {
    answerJoin(out, call, { memberId, errorCode: error, protocolName: null });
    return KafkaError.NONE;
  }
  const member = group.member(memberId);
  const isLeader = group.leaderId === memberId;
  switch (group.state) {
    case 'Empty':
      return KafkaError.UNKNOWN_MEMBER_ID;
    case 'PreparingRebalance':
      rejoinMember(join, member);
      return KafkaError.NONE;
    case 'CompletingRebalance':
      // The answer to the first request was lost.
      if (member.matches(protocols)) answerPresent(isLeader);
      else rejoinMember(join, member);
      return KafkaError.NONE;
    case 'Stable':
      // A leader joins again when it wants to assign anew (topics changed).
      if (isLeader || !member.matches(protocols)) rejoinMember(join, member);
      else answerPresent(false);
      return KafkaError.NONE;
  }

  function answerPresent(withMembers: boolean): void {
    const members = withMembers ? joinedMembers(group) : [];
    answerJoin(out, call, { ...generationFields(group, memberId), members });
  }
}
