/**
 * The door for requests of the classic protocol to a consumer group: what is checked before, and how a refusal is answered.
 * JoinGroup v0-9, SyncGroup v0-5, Heartbeat v0-4, LeaveGroup v0-5.
 */
import { KafkaError } from '../../../base/kafka-error.js';
import type { JoinGroupRequest } from '../../../protocol/11-join-group.js';
import type { HeartbeatRequest, HeartbeatResponse } from '../../../protocol/12-heartbeat.js';
import type { LeaveGroupRequest } from '../../../protocol/13-leave-group.js';
import type { SyncGroupRequest } from '../../../protocol/14-sync-group.js';
import type { Outcome } from '../../framework/contract.js';
import { OutcomeBuilder } from '../../framework/outcome.js';
import { answerJoin, answerSync } from '../classic/answers.js';
import { leaveResponse } from '../classic/leave.js';
import type { GroupCall } from '../group-call.js';
import type { GroupRecord } from '../records/group-record.js';
import { joinAsClassic } from './classic-join.js';
import { heartbeatAsClassic, leaveAsClassic, syncAsClassic } from './classic-members.js';
import type { ConsumerContext } from './consumer-context.js';
import type { ConsumerGroup } from './consumer-group.js';
import { orRefuse } from './rejection.js';

type Result = Outcome<GroupRecord>;

/** SyncGroup v5 must name type and protocol. */
const SYNC_PROTOCOL_VERSION = 5;
/** LeaveGroup v3 has a list of members. */
const LEAVE_MANY_VERSION = 3;

export function joinConsumerGroup(
  context: ConsumerContext,
  group: ConsumerGroup,
  call: GroupCall,
  request: JoinGroupRequest,
  nowMs: number,
): Result {
  const refuse = (errorCode: number, memberId: string) => {
    const out = new OutcomeBuilder<GroupRecord>();
    answerJoin(out, call, { memberId, errorCode });
    return out;
  };
  const { groupMinSessionTimeoutMs, groupMaxSessionTimeoutMs } = context.settings;
  const { sessionTimeoutMs } = request;
  if (sessionTimeoutMs < groupMinSessionTimeoutMs || sessionTimeoutMs > groupMaxSessionTimeoutMs) {
    return refuse(KafkaError.INVALID_SESSION_TIMEOUT, request.memberId);
  }
  return orRefuse<Result>(
    () => {
      const out = new OutcomeBuilder<GroupRecord>();
      joinAsClassic(context, group, call, request, nowMs, out);
      return out;
    },
    ({ code }) => refuse(code, ''),
  );
}

export function syncConsumerGroup(
  context: ConsumerContext,
  group: ConsumerGroup,
  call: GroupCall,
  request: SyncGroupRequest,
  nowMs: number,
): Result {
  const out = new OutcomeBuilder<GroupRecord>();
  const { protocolType, protocolName } = request;
  if (call.version >= SYNC_PROTOCOL_VERSION && (protocolType === null || protocolName === null)) {
    answerSync(out, call, { errorCode: KafkaError.INCONSISTENT_GROUP_PROTOCOL });
    return out;
  }
  orRefuse<void>(
    () => {
      const assignment = syncAsClassic(context, group, request, nowMs, out);
      answerSync(out, call, { protocolType, protocolName, assignment });
    },
    ({ code }) => answerSync(out, call, { errorCode: code }),
  );
  return out;
}

export function heartbeatToConsumerGroup(
  context: ConsumerContext,
  group: ConsumerGroup,
  call: GroupCall,
  request: HeartbeatRequest,
  nowMs: number,
): Result {
  const out = new OutcomeBuilder<GroupRecord>();
  const respond = (errorCode: number): HeartbeatResponse => ({ throttleTimeMs: 0, errorCode });
  const errorCode = orRefuse<number>(
    () => heartbeatAsClassic(context, group, request, nowMs, out),
    ({ code }) => code,
  );
  return out.answer(call.token, respond(errorCode), respond);
}

export function leaveConsumerGroup(
  context: ConsumerContext,
  group: ConsumerGroup,
  call: GroupCall,
  request: LeaveGroupRequest,
  nowMs: number,
): Result {
  const out = new OutcomeBuilder<GroupRecord>();
  const leaving =
    call.version < LEAVE_MANY_VERSION
      ? [{ memberId: request.memberId, groupInstanceId: null }]
      : request.members;
  const members = leaveAsClassic(context, group, leaving, nowMs, out);
  return out.answer(call.token, leaveResponse(call.version, KafkaError.NONE, members), (errorCode) =>
    leaveResponse(call.version, errorCode, []),
  );
}
