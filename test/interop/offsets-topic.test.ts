/**
 * What decodes `__consumer_offsets` says the same of both brokers after the same use: Kafka's two formatters of its console
 * consumer, and its dump-log on their directories. Millrace's dump-log says of each directory what Kafka's says.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROOT, type StartedBroker, startMillrace, temporaryDirectory } from '../support/millrace.js';
import { describeWith } from '../support/needs.js';
import { millraceOptions, startKafka } from './support/kafka.js';
import { kafkaTool, mustRun, mustRunKafkaTool } from './support/tools.js';

const CONSOLE = 'org.apache.kafka.tools.consumer.ConsoleConsumer';
const DUMP = 'org.apache.kafka.tools.DumpLogSegments';
const SETTINGS = { 'group.initial.rebalance.delay.ms': 0, 'offsets.topic.num.partitions': 1 };

/** Offsets set from outside and deleted with their group, members of both protocols that came and went. */
async function use(broker: StartedBroker): Promise<void> {
  const client = new Kafka({
    clientId: 'member',
    brokers: [broker.bootstrap],
    logLevel: logLevel.NOTHING,
    retry: { retries: 20, maxRetryTime: 500 },
  });
  const admin = client.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: 'topic', numPartitions: 1 }], waitForLeaders: true });
  const partitions = [{ partition: 0, offset: '3', metadata: 'said "so"' }];
  await admin.setOffsets({ groupId: 'set', topic: 'topic', partitions });
  const consumer = client.consumer({ groupId: 'read' });
  const joined = new Promise((done) => consumer.on('consumer.group_join', done));
  await consumer.connect();
  await consumer.subscribe({ topic: 'topic' });
  await consumer.run({ eachMessage: () => Promise.resolve() });
  await joined;
  await consumer.disconnect();
  await kafkaTool(CONSOLE, [
    ...['--bootstrap-server', broker.bootstrap, '--topic', 'topic', '--group', 'modern'],
    ...['--consumer-property', 'group.protocol=consumer', '--timeout-ms', '4000'],
  ]);
  await admin.deleteGroups(['set']);
  await admin.disconnect();
}

/** Without what is random or of the moment. */
const masked = (line: string): string =>
  line
    .replace(/\b1[78]\d{11}\b/g, '<time>')
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<uuid>')
    .replace(/"(topicId|memberId)":"[\w-]{22}"/g, '"$1":"<id>"')
    .replace(/"metadataHash":-?\d+/g, '"metadataHash":<hash of the topic id>');

async function formatted(broker: StartedBroker, formatter: string): Promise<string[]> {
  // An assigned partition: the reader leaves no records of a group of its own.
  const { stdout } = await kafkaTool(CONSOLE, [
    ...['--bootstrap-server', broker.bootstrap, '--topic', '__consumer_offsets', '--partition', '0'],
    ...['--offset', 'earliest', '--timeout-ms', '4000'],
    ...['--formatter', `org.apache.kafka.tools.consumer.${formatter}`],
  ]);
  return [...stdout.matchAll(/\{"key":.*?\}(?=\{"key":|\s|$)/g)].map(([line]) => masked(line));
}

const logOf = ({ data }: StartedBroker): string =>
  join(data, '__consumer_offsets-0', `${'0'.repeat(20)}.log`);
const dumpArguments = (broker: StartedBroker): string[] => ['--offsets-decoder', '--files', logOf(broker)];

async function dumped(broker: StartedBroker): Promise<string[]> {
  const text = await mustRunKafkaTool(DUMP, dumpArguments(broker));
  return text
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map(masked);
}

describeWith(['java', 'mvn'], 'what decodes the offsets topic', () => {
  const brokers: StartedBroker[] = [];
  let folder: string;
  beforeAll(async () => {
    folder = temporaryDirectory('offsets-topic');
    const data = (name: string): string => join(folder, name);
    brokers.push(await startKafka({ data: data('kafka'), quorum: 'standalone', settings: SETTINGS }));
    brokers.push(await startMillrace({ ...(await millraceOptions(SETTINGS)), data: data('millrace') }));
    for (const broker of brokers) await use(broker);
  });
  afterAll(async () => {
    await stopAll();
    rmSync(folder, { recursive: true, force: true });
  });
  /** The directories are read after the end: before it, Millrace's logs are longer than what they hold. */
  const stopAll = async (): Promise<void> => {
    for (const broker of brokers) await broker.stop();
  };

  for (const [formatter, least] of [
    ['OffsetsMessageFormatter', 2],
    ['GroupMetadataMessageFormatter', 6],
  ] as const) {
    test(formatter, async () => {
      const [kafka, millrace] = brokers;
      const expected = await formatted(kafka, formatter);
      expect(expected.length).toBeGreaterThanOrEqual(least);
      expect(await formatted(millrace, formatter)).toEqual(expected);
    });
  }

  test('dump-log --offsets-decoder: the same records in both directories', async () => {
    await stopAll();
    const [kafka, millrace] = brokers;
    const expected = await dumped(kafka);
    expect(expected.length).toBeGreaterThanOrEqual(18);
    expect(await dumped(millrace)).toEqual(expected);
  });

  test('millrace dump-log --offsets-decoder prints what Kafka prints', async () => {
    for (const broker of brokers) {
      const expected = await mustRunKafkaTool(DUMP, dumpArguments(broker));
      const program = join(ROOT, 'bin', 'millrace');
      expect(await mustRun(process.execPath, [program, 'dump-log', ...dumpArguments(broker)])).toBe(expected);
    }
  });
});
