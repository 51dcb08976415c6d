/** Groups move between Kafka and Millrace with their directory, both ways, stopped cleanly or killed. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, expect, test } from 'vitest';
import { type StartedBroker, startMillrace, temporaryDirectory } from '../support/millrace.js';
import { describeWith } from '../support/needs.js';
import { nodeSettings, startKafka } from './support/kafka.js';
import { createTopic } from './support/topics.js';

const SETTINGS = { 'offsets.topic.num.partitions': 5, 'group.initial.rebalance.delay.ms': 0 };
const FOLDER = temporaryDirectory('group-directories');
const DATA = join(FOLDER, 'data');
afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

const client = ({ bootstrap }: StartedBroker): Kafka =>
  new Kafka({ brokers: [bootstrap], logLevel: logLevel.NOTHING, retry: { retries: 20, maxRetryTime: 500 } });

/** Two groups: offsets set from outside, and a member that came and went. */
async function use(broker: StartedBroker, name: string): Promise<void> {
  const admin = client(broker).admin();
  await admin.connect();
  const partitions = [
    { partition: 0, offset: String(name.length) },
    { partition: 1, offset: '99' },
  ];
  await admin.setOffsets({ groupId: `set-by-${name}`, topic: 'topic', partitions });
  await admin.disconnect();
  const consumer = client(broker).consumer({ groupId: `read-by-${name}` });
  const joined = new Promise((done) => consumer.on('consumer.group_join', done));
  await consumer.connect();
  await consumer.subscribe({ topic: 'topic' });
  await consumer.run({ eachMessage: () => Promise.resolve() });
  await joined;
  await consumer.disconnect();
}

interface Seen {
  readonly groups: readonly string[];
  readonly offsets: Readonly<Record<string, readonly string[]>>;
}

async function look(broker: StartedBroker): Promise<Seen> {
  const admin = client(broker).admin();
  await admin.connect();
  const { groups } = await admin.listGroups();
  const ids = groups.map(({ groupId }) => groupId).toSorted();
  const described = await admin.describeGroups(ids);
  const offsets: Record<string, string[]> = {};
  for (const groupId of ids) {
    const topics = await admin.fetchOffsets({ groupId });
    offsets[groupId] = topics
      .flatMap(({ topic, partitions }) =>
        partitions.map(({ partition, offset }) => `${topic}-${partition}: ${offset}`),
      )
      .toSorted();
  }
  await admin.disconnect();
  return {
    groups: described.groups
      .map(
        ({ groupId, state, protocolType, members }) =>
          `${groupId} ${state} ${protocolType} ${members.length}`,
      )
      .toSorted(),
    offsets,
  };
}

/** Kafka says that it has started before it has loaded its groups. */
async function serves(broker: StartedBroker, expected: Seen): Promise<void> {
  await expect.poll(() => look(broker), { timeout: 20_000, interval: 500 }).toEqual(expected);
}

describeWith(['java', 'mvn'], 'groups in a directory that changes hands', () => {
  const kafka = (port?: number): Promise<StartedBroker> =>
    startKafka({
      data: DATA,
      quorum: 'standalone',
      settings: SETTINGS,
      ...(port === undefined ? {} : { port }),
    });
  const millrace = (port: number): Promise<StartedBroker> =>
    startMillrace({ data: DATA, port, settings: { ...nodeSettings(port, DATA, 'standalone'), ...SETTINGS } });

  test('from Kafka to Millrace and back', async () => {
    let broker = await kafka();
    const { port } = broker;
    await createTopic(broker.bootstrap, 'topic', 2);
    await use(broker, 'kafka');
    let before = await look(broker);
    expect(before.groups.length).toBe(2);
    await broker.stop();
    for (const end of ['stop', 'kill'] as const) {
      broker = await millrace(port);
      await serves(broker, before);
      await use(broker, `millrace-${end}`);
      before = await look(broker);
      await broker[end]();
      broker = await kafka(port);
      await serves(broker, before);
      await use(broker, `kafka-${end}`);
      before = await look(broker);
      await broker[end]();
    }
    broker = await millrace(port);
    await serves(broker, before);
    expect(before.groups.length).toBe(10);
    expect(await broker.stop()).toBe(0);
  });
});
