/** Consumer groups (KIP-848) of one member each, and what classic requests are told about them. */
import {
  ApiKey,
  consumerGroupDescribeRequest,
  consumerGroupHeartbeatRequest,
  deleteGroupsRequest,
  describeGroupsRequest,
  heartbeatRequest,
  joinGroupRequest,
  listGroupsRequest,
  offsetCommitRequest,
  offsetDeleteRequest,
  offsetFetchRequest,
} from '../../../../src/protocol/index.js';
import { type Step, stepsOf, type World } from '../step.js';

const beat = stepsOf(ApiKey.ConsumerGroupHeartbeat, consumerGroupHeartbeatRequest);
const describe = stepsOf(ApiKey.ConsumerGroupDescribe, consumerGroupDescribeRequest);
const describeClassic = stepsOf(ApiKey.DescribeGroups, describeGroupsRequest);
const list = stepsOf(ApiKey.ListGroups, listGroupsRequest);
const commit = stepsOf(ApiKey.OffsetCommit, offsetCommitRequest);
const fetch = stepsOf(ApiKey.OffsetFetch, offsetFetchRequest);
const heartbeat = stepsOf(ApiKey.Heartbeat, heartbeatRequest);
const join = stepsOf(ApiKey.JoinGroup, joinGroupRequest);
const remove = stepsOf(ApiKey.DeleteGroups, deleteGroupsRequest);
const forget = stepsOf(ApiKey.OffsetDelete, offsetDeleteRequest);

const TOPIC = 'grouped';
const GROUP = 'modern';
const MEMBER = 'bWVtYmVyLW51bWJlci0xMg';
/** Behind group.consumer.assignment.interval.ms: the next heartbeat may compute an assignment. */
const ASSIGNMENT_SETTLE_MS = 1200;

const first = (more: object = {}): object => ({
  groupId: GROUP,
  memberId: MEMBER,
  memberEpoch: 0,
  rebalanceTimeoutMs: 10_000,
  subscribedTopicNames: [TOPIC],
  topicPartitions: [],
  ...more,
});
const at = (memberEpoch: number, more: object = {}): object => ({
  groupId: GROUP,
  memberId: MEMBER,
  memberEpoch,
  ...more,
});

const refused: readonly Step[] = [
  beat(1, 'no member id', first({ memberId: '' })),
  beat(0, 'no member id later on', first({ memberId: '', memberEpoch: 3 })),
  beat(1, 'no group', first({ groupId: '' })),
  beat(1, 'empty instance', first({ instanceId: '' })),
  beat(1, 'empty rack', first({ rackId: '' })),
  beat(1, 'no rebalance timeout', first({ rebalanceTimeoutMs: -1 })),
  beat(1, 'owns when it joins', (world: World) =>
    first({ topicPartitions: [{ topicId: world.topicId(TOPIC), partitions: [0] }] }),
  ),
  beat(1, 'owns null when it joins', first({ topicPartitions: null })),
  beat(1, 'no subscription', first({ subscribedTopicNames: null })),
  beat(0, 'no subscription', first({ subscribedTopicNames: null })),
  beat(1, 'unknown assignor', first({ serverAssignor: 'sticky' })),
  beat(1, 'epoch -3', at(-3)),
  beat(1, 'epoch -2 without instance', at(-2)),
  beat(1, 'bad expression', first({ subscribedTopicNames: null, subscribedTopicRegex: '[' })),
  beat(1, 'an unknown member of a missing group', at(4)),
  beat(1, 'leaves a missing group', at(-1)),
];

const life: readonly Step[] = [
  beat(1, 'joins', first(), { settleMs: ASSIGNMENT_SETTLE_MS }),
  describe(1, 'joined', { groupIds: [GROUP] }),
  beat(1, 'stays', at(1)),
  beat(1, 'owns what it was given', (world: World) =>
    at(1, { topicPartitions: [{ topicId: world.topicId(TOPIC), partitions: [0, 1, 2] }] }),
  ),
  beat(1, 'asks for everything', (world: World) =>
    first({ memberEpoch: 1, topicPartitions: [{ topicId: world.topicId(TOPIC), partitions: [0, 1, 2] }] }),
  ),
  beat(1, 'epoch ahead', at(5)),
  beat(1, 'an unknown member', at(1, { memberId: 'nobody' })),
  describe(0, 'stable', { groupIds: [GROUP, 'missing', '', 'simple'] }),
  describe(1, 'authorized operations', { groupIds: [GROUP, 'missing'], includeAuthorizedOperations: true }),
  describe(1, 'none', { groupIds: [] }),
  describeClassic(5, 'a consumer group', { groups: [GROUP] }),
  describeClassic(6, 'a consumer group', { groups: [GROUP] }),
  list(5, 'consumer groups', { typesFilter: ['consumer'] }),
  list(5, 'assigning', { statesFilter: ['Assigning', 'Stable'] }),
  heartbeat(4, 'a member of a consumer group', { groupId: GROUP, generationId: 1, memberId: MEMBER }),
  join(9, 'a consumer group, bytes that are no subscription', {
    groupId: GROUP,
    sessionTimeoutMs: 30_000,
    rebalanceTimeoutMs: 30_000,
    memberId: '',
    protocolType: 'consumer',
    protocols: [{ name: 'range', metadata: new Uint8Array([0]) }],
  }),
  ...[8, 9].flatMap((version) =>
    [1, 0, 7, -1].map((epoch) =>
      commit(version, `epoch ${epoch}`, {
        groupId: GROUP,
        memberId: epoch === -1 ? '' : MEMBER,
        generationIdOrMemberEpoch: epoch,
        topics: [
          { name: TOPIC, partitions: [{ partitionIndex: 0, committedOffset: 5, committedMetadata: '' }] },
        ],
      }),
    ),
  ),
  ...[1, 0, 7].map((memberEpoch) =>
    fetch(9, `epoch ${memberEpoch}`, {
      groups: [{ groupId: GROUP, memberId: MEMBER, memberEpoch, topics: null }],
    }),
  ),
  fetch(9, 'an unknown member', {
    groups: [{ groupId: GROUP, memberId: 'nobody', memberEpoch: 1, topics: null }],
  }),
  fetch(8, 'nobody in particular', { groups: [{ groupId: GROUP, topics: null }] }),
  forget(0, 'subscribed', { groupId: GROUP, topics: [{ name: TOPIC, partitions: [{ partitionIndex: 0 }] }] }),
  remove(2, 'a consumer group with members', { groupsNames: [GROUP] }),
  beat(1, 'wants another topic', at(1, { subscribedTopicNames: ['nothing'] }), {
    settleMs: ASSIGNMENT_SETTLE_MS,
  }),
  beat(1, 'behind the change', at(1)),
  beat(1, 'gives up what it had', at(1, { topicPartitions: [] })),
  describe(1, 'without partitions', { groupIds: [GROUP] }),
  beat(1, 'leaves', at(-1)),
  beat(1, 'leaves again', at(-1)),
  describe(1, 'empty', { groupIds: [GROUP] }),
  commit(9, 'an empty group', {
    groupId: GROUP,
    topics: [{ name: TOPIC, partitions: [{ partitionIndex: 0, committedOffset: 9, committedMetadata: '' }] }],
  }),
  remove(2, 'an empty consumer group', { groupsNames: [GROUP] }),
];

const statics: readonly Step[] = [
  beat(1, 'static, joins', first({ groupId: 'modern-static', instanceId: 'one' }), {
    settleMs: ASSIGNMENT_SETTLE_MS,
  }),
  beat(
    1,
    'static, another with its instance',
    first({ groupId: 'modern-static', instanceId: 'one', memberId: 'other' }),
  ),
  beat(1, 'static, leaves for a while', at(-2, { groupId: 'modern-static', instanceId: 'one' })),
  describe(1, 'static, away', { groupIds: ['modern-static'] }),
  beat(
    1,
    'static, back as another',
    first({ groupId: 'modern-static', instanceId: 'one', memberId: 'other' }),
  ),
  beat(1, 'static, the former', at(1, { groupId: 'modern-static', instanceId: 'one' })),
  beat(1, 'static, leaves', at(-1, { groupId: 'modern-static', instanceId: 'one', memberId: 'other' })),
];

export const consumerGroups: readonly Step[] = [...refused, ...life, ...statics];
