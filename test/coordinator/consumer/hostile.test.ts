/** Requests of both protocols to one group, sensible or not: nothing breaks, and what was written can be read again. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConsumerGroup } from '../../../src/coordinator/group/consumer/consumer-group.js';
import { GROUP, heartbeat, join as joinClassic, leave, sync } from '../support/requests.js';
import { ShardRunner } from '../support/shard-runner.js';
import { beat, durableState, TOPICS } from './support/model.js';

const id = fc.constantFrom('a', 'b', 'c', '', '__proto__');
const instance = fc.option(fc.constantFrom('i', 'j', '__proto__'), { freq: 2 });
const partitions = fc.array(fc.integer({ min: -1, max: 5 }), { maxLength: 6 });
const topicName = fc.constantFrom('a1', 'a2', 'none', '', '__proto__', 'x\0y');

const topicPartitions = fc.record({
  topicId: fc.constantFrom(TOPICS[0].id, TOPICS[1].id, 'AAAAAAAAAAAAAAAAAAAAAA'),
  partitions,
});

const heartbeatFields = fc.record({
  memberId: id,
  memberEpoch: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.integer({ min: -3, max: 8 })),
  instanceId: instance,
  rackId: fc.option(fc.constantFrom('r', ' '), { freq: 1 }),
  rebalanceTimeoutMs: fc.constantFrom(30_000, -1, 0, -5, 2_147_483_647, -2_147_483_648),
  subscribedTopicNames: fc.option(fc.array(topicName, { maxLength: 4 }), { freq: 6 }),
  subscribedTopicRegex: fc.option(fc.constantFrom('', 'a.', '(', '.*', 'a{1000}'), { freq: 2 }),
  serverAssignor: fc.option(fc.constantFrom('uniform', 'range', ''), { freq: 2 }),
  topicPartitions: fc.oneof(
    { weight: 4, arbitrary: fc.array(topicPartitions, { maxLength: 0 }) },
    fc.constant(null),
    fc.array(topicPartitions),
  ),
});
const version1 = (topic: string, tail: number[]) =>
  Uint8Array.from([0, 1, 0, 0, 0, 1, 0, topic.length, ...Buffer.from(topic), 255, 255, 255, 255, ...tail]);
const metadata = fc.constantFrom(
  version1('a1', [0, 0, 0, 0]),
  version1('a2', [0, 0, 0, 0]),
  Uint8Array.of(0, 1, 9),
  Uint8Array.of(),
);
const protocolName = fc.constantFrom('range', 'sticky');
const protocols = fc.array(fc.record({ name: protocolName, metadata }), { minLength: 1, maxLength: 2 });

type Act = (runner: ShardRunner) => void;
const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.tuple(heartbeatFields, fc.nat(1)).map(
      ([fields, version]): Act =>
        (runner) =>
          void beat(runner, { ...fields, groupId: GROUP }, version),
    ),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.record({ memberId: id, groupInstanceId: instance, protocols }), fc.constantFrom(0, 3, 9))
      .map(
        ([fields, version]): Act =>
          (runner) =>
            void joinClassic(runner, fields, version),
      ),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(fc.nat(6), id, fc.array(fc.record({ memberId: id, assignment: metadata }))).map(
      ([generation, memberId, assignments]): Act =>
        (runner) =>
          void sync(runner, generation, memberId, { assignments }),
    ),
  },
  fc.tuple(fc.nat(6), id, instance).map(
    ([generation, memberId, groupInstanceId]): Act =>
      (runner) =>
        void heartbeat(runner, generation, memberId, { groupInstanceId }),
  ),
  fc.tuple(id, instance).map(
    ([memberId, groupInstanceId]): Act =>
      (runner) =>
        void leave(runner, [{ memberId, groupInstanceId }]),
  ),
  fc.constantFrom(0, 1, 1_000, 11_000, 46_000).map(
    (ms): Act =>
      (runner) =>
        runner.advance(ms),
  ),
);

function groupOf(runner: ShardRunner): ConsumerGroup | undefined {
  // biome-ignore lint/complexity/useLiteralKeys: a look into the shard, which does not show its groups
  const group = runner.shard['context'].groups.get(GROUP);
  return group instanceof ConsumerGroup ? group : undefined;
}

describe('hostile requests', () => {
  it('break nothing', () => {
    let consumerGroups = 0;
    fc.assert(
      fc.property(fc.array(act, { maxLength: 40 }), (acts) => {
        const runner = ShardRunner.started({ topics: TOPICS, settings: { groupInitialRebalanceDelayMs: 0 } });
        for (const each of acts) {
          each(runner);
          expect(durableState(groupOf(runner.restarted()))).toEqual(durableState(groupOf(runner)));
          if (groupOf(runner) !== undefined) consumerGroups++;
        }
      }),
      { numRuns: 200 },
    );
    expect(consumerGroups).toBeGreaterThan(100);
  });
});
