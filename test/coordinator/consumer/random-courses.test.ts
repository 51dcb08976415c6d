/** Whatever members do and however time passes: no partition has two owners, the log holds the group, and it comes to rest. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConsumerGroup } from '../../../src/coordinator/group/consumer/consumer-group.js';
import { ShardRunner, type StoredRecord } from '../support/shard-runner.js';
import {
  durableState,
  GROUP_ID,
  ModelConsumer,
  type Subscription,
  TOPICS,
  type World,
} from './support/model.js';

const MEMBERS = 4;
/** A client that is not heard of for as long has given up; the coordinator removes it after that. */
const SILENCE_MAX_MS = 29_000;

const subscription: fc.Arbitrary<Subscription> = fc
  .record({
    subscribedTopicNames: fc.option(fc.subarray(['a1', 'a2', 'b1', 'none']), { freq: 6 }),
    subscribedTopicRegex: fc.option(fc.constantFrom('a.', '.*', ''), { freq: 2 }),
    serverAssignor: fc.option(fc.constantFrom('uniform', 'range'), { freq: 2 }),
  })
  .map((each) =>
    each.subscribedTopicNames === null && each.subscribedTopicRegex === null
      ? { ...each, subscribedTopicNames: ['a1'] }
      : each,
  );

type Action =
  | { do: 'beat' | 'leave' | 'restart'; who: number }
  | { do: 'subscribe'; who: number; to: Subscription }
  | { do: 'wait'; ms: number }
  | { do: 'grow'; topic: number }
  | { do: 'restart broker' }
  | { do: 'compact'; percent: number };

const who = fc.nat(MEMBERS - 1);
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('beat' as const), who }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('leave' as const, 'restart' as const), who }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('subscribe' as const), who, to: subscription }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      ms: fc.constantFrom(10, 1_000, 11_000, 46_000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('grow' as const), topic: fc.nat(TOPICS.length - 1) }) },
  { weight: 1, arbitrary: fc.constant({ do: 'restart broker' as const }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('compact' as const), percent: fc.integer({ min: 0, max: 100 }) }),
  },
);

/** Of the first records those go that a later one of their key follows, and tombstones. */
function compact(log: StoredRecord[], count: number): void {
  const keyOf = ({ key }: StoredRecord) => Buffer.from(key).toString('hex');
  const last = new Map(log.map((record, index) => [keyOf(record), index]));
  const kept = log.filter(
    (record, index) => index >= count || (last.get(keyOf(record)) === index && record.value !== null),
  );
  log.splice(0, log.length, ...kept);
}

class Course {
  readonly topics = TOPICS.map((topic) => ({ ...topic }));
  readonly world: World = { runner: ShardRunner.started({ topics: this.topics }) };
  readonly consumers: ModelConsumer[];
  private nextId = MEMBERS;

  constructor(subscriptions: readonly Subscription[]) {
    // Every other one is static.
    this.consumers = subscriptions.map(
      (each, index) => new ModelConsumer(this.world, `m${index}`, index % 2 === 1 ? `i${index}` : null, each),
    );
  }

  group(): ConsumerGroup | undefined {
    // biome-ignore lint/complexity/useLiteralKeys: a look into the shard, which does not show its groups
    const group = this.world.runner.shard['context'].groups.get(GROUP_ID);
    return group instanceof ConsumerGroup ? group : undefined;
  }

  act(step: Action): void {
    const { runner } = this.world;
    switch (step.do) {
      case 'beat':
        this.consumers[step.who].beat();
        break;
      case 'subscribe':
        this.consumers[step.who].beat(step.to);
        break;
      case 'leave':
        if (this.consumers[step.who].isIn) this.consumers[step.who].leave();
        break;
      case 'restart': {
        const old = this.consumers[step.who];
        if (old.instanceId === null || !old.isIn) break;
        old.leave(-2);
        const memberId = `m${this.nextId++}`;
        this.consumers[step.who] = new ModelConsumer(this.world, memberId, old.instanceId, old.subscription);
        break;
      }
      case 'wait':
        this.wait(step.ms);
        break;
      case 'grow':
        this.topics[step.topic].partitions++;
        runner.apply(runner.shard.onMetadataChanged(runner.nowMs));
        break;
      case 'compact':
        compact(runner.log, Math.floor((runner.log.length * step.percent) / 100));
        break;
      case 'restart broker': {
        const before = durableState(this.group());
        this.world.runner = runner.restarted();
        expect(durableState(this.group())).toEqual(before);
        break;
      }
    }
    this.check();
  }

  wait(ms: number): void {
    this.world.runner.advance(ms);
    for (const consumer of this.consumers) {
      if (this.world.runner.nowMs - consumer.lastBeatMs > SILENCE_MAX_MS) consumer.drop();
    }
  }

  /** No partition has two owners, neither for the clients nor in the group's books. */
  check(): void {
    const clients = this.consumers.flatMap(({ owned }) => [...owned]);
    expect(new Set(clients).size).toBe(clients.length);
    const books = [...(this.group()?.members.values() ?? [])].flatMap((member) =>
      [member.assignedPartitions, member.partitionsPendingRevocation].flatMap((owned) =>
        [...owned].flatMap(([topicId, partitions]) =>
          [...partitions.keys()].map((each) => `${topicId}-${each}`),
        ),
      ),
    );
    expect(new Set(books).size).toBe(books.length);
  }

  /** Everybody heartbeats: the group comes to rest, and every partition of a subscribed topic has its owner. */
  settle(): void {
    for (let round = 0; round < 12; round++) {
      for (const consumer of this.consumers) {
        if (consumer.beat() !== 0) consumer.beat();
        this.check();
      }
      this.wait(5_000);
    }
    const group = this.group();
    expect(group?.state).toBe('Stable');
    const subscribed = this.topics.filter(({ name }) => group?.subscriptions.hasTopic(name) === true);
    const all = subscribed.flatMap(({ id, partitions }) =>
      Array.from({ length: partitions }, (_, partition) => `${id}-${partition}`),
    );
    expect(this.consumers.flatMap(({ owned }) => [...owned]).sort()).toEqual(all.sort());
  }
}

describe('random courses', () => {
  it('keep what a group promises', () => {
    fc.assert(
      fc.property(
        fc.array(subscription, { minLength: MEMBERS, maxLength: MEMBERS }),
        fc.array(action, { maxLength: 40 }),
        (subscriptions, actions) => {
          const course = new Course(subscriptions);
          for (const step of actions) course.act(step);
          course.settle();
        },
      ),
      { numRuns: 150 },
    );
  });
});
