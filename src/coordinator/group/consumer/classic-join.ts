/**
 * JoinGroup of a member that speaks the classic protocol, to a group of the new one (classicGroupJoinToConsumerGroup). It is
 * answered at once: the generation is the member's epoch, there is no leader, the assignment comes with SyncGroup.
 */
import { KafkaError } from '../../../base/kafka-error.js';
import type { JoinGroupRequest } from '../../../protocol/11-join-group.js';
import type { ConsumerProtocolSubscription } from '../../../protocol/group-records/consumer-protocol.js';
import { answerJoin } from '../classic/answers.js';
import { CONSUMER_PROTOCOL_TYPE } from '../classic/classic-group.js';
import { copyProtocols } from '../classic/classic-member.js';
import type { GroupCall } from '../group-call.js';
import { type ConsumerContext, type Decision, newMemberId } from './consumer-context.js';
import type { ConsumerGroup } from './consumer-group.js';
import { ownedByTopicId, parseSubscription } from './consumer-protocol.js';
import { downgradeWithJoining, mayDowngradeWithout } from './downgrade.js';
import { presentEpoch, recordMember, updateEpoch } from './group-epoch.js';
import { checkSize, subscribe } from './joining.js';
import { type ConsumerGroupMember, toNames } from './member.js';
import { maybeReconcile } from './reconcile-member.js';
import { updateRegex } from './regex-subscription.js';
import { Rejection } from './rejection.js';
import { updateTarget } from './target.js';
import { joinTimerKey, sessionTimerKey, syncTimerKey } from './timers.js';

/** First version whose clients must come back with the id they are given (KIP-394). */
const KNOWN_MEMBER_ID_VERSION = 4;

/** Throws Rejection. */
export function joinAsClassic(
  context: ConsumerContext,
  group: ConsumerGroup,
  call: GroupCall,
  request: JoinGroupRequest,
  nowMs: number,
  out: Decision,
): void {
  const { groupInstanceId: instanceId, sessionTimeoutMs } = request;
  checkPolicy(context, group);
  const isUnknown = request.memberId === '';
  const memberId = isUnknown ? newMemberId(context) : request.memberId;
  checkSize(context, group, memberId);
  checkProtocols(group, memberId, request);
  if (isUnknown && instanceId === null && call.version >= KNOWN_MEMBER_ID_VERSION) {
    answerJoin(out, call, { memberId, errorCode: KafkaError.MEMBER_ID_REQUIRED });
    return;
  }
  const subscription = subscriptionOf(request);
  const replaced = group.staticMember(instanceId);
  const mayCreate = instanceId === null || isUnknown;
  const joining = {
    memberId,
    memberEpoch: -1,
    instanceId,
    owned: [],
    mayCreate,
    protocol: 'classic',
  } as const;
  const before = subscribe(group, joining, out);
  const after = changed(before, request, subscription, call);
  const namesChanged = recordMember(group, { before, after }, out);
  const regex = updateRegex(context, group, { before, after }, nowMs, out);
  const bump = namesChanged || regex.change !== 'unchanged';
  const epoch =
    bump || group.isMetadataStale
      ? updateEpoch(context, group, after, bump ? 'always' : 'when topics changed', out)
      : presentEpoch(group);
  const owned = ownedByTopicId(subscription.ownedPartitions, context.topics());
  const reconciled = (target: Parameters<typeof maybeReconcile>[3]) =>
    maybeReconcile(context, group, after, target, bump, owned, nowMs, out);
  let member: ConsumerGroupMember;
  if (replaced !== undefined && mayDowngradeWithout(context, group, replaced)) {
    const rebalance = group.assignmentEpoch < epoch.groupEpoch;
    const target = { epoch: group.assignmentEpoch, target: group.targetOf(memberId, instanceId) };
    member = rebalance ? after : reconciled(target);
    downgradeWithJoining(context, group, member, replaced, rebalance, nowMs, out);
  } else {
    member = reconciled(updateTarget(context, group, epoch, after, nowMs, out));
    const rebalanceTimeoutMs =
      request.rebalanceTimeoutMs === -1 ? sessionTimeoutMs : request.rebalanceTimeoutMs;
    out.setTimer(sessionTimerKey(group.groupId, memberId), nowMs + sessionTimeoutMs);
    out.setTimer(syncTimerKey(group.groupId, memberId), nowMs + rebalanceTimeoutMs);
  }
  if (regex.toResolve !== null) context.regexes.begin(context, group.groupId, regex.toResolve, nowMs, out);
  out.cancelTimer(joinTimerKey(group.groupId, memberId));
  context.joinTimers.delete(joinTimerKey(group.groupId, memberId));
  answerJoin(out, call, {
    memberId,
    generationId: member.memberEpoch,
    protocolType: CONSUMER_PROTOCOL_TYPE,
    protocolName: member.classic?.supportedProtocols[0]?.name ?? null,
  });
}

function checkPolicy({ settings }: ConsumerContext, { groupId }: ConsumerGroup): void {
  if (settings.consumerGroupMigrationPolicy !== 'disabled') return;
  throw new Rejection(
    KafkaError.INCONSISTENT_GROUP_PROTOCOL,
    `Cannot join the consumer group ${groupId} with the classic protocol because the group migration is disabled.`,
  );
}

/** All classic members of the group must have a protocol in common. */
function checkProtocols(group: ConsumerGroup, memberId: string, request: JoinGroupRequest): void {
  const { protocolType, protocols } = request;
  const classics = [...group.members.values()].flatMap(({ classic }) => classic ?? []);
  const isCommon = (name: string) =>
    classics.every(({ supportedProtocols }) => supportedProtocols.some((each) => each.name === name));
  if (protocolType === CONSUMER_PROTOCOL_TYPE && protocols.some(({ name }) => isCommon(name))) return;
  throw new Rejection(
    KafkaError.INCONSISTENT_GROUP_PROTOCOL,
    `Member ${memberId}'s protocols are not supported.`,
  );
}

function subscriptionOf({ protocols }: JoinGroupRequest): ConsumerProtocolSubscription {
  const subscription = parseSubscription(protocols[0].metadata);
  if (subscription !== null) return subscription;
  throw new Rejection(
    KafkaError.UNKNOWN_SERVER_ERROR,
    'Malformed embedded consumer protocol in subscription deserialization.',
  );
}

function changed(
  member: ConsumerGroupMember,
  request: JoinGroupRequest,
  subscription: ConsumerProtocolSubscription,
  call: GroupCall,
): ConsumerGroupMember {
  const { rebalanceTimeoutMs, sessionTimeoutMs } = request;
  return {
    ...member,
    instanceId: request.groupInstanceId ?? member.instanceId,
    rackId: subscription.rackId || member.rackId,
    rebalanceTimeoutMs: rebalanceTimeoutMs === -1 ? member.rebalanceTimeoutMs : rebalanceTimeoutMs,
    subscribedTopicNames: toNames(subscription.topics),
    subscribedTopicRegex: '',
    clientId: call.clientId,
    clientHost: call.clientHost,
    classic: { sessionTimeoutMs, supportedProtocols: copyProtocols(request.protocols) },
  };
}
