/**
 * ConsumerGroupHeartbeat (KIP-848): a member joins, stays, changes its subscription or reports what it owns. The request
 * changes the member, the member the group's epoch, the epoch the target; then the member takes one step towards it.
 */
import { KafkaError } from '../../../base/kafka-error.js';
import type { ConsumerGroupHeartbeatRequest } from '../../../protocol/68-consumer-group-heartbeat.js';
import type { Outcome } from '../../framework/contract.js';
import { answerOnly, OutcomeBuilder } from '../../framework/outcome.js';
import type { Group } from '../group.js';
import type { GroupCall } from '../group-call.js';
import type { GroupRecord } from '../records/group-record.js';
import { assignorsOf, type ConsumerContext, type Decision, newMemberId } from './consumer-context.js';
import { ConsumerGroup } from './consumer-group.js';
import { presentEpoch, recordMember, updateEpoch } from './group-epoch.js';
import { checkHeartbeat, heartbeatAnswer, heartbeatFailure } from './heartbeat-request.js';
import { checkSize, subscribe } from './joining.js';
import { leave } from './leave.js';
import { type ConsumerGroupMember, JOIN_EPOCH, LEAVE_EPOCH, LEAVE_STATIC_EPOCH, toNames } from './member.js';
import { sameOwned, toTopicPartitions } from './owned-partitions.js';
import { maybeReconcile } from './reconcile-member.js';
import { updateRegex } from './regex-subscription.js';
import { orRefuse, Rejection } from './rejection.js';
import { updateTarget } from './target.js';
import { sessionTimerKey } from './timers.js';
import { releaseWaiting, upgradeOrNull } from './upgrade.js';

export function consumerGroupHeartbeat(
  context: ConsumerContext,
  call: GroupCall,
  request: ConsumerGroupHeartbeatRequest,
  nowMs: number,
): Outcome<GroupRecord> {
  return orRefuse<Outcome<GroupRecord>>(
    () => {
      checkHeartbeat(
        request,
        call.version,
        assignorsOf(context).map(({ name }) => name),
      );
      const { memberEpoch } = request;
      return memberEpoch === LEAVE_EPOCH || memberEpoch === LEAVE_STATIC_EPOCH
        ? leave(context, call, request, nowMs)
        : beat(context, call, request, nowMs);
    },
    ({ code, message }) => answerOnly(call.token, heartbeatFailure(code, message), heartbeatFailure),
  );
}

function beat(
  context: ConsumerContext,
  call: GroupCall,
  request: ConsumerGroupHeartbeatRequest,
  nowMs: number,
): Outcome<GroupRecord> {
  const out = new OutcomeBuilder<GroupRecord>();
  const { memberEpoch, instanceId, topicPartitions: owned } = request;
  const mayCreate = memberEpoch === JOIN_EPOCH;
  const known = context.groups.get(request.groupId);
  const group = groupFor(context, request.groupId, known, mayCreate, nowMs, out);
  const { groupId } = group;
  checkSize(context, group, request.memberId);
  const memberId = request.memberId === '' ? newMemberId(context) : request.memberId;
  const before = subscribe(
    group,
    { memberId, memberEpoch, instanceId, owned, mayCreate, protocol: 'consumer' },
    out,
  );
  const after = changed(before, request, call);
  const namesChanged = recordMember(group, { before, after }, out);
  const regex = updateRegex(context, group, { before, after }, nowMs, out);
  const bump = namesChanged || regex.change === 'updated and resolved';
  const epoch =
    bump || group.isMetadataStale
      ? updateEpoch(context, group, after, bump ? 'always' : 'when topics changed', out)
      : presentEpoch(group);
  const target = updateTarget(context, group, epoch, after, nowMs, out);
  const hasSubscriptionChanged = namesChanged || regex.change !== 'unchanged';
  const member = maybeReconcile(context, group, after, target, hasSubscriptionChanged, owned, nowMs, out);
  releaseWaiting(known, out);
  if (regex.toResolve !== null) context.regexes.begin(context, groupId, regex.toResolve, nowMs, out);
  out.setTimer(
    sessionTimerKey(groupId, memberId),
    nowMs + context.settings.consumerGroupSessionTimeoutMs(groupId),
  );
  const tellAssignment =
    mayCreate || isFull(request) || !sameOwned(before.assignedPartitions, member.assignedPartitions);
  const response = heartbeatAnswer({
    memberId,
    memberEpoch: member.memberEpoch,
    heartbeatIntervalMs: context.settings.consumerGroupHeartbeatIntervalMs(groupId),
    assignment: tellAssignment ? { topicPartitions: toTopicPartitions(member.assignedPartitions) } : null,
  });
  return out.answer(call.token, response, heartbeatFailure);
}

/** A join makes the group; it may take over a classic one. */
function groupFor(
  context: ConsumerContext,
  groupId: string,
  known: Group | undefined,
  mayCreate: boolean,
  nowMs: number,
  out: Decision,
): ConsumerGroup {
  if (known instanceof ConsumerGroup) return known;
  if (known === undefined) {
    if (mayCreate) return new ConsumerGroup(groupId);
    throw new Rejection(KafkaError.GROUP_ID_NOT_FOUND, `Consumer group ${groupId} not found.`);
  }
  const upgraded = mayCreate ? upgradeOrNull(context, known, nowMs, out) : null;
  if (upgraded !== null) return upgraded;
  throw new Rejection(KafkaError.GROUP_ID_NOT_FOUND, `Group ${groupId} is not a consumer group.`);
}

/** What is absent stays as it was. */
function changed(
  member: ConsumerGroupMember,
  request: ConsumerGroupHeartbeatRequest,
  call: GroupCall,
): ConsumerGroupMember {
  const { subscribedTopicNames: names, rebalanceTimeoutMs } = request;
  return {
    ...member,
    instanceId: request.instanceId ?? member.instanceId,
    rackId: request.rackId ?? member.rackId,
    rebalanceTimeoutMs: rebalanceTimeoutMs === -1 ? member.rebalanceTimeoutMs : rebalanceTimeoutMs,
    serverAssignorName: request.serverAssignor ?? member.serverAssignorName,
    subscribedTopicNames: names === null ? member.subscribedTopicNames : toNames(names),
    subscribedTopicRegex: request.subscribedTopicRegex ?? member.subscribedTopicRegex,
    clientId: call.clientId,
    clientHost: call.clientHost,
    classic: null,
  };
}

/** Every field is given: the member wants to hear its assignment even if it is the one it has. */
function isFull(request: ConsumerGroupHeartbeatRequest): boolean {
  const hasSubscription = request.subscribedTopicNames !== null || request.subscribedTopicRegex !== null;
  return request.rebalanceTimeoutMs !== -1 && hasSubscription && request.topicPartitions !== null;
}
