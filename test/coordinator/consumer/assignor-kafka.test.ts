import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Assignment, GroupSpec, SubscriptionType } from '../../../src/coordinator/assignor/assignor.js';
import { rangeAssignor } from '../../../src/coordinator/assignor/range.js';
import { uniformAssignor } from '../../../src/coordinator/assignor/uniform.js';

type Plain = Record<string, number[]>;
interface Case {
  subscriptionType: SubscriptionType;
  topics: Record<string, number>;
  members: Record<string, { instanceId: string | null; topicIds: string[]; assignment: Plain }>;
  uniform: Record<string, Plain>;
  range: Record<string, Plain>;
}

const cases: Case[] = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../golden/assignors/kafka-4.3.1.json'), 'utf8'),
);

function specOf({ subscriptionType, members }: Case): GroupSpec {
  return {
    subscriptionType,
    members: new Map(
      Object.entries(members).map(([id, { instanceId, topicIds, assignment }]) => [
        id,
        {
          instanceId,
          topicIds: new Set(topicIds),
          assignment: new Map(
            Object.entries(assignment).map(([topic, partitions]) => [topic, new Set(partitions)]),
          ),
        },
      ]),
    ),
  };
}

function plain(target: Map<string, Assignment>, members: Iterable<string>): Record<string, Plain> {
  return Object.fromEntries(
    [...members].map((id) => [
      id,
      Object.fromEntries(
        [...(target.get(id) ?? [])].map(([topic, partitions]) => [
          topic,
          [...partitions].sort((a, b) => a - b),
        ]),
      ),
    ]),
  );
}

describe('assignors answer as those of Kafka 4.3.1', () => {
  it.each([
    ['uniform', uniformAssignor],
    ['range', rangeAssignor],
  ] as const)('%s', (name, assignor) => {
    expect(cases.length).toBe(60);
    for (const [index, one] of cases.entries()) {
      const target = assignor.assign(specOf(one), (id) => one.topics[id]);
      expect(plain(target, Object.keys(one.members)), `case ${index}`).toEqual(one[name]);
    }
  });
});
