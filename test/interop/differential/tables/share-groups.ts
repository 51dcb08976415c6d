/** Share groups (KIP-932): membership, offsets and the state behind them, and what other requests are told about them. */
import {
  ApiKey,
  alterShareGroupOffsetsRequest,
  consumerGroupDescribeRequest,
  consumerGroupHeartbeatRequest,
  createTopicsRequest,
  deleteGroupsRequest,
  deleteShareGroupOffsetsRequest,
  deleteShareGroupStateRequest,
  describeGroupsRequest,
  describeShareGroupOffsetsRequest,
  findCoordinatorRequest,
  initializeShareGroupStateRequest,
  joinGroupRequest,
  listGroupsRequest,
  offsetCommitRequest,
  offsetFetchRequest,
  readShareGroupStateRequest,
  readShareGroupStateSummaryRequest,
  shareGroupDescribeRequest,
  shareGroupHeartbeatRequest,
  writeShareGroupStateRequest,
} from '../../../../src/protocol/index.js';
import { type Step, stepsOf, type World } from '../step.js';

const beat = stepsOf(ApiKey.ShareGroupHeartbeat, shareGroupHeartbeatRequest);
const describe = stepsOf(ApiKey.ShareGroupDescribe, shareGroupDescribeRequest);
const begin = stepsOf(ApiKey.InitializeShareGroupState, initializeShareGroupStateRequest);
const read = stepsOf(ApiKey.ReadShareGroupState, readShareGroupStateRequest);
const write = stepsOf(ApiKey.WriteShareGroupState, writeShareGroupStateRequest);
const forget = stepsOf(ApiKey.DeleteShareGroupState, deleteShareGroupStateRequest);
const summary = stepsOf(ApiKey.ReadShareGroupStateSummary, readShareGroupStateSummaryRequest);
const offsets = stepsOf(ApiKey.DescribeShareGroupOffsets, describeShareGroupOffsetsRequest);
const alter = stepsOf(ApiKey.AlterShareGroupOffsets, alterShareGroupOffsetsRequest);
const removeOffsets = stepsOf(ApiKey.DeleteShareGroupOffsets, deleteShareGroupOffsetsRequest);
const find = stepsOf(ApiKey.FindCoordinator, findCoordinatorRequest);
const create = stepsOf(ApiKey.CreateTopics, createTopicsRequest);
const list = stepsOf(ApiKey.ListGroups, listGroupsRequest);
const remove = stepsOf(ApiKey.DeleteGroups, deleteGroupsRequest);
const describeClassic = stepsOf(ApiKey.DescribeGroups, describeGroupsRequest);
const describeConsumer = stepsOf(ApiKey.ConsumerGroupDescribe, consumerGroupDescribeRequest);
const consumerBeat = stepsOf(ApiKey.ConsumerGroupHeartbeat, consumerGroupHeartbeatRequest);
const join = stepsOf(ApiKey.JoinGroup, joinGroupRequest);
const commit = stepsOf(ApiKey.OffsetCommit, offsetCommitRequest);
const fetch = stepsOf(ApiKey.OffsetFetch, offsetFetchRequest);

const TOPIC = 'shared';
const GROUP = 'share-life';
const STATE = 'share-state';
const MEMBER = 'c2hhcmUtbWVtYmVyLW9uZQ';
/** For the first use of __share_group_state, and for state that is begun behind a heartbeat's answer. */
const TOPIC_SETTLE_MS = 3000;
const STATE_SETTLE_MS = 1500;

const keyOf = (world: World, groupId: string, partition = 0): string =>
  `${groupId}:${world.topicId(TOPIC)}:${partition}`;

const prepared: readonly Step[] = [
  create(7, 'a topic to share', {
    topics: [{ name: TOPIC, numPartitions: 3, replicationFactor: 1 }],
    timeoutMs: 10_000,
  }),
  find(6, 'of a share group', { keyType: 0, coordinatorKeys: [GROUP] }),
  find(
    6,
    'of a share partition, the first',
    (world) => ({ keyType: 2, coordinatorKeys: [keyOf(world, GROUP)] }),
    { settleMs: TOPIC_SETTLE_MS },
  ),
  find(6, 'of share partitions', (world) => ({
    keyType: 2,
    coordinatorKeys: [keyOf(world, GROUP), keyOf(world, 'a:b', 7), keyOf(world, STATE, -1)],
  })),
  ...['', 'no-colon', 'a:b', 'g:notauuid:0', ':AAAAAAAAAAAAAAAAAAAAAQ:0', 'g:AAAAAAAAAAAAAAAAAAAAAQ:x'].map(
    (key) => find(6, `bad share key "${key}"`, { keyType: 2, coordinatorKeys: [key] }),
  ),
  find(5, 'of a share partition, too early', (world) => ({
    keyType: 2,
    coordinatorKeys: [keyOf(world, GROUP)],
  })),
];

const partitions = (world: World, of: readonly object[], groupId = STATE): object => ({
  groupId,
  topics: [{ topicId: world.topicId(TOPIC), partitions: of }],
});
const batch = (firstOffset: number, lastOffset: number, deliveryState: number, deliveryCount: number) => ({
  firstOffset,
  lastOffset,
  deliveryState,
  deliveryCount,
});
const stateOf = (more: object = {}): object => ({
  partition: 0,
  stateEpoch: 2,
  leaderEpoch: 1,
  startOffset: 10,
  deliveryCompleteCount: 0,
  stateBatches: [],
  ...more,
});
const written = (what: string, more: object, version = 1): Step =>
  write(version, what, (world: World) => partitions(world, [stateOf(more)]));
const readAt = (what: string, leaderEpoch: number): Step =>
  read(0, what, (world) => partitions(world, [{ partition: 0, leaderEpoch }]));
const summaries = (what: string): Step[] =>
  [0, 1].map((version) =>
    summary(version, what, (world) =>
      partitions(world, [{ partition: 0, leaderEpoch: -1 }, { partition: 2 }]),
    ),
  );

const state: readonly Step[] = [
  readAt('nothing begun', 0),
  written('nothing begun', {}),
  ...summaries('nothing begun'),
  forget(0, 'nothing begun', (world) => partitions(world, [{ partition: 0 }])),
  begin(0, 'epoch 2', (world) => partitions(world, [{ partition: 0, stateEpoch: 2, startOffset: -1 }])),
  begin(0, 'an older epoch', (world) => partitions(world, [{ partition: 0, stateEpoch: 1, startOffset: 5 }])),
  begin(0, 'bad partitions', (world) =>
    partitions(world, [
      { partition: -1, stateEpoch: 1, startOffset: 5 },
      { partition: 3, stateEpoch: 1, startOffset: 5 },
    ]),
  ),
  begin(0, 'an unknown topic', {
    groupId: STATE,
    topics: [
      {
        topicId: 'AAAAAAAAAAAAAAAAAAAAAQ',
        partitions: [{ partition: 0, stateEpoch: 1, startOffset: 5 }],
      },
    ],
  }),
  begin(0, 'no group', (world) => partitions(world, [{ partition: 0, stateEpoch: 3, startOffset: 5 }], '')),
  begin(0, 'no topics', { groupId: STATE, topics: [] }),
  ...summaries('begun'),
  readAt('begun', 0),
  written('first', { stateBatches: [batch(10, 19, 0, 1), batch(20, 24, 2, 1)], deliveryCompleteCount: 5 }),
  readAt('after the first', 0),
  written('over it', { stateBatches: [batch(15, 21, 2, 2), batch(30, 34, 4, 5)], startOffset: -1 }),
  readAt('after the second', -1),
  written('start moves', { startOffset: 17, stateBatches: [batch(22, 22, 0, 1)], deliveryCompleteCount: 3 }),
  readAt('after the start moved', 1),
  written('the count stays out of version 0', { startOffset: 18, deliveryCompleteCount: -1 }, 0),
  ...summaries('written'),
  readAt('a newer leader', 4),
  readAt('an older leader', 2),
  written('an older leader', { leaderEpoch: 3 }),
  written('an older state', { leaderEpoch: 4, stateEpoch: 1 }),
  written('no epochs', { leaderEpoch: -1, stateEpoch: -1, startOffset: 30 }),
  ...summaries('by a newer leader'),
  written('no batches of an unknown partition', { partition: 9 }),
  write(1, 'no topics', { groupId: STATE, topics: [] }),
  read(0, 'bad partitions', (world) => partitions(world, [{ partition: -1 }, { partition: 9 }])),
  summary(1, 'bad partitions', (world) => partitions(world, [{ partition: -1 }, { partition: 9 }])),
  summary(1, 'no partitions', (world) => partitions(world, [])),
  forget(0, 'bad partitions', (world) => partitions(world, [{ partition: -1 }, { partition: 9 }])),
  begin(0, 'again, with a start', (world) =>
    partitions(world, [{ partition: 0, stateEpoch: 3, startOffset: 40 }]),
  ),
  ...summaries('begun again'),
  readAt('begun again', 4),
  forget(0, 'everything', (world) => partitions(world, [{ partition: 0 }, { partition: 1 }])),
  readAt('forgotten', 4),
];

const first = (more: object = {}): object => ({
  groupId: GROUP,
  memberId: MEMBER,
  memberEpoch: 0,
  subscribedTopicNames: [TOPIC],
  ...more,
});
const at = (memberEpoch: number, more: object = {}): object => ({
  groupId: GROUP,
  memberId: MEMBER,
  memberEpoch,
  ...more,
});
const toldOffsets = (what: string, groupId: string): Step[] => [
  ...[0, 1].map((version) => offsets(version, what, { groups: [{ groupId, topics: null }] })),
  offsets(1, `${what}, by topic`, {
    groups: [
      {
        groupId,
        topics: [
          { topicName: TOPIC, partitions: [0, 2] },
          { topicName: 'nothing', partitions: [0] },
        ],
      },
      { groupId, topics: [] },
    ],
  }),
];
const altered = (what: string, groupId: string, topics: object[], more: Partial<Step> = {}): Step =>
  alter(0, what, { groupId, topics }, more);

const refused: readonly Step[] = [
  beat(1, 'no member id', first({ memberId: '' })),
  beat(1, 'a long member id', first({ memberId: 'x'.repeat(37) })),
  beat(1, 'a blank member id', first({ memberId: ' ' })),
  beat(1, 'no group', first({ groupId: '' })),
  beat(1, 'empty rack', first({ rackId: '' })),
  beat(1, 'no subscription', first({ subscribedTopicNames: null })),
  beat(1, 'no topics', first({ subscribedTopicNames: [] })),
  beat(1, 'epoch -2', at(-2)),
  beat(1, 'an unknown member of a missing group', at(4)),
  beat(1, 'leaves a missing group', at(-1)),
  describe(1, 'missing', { groupIds: [GROUP, ''] }),
  ...toldOffsets('a missing group', 'share-missing'),
  removeOffsets(0, 'a missing group', { groupId: 'share-missing', topics: [{ topicName: TOPIC }] }),
  removeOffsets(0, 'no group', { groupId: '', topics: [{ topicName: TOPIC }] }),
  altered('no group', '', []),
];

const life: readonly Step[] = [
  beat(1, 'joins', first(), { settleMs: STATE_SETTLE_MS }),
  describe(1, 'joined', { groupIds: [GROUP] }),
  beat(1, 'is given its partitions', at(2), { settleMs: STATE_SETTLE_MS }),
  beat(1, 'stays', at(3)),
  beat(1, 'asks for everything', at(3, { subscribedTopicNames: [TOPIC] })),
  beat(1, 'the epoch before', at(2)),
  beat(1, 'epoch ahead', at(7)),
  beat(1, 'epoch behind', at(1)),
  beat(1, 'an unknown member', at(3, { memberId: 'nobody' })),
  beat(1, 'a rack', at(3, { rackId: 'r1' })),
  describe(1, 'stable', { groupIds: [GROUP, 'share-missing'], includeAuthorizedOperations: true }),
  describe(1, 'none', { groupIds: [] }),
  ...toldOffsets('with a member', GROUP),
  list(5, 'share groups', { typesFilter: ['share'] }),
  list(5, 'share groups by state', { typesFilter: ['Share'], statesFilter: ['stable'] }),
  list(5, 'share groups by another state', { typesFilter: ['share'], statesFilter: ['Empty'] }),
  describeClassic(5, 'a share group', { groups: [GROUP] }),
  describeClassic(6, 'a share group', { groups: [GROUP] }),
  describeConsumer(1, 'a share group', { groupIds: [GROUP] }),
  consumerBeat(1, 'joins a share group', {
    groupId: GROUP,
    memberId: 'consumer',
    memberEpoch: 0,
    rebalanceTimeoutMs: 10_000,
    subscribedTopicNames: [TOPIC],
    topicPartitions: [],
  }),
  join(9, 'a share group', {
    groupId: GROUP,
    sessionTimeoutMs: 30_000,
    rebalanceTimeoutMs: 30_000,
    memberId: '',
    protocolType: 'consumer',
    protocols: [{ name: 'range', metadata: new Uint8Array([0]) }],
  }),
  ...[8, 9].flatMap((version) =>
    [-1, 3].map((epoch) =>
      commit(version, `a share group, epoch ${epoch}`, {
        groupId: GROUP,
        memberId: epoch === -1 ? '' : MEMBER,
        generationIdOrMemberEpoch: epoch,
        topics: [
          { name: TOPIC, partitions: [{ partitionIndex: 0, committedOffset: 5, committedMetadata: '' }] },
        ],
      }),
    ),
  ),
  fetch(9, 'a share group', {
    groups: [{ groupId: GROUP, memberId: MEMBER, memberEpoch: 3, topics: null }],
  }),
  fetch(8, 'a share group', { groups: [{ groupId: GROUP, topics: null }] }),
  altered('a group with members', GROUP, [
    { topicName: TOPIC, partitions: [{ partitionIndex: 0, startOffset: 3 }] },
  ]),
  removeOffsets(0, 'a group with members', { groupId: GROUP, topics: [{ topicName: TOPIC }] }),
  remove(2, 'a share group with members', { groupsNames: [GROUP] }),
  beat(1, 'wants another topic', at(3, { subscribedTopicNames: ['nothing'] }), {
    settleMs: STATE_SETTLE_MS,
  }),
  beat(1, 'behind the change', at(4)),
  describe(1, 'without partitions', { groupIds: [GROUP] }),
  beat(1, 'leaves', at(-1)),
  beat(1, 'leaves again', at(-1)),
  describe(1, 'empty', { groupIds: [GROUP] }),
];

const emptied: readonly Step[] = [
  ...toldOffsets('empty', GROUP),
  altered('an empty group', GROUP, [
    {
      topicName: TOPIC,
      partitions: [
        { partitionIndex: 0, startOffset: 0 },
        { partitionIndex: 7, startOffset: 3 },
      ],
    },
    { topicName: 'nothing', partitions: [{ partitionIndex: 0, startOffset: 3 }] },
  ]),
  ...toldOffsets('altered', GROUP),
  altered('no topics', GROUP, []),
  altered('a group that is made by it', 'share-made', [
    { topicName: TOPIC, partitions: [{ partitionIndex: 1, startOffset: 0 }] },
  ]),
  ...toldOffsets('made', 'share-made'),
  describe(1, 'made', { groupIds: ['share-made'] }),
  removeOffsets(0, 'an empty group', {
    groupId: GROUP,
    topics: [{ topicName: TOPIC }, { topicName: 'nothing' }, { topicName: 'grouped' }],
  }),
  removeOffsets(0, 'twice', { groupId: GROUP, topics: [{ topicName: TOPIC }] }),
  removeOffsets(0, 'no topics', { groupId: GROUP, topics: [] }),
  ...toldOffsets('removed', GROUP),
  remove(2, 'empty share groups', { groupsNames: [GROUP, 'share-made', 'share-missing'] }),
  describe(1, 'removed', { groupIds: [GROUP, 'share-made'] }),
  ...toldOffsets('of a removed group', 'share-made'),
];

export const shareGroups: readonly Step[] = [...prepared, ...state, ...refused, ...life, ...emptied];
