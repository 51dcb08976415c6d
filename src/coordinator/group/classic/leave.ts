/**
 * LeaveGroup (key 13), v0-5. v0-2 one member. v3 many, each with its own error, static members by instance id (KIP-345). v5
 * reason (KIP-800).
 */
import { KafkaError } from '../../../base/kafka-error.js';
import type { LeaveGroupRequest, LeaveGroupResponse } from '../../../protocol/13-leave-group.js';
import type { OutcomeBuilder } from '../../framework/outcome.js';
import type { GroupCall } from '../group-call.js';
import type { GroupContext } from '../group-context.js';
import type { GroupRecord } from '../records/group-record.js';
import { ClassicGroup } from './classic-group.js';
import { maybeCompleteJoinPhase, rebalanceOrCompleteJoin } from './rebalance.js';
import { removeMember } from './session.js';

type Out = OutcomeBuilder<GroupRecord>;
type MemberResponse = LeaveGroupResponse['members'][number];
interface Leaving {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
}

/** First version with a list of members. */
const MANY_VERSION = 3;

export function leaveClassicGroup(
  context: GroupContext,
  out: Out,
  call: GroupCall,
  request: LeaveGroupRequest,
  nowMs: number,
): Out {
  const group = context.groups.get(request.groupId);
  const leaving: readonly Leaving[] =
    call.version < MANY_VERSION ? [{ memberId: request.memberId, groupInstanceId: null }] : request.members;
  const failure = (errorCode: number) => leaveResponse(call.version, errorCode, []);
  if (request.groupId === '') return out.answer(call.token, failure(KafkaError.INVALID_GROUP_ID), failure);
  const members = leaving.map(({ memberId, groupInstanceId }): MemberResponse => {
    const known = group instanceof ClassicGroup ? group : undefined;
    const errorCode =
      known === undefined ? KafkaError.UNKNOWN_MEMBER_ID : leave(out, known, memberId, groupInstanceId);
    return { memberId, groupInstanceId, errorCode };
  });
  out.answer(call.token, leaveResponse(call.version, KafkaError.NONE, members), failure);
  if (group instanceof ClassicGroup && members.some(({ errorCode }) => errorCode === KafkaError.NONE)) {
    if (group.state === 'PreparingRebalance') maybeCompleteJoinPhase(context, out, group, nowMs);
    else if (!group.isEmpty) rebalanceOrCompleteJoin(context, out, group, nowMs);
  }
  return out;
}

/** Older versions have one error for their one member. */
export function leaveResponse(
  version: number,
  errorCode: number,
  members: readonly MemberResponse[],
): LeaveGroupResponse {
  if (version >= MANY_VERSION) return { throttleTimeMs: 0, errorCode, members: [...members] };
  const own = errorCode === KafkaError.NONE ? (members[0]?.errorCode ?? KafkaError.NONE) : errorCode;
  return { throttleTimeMs: 0, errorCode: own, members: [] };
}

function leave(out: Out, group: ClassicGroup, memberId: string, groupInstanceId: string | null): number {
  if (memberId === '') {
    const owner = groupInstanceId === null ? undefined : group.memberIdOf(groupInstanceId);
    if (owner === undefined) return KafkaError.UNKNOWN_MEMBER_ID;
    removeMember(out, group, owner);
    return KafkaError.NONE;
  }
  if (!group.pendingJoin.has(memberId)) {
    const error = group.validateMember(memberId, groupInstanceId);
    if (error !== KafkaError.NONE) return error;
  }
  removeMember(out, group, memberId);
  return KafkaError.NONE;
}
