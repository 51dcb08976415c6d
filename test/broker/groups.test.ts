/** Groups of real consumers (kafkajs): who gets what while members come and go and while the broker restarts. */
import { type Consumer, Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort, type StartedBroker, startMillrace, temporaryDirectory } from '../support/millrace.js';
import { Client } from './support/client.js';
import { eventually } from './support/eventually.js';
import { createTopic, sleep } from './support/requests.js';

const PARTITIONS = 6;
const SETTINGS = { 'group.initial.rebalance.delay.ms': 100, 'offsets.topic.num.partitions': 7 };

function kafka(broker: StartedBroker, clientId = 'groups'): Kafka {
  return new Kafka({
    clientId,
    brokers: [broker.bootstrap],
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 50, maxRetryTime: 500, retries: 50 },
  });
}

/** Who owns which partition, and every moment at which two did. */
class Owners {
  private readonly owner = new Map<number, string>();
  readonly conflicts: string[] = [];

  gained(member: string, partitions: readonly number[]): void {
    for (const partition of partitions) {
      const other = this.owner.get(partition);
      if (other !== undefined && other !== member)
        this.conflicts.push(`${partition}: ${other} and ${member}`);
      this.owner.set(partition, member);
    }
  }
  lost(member: string): void {
    for (const [partition, owner] of this.owner) if (owner === member) this.owner.delete(partition);
  }
  get owned(): number {
    return this.owner.size;
  }
  get members(): number {
    return new Set(this.owner.values()).size;
  }
}

interface Seen {
  readonly owners: Owners;
  /** Value to how often it was delivered. */
  readonly values: Map<string, number>;
  /** What ended a consumer; kafkajs starts most of them again. */
  readonly crashes: string[];
}

function newSeen(): Seen {
  return { owners: new Owners(), values: new Map(), crashes: [] };
}

async function join(broker: StartedBroker, groupId: string, name: string, seen: Seen): Promise<Consumer> {
  const consumer = kafka(broker, name).consumer({
    groupId,
    sessionTimeout: 10_000,
    rebalanceTimeout: 10_000,
    heartbeatInterval: 200,
    maxWaitTimeInMs: 200,
  });
  const { owners, values, crashes } = seen;
  consumer.on('consumer.group_join', ({ payload }) =>
    owners.gained(name, payload.memberAssignment.topic ?? []),
  );
  for (const event of ['consumer.rebalancing', 'consumer.stop', 'consumer.disconnect'] as const)
    consumer.on(event, () => owners.lost(name));
  consumer.on('consumer.crash', ({ payload }) => crashes.push(`${name}: ${payload.error.stack}`));
  await consumer.connect();
  await consumer.subscribe({ topic: 'topic', fromBeginning: true });
  await consumer.run({
    autoCommitInterval: 100,
    eachMessage: ({ message }) => {
      const value = message.value?.toString() ?? '';
      values.set(value, (values.get(value) ?? 0) + 1);
      return Promise.resolve();
    },
  });
  return consumer;
}

describe('a group of kafkajs consumers', () => {
  let broker: StartedBroker;
  beforeAll(async () => {
    broker = await startMillrace({ settings: SETTINGS });
    const client = await Client.open(broker.port);
    await createTopic(client, 'topic', PARTITIONS);
    client.close();
  });
  afterAll(async () => {
    expect(await broker.stop()).toBe(0);
  });

  it('grows from 1 to 5 and shrinks to 1 while records flow: all are delivered, no partition is owned twice', async () => {
    const seen: Seen = newSeen();
    const producer = kafka(broker).producer();
    await producer.connect();
    let sent = 0;
    let flowing = true;
    const flow = (async () => {
      while (flowing) {
        const messages = Array.from({ length: 10 }, () => ({ key: String(sent), value: `value ${sent++}` }));
        await producer.send({ topic: 'topic', messages });
        await sleep(20);
      }
    })();
    const consumers = [await join(broker, 'moving', 'member-0', seen)];
    await eventually('one has all', () => seen.owners.owned === PARTITIONS && seen.values.size > 50);
    for (let index = 1; index < 5; index++)
      consumers.push(await join(broker, 'moving', `member-${index}`, seen));
    await eventually('five share', () => seen.owners.members === 5 && seen.owners.owned === PARTITIONS);
    const atFive = seen.values.size;
    await eventually('records flow', () => seen.values.size > atFive + 50);
    for (const consumer of consumers.slice(1)) await consumer.disconnect();
    await eventually(
      'one has all again',
      () => seen.owners.members === 1 && seen.owners.owned === PARTITIONS,
    );
    flowing = false;
    await flow;
    await eventually('all delivered', () => seen.values.size === sent);
    await consumers[0]?.disconnect();
    await producer.disconnect();
    expect(seen.owners.conflicts).toEqual([]);
    expect(sent).toBeGreaterThan(200);
  }, 60_000);

  it('an administrator lists, describes and deletes it', async () => {
    const admin = kafka(broker).admin();
    await admin.connect();
    expect((await admin.listGroups()).groups).toEqual([{ groupId: 'moving', protocolType: 'consumer' }]);
    const described = await admin.describeGroups(['moving', 'nobody']);
    expect(described.groups.map(({ groupId, state }) => [groupId, state]).toSorted()).toEqual([
      ['moving', 'Empty'],
      ['nobody', 'Dead'],
    ]);
    const [offsets] = await admin.fetchOffsets({ groupId: 'moving', topics: ['topic'] });
    expect(offsets?.partitions.length).toBe(PARTITIONS);
    expect(offsets?.partitions.every(({ offset }) => Number(offset) > 0)).toBe(true);
    await admin.resetOffsets({ groupId: 'moving', topic: 'topic', earliest: true });
    await admin.deleteGroups(['moving']);
    expect((await admin.listGroups()).groups).toEqual([]);
    await expect(admin.deleteGroups(['moving'])).rejects.toThrow();
    await admin.disconnect();
  });

  it('a member that vanishes loses its partitions when its session ends', async () => {
    const seen: Seen = newSeen();
    const lasting = await join(broker, 'vanishing', 'lasting', seen);
    const other: Seen = newSeen();
    const vanishing = await join(broker, 'vanishing', 'vanishing', other);
    await eventually(
      'two share',
      () => seen.owners.owned === PARTITIONS / 2 && other.owners.owned === PARTITIONS / 2,
    );
    await vanishing.stop(); // kafkajs leaves on disconnect only
    await eventually('the other one has all', () => seen.owners.owned === PARTITIONS, 20_000);
    await lasting.disconnect();
    await vanishing.disconnect();
  }, 40_000);
});

describe('a restart of the broker', () => {
  for (const how of ['stop', 'kill'] as const) {
    it(`${how}: members find their group again, committed offsets are kept`, async () => {
      const data = temporaryDirectory('groups');
      const port = await freePort();
      let broker = await startMillrace({ data, port, settings: SETTINGS });
      const client = await Client.open(port);
      await createTopic(client, 'topic', PARTITIONS);
      client.close();
      const producer = kafka(broker).producer();
      await producer.connect();
      const send = (from: number, count: number) =>
        producer.send({
          topic: 'topic',
          messages: Array.from({ length: count }, (_, i) => ({ value: `value ${from + i}` })),
        });
      const seen: Seen = newSeen();
      const consumers = [await join(broker, 'lasting', 'a', seen), await join(broker, 'lasting', 'b', seen)];
      await eventually(
        'two share',
        () => seen.owners.members === 2 && seen.owners.owned === PARTITIONS,
        25_000,
        () => ({
          members: seen.owners.members,
          owned: seen.owners.owned,
          crashes: seen.crashes,
          log: broker.output(),
        }),
      );
      await send(0, 100);
      await eventually('first hundred', () => seen.values.size === 100);
      await sleep(500); // the commits that kafkajs makes between messages
      await broker[how]();
      broker = await startMillrace({ data, port, settings: SETTINGS });
      await send(100, 100);
      await eventually('second hundred', () => seen.values.size === 200, 25_000);
      for (const consumer of consumers) await consumer.disconnect();
      // What was committed before the restart is not delivered again; only what was in flight may be.
      const admin = kafka(broker).admin();
      await admin.connect();
      const [offsets] = await admin.fetchOffsets({ groupId: 'lasting', topics: ['topic'] });
      const committed = (offsets?.partitions ?? []).reduce(
        (sum, { offset }) => sum + Math.max(0, Number(offset)),
        0,
      );
      expect(committed).toBe(200);
      await admin.disconnect();
      await producer.disconnect();
      expect(await broker.stop()).toBe(0);
    }, 90_000);
  }
});
