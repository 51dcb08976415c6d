/**
 * ShareGroupHeartbeat (KIP-932): a member joins, stays or changes its topics. The request changes the member, the member the
 * group's epoch, the epoch the target, the target what the member has. Topics whose state is not kept yet are begun: the
 * runtime asks the share coordinator after the answer, and only then are their partitions assigned.
 */
import { KafkaError } from '../../../base/kafka-error.js';
import type {
  ShareGroupHeartbeatRequest,
  ShareGroupHeartbeatResponse,
} from '../../../protocol/76-share-group-heartbeat.js';
import type { Assignment } from '../../assignor/assignor.js';
import type { Outcome } from '../../framework/contract.js';
import { answerOnly, OutcomeBuilder } from '../../framework/outcome.js';
import { topicIdsOf } from '../consumer/consumer-context.js';
import { toNames } from '../consumer/member.js';
import { sameAssignment, toTopicPartitions } from '../consumer/owned-partitions.js';
import { orRefuse, Rejection } from '../consumer/rejection.js';
import type { GroupCall } from '../group-call.js';
import type { GroupRecord } from '../records/group-record.js';
import { updateEpoch } from './group-epoch.js';
import { checkShareHeartbeat, checkSize, memberFor } from './joining.js';
import { fence } from './leave.js';
import { currentAssignmentRecord, memberRecord } from './records.js';
import {
  type Decision,
  type ShareContext,
  type StateToBegin,
  shareGroupNamed,
  shareGroupOrNew,
} from './share-context.js';
import type { ShareGroup } from './share-group.js';
import { JOIN_EPOCH, LEAVE_EPOCH, type ShareGroupMember, sameDescription } from './share-member.js';
import { beginState } from './state-initialization.js';
import { type MemberTarget, updateTarget } from './target.js';
import { shareSessionKey } from './timers.js';

/** The answer of the shard: Kafka's response, and what the share coordinator is to begin afterwards. */
export interface ShareHeartbeatAnswer {
  readonly response: ShareGroupHeartbeatResponse;
  readonly begin: readonly StateToBegin[];
}

export function shareHeartbeatFailure(
  errorCode: number,
  errorMessage: string | null = null,
): ShareHeartbeatAnswer {
  return { response: { ...NO_ERROR, errorCode, errorMessage }, begin: [] };
}

const NO_ERROR: ShareGroupHeartbeatResponse = {
  throttleTimeMs: 0,
  errorCode: KafkaError.NONE,
  errorMessage: null,
  memberId: null,
  memberEpoch: 0,
  heartbeatIntervalMs: 0,
  assignment: null,
};

export function shareGroupHeartbeat(
  context: ShareContext,
  call: GroupCall,
  request: ShareGroupHeartbeatRequest,
  nowMs: number,
): Outcome<GroupRecord> {
  return orRefuse<Outcome<GroupRecord>>(
    () => {
      checkShareHeartbeat(request);
      return request.memberEpoch === LEAVE_EPOCH
        ? leave(context, call, request)
        : beat(context, call, request, nowMs);
    },
    ({ code, message }) =>
      answerOnly(call.token, shareHeartbeatFailure(code, message), shareHeartbeatFailure),
  );
}

function leave(
  context: ShareContext,
  call: GroupCall,
  { groupId, memberId, memberEpoch }: ShareGroupHeartbeatRequest,
): Outcome<GroupRecord> {
  const out = new OutcomeBuilder<GroupRecord>();
  const group = shareGroupNamed(context, groupId);
  fence(context, group, memberFor(group, memberId, false), out);
  const answer = { response: { ...NO_ERROR, memberId, memberEpoch }, begin: [] };
  return out.answer<ShareHeartbeatAnswer>(call.token, answer, shareHeartbeatFailure);
}

function beat(
  context: ShareContext,
  call: GroupCall,
  request: ShareGroupHeartbeatRequest,
  nowMs: number,
): Outcome<GroupRecord> {
  const out = new OutcomeBuilder<GroupRecord>();
  const { groupId, memberId, memberEpoch } = request;
  const mayCreate = memberEpoch === JOIN_EPOCH;
  const group = groupFor(context, groupId, mayCreate);
  checkSize(context, group, memberId);
  const before = memberFor(group, memberId, mayCreate, memberEpoch);
  const after = changed(before, request, call);
  const epoch = updateEpoch(
    context,
    group,
    { before, after, namesChanged: record(group, before, after, out) },
    out,
  );
  const target = updateTarget(context, group, epoch, after, nowMs, out);
  const member = reconcile(context, group, after, target, epoch.isBumped, out);
  out.setTimer(
    shareSessionKey(groupId, memberId),
    nowMs + context.settings.shareGroupSessionTimeoutMs(groupId),
  );
  const tellAssignment =
    mayCreate ||
    request.subscribedTopicNames !== null ||
    !sameAssignment(before.assignedPartitions, member.assignedPartitions);
  const response = {
    ...NO_ERROR,
    memberId,
    memberEpoch: member.memberEpoch,
    heartbeatIntervalMs: context.settings.shareGroupHeartbeatIntervalMs(groupId),
    assignment: tellAssignment ? { topicPartitions: toTopicPartitions(member.assignedPartitions) } : null,
  };
  const begin = beginState(context, group, epoch.groupEpoch, epoch.topics.keys(), nowMs, out);
  return out.answer<ShareHeartbeatAnswer>(call.token, { response, begin }, shareHeartbeatFailure);
}

function groupFor(context: ShareContext, groupId: string, mayCreate: boolean): ShareGroup {
  if (!mayCreate && context.groups.get(groupId) === undefined)
    throw new Rejection(KafkaError.GROUP_ID_NOT_FOUND, `Share group ${groupId} not found.`);
  return shareGroupOrNew(context, groupId);
}

/** What is absent stays as it was. */
function changed(
  member: ShareGroupMember,
  { rackId, subscribedTopicNames: names }: ShareGroupHeartbeatRequest,
  { clientId, clientHost }: GroupCall,
): ShareGroupMember {
  return {
    ...member,
    rackId: rackId ?? member.rackId,
    clientId,
    clientHost,
    subscribedTopicNames: names === null ? member.subscribedTopicNames : toNames(names),
  };
}

/** Writes the member down when it changed; whether its topics did. */
function record(
  group: ShareGroup,
  before: ShareGroupMember,
  after: ShareGroupMember,
  out: Decision,
): boolean {
  if (sameDescription(before, after)) return false;
  out.record(memberRecord(group.groupId, after));
  return before.subscribedTopicNames.join('\n') !== after.subscribedTopicNames.join('\n');
}

/** The member takes its target over at once: what others have does not matter, partitions are shared. */
function reconcile(
  context: ShareContext,
  group: ShareGroup,
  member: ShareGroupMember,
  { epoch, target }: MemberTarget,
  isBumped: boolean,
  out: Decision,
): ShareGroupMember {
  if (member.memberEpoch === epoch && !isBumped) return member;
  const subscribed = topicIdsOf(context, member.subscribedTopicNames);
  const assignedPartitions: Assignment = new Map([...target].filter(([topicId]) => subscribed.has(topicId)));
  const isNewEpoch = member.memberEpoch !== epoch;
  if (!isNewEpoch && sameAssignment(member.assignedPartitions, assignedPartitions)) return member;
  const reconciled = isNewEpoch
    ? { ...member, assignedPartitions, memberEpoch: epoch, previousMemberEpoch: member.memberEpoch }
    : { ...member, assignedPartitions };
  out.record(currentAssignmentRecord(group.groupId, reconciled));
  return reconciled;
}
