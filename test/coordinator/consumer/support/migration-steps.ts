/** Groups that change the protocol under their members, and members of both in one group. */
import { NEXT_ASSIGNMENT_MS, SCENARIO_TOPICS, type Step, Steps } from './scenario.js';

const steps = new Steps();
const NEXT = { afterMs: NEXT_ASSIGNMENT_MS };
const [FOO] = SCENARIO_TOPICS;

/** ConsumerProtocolSubscription v1 for foo; `owned`: partitions of it. */
function subscription(owned: readonly number[] = []): Uint8Array {
  const name = [0, FOO.name.length, ...Buffer.from(FOO.name)];
  const partitions = owned.flatMap((partition) => [0, 0, 0, partition]);
  const ownedTopic =
    owned.length === 0 ? [0, 0, 0, 0] : [0, 0, 0, 1, ...name, 0, 0, 0, owned.length, ...partitions];
  return Uint8Array.from([0, 1, 0, 0, 0, 1, ...name, 255, 255, 255, 255, ...ownedTopic]);
}

/** ConsumerProtocolAssignment v1: partitions of foo. */
function assignment(partitions: readonly number[], userData = [255, 255, 255, 255]): Uint8Array {
  const name = [0, FOO.name.length, ...Buffer.from(FOO.name)];
  const numbers = partitions.flatMap((partition) => [0, 0, 0, partition]);
  return Uint8Array.from([0, 1, 0, 0, 0, 1, ...name, 0, 0, 0, partitions.length, ...numbers, ...userData]);
}

type Fields = Record<string, unknown> & {
  owned?: number[];
  afterMs?: number;
  save?: string;
  version?: number;
};

function join(what: string, groupId: string, memberId: string, fields: Fields = {}): void {
  const { owned = [], afterMs = 0, save, version = 9, ...rest } = fields;
  const protocols = [{ name: 'range', metadata: subscription(owned) }];
  const request = {
    groupId,
    memberId,
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: 20_000,
    protocolType: 'consumer',
    protocols,
    ...rest,
  };
  steps.add('join', what, version, request, { afterMs, ...(save === undefined ? {} : { save }) });
}

function sync(
  what: string,
  groupId: string,
  memberId: string,
  generationId: number,
  fields: Fields = {},
): void {
  const { afterMs = 0, ...rest } = fields;
  const request = {
    groupId,
    memberId,
    generationId,
    protocolType: 'consumer',
    protocolName: 'range',
    ...rest,
  };
  steps.add('sync', what, 5, { assignments: [], ...request }, { afterMs });
}

function classicBeat(what: string, groupId: string, memberId: string, generationId: number): void {
  steps.add('classicHeartbeat', what, 4, { groupId, memberId, generationId });
}

function leave(
  what: string,
  groupId: string,
  members: { memberId: string; groupInstanceId?: string }[],
): void {
  steps.add('leave', what, 5, { groupId, members });
}

function describeClassic(what: string, groupId: string): void {
  steps.add('describeClassic', what, 6, { groups: [groupId] });
}

// A classic group of one member; a member of the new protocol joins it, is joined by another, and leaves again.
join('asks for an id', 'g', '', { save: 'c1' });
join('first generation', 'g', '$c1');
sync('assigns', 'g', '$c1', 1, {
  assignments: [{ memberId: '$c1', assignment: assignment([0, 1, 2, 3, 4, 5]) }],
});
describeClassic('a classic group', 'g');
steps.join('the first member of the new protocol', 'g', 'm1', NEXT);
describeClassic('no classic group any more', 'g');
steps.describe('members of both protocols', 'g');
classicBeat('is told to rejoin', 'g', '$c1', 1);
sync('cannot sync', 'g', '$c1', 1);
join('rejoins, still owning all', 'g', '$c1', { owned: [0, 1, 2, 3, 4, 5] });
sync('gets what it may keep', 'g', '$c1', 1);
classicBeat('is to rejoin without the others', 'g', '$c1', 1);
join('rejoins, having revoked', 'g', '$c1', { owned: [0, 1, 2] });
sync('gets its part', 'g', '$c1', 2);
classicBeat('is up to date', 'g', '$c1', 2);
steps.beat('the other gets its part', 'g', 'm1', 2);
steps.describe('stable', 'g');
classicBeat('old generation', 'g', '$c1', 1);
classicBeat('not a classic member', 'g', 'm1', 2);
classicBeat('unknown member', 'g', 'm9', 2);
sync('old generation', 'g', '$c1', 1);
sync('other protocol', 'g', '$c1', 2, { protocolName: 'roundrobin' });
join('no common protocol', 'g', '', { protocols: [{ name: 'other', metadata: subscription() }] });
join('another protocol type', 'g', '', { protocolType: 'connect' });
join('session timeout out of range', 'g', '', { sessionTimeoutMs: 1 });
steps.commit('classic member commits with an old version', 'g', '$c1', 2, 5);
steps.commit('classic member of the future', 'g', '$c1', 3, 9);
steps.commit('classic member of the past', 'g', '$c1', 1, 9, 5);
join('a second classic member asks for an id', 'g', '', { save: 'c2' });
join('a second classic member', 'g', '$c2', NEXT);
steps.describe('three members', 'g');
leave('it leaves', 'g', [{ memberId: '$c2' }, { memberId: 'nobody' }]);
steps.beat('the last member of the new protocol leaves', 'g', 'm1', -1);
steps.describe('no consumer group any more', 'g');
describeClassic('a classic group again', 'g');
classicBeat('it rebalances', 'g', '$c1', 2);
join('joins as before', 'g', '$c1', { owned: [0, 1, 2] });
describeClassic('one member', 'g');
leave('leaves', 'g', [{ memberId: '$c1' }]);
steps.join('the empty classic group becomes a consumer group', 'g', 'm1', NEXT);
steps.beat('leaves', 'g', 'm1', -1);
join('the empty consumer group becomes a classic one', 'g', '', { save: 'c3' });
describeClassic('empty', 'g');

// Groups that cannot be upgraded.
join('another protocol type', 'k', '', { protocolType: 'connect', version: 3, save: 'k1' });
steps.join('not upgraded', 'k', 'm1');
join('custom assignor', 'u', '', { version: 3, save: 'u1' });
sync('with user data', 'u', '$u1', 1, {
  assignments: [{ memberId: '$u1', assignment: assignment([0], [0, 0, 0, 1, 7]) }],
});
steps.join('not upgraded', 'u', 'm1');

// A static member changes the protocol and back.
join('static', 's', '', { groupInstanceId: 'i', save: 's1' });
sync('assigns', 's', '$s1', 1, {
  groupInstanceId: 'i',
  assignments: [{ memberId: '$s1', assignment: assignment([0, 1, 2, 3, 4, 5]) }],
});
steps.join('comes back with the new protocol', 's', 'm1', { instanceId: 'i', ...NEXT });
steps.describe('one member', 's');
join('and with the classic one', 's', '', { groupInstanceId: 'i', save: 's2' });
describeClassic('a classic group', 's');
sync('its assignment', 's', '$s2', 2, { groupInstanceId: 'i' });

export const MIGRATION_STEPS: readonly Step[] = steps.all;
