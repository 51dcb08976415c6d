/** kafka-consumer-groups and kafka-groups, in every form, print about Millrace what they print about Kafka. */
import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Consumer, Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type StartedBroker, startMillrace, temporaryDirectory } from '../support/millrace.js';
import { describeWith } from '../support/needs.js';
import { CONSUMER_GROUPS, GROUP_TOOL_CASES, type GroupToolCase } from './support/group-tool-cases.js';
import { millraceOptions, startKafka } from './support/kafka.js';
import { kafkaLibraries } from './support/libraries.js';
import { kafkaTool, mustRunKafkaTool, type Ran } from './support/tools.js';

const CONSOLE = 'org.apache.kafka.tools.consumer.ConsoleConsumer';
/** Records are old: their times are part of the cases. */
const SETTINGS = { 'group.initial.rebalance.delay.ms': 0, 'log.retention.ms': -1 };
const FIRST_TIMESTAMP = Date.UTC(2024, 0, 1);
const RECORDS = 10;
const STABLE = { timeout: 100_000, interval: 1500 };

/** A broker with the groups of the cases. */
interface Side {
  readonly broker: StartedBroker;
  /** Members that live until the end. */
  classic?: Consumer;
  modern?: ChildProcess;
}

/** Partition p of "read" holds 10 records, one a minute; "other" holds 10 in its one partition. */
async function fill(client: Kafka): Promise<void> {
  const admin = client.admin();
  await admin.connect();
  const topics = [
    { topic: 'read', numPartitions: 3 },
    { topic: 'other', numPartitions: 1 },
  ];
  await admin.createTopics({ topics, waitForLeaders: true });
  const producer = client.producer();
  await producer.connect();
  for (const { topic, numPartitions } of topics) {
    const messages = Array.from({ length: RECORDS * numPartitions }, (_, i) => ({
      partition: i % numPartitions,
      timestamp: String(FIRST_TIMESTAMP + Math.trunc(i / numPartitions) * 60_000),
      value: `record ${i}`,
    }));
    await producer.send({ topic, messages });
  }
  await producer.disconnect();
  const set = (groupId: string, topic: string, offsets: readonly string[]): Promise<void> =>
    admin.setOffsets({
      groupId,
      topic,
      partitions: offsets.map((offset, partition) => ({ partition, offset })),
    });
  await set('set', 'read', ['2', '5', '9']);
  await set('set', 'other', ['4']);
  await set('two', 'other', ['1']);
  await admin.disconnect();
}

async function prepare(side: Side): Promise<void> {
  const { broker } = side;
  const client = new Kafka({
    clientId: 'live',
    brokers: [broker.bootstrap],
    logLevel: logLevel.NOTHING,
    retry: { retries: 20, maxRetryTime: 500 },
  });
  await fill(client);
  const server = ['--bootstrap-server', broker.bootstrap];
  // Offsets without a member ever: a simple group. And a group of the new protocol that was left.
  await mustRunKafkaTool(CONSUMER_GROUPS, [
    ...[...server, '--reset-offsets', '--group', 'simple', '--topic', 'read'],
    ...['--to-offset', '3', '--execute'],
  ]);
  const modernly = ['--topic', 'read', '--consumer-property', 'group.protocol=consumer'];
  await mustRunKafkaTool(CONSOLE, [
    ...[...server, ...modernly, '--group', 'left', '--from-beginning'],
    ...['--max-messages', String(3 * RECORDS)],
  ]);
  const classic = client.consumer({ groupId: 'live-classic' });
  side.classic = classic;
  const joined = new Promise((done) => classic.on('consumer.group_join', done));
  await classic.connect();
  await classic.subscribe({ topic: 'read', fromBeginning: true });
  await classic.run({ eachMessage: () => Promise.resolve(), autoCommit: false });
  await joined;
  side.modern = spawn(
    'java',
    [
      ...['-Xmx128m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-cp', `${kafkaLibraries()}/*`, CONSOLE],
      ...[...server, ...modernly, '--group', 'live-modern', '--from-beginning'],
      ...['--consumer-property', 'auto.commit.interval.ms=500'],
    ],
    { stdio: 'ignore' },
  );
  await vi.waitFor(async () => {
    const { stdout } = await kafkaTool(CONSUMER_GROUPS, [...server, '--describe', '--group', 'live-modern']);
    expect(stdout.match(/^live-modern\s+read\s+\d\s+10\s+10\s+0/gm)?.length).toBe(3);
  }, STABLE);
}

/** What a tool said, without what is random: members' ids, ports, times. */
function normal({ code, stdout, stderr }: Ran, { broker }: Side, { unordered }: GroupToolCase): string[] {
  const lines = `${stdout}\n${stderr}`
    .replaceAll(`:${broker.port}`, ':<port>')
    .replaceAll(`(id: 1 rack: null)`, '')
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<uuid>')
    .replace(/(?<=\s)[\w-]{22}(?=\s)/g, '<member id>')
    .replace(/\[\d{4}-\d\d-\d\d [\d:,]+\]/g, '[<time>]')
    .replace(/^\d{4}-\d\d-\d\dT\S+Z/gm, '<time>')
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^\s+(at |\.\.\. \d+ more)/.test(line));
  return [`exit code ${code}`, ...(unordered === true ? lines.toSorted() : lines)];
}

describeWith(['java', 'mvn'], "Kafka's tools of groups", () => {
  const sides: Side[] = [];
  let folder: string;

  beforeAll(async () => {
    folder = temporaryDirectory('group-tools');
    sides.push({ broker: await startKafka({ quorum: 'standalone', settings: SETTINGS }) });
    sides.push({ broker: await startMillrace(await millraceOptions(SETTINGS)) });
    for (const side of sides) await prepare(side);
  }, 400_000);
  afterAll(async () => {
    for (const { broker, classic, modern } of sides) {
      modern?.kill();
      await classic?.disconnect();
      await broker.stop();
    }
    rmSync(folder, { recursive: true, force: true });
  });

  async function ask(side: Side, each: GroupToolCase): Promise<string[]> {
    const file = join(folder, 'input.csv');
    if (each.input !== undefined) writeFileSync(file, each.input);
    const args = each.args.map((argument) => (argument === '<file>' ? file : argument));
    return normal(
      await kafkaTool(each.tool, ['--bootstrap-server', side.broker.bootstrap, ...args]),
      side,
      each,
    );
  }

  for (const each of GROUP_TOOL_CASES) {
    test(each.what, async () => {
      const [expected, got] = await Promise.all(sides.map((side) => ask(side, each)));
      for (const text of each.contains) expect(expected.join('\n')).toMatch(text);
      expect(got).toEqual(expected);
    });
  }
});
