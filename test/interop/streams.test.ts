/** Kafka Streams: a word count with its internal topics, started again in the middle without its local state. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigResourceTypes, Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type StartedBroker, startMillrace, temporaryDirectory } from '../support/millrace.js';
import { describeWith } from '../support/needs.js';
import { type JavaProgram, startJava } from './support/java-program.js';
import { freePortPair } from './support/kafka.js';
import { kcatConsume, kcatProduce } from './support/tools.js';
import { createTopic } from './support/topics.js';

const LINES = 10_000;
const WORDS_A_LINE = 5;
const VOCABULARY = 97;
const PARTITIONS = 2;
const REPARTITION = 'word-count-counted-repartition';
const CHANGELOG = 'word-count-counted-changelog';
const ARRIVES = { timeout: 90_000, interval: 500 };

let folder: string;
let millrace: StartedBroker;
beforeAll(async () => {
  folder = temporaryDirectory('streams');
  millrace = await startMillrace({
    port: await freePortPair(),
    settings: { 'group.initial.rebalance.delay.ms': 0 },
  });
  await createTopic(millrace.bootstrap, 'text', PARTITIONS);
  await createTopic(millrace.bootstrap, 'counts', PARTITIONS);
});
afterAll(async () => {
  expect(await millrace.stop()).toBe(0);
  rmSync(folder, { recursive: true, force: true });
});

const words = (line: number): string[] =>
  Array.from({ length: WORDS_A_LINE }, (_, i) => `word${(line * line + i * 31 + line * i) % VOCABULARY}`);

function counted(lines: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (let line = 0; line < lines; line++)
    for (const word of words(line)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

function produce(from: number, to: number): Promise<string> {
  const lines = Array.from({ length: to - from }, (_, i) => `${words(from + i).join(' ')}\n`);
  return kcatProduce(millrace.bootstrap, 'text', lines.join(''), [
    '-X',
    'sticky.partitioning.linger.ms=0',
    '-X',
    'batch.num.messages=100',
  ]);
}

/** The newest count of each word. */
async function counts(): Promise<Map<string, number>> {
  const text = await kcatConsume(millrace.bootstrap, 'counts', '%k %s\n', ['-s', 'value=q']);
  const rows = text
    .trim()
    .split('\n')
    .filter((row) => row !== '')
    .map((row) => row.split(' '));
  return new Map(rows.map(([word = '', count]) => [word, Number(count)]));
}

const sum = (of: Iterable<number>): number => [...of].reduce((all, count) => all + count, 0);

function startCounting(): JavaProgram {
  const state = join(folder, 'state');
  mkdirSync(state, { recursive: true });
  const source = join(import.meta.dirname, 'support', 'WordCount.java');
  return startJava(source, [millrace.bootstrap, state], folder);
}

async function stopCounting(program: JavaProgram): Promise<void> {
  await program.stop();
  expect(program.output()).toContain('closed true');
}

/** What was set on a topic, as the broker tells it. */
async function configsOf(topic: string): Promise<Record<string, string>> {
  const admin = new Kafka({ brokers: [millrace.bootstrap], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: ConfigResourceTypes.TOPIC, name: topic }],
  });
  await admin.disconnect();
  const entries = resources[0]?.configEntries ?? [];
  return Object.fromEntries(entries.map(({ configName, configValue }) => [configName, configValue]));
}

/** Start of the log of every partition. */
async function logStarts(topic: string): Promise<number[]> {
  const admin = new Kafka({ brokers: [millrace.bootstrap], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const offsets = await admin.fetchTopicOffsets(topic);
  await admin.disconnect();
  return offsets.map(({ low }) => Number(low));
}

describeWith(['java', 'mvn', 'kcat'], 'Kafka Streams', () => {
  test('a word count is exact after a clean restart that has to rebuild its state', async () => {
    const half = LINES / 2;
    await produce(0, half);
    const first = startCounting();
    await expect.poll(async () => sum((await counts()).values()), ARRIVES).toBeGreaterThan(0);
    await produce(half, LINES);
    await stopCounting(first);
    rmSync(join(folder, 'state'), { recursive: true });

    expect(await configsOf(CHANGELOG)).toMatchObject({
      'cleanup.policy': 'compact',
      'message.timestamp.type': 'CreateTime',
    });
    expect(await configsOf(REPARTITION)).toMatchObject({
      'cleanup.policy': 'delete',
      'segment.bytes': '52428800',
      'retention.ms': '-1',
      'message.timestamp.type': 'CreateTime',
    });

    const second = startCounting();
    await expect.poll(async () => sum((await counts()).values()), ARRIVES).toBe(LINES * WORDS_A_LINE);
    expect(await counts()).toEqual(counted(LINES));
    // What has been read of the repartition topic is deleted (DeleteRecords).
    await expect.poll(async () => sum(await logStarts(REPARTITION)), ARRIVES).toBe(LINES * WORDS_A_LINE);
    await stopCounting(second);
    expect(await counts()).toEqual(counted(LINES));
  });
});
