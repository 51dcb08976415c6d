/** The assignor of share groups: everybody gets a share, everything is read, and little moves. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  type Assignment,
  EMPTY_ASSIGNMENT,
  type MemberSpec,
} from '../../../src/coordinator/assignor/assignor.js';
import { assignSimple } from '../../../src/coordinator/assignor/simple.js';

const COUNTS = new Map([
  ['t0', 1],
  ['t1', 3],
  ['t2', 6],
]);
const partitionCount = (topicId: string) => COUNTS.get(topicId);
const everything = () => true;

type Given = ReadonlyMap<string, Assignment>;

function groupOf(topics: readonly (readonly string[])[], given: Given = new Map()) {
  const members = new Map<string, MemberSpec>();
  topics.forEach((topicIds, index) => {
    const assignment = given.get(`m${index}`) ?? EMPTY_ASSIGNMENT;
    members.set(`m${index}`, { instanceId: null, topicIds: new Set(topicIds), assignment });
  });
  const [first, ...others] = topics.map((topicIds) => [...topicIds].sort().join());
  const isSame = others.every((other) => other === first);
  return { members, subscriptionType: isSame ? ('homogeneous' as const) : ('heterogeneous' as const) };
}

const sizeOf = (assignment: Assignment | undefined): number =>
  [...(assignment?.values() ?? [])].reduce((sum, partitions) => sum + partitions.size, 0);

function ownersOf(given: Given): Map<string, string[]> {
  const owners = new Map<string, string[]>();
  for (const [member, assignment] of given) {
    for (const [topicId, partitions] of assignment) {
      for (const partition of partitions) {
        const name = `${topicId}-${partition}`;
        owners.set(name, [...(owners.get(name) ?? []), member]);
      }
    }
  }
  return owners;
}

const subscriptions = fc.array(fc.subarray([...COUNTS.keys()], { minLength: 1 }), {
  minLength: 1,
  maxLength: 12,
});

it('gives as Kafka gives a new group', () => {
  const given = assignSimple(groupOf([['t1'], ['t1'], ['t1'], ['t1']]), partitionCount, everything);
  expect(Object.fromEntries(ownersOf(given))).toEqual({
    't1-0': ['m0', 'm1'],
    't1-1': ['m2', 'm3'],
    't1-2': ['m0', 'm2'],
  });
});

it('leaves no partition unread and gives none to who did not ask', () => {
  fc.assert(
    fc.property(subscriptions, subscriptions, (before, after) => {
      const old = assignSimple(groupOf(before), partitionCount, everything);
      const given = assignSimple(groupOf(after, old), partitionCount, everything);
      const owners = ownersOf(given);
      for (const topicId of new Set(after.flat())) {
        for (let partition = 0; partition < (COUNTS.get(topicId) ?? 0); partition++)
          expect(owners.get(`${topicId}-${partition}`)?.length ?? 0).toBeGreaterThan(0);
      }
      after.forEach((topicIds, index) => {
        for (const topicId of given.get(`m${index}`)?.keys() ?? []) expect(topicIds).toContain(topicId);
      });
    }),
  );
});

it('is fair to members with the same topics, and keeps what is fair', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 }), (before, after) => {
      const members = (count: number) => Array.from({ length: count }, () => ['t1', 't2']);
      const old = assignSimple(groupOf(members(before)), partitionCount, everything);
      const given = assignSimple(groupOf(members(after), old), partitionCount, everything);
      const sizes = [...given.values()].map(sizeOf);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(2);
      expect(assignSimple(groupOf(members(after), given), partitionCount, everything)).toEqual(given);
    }),
  );
});

it('gives only what can be assigned', () => {
  const isEven = (_: string, partition: number) => partition % 2 === 0;
  const given = assignSimple(groupOf([['t2'], ['t2', 't0']]), partitionCount, isEven);
  expect([...ownersOf(given).keys()].sort()).toEqual(['t0-0', 't2-0', 't2-2', 't2-4']);
});
