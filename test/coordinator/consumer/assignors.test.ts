/** What holds for every answer of an assignor, whatever the group. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Assignment, GroupSpec, MemberSpec } from '../../../src/coordinator/assignor/assignor.js';
import { AssignorError } from '../../../src/coordinator/assignor/assignor.js';
import { rangeAssignor } from '../../../src/coordinator/assignor/range.js';
import { uniformAssignor } from '../../../src/coordinator/assignor/uniform.js';

const TOPIC_IDS = ['AAAAAAAAAAAAAAAAAAAAAg', '_____wAAAAAAAAAAAAAAAw', 'AAAAAAAAAAAAAAAAAAAABA'];

interface Group {
  partitions: number[];
  members: { topics: number[]; instance: boolean }[];
  homogeneous: boolean;
}

const groups: fc.Arbitrary<Group> = fc.record({
  partitions: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 3, maxLength: 3 }),
  members: fc.array(fc.record({ topics: fc.subarray([0, 1, 2]), instance: fc.boolean() }), {
    minLength: 1,
    maxLength: 6,
  }),
  homogeneous: fc.boolean(),
});

function specOf(group: Group, previous: Map<string, Assignment>, from = 0): GroupSpec {
  const members = new Map<string, MemberSpec>();
  for (const [index, member] of group.members.entries()) {
    if (index < from) continue;
    const topics = group.homogeneous ? group.members[0].topics : member.topics;
    members.set(`m${index}`, {
      instanceId: member.instance ? `i${index}` : null,
      topicIds: new Set(topics.map((topic) => TOPIC_IDS[topic])),
      assignment: previous.get(`m${index}`) ?? new Map(),
    });
  }
  return { members, subscriptionType: group.homogeneous ? 'homogeneous' : 'heterogeneous' };
}

function countOf(group: Group) {
  return (id: string) => group.partitions[TOPIC_IDS.indexOf(id)];
}

function size(assignment: Assignment | undefined): number {
  return [...(assignment ?? new Map<string, Set<number>>()).values()].reduce((sum, set) => sum + set.size, 0);
}

/** Every partition of a subscribed topic exactly once, at a subscriber. */
function expectComplete(spec: GroupSpec, group: Group, target: Map<string, Assignment>): void {
  const owners = new Map<string, string>();
  for (const [memberId, assignment] of target) {
    for (const [topicId, partitions] of assignment) {
      expect(spec.members.get(memberId)?.topicIds.has(topicId)).toBe(true);
      for (const partition of partitions) {
        expect(owners.has(`${topicId}-${partition}`)).toBe(false);
        owners.set(`${topicId}-${partition}`, memberId);
      }
    }
  }
  const subscribed = new Set([...spec.members.values()].flatMap(({ topicIds }) => [...topicIds]));
  const total = [...subscribed].reduce((sum, id) => sum + countOf(group)(id), 0);
  expect(owners.size).toBe(total);
}

describe.each([uniformAssignor, rangeAssignor])('$name', (assignor) => {
  it('gives every partition to exactly one subscriber, also from a previous target', () => {
    fc.assert(
      fc.property(groups, groups, fc.nat(3), (group, later, from) => {
        const spec = specOf(group, new Map());
        const target = assignor.assign(spec, countOf(group));
        expectComplete(spec, group, target);
        const next: Group = {
          ...later,
          partitions: group.partitions.map((count, i) => count + (later.partitions[i] % 3)),
        };
        const nextSpec = specOf(next, target, Math.min(from, next.members.length - 1));
        expectComplete(nextSpec, next, assignor.assign(nextSpec, countOf(next)));
      }),
    );
  });

  it('refuses a topic that is not there', () => {
    const members = new Map([['m', { instanceId: null, topicIds: new Set(['x']), assignment: new Map() }]]);
    for (const subscriptionType of ['homogeneous', 'heterogeneous'] as const) {
      expect(() => assignor.assign({ members, subscriptionType }, () => undefined)).toThrow(AssignorError);
    }
    expect(
      assignor.assign({ members: new Map(), subscriptionType: 'homogeneous' }, () => undefined).size,
    ).toBe(0);
  });
});

describe('uniform', () => {
  it('balances a homogeneous group to a difference of one, and moves no more than it must', () => {
    fc.assert(
      fc.property(groups, (any) => {
        const group = { ...any, homogeneous: true };
        const before = uniformAssignor.assign(specOf(group, new Map()), countOf(group));
        const again = uniformAssignor.assign(specOf(group, before), countOf(group));
        expect(again).toEqual(before);
        if (group.members.length < 2 || group.members[0].topics.length === 0) return;
        // One member leaves: the others lose nothing.
        const spec = specOf(group, before, 1);
        const after = uniformAssignor.assign(spec, countOf(group));
        const sizes = [...spec.members.keys()].map((id) => size(after.get(id)));
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
        for (const id of spec.members.keys()) {
          for (const [topicId, partitions] of before.get(id) ?? []) {
            for (const partition of partitions)
              expect(after.get(id)?.get(topicId)?.has(partition)).toBe(true);
          }
        }
      }),
    );
  });

  it('keeps every assignment of a heterogeneous group that did not change', () => {
    fc.assert(
      fc.property(groups, (any) => {
        const group = { ...any, homogeneous: false };
        const before = uniformAssignor.assign(specOf(group, new Map()), countOf(group));
        expect(uniformAssignor.assign(specOf(group, before), countOf(group))).toEqual(before);
      }),
    );
  });
});

describe('range', () => {
  it('cuts topics with the same subscribers alike and puts static members first', () => {
    const topicIds = new Set(TOPIC_IDS.slice(0, 2));
    const members = new Map<string, MemberSpec>([
      ['a', { instanceId: null, topicIds, assignment: new Map() }],
      ['z', { instanceId: 'one', topicIds, assignment: new Map() }],
      ['y', { instanceId: 'two', topicIds, assignment: new Map() }],
    ]);
    const target = rangeAssignor.assign({ members, subscriptionType: 'homogeneous' }, () => 4);
    for (const topicId of topicIds) {
      expect([...(target.get('z')?.get(topicId) ?? [])]).toEqual([0, 1]);
      expect([...(target.get('y')?.get(topicId) ?? [])]).toEqual([2]);
      expect([...(target.get('a')?.get(topicId) ?? [])]).toEqual([3]);
    }
  });
});
