/**
 * SyncGroup (key 14), v0-5: the leader brings the assignment, everybody fetches its part. v3 static members (KIP-345). v5
 * protocol type and name are checked (KIP-559).
 */
import { KafkaError } from '../../../base/kafka-error.js';
import type { SyncGroupRequest } from '../../../protocol/14-sync-group.js';
import type { OutcomeBuilder } from '../../framework/outcome.js';
import type { GroupCall } from '../group-call.js';
import type { GroupContext } from '../group-context.js';
import type { GroupRecord } from '../records/group-record.js';
import { answerSync, completeSync } from './answers.js';
import { ClassicGroup } from './classic-group.js';
import { NO_ASSIGNMENT } from './classic-member.js';
import { groupMetadataRecord } from './metadata-record.js';
import { restartSession } from './session.js';
import { syncTimerKey } from './timers.js';

type Out = OutcomeBuilder<GroupRecord>;

/** First version that must name type and protocol. */
const PROTOCOL_VERSION = 5;

export function syncClassicGroup(
  context: GroupContext,
  out: Out,
  call: GroupCall,
  request: SyncGroupRequest,
  nowMs: number,
): Out {
  const group = context.groups.get(request.groupId);
  const error = validate(call, request, group);
  if (error !== KafkaError.NONE || !(group instanceof ClassicGroup)) {
    answerSync(out, call, { errorCode: error === KafkaError.NONE ? KafkaError.UNKNOWN_MEMBER_ID : error });
    return out;
  }
  const member = group.member(request.memberId);
  switch (group.state) {
    case 'Empty':
      answerSync(out, call, { errorCode: KafkaError.UNKNOWN_MEMBER_ID });
      break;
    case 'PreparingRebalance':
      answerSync(out, call, { errorCode: KafkaError.REBALANCE_IN_PROGRESS });
      break;
    case 'CompletingRebalance':
      completeSync(out, member, { errorCode: KafkaError.REBALANCE_IN_PROGRESS });
      member.awaitingSync = { token: call.token, version: call.version };
      synced(out, group, member.memberId);
      if (member.memberId === group.leaderId) assign(out, group, request, nowMs);
      break;
    case 'Stable':
      synced(out, group, member.memberId);
      answerSync(out, call, {
        protocolType: group.protocolType,
        protocolName: group.protocolName,
        assignment: member.assignment,
      });
      break;
  }
  return out;
}

function validate(call: GroupCall, request: SyncGroupRequest, group: unknown): number {
  const { protocolType, protocolName } = request;
  if (call.version >= PROTOCOL_VERSION && (protocolType === null || protocolName === null))
    return KafkaError.INCONSISTENT_GROUP_PROTOCOL;
  if (request.groupId === '') return KafkaError.INVALID_GROUP_ID;
  if (!(group instanceof ClassicGroup) || group.isEmpty) return KafkaError.UNKNOWN_MEMBER_ID;
  const error = group.validateMember(request.memberId, request.groupInstanceId);
  if (error !== KafkaError.NONE) return error;
  if (request.generationId !== group.generation) return KafkaError.ILLEGAL_GENERATION;
  if (differs(protocolType, group.protocolType) || differs(protocolName, group.protocolName))
    return KafkaError.INCONSISTENT_GROUP_PROTOCOL;
  return KafkaError.NONE;
}

function differs(named: string | null, present: string | null): boolean {
  return named !== null && present !== null && named !== present;
}

/** The member has shown up in this generation. */
function synced(out: Out, group: ClassicGroup, memberId: string): void {
  group.pendingSync.delete(memberId);
  if (group.pendingSync.size === 0) out.cancelTimer(syncTimerKey(group.groupId));
}

/** The leader's assignment: it is written, and answered to all who wait. Members it forgot get nothing. */
function assign(out: Out, group: ClassicGroup, request: SyncGroupRequest, nowMs: number): void {
  const assignments = new Map(request.assignments.map(({ memberId, assignment }) => [memberId, assignment]));
  // The record tells when the group was still completing, as Kafka's does: it is made before the transition.
  out.record(groupMetadataRecord(group, assignments));
  for (const member of group.members.values()) {
    const isAnswered = completeSync(out, member, {
      protocolType: group.protocolType,
      protocolName: group.protocolName,
      assignment: assignments.get(member.memberId) ?? NO_ASSIGNMENT,
    });
    if (isAnswered) restartSession(out, group, member, nowMs);
  }
  group.transitionTo('Stable', nowMs);
}
