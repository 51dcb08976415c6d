/** Share groups with Kafka's own share consumers and console-share-consumer: who gets what, and what a broken one leaves. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type StartedBroker, startMillrace, temporaryDirectory } from '../support/millrace.js';
import { describeWith } from '../support/needs.js';
import { freePortPair } from './support/kafka.js';
import { kafkaLibraries } from './support/libraries.js';
import { kafkaTool, kcatProduce } from './support/tools.js';
import { createTopic } from './support/topics.js';

const READER = join(import.meta.dirname, 'support', 'ShareReader.java');
const CONSOLE = 'org.apache.kafka.tools.consumer.ConsoleShareConsumer';
const JVM = ['-Xmx256m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xshare:auto'];
const TEST_MS = 120_000;
const SETTINGS = {
  'offsets.topic.num.partitions': 3,
  'share.coordinator.state.topic.num.partitions': 3,
  'share.coordinator.state.topic.replication.factor': 1,
  'share.coordinator.state.topic.min.isr': 1,
  'group.share.record.lock.duration.ms': 3_000,
  'group.share.min.record.lock.duration.ms': 1_000,
};

interface Delivery {
  readonly consumer: number;
  readonly partition: number;
  readonly offset: number;
  readonly count: number;
  readonly did: string;
  readonly value: string;
}

class Reader {
  readonly ended: Promise<void>;
  private readonly child: ChildProcess;
  output = '';

  constructor(
    bootstrap: string,
    group: string,
    topic: string,
    consumers: number,
    records: number,
    mode: string,
    ...more: string[]
  ) {
    const args = [bootstrap, group, topic, String(consumers), String(records), mode, ...more];
    this.child = spawn('java', [...JVM, '-cp', `${kafkaLibraries()}/*`, READER, ...args]);
    const keep = (chunk: Buffer): void => {
      this.output += chunk.toString();
    };
    this.child.stdout?.on('data', keep);
    this.child.stderr?.on('data', keep);
    this.ended = new Promise((resolve) => this.child.once('close', () => resolve()));
  }

  kill(): Promise<void> {
    this.child.kill('SIGKILL');
    return this.ended;
  }

  async said(text: string): Promise<void> {
    const deadline = performance.now() + 60_000;
    while (!this.output.includes(text)) {
      if (performance.now() > deadline) throw new Error(`the reader did not say "${text}":\n${this.output}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Deliveries in the order in which they were printed. */
  get deliveries(): Delivery[] {
    return [...this.output.matchAll(/^(\d+) (\d+) (\d+) (\d+) (\w+) (.*)$/gm)].map(
      ([, consumer, partition, offset, count, did = '', value = '']) => ({
        consumer: Number(consumer),
        partition: Number(partition),
        offset: Number(offset),
        count: Number(count),
        did,
        value,
      }),
    );
  }
}

async function readAll(...args: ConstructorParameters<typeof Reader>): Promise<Reader> {
  const reader = new Reader(...args);
  await reader.ended;
  expect(reader.output).not.toContain('failed');
  return reader;
}

const placeOf = ({ partition, offset }: Delivery): string => `${partition}-${offset}`;

async function topicWith(
  broker: StartedBroker,
  topic: string,
  partitions: number,
  count: number,
): Promise<void> {
  await createTopic(broker.bootstrap, topic, partitions);
  const lines = Array.from({ length: count }, (_, i) => `line ${i}`);
  const settings = ['-X', 'sticky.partitioning.linger.ms=0', '-X', 'batch.num.messages=20'];
  await kcatProduce(broker.bootstrap, topic, `${lines.join('\n')}\n`, settings);
}

let millrace: StartedBroker;
beforeAll(async () => {
  millrace = await startMillrace({ port: await freePortPair(), settings: SETTINGS });
});
afterAll(async () => {
  expect(await millrace.stop()).toBe(0);
});

describeWith(['java', 'mvn', 'kcat'], "Kafka's share consumers", () => {
  test(
    'three consumers on one partition read every record once, and each gets some',
    async () => {
      await topicWith(millrace, 'one', 1, 600);
      const reader = await readAll(
        millrace.bootstrap,
        'three',
        'one',
        3,
        600,
        'accept',
        'max.poll.records=20',
      );
      const { deliveries } = reader;
      expect(new Set(deliveries.map(placeOf)).size).toBe(600);
      expect(deliveries.length).toBe(600);
      expect(deliveries.every(({ count }) => count === 1)).toBe(true);
      expect(new Set(deliveries.map(({ consumer }) => consumer)).size).toBeGreaterThan(1);
    },
    TEST_MS,
  );

  test(
    'releases come back, rejects do not; nothing is left for the next',
    async () => {
      await topicWith(millrace, 'many', 3, 300);
      const { deliveries } = await readAll(millrace.bootstrap, 'picky', 'many', 2, 300, 'pick');
      const of = (ending: string): Delivery[] => deliveries.filter(({ value }) => value.endsWith(ending));
      expect(new Set(deliveries.map(placeOf)).size).toBe(300);
      expect(of('3').map(({ did }) => did)).toEqual(Array.from({ length: 30 }, () => 'reject'));
      expect(of('7').filter(({ did }) => did === 'release').length).toBe(30);
      expect(of('7').filter(({ did, count }) => did === 'accept' && count === 2).length).toBe(30);
      const args = [
        '--bootstrap-server',
        millrace.bootstrap,
        '--topic',
        'many',
        '--group',
        'picky',
        '--timeout-ms',
        '5000',
      ];
      const { stdout } = await kafkaTool(CONSOLE, args);
      expect(stdout).not.toContain('line ');
    },
    TEST_MS,
  );

  test(
    'what a killed consumer held is delivered again',
    async () => {
      await topicWith(millrace, 'killed', 1, 40);
      const holder = new Reader(millrace.bootstrap, 'victims', 'killed', 1, 40, 'hold');
      await holder.said('holding');
      await holder.kill();
      const heldBefore = new Set(holder.deliveries.map(placeOf));
      expect(heldBefore.size).toBeGreaterThan(0);
      const { deliveries } = await readAll(millrace.bootstrap, 'victims', 'killed', 1, 40, 'accept');
      expect(new Set(deliveries.map(placeOf)).size).toBe(40);
      expect(deliveries.length).toBe(40);
      for (const delivery of deliveries)
        expect(delivery.count).toBe(heldBefore.has(placeOf(delivery)) ? 2 : 1);
    },
    TEST_MS,
  );

  test(
    'what a stuck consumer holds goes to others when its lock ends',
    async () => {
      await topicWith(millrace, 'stuck', 1, 40);
      const { deliveries } = await readAll(millrace.bootstrap, 'stuck', 'stuck', 2, 40, 'stuck');
      const held = new Set(deliveries.filter(({ did }) => did === 'held').map(placeOf));
      const accepted = deliveries.filter(({ did }) => did === 'accept');
      expect(held.size).toBeGreaterThan(0);
      expect(new Set(accepted.map(placeOf)).size).toBe(40);
      expect(accepted.length).toBe(40);
      for (const delivery of accepted) expect(delivery.count).toBe(held.has(placeOf(delivery)) ? 2 : 1);
    },
    TEST_MS,
  );

  test(
    'console-share-consumer reads everything',
    async () => {
      await topicWith(millrace, 'console', 2, 100);
      const first = new Reader(millrace.bootstrap, 'console', 'console', 1, 1, 'acquire');
      await first.ended;
      const args = ['--bootstrap-server', millrace.bootstrap, '--topic', 'console', '--group', 'console'];
      const { stdout } = await kafkaTool(CONSOLE, [
        ...args,
        '--max-messages',
        '100',
        '--timeout-ms',
        '20000',
      ]);
      const lines = stdout.split('\n').filter((line) => line.startsWith('line '));
      expect(new Set(lines).size).toBe(100);
      expect(lines.length).toBe(100);
    },
    TEST_MS,
  );

  test(
    'acknowledged records stay acknowledged over kill -9 and a clean stop of the broker',
    async () => {
      const data = join(temporaryDirectory('share'), 'data');
      const port = await freePortPair();
      let own = await startMillrace({ data, port, settings: SETTINGS });
      await topicWith(own, 'kept', 1, 200);
      const first = await readAll(own.bootstrap, 'keepers', 'kept', 1, 60, 'accept', 'max.poll.records=20');
      await own.kill();
      own = await startMillrace({ data, port, settings: SETTINGS });
      const second = await readAll(own.bootstrap, 'keepers', 'kept', 1, 60, 'accept', 'max.poll.records=20');
      expect(await own.stop()).toBe(0);
      own = await startMillrace({ data, port, settings: SETTINGS });
      const rest = 200 - first.deliveries.length - second.deliveries.length;
      const third = await readAll(own.bootstrap, 'keepers', 'kept', 1, rest, 'accept');
      const all = [first, second, third].flatMap(({ deliveries }) => deliveries.map(placeOf));
      expect(new Set(all).size).toBe(200);
      expect(all.length).toBe(200);
      expect(await own.stop()).toBe(0);
    },
    TEST_MS,
  );
});
