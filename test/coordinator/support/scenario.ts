/**
 * A course of requests that is sent both to Kafka (record-scenario.ts, by hand) and to a GroupShard (scenario.test.ts). Member
 * ids are names that stand for what the first answer to a step with `save` said.
 */
export type ApiName =
  | 'join'
  | 'sync'
  | 'heartbeat'
  | 'leave'
  | 'commit'
  | 'fetch'
  | 'offsetDelete'
  | 'describe'
  | 'list'
  | 'delete';

export interface Step {
  readonly what: string;
  readonly api: ApiName;
  readonly version: number;
  readonly request: Record<string, unknown>;
  /** The member id of the answer gets this name; used as `$name` later. */
  readonly save?: string;
  /** Milliseconds to let pass before, for timers. */
  readonly afterMs?: number;
}

export const SCENARIO_TOPIC = 'scenario';
export const SCENARIO_PARTITIONS = 2;

const A1 = Uint8Array.of(0, 0, 1);
const A2 = Uint8Array.of(0, 0, 2);
/** Version 0, one topic, no user data. */
const SUBSCRIPTION = Uint8Array.from([
  ...[0, 0, 0, 0, 0, 1, 0, SCENARIO_TOPIC.length],
  ...Buffer.from(SCENARIO_TOPIC),
  ...[255, 255, 255, 255],
]);
const RANGE = { name: 'range', metadata: SUBSCRIPTION };
const STICKY = { name: 'sticky', metadata: SUBSCRIPTION };

const steps: Step[] = [];

function step(
  api: ApiName,
  what: string,
  version: number,
  request: Record<string, unknown>,
  more: Partial<Step> = {},
): void {
  steps.push({ api, what, version, request, ...more });
}

function join(
  what: string,
  version: number,
  request: Record<string, unknown>,
  more: Partial<Step> = {},
): void {
  const defaults = {
    groupId: 'g1',
    sessionTimeoutMs: 30_000,
    rebalanceTimeoutMs: 60_000,
    memberId: '',
    protocolType: 'consumer',
    protocols: [RANGE],
  };
  step('join', what, version, { ...defaults, ...request }, more);
}

function sync(what: string, version: number, request: Record<string, unknown>): void {
  const names = version >= 5 ? { protocolType: 'consumer', protocolName: 'range' } : {};
  step('sync', what, version, { groupId: 'g1', assignments: [], ...names, ...request });
}

function heartbeat(what: string, request: Record<string, unknown>): void {
  step('heartbeat', what, 4, { groupId: 'g1', ...request });
}

function commit(
  what: string,
  version: number,
  request: Record<string, unknown>,
  metadata: string | null = 'm',
): void {
  const partitions = [
    { partitionIndex: 0, committedOffset: 42, committedLeaderEpoch: 3, committedMetadata: metadata },
    { partitionIndex: 1, committedOffset: 43, committedLeaderEpoch: -1, committedMetadata: null },
  ];
  if (version < 6) for (const partition of partitions) partition.committedLeaderEpoch = -1;
  step('commit', what, version, {
    groupId: 'g1',
    topics: [{ name: SCENARIO_TOPIC, partitions }],
    ...request,
  });
}

function fetch(what: string, groupId: string, version = 9): void {
  const topics = [{ name: SCENARIO_TOPIC, partitionIndexes: [0, 1] }];
  step('fetch', what, version, { groups: [{ groupId, topics }], requireStable: true });
}

function leave(what: string, version: number, request: Record<string, unknown>): void {
  step('leave', what, version, { groupId: 'g1', ...request });
}

function describe(what: string, groupId: string, version = 5): void {
  step('describe', what, version, { groups: [groupId] });
}

// Refusals before there is a group.
join('no group id', 9, { groupId: '' });
join('session too short', 9, { sessionTimeoutMs: 5_999 });
join('session too long', 5, { sessionTimeoutMs: 1_800_001 });
join('unknown member of a missing group', 9, { memberId: 'nobody' });
join('no protocols', 9, { groupId: 'g-empty', protocols: [] });
join('no protocol type', 9, { groupId: 'g-empty', protocolType: '' });
heartbeat('of a missing group', { generationId: 1, memberId: 'nobody' });
sync('of a missing group', 5, { generationId: 1, memberId: 'nobody' });
sync('without protocol', 5, { generationId: 1, memberId: 'nobody', protocolName: null });
leave('a missing group', 5, { members: [{ memberId: 'nobody' }] });
leave('a missing group, one member', 2, { memberId: 'nobody' });
describe('a missing group', 'g1');
describe('a missing group, new version', 'g1', 6);
commit('a missing group, with generation', 8, { generationIdOrMemberEpoch: 1, memberId: 'x' });
commit('a missing group, with generation, v9', 9, { generationIdOrMemberEpoch: 1, memberId: 'x' });
step('delete', 'a missing group', 2, { groupsNames: ['g1'] });
step('offsetDelete', 'a missing group', 0, {
  groupId: 'g1',
  topics: [{ name: SCENARIO_TOPIC, partitions: [{ partitionIndex: 0 }] }],
});
fetch('a missing group', 'g1');

// One member.
join('first, without id', 9, {}, { save: 'a' });
describe('with a pending member', 'g1');
heartbeat('of a pending member', { generationId: 0, memberId: '$a' });
join('first, with its id', 9, { memberId: '$a' });
heartbeat('completing', { generationId: 1, memberId: '$a' });
describe('completing', 'g1');
commit('while completing', 9, { generationIdOrMemberEpoch: 1, memberId: '$a' });
sync('wrong generation', 5, { generationId: 7, memberId: '$a' });
sync('other protocol', 5, { generationId: 1, memberId: '$a', protocolName: 'other' });
sync('unknown member', 5, { generationId: 1, memberId: 'nobody' });
join('again while completing, unchanged', 9, { memberId: '$a' });
sync('leader assigns', 5, {
  generationId: 1,
  memberId: '$a',
  assignments: [{ memberId: '$a', assignment: A1 }],
});
sync('again when stable', 3, { generationId: 1, memberId: '$a' });
describe('stable', 'g1');
step('list', 'all, old version', 3, {});
step('list', 'stable ones', 5, { statesFilter: ['stable'], typesFilter: ['CLASSIC'] });
step('list', 'empty ones of no type', 5, { statesFilter: ['Empty'], typesFilter: ['nothing'] });
heartbeat('stable', { generationId: 1, memberId: '$a' });
heartbeat('wrong generation', { generationId: 2, memberId: '$a' });
heartbeat('unknown member', { generationId: 1, memberId: 'nobody' });
heartbeat('unknown instance', { generationId: 1, memberId: '$a', groupInstanceId: 'nobody' });

// Offsets.
commit('by the member', 9, { generationIdOrMemberEpoch: 1, memberId: '$a' });
commit('by nobody into a group with members', 9, {});
commit('wrong generation', 9, { generationIdOrMemberEpoch: 2, memberId: '$a' });
commit('unknown member', 9, { generationIdOrMemberEpoch: 1, memberId: 'nobody' });
commit('metadata too long', 9, { generationIdOrMemberEpoch: 1, memberId: '$a' }, 'x'.repeat(4097));
commit('longest metadata', 9, { generationIdOrMemberEpoch: 1, memberId: '$a' }, 'x'.repeat(4096));
fetch('what is committed', 'g1');
step('fetch', 'all topics', 8, { groups: [{ groupId: 'g1', topics: null }] });
commit('a simple group', 2, { groupId: 'simple', retentionTimeMs: 3_600_000 });
commit('a simple group, newer version', 9, { groupId: 'simple-2' });
describe('a simple group', 'simple');
step('list', 'empty ones', 4, { statesFilter: [' EMPTY '] });
step('offsetDelete', 'subscribed', 0, {
  groupId: 'g1',
  topics: [{ name: SCENARIO_TOPIC, partitions: [{ partitionIndex: 0 }] }],
});
step('offsetDelete', 'of a simple group', 0, {
  groupId: 'simple',
  topics: [{ name: SCENARIO_TOPIC, partitions: [{ partitionIndex: 0 }] }],
});
fetch('after the deletion', 'simple');
step('delete', 'one with members, a simple one', 2, { groupsNames: ['g1', 'simple-2'] });
fetch('after the deletion of the group', 'simple-2');

// A second member.
join('other protocol type', 9, { protocolType: 'connect' });
join('no common protocol', 9, { protocols: [STICKY] });
join('second, old version', 3, { protocols: [RANGE, STICKY] }, { save: 'b' });
heartbeat('rebalance', { generationId: 1, memberId: '$a' });
commit('while preparing', 9, { generationIdOrMemberEpoch: 1, memberId: '$a' });
sync('while preparing', 4, { generationId: 1, memberId: '$a' });
describe('preparing', 'g1');
join('first, again', 9, { memberId: '$a', protocols: [RANGE, STICKY] });
step('list', 'state', 4, {});
heartbeat('first, completing', { generationId: 2, memberId: '$a' });
sync('follower waits', 3, { generationId: 2, memberId: '$b' });
sync('leader forgets the follower', 5, {
  generationId: 2,
  memberId: '$a',
  assignments: [{ memberId: '$a', assignment: A2 }],
});
join('follower, unchanged', 9, { memberId: '$b', protocols: [RANGE, STICKY] });
join('leader, unchanged: rebalance', 9, { memberId: '$a', protocols: [RANGE, STICKY] });
leave('follower, old version', 1, { memberId: '$b' });
sync('leader, alone', 5, {
  generationId: 3,
  memberId: '$a',
  assignments: [{ memberId: '$a', assignment: A1 }],
});
leave('many: unknown, known', 5, { members: [{ memberId: 'nobody' }, { memberId: '$a' }] });
describe('empty', 'g1');
heartbeat('empty', { generationId: 4, memberId: '$a' });
join('member that left', 9, { memberId: '$a' });
commit('simple commit into an empty group', 9, {});
fetch('kept by the empty group', 'g1');

// Static members.
join('static', 9, { groupId: 's', groupInstanceId: 'i1' }, { save: 's1' });
sync('static leader assigns', 5, {
  groupId: 's',
  generationId: 1,
  memberId: '$s1',
  groupInstanceId: 'i1',
  assignments: [{ memberId: '$s1', assignment: A1 }],
});
join('static with another member id', 9, { groupId: 's', groupInstanceId: 'i1', memberId: 'other' });
join('static, unknown instance', 9, { groupId: 's', groupInstanceId: 'i2', memberId: '$s1' });
join('static back, v9', 9, { groupId: 's', groupInstanceId: 'i1' }, { save: 's2' });
heartbeat('fenced', { groupId: 's', generationId: 1, memberId: '$s1', groupInstanceId: 'i1' });
heartbeat('successor', { groupId: 's', generationId: 1, memberId: '$s2', groupInstanceId: 'i1' });
sync('successor keeps the assignment', 5, {
  groupId: 's',
  generationId: 1,
  memberId: '$s2',
  groupInstanceId: 'i1',
});
join('static back, v8', 8, { groupId: 's', groupInstanceId: 'i1' }, { save: 's3' });
sync('fenced', 5, { groupId: 's', generationId: 1, memberId: '$s2', groupInstanceId: 'i1' });
commit('fenced', 9, { groupId: 's', generationIdOrMemberEpoch: 1, memberId: '$s2', groupInstanceId: 'i1' });
leave('fenced', 4, { groupId: 's', members: [{ memberId: '$s2', groupInstanceId: 'i1' }] });
describe('static', 's');
join(
  'static with a new protocol: rebalance',
  9,
  {
    groupId: 's',
    groupInstanceId: 'i1',
    protocols: [STICKY, RANGE],
  },
  { save: 's4' },
);
sync('next generation', 5, {
  groupId: 's',
  generationId: 2,
  memberId: '$s4',
  groupInstanceId: 'i1',
  protocolName: 'sticky',
  assignments: [{ memberId: '$s4', assignment: A2 }],
});
leave('by instance id', 5, { groupId: 's', members: [{ memberId: '', groupInstanceId: 'i1' }] });
describe('static group, empty', 's');
step('delete', 'empty group', 2, { groupsNames: ['s'] });
describe('deleted', 's', 6);

// Joins of the oldest versions, and a follower that never syncs.
join('v0', 0, { groupId: 'old', sessionTimeoutMs: 6_000, protocolType: 'x' }, { save: 'o' });
sync('v0', 0, {
  groupId: 'old',
  generationId: 1,
  memberId: '$o',
  assignments: [{ memberId: '$o', assignment: A1 }],
});
describe('v0', 'old', 0);
step('offsetDelete', 'of a group that is no consumer', 0, {
  groupId: 'old',
  topics: [{ name: SCENARIO_TOPIC, partitions: [{ partitionIndex: 0 }] }],
});
describe('session expired', 'old', 0);

export const SCENARIO: readonly Step[] = steps.map((each, index) =>
  index === steps.length - 1 ? { ...each, afterMs: 8_000 } : each,
);
