/** Heartbeat (key 12), v0-4: keeps the session alive and tells of a rebalance. v3 static members (KIP-345). */
import { KafkaError } from '../../../base/kafka-error.js';
import type { HeartbeatRequest, HeartbeatResponse } from '../../../protocol/12-heartbeat.js';
import type { OutcomeBuilder } from '../../framework/outcome.js';
import type { GroupCall } from '../group-call.js';
import type { GroupContext } from '../group-context.js';
import type { GroupRecord } from '../records/group-record.js';
import { ClassicGroup } from './classic-group.js';
import { restartSession } from './session.js';

type Out = OutcomeBuilder<GroupRecord>;

export function heartbeatClassicGroup(
  context: GroupContext,
  out: Out,
  call: GroupCall,
  request: HeartbeatRequest,
  nowMs: number,
): Out {
  const respond = (errorCode: number): HeartbeatResponse => ({ throttleTimeMs: 0, errorCode });
  return out.answer(call.token, respond(beat(context, out, request, nowMs)), respond);
}

function beat(context: GroupContext, out: Out, request: HeartbeatRequest, nowMs: number): number {
  if (request.groupId === '') return KafkaError.INVALID_GROUP_ID;
  const group = context.groups.get(request.groupId);
  if (!(group instanceof ClassicGroup)) return KafkaError.UNKNOWN_MEMBER_ID;
  const error = group.validateMember(request.memberId, request.groupInstanceId);
  if (error !== KafkaError.NONE) return error;
  if (request.generationId !== group.generation) return KafkaError.ILLEGAL_GENERATION;
  if (group.isEmpty) return KafkaError.UNKNOWN_MEMBER_ID;
  restartSession(out, group, group.member(request.memberId), nowMs);
  return group.state === 'PreparingRebalance' ? KafkaError.REBALANCE_IN_PROGRESS : KafkaError.NONE;
}
