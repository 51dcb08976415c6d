/** Groups and their offsets. Each group has one member: what waits for others is tested elsewhere. */
import {
  ApiKey,
  createTopicsRequest,
  deleteGroupsRequest,
  describeGroupsRequest,
  findCoordinatorRequest,
  heartbeatRequest,
  joinGroupRequest,
  leaveGroupRequest,
  listGroupsRequest,
  offsetCommitRequest,
  offsetDeleteRequest,
  offsetFetchRequest,
  syncGroupRequest,
} from '../../../../src/protocol/index.js';
import { ZERO_UUID } from '../../../../src/wire/index.js';
import { type Answer, type Step, stepsOf, type World } from '../step.js';

const create = stepsOf(ApiKey.CreateTopics, createTopicsRequest);
const find = stepsOf(ApiKey.FindCoordinator, findCoordinatorRequest);
const commit = stepsOf(ApiKey.OffsetCommit, offsetCommitRequest);
const fetch = stepsOf(ApiKey.OffsetFetch, offsetFetchRequest);
const join = stepsOf(ApiKey.JoinGroup, joinGroupRequest);
const sync = stepsOf(ApiKey.SyncGroup, syncGroupRequest);
const heartbeat = stepsOf(ApiKey.Heartbeat, heartbeatRequest);
const leave = stepsOf(ApiKey.LeaveGroup, leaveGroupRequest);
const describe = stepsOf(ApiKey.DescribeGroups, describeGroupsRequest);
const list = stepsOf(ApiKey.ListGroups, listGroupsRequest);
const remove = stepsOf(ApiKey.DeleteGroups, deleteGroupsRequest);
const forget = stepsOf(ApiKey.OffsetDelete, offsetDeleteRequest);

const TOPIC = 'grouped';
const COORDINATOR_SETTLE_MS = 3000;
const range = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i);

/** The subscription that a consumer of TOPIC sends (ConsumerProtocolSubscription v0). */
const SUBSCRIPTION = Uint8Array.from([
  0,
  0,
  0,
  0,
  0,
  1,
  0,
  TOPIC.length,
  ...Buffer.from(TOPIC),
  255,
  255,
  255,
  255,
]);
const protocols = (...names: string[]): object[] => names.map((name) => ({ name, metadata: SUBSCRIPTION }));

const committed = (version: number, partitionIndex: number, committedOffset: number): object => ({
  partitionIndex,
  committedOffset,
  ...(version >= 6 ? { committedLeaderEpoch: 0 } : {}),
  committedMetadata: `at v${version}`,
});
const commitBody = (version: number, groupId: string, more: object = {}, partition = 0) => ({
  groupId,
  topics: [{ name: TOPIC, partitions: [committed(version, partition, 100 + version)] }],
  ...more,
});
const commitById = (groupId: string, topicId: (world: World) => string) => (world: World) => ({
  groupId,
  topics: [{ topicId: topicId(world), partitions: [committed(10, 1, 7)] }],
});

const coordinators: readonly Step[] = [
  create(5, 'a topic for groups', {
    topics: [{ name: TOPIC, numPartitions: 3, replicationFactor: 1, assignments: [], configs: [] }],
    timeoutMs: 10_000,
  }),
  find(0, 'before there is one', { key: 'simple' }, { settleMs: COORDINATOR_SETTLE_MS }),
  ...range(0, 3).map((version) => find(version, 'of a group', { key: 'simple' })),
  ...range(4, 6).map((version) =>
    find(version, 'of groups', { keyType: 0, coordinatorKeys: ['simple', '', 'x'] }),
  ),
];

const simple: readonly Step[] = [
  ...range(2, 9).map((version) => commit(version, 'of a simple group', commitBody(version, 'simple'))),
  commit(2, 'with a retention', commitBody(2, 'simple', { retentionTimeMs: 60_000 }, 2)),
  commit(
    10,
    'by id',
    commitById('simple', (world) => world.topicId(TOPIC)),
  ),
  commit(
    10,
    'by unknown id',
    commitById('simple', () => 'AAAAAAAAAAAAAAAAAAAAFQ'),
  ),
  commit(
    10,
    'by zero id',
    commitById('simple', () => ZERO_UUID),
  ),
  commit(8, 'unknown topic', {
    groupId: 'simple',
    topics: [{ name: 'nobody', partitions: [committed(8, 0, 1)] }],
  }),
  commit(8, 'known and unknown partitions', {
    groupId: 'simple',
    topics: [{ name: TOPIC, partitions: [committed(8, 0, 1), committed(8, 9, 1)] }],
  }),
  commit(8, 'no topics', { groupId: 'simple', topics: [] }),
  commit(8, 'no partitions', { groupId: 'simple', topics: [{ name: TOPIC, partitions: [] }] }),
  commit(8, 'metadata too large', {
    groupId: 'simple',
    topics: [
      {
        name: TOPIC,
        partitions: [{ ...committed(8, 0, 3), committedMetadata: 'x'.repeat(4097) }, committed(8, 1, 3)],
      },
    ],
  }),
  commit(8, 'null metadata', {
    groupId: 'simple',
    topics: [{ name: TOPIC, partitions: [{ ...committed(8, 0, 4), committedMetadata: null }] }],
  }),
  commit(8, 'negative offset', {
    groupId: 'simple',
    topics: [{ name: TOPIC, partitions: [committed(8, 2, -5)] }],
  }),
  commit(8, 'a group without a name', commitBody(8, '')),
  commit(8, 'generation of a missing group', commitBody(8, 'missing', { generationIdOrMemberEpoch: 3 })),
  commit(9, 'generation of a missing group', commitBody(9, 'missing', { generationIdOrMemberEpoch: 3 })),
  commit(8, 'a member of an empty group', commitBody(8, 'simple', { memberId: 'nobody' })),
  commit(8, 'an instance of an empty group', commitBody(8, 'simple', { groupInstanceId: 'nobody' })),
  commit(8, 'a generation of an empty group', commitBody(8, 'simple', { generationIdOrMemberEpoch: 1 })),
];

const asked = (...indexes: number[]): object => ({ name: TOPIC, partitionIndexes: indexes });
const fetches: readonly Step[] = [
  ...range(1, 7).map((version) =>
    fetch(version, 'of a group', { groupId: 'simple', topics: [asked(0, 1, 2)] }),
  ),
  ...range(1, 7).map((version) =>
    fetch(version, 'of a missing group', { groupId: 'missing-too', topics: [asked(0, 7)] }),
  ),
  ...range(2, 7).map((version) => fetch(version, 'everything', { groupId: 'simple', topics: null })),
  ...[8, 9].map((version) =>
    fetch(version, 'of groups', {
      groups: [
        { groupId: 'simple', topics: [asked(1, 0), { name: 'nobody', partitionIndexes: [0] }] },
        { groupId: 'missing-too', topics: [asked(0)] },
        { groupId: '', topics: null },
        { groupId: 'simple', topics: null },
      ],
    }),
  ),
  fetch(8, 'no groups', { groups: [] }),
  fetch(8, 'no topics', { groups: [{ groupId: 'simple', topics: [] }] }),
  fetch(8, 'stable', { groups: [{ groupId: 'simple', topics: null }], requireStable: true }),
  fetch(9, 'as a member of an empty group', {
    groups: [{ groupId: 'simple', memberId: 'nobody', memberEpoch: 1, topics: [asked(0)] }],
  }),
  fetch(10, 'by ids', (world) => ({
    groups: [
      {
        groupId: 'simple',
        topics: [
          { topicId: world.topicId(TOPIC), partitionIndexes: [0, 1] },
          { topicId: 'AAAAAAAAAAAAAAAAAAAAFQ', partitionIndexes: [0] },
        ],
      },
    ],
  })),
  fetch(10, 'everything by id', { groups: [{ groupId: 'simple', topics: null }] }),
];

const joinBody = (version: number, groupId: string, more: object = {}): object => ({
  groupId,
  sessionTimeoutMs: 30_000,
  ...(version >= 1 ? { rebalanceTimeoutMs: 30_000 } : {}),
  memberId: '',
  protocolType: 'consumer',
  protocols: protocols('range', 'roundrobin'),
  ...more,
});
const learnMember =
  (name: string) =>
  (answer: Answer, world: World): void => {
    world.members.set(name, String(answer.memberId));
  };

const refusedJoins: readonly Step[] = [
  ...[3, 6, 7, 9].map((version) => join(version, 'a group without a name', joinBody(version, ''))),
  join(3, 'a short session', joinBody(3, 'refused', { sessionTimeoutMs: 5 })),
  join(3, 'a long session', joinBody(3, 'refused', { sessionTimeoutMs: 3_000_000 })),
  join(3, 'an unknown member', joinBody(3, 'refused', { memberId: 'nobody' })),
  join(5, 'an unknown static member', joinBody(5, 'refused', { memberId: 'nobody', groupInstanceId: 'one' })),
  join(3, 'no protocols', joinBody(3, 'refused', { protocols: [] })),
  join(3, 'no protocol type', joinBody(3, 'refused', { protocolType: '' })),
  join(7, 'an unknown member', joinBody(7, 'refused', { memberId: 'nobody' })),
  sync(3, 'a missing group', { groupId: 'refused', generationId: 1, memberId: 'nobody' }),
  sync(5, 'a group without a name', { groupId: '', generationId: 1, memberId: 'nobody' }),
  ...range(0, 4).map((version) =>
    heartbeat(version, 'a missing group', { groupId: 'refused', generationId: 1, memberId: 'nobody' }),
  ),
  heartbeat(4, 'a group without a name', { groupId: '', generationId: 1, memberId: 'nobody' }),
  ...range(0, 2).map((version) =>
    leave(version, 'a missing group', { groupId: 'refused', memberId: 'nobody' }),
  ),
  ...range(3, 5).map((version) =>
    leave(version, 'a missing group', {
      groupId: 'refused',
      members: [{ memberId: 'nobody' }, { memberId: '', groupInstanceId: 'one' }],
    }),
  ),
  leave(5, 'a group without a name', { groupId: '', members: [] }),
];

/** One member from its first request to its last, in the versions that go together. */
function lifeOf(version: number): Step[] {
  const groupId = `life-${version}`;
  const name = groupId;
  const member = (world: World): string => world.member(name);
  const syncVersion = Math.min(version, 5);
  const beatVersion = Math.min(version, 4);
  const id = (world: World) => ({ groupId, memberId: member(world) });
  const typed = syncVersion >= 5 ? { protocolType: 'consumer', protocolName: 'range' } : {};
  const assign = (generationId: number) => (world: World) => ({
    ...id(world),
    generationId,
    assignments: [{ memberId: member(world), assignment: new Uint8Array([1, 2, 3]) }],
    ...typed,
  });
  const beat = (what: string, generationId: number) =>
    heartbeat(beatVersion, `${groupId}, ${what}`, (world: World) => ({ ...id(world), generationId }));
  const again = (what: string, more: object = {}) =>
    join(version, `${groupId}, ${what}`, (world: World) =>
      joinBody(version, groupId, { memberId: member(world), ...more }),
    );
  return [
    join(version, `${groupId}, first`, joinBody(version, groupId), { learn: learnMember(name) }),
    ...(version >= 4 ? [again('with the id it was given')] : []),
    describe(6, `${groupId}, joined`, { groups: [groupId] }),
    beat('before the assignment', 1),
    commit(8, `${groupId}, before the assignment`, (world: World) =>
      commitBody(8, groupId, { memberId: member(world), generationIdOrMemberEpoch: 1 }),
    ),
    sync(syncVersion, `${groupId}, wrong generation`, assign(7)),
    sync(syncVersion, `${groupId}, leader`, assign(1)),
    sync(syncVersion, `${groupId}, again`, assign(1)),
    beat('stable', 1),
    beat('wrong generation', 2),
    describe(version > 6 ? 6 : version, `${groupId}, stable`, { groups: [groupId, 'missing'] }),
    commit(8, `${groupId}, stable`, (world: World) =>
      commitBody(8, groupId, { memberId: member(world), generationIdOrMemberEpoch: 1 }),
    ),
    commit(8, `${groupId}, wrong generation`, (world: World) =>
      commitBody(8, groupId, { memberId: member(world), generationIdOrMemberEpoch: 9 }),
    ),
    commit(8, `${groupId}, no member`, commitBody(8, groupId)),
    remove(2, `${groupId}, not empty`, { groupsNames: [groupId] }),
    forget(0, `${groupId}, subscribed`, {
      groupId,
      topics: [{ name: TOPIC, partitions: [{ partitionIndex: 0 }, { partitionIndex: 1 }] }],
    }),
    join(
      version,
      `${groupId}, another protocol type`,
      joinBody(version, groupId, { protocolType: 'connect' }),
    ),
    join(
      version,
      `${groupId}, no common protocol`,
      joinBody(version, groupId, { protocols: protocols('sticky') }),
    ),
    again('the leader again'),
    sync(syncVersion, `${groupId}, second generation`, assign(2)),
    again('other protocols', { protocols: protocols('sticky') }),
    describe(5, `${groupId}, third generation`, { groups: [groupId] }),
    version < 3
      ? leave(version, `${groupId}, the last`, id)
      : leave(Math.min(version, 5), `${groupId}, the last`, (world: World) => ({
          groupId,
          members: [{ memberId: member(world) }, { memberId: 'nobody' }],
        })),
    describe(6, `${groupId}, empty`, { groups: [groupId] }),
    beat('empty', 3),
    fetch(7, `${groupId}, empty`, { groupId, topics: null }),
  ];
}

const statics: readonly Step[] = [
  join(5, 'static, first', joinBody(5, 'static', { groupInstanceId: 'one' }), {
    learn: learnMember('static'),
  }),
  sync(3, 'static, leader', (world) => ({
    groupId: 'static',
    generationId: 1,
    memberId: world.member('static'),
    groupInstanceId: 'one',
    assignments: [{ memberId: world.member('static'), assignment: new Uint8Array([9]) }],
  })),
  join(5, 'static, back without its id', joinBody(5, 'static', { groupInstanceId: 'one' }), {
    learn: (answer, world) => {
      world.members.set('static, before', world.member('static'));
      world.members.set('static', String(answer.memberId));
    },
  }),
  heartbeat(3, 'static, with the former id', (world) => ({
    groupId: 'static',
    generationId: 1,
    memberId: world.member('static, before'),
    groupInstanceId: 'one',
  })),
  heartbeat(3, 'static, with the present id', (world) => ({
    groupId: 'static',
    generationId: 1,
    memberId: world.member('static'),
    groupInstanceId: 'one',
  })),
  join(9, 'static, back in version 9', joinBody(9, 'static', { groupInstanceId: 'one' }), {
    learn: learnMember('static'),
  }),
  commit(8, 'static, fenced', (world) =>
    commitBody(8, 'static', {
      memberId: world.member('static, before'),
      groupInstanceId: 'one',
      generationIdOrMemberEpoch: 1,
    }),
  ),
  describe(6, 'static', { groups: ['static'] }),
  leave(5, 'static, by instance', {
    groupId: 'static',
    members: [
      { memberId: '', groupInstanceId: 'one', reason: 'enough' },
      { memberId: '', groupInstanceId: 'two' },
    ],
  }),
];

const administration: readonly Step[] = [
  ...range(0, 5).map((version) => list(version, 'all', {})),
  ...[['Empty'], ['empty'], ['Stable'], ['bogus'], ['Empty', 'Dead']].map((statesFilter) =>
    list(4, `states ${statesFilter.join()}`, { statesFilter }),
  ),
  ...[['classic'], ['Classic'], ['consumer'], ['bogus'], ['share', 'classic']].map((typesFilter) =>
    list(5, `types ${typesFilter.join()}`, { typesFilter }),
  ),
  ...range(0, 6).map((version) =>
    describe(version, 'some', {
      groups: ['simple', 'missing', '', 'life-3'],
      ...(version >= 3 ? { includeAuthorizedOperations: true } : {}),
    }),
  ),
  describe(6, 'none', { groups: [] }),
  forget(0, 'a missing group', {
    groupId: 'missing',
    topics: [{ name: TOPIC, partitions: [{ partitionIndex: 0 }] }],
  }),
  forget(0, 'a group without a name', {
    groupId: '',
    topics: [{ name: TOPIC, partitions: [{ partitionIndex: 0 }] }],
  }),
  forget(0, 'some partitions', {
    groupId: 'simple',
    topics: [
      { name: TOPIC, partitions: [{ partitionIndex: 0 }, { partitionIndex: 9 }] },
      { name: 'nobody', partitions: [{ partitionIndex: 0 }] },
    ],
  }),
  forget(0, 'nothing', { groupId: 'simple', topics: [] }),
  fetch(7, 'what is left', { groupId: 'simple', topics: null }),
  ...range(0, 2).map((version) =>
    remove(version, 'some', { groupsNames: [`life-${version}`, 'missing', `life-${version + 3}`] }),
  ),
  remove(2, 'a group without a name', { groupsNames: [''] }),
  remove(2, 'a group twice', { groupsNames: ['life-7', 'life-7'] }),
  remove(2, 'none', { groupsNames: [] }),
  list(5, 'what is left', {}),
];

export const groups: readonly Step[] = [
  ...coordinators,
  ...simple,
  ...fetches,
  ...refusedJoins,
  ...range(0, 9).flatMap(lifeOf),
  ...statics,
  ...administration,
];
