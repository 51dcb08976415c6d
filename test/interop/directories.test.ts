/**
 * Log directories are Kafka's: its own tool reads every file that Millrace left behind, its broker starts on a Millrace
 * directory (stopped or killed) and serves the same, and Millrace starts on Kafka's, and back again.
 */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type StartedBroker, startMillrace, temporaryDirectory } from '../support/millrace.js';
import { describeWith } from '../support/needs.js';
import { freePortPair, nodeSettings, type Quorum, startKafka } from './support/kafka.js';
import { type Served, served } from './support/records.js';
import { kafkaTool, kcatProduce } from './support/tools.js';
import { createTopic } from './support/topics.js';

const PLAIN = { 'log.retention.ms': -1 };
/** Segments roll, so that there are sealed ones with whole indexes. */
const SETTINGS = {
  ...PLAIN,
  'log.segment.bytes': 1_048_576,
  'offsets.topic.num.partitions': 1,
  'transaction.state.log.num.partitions': 1,
};

type Start = (data: string, port: number, quorum: Quorum) => Promise<StartedBroker>;
const kafka: Start = (data, port, quorum) => startKafka({ data, port, quorum, settings: SETTINGS });
const millrace: Start = (data, port, quorum) => {
  const { 'log.dirs': _, ...settings } = nodeSettings(port, data, quorum);
  return startMillrace({ data, port, settings: { ...settings, ...SETTINGS } });
};

async function fill(bootstrap: string, round: string): Promise<void> {
  const lines = (count: number, width: number): string =>
    Array.from({ length: count }, (_, i) => `k${i % 17}:${round} ${i} ${'v'.repeat(i % width)}\n`).join('');
  for (const codec of ['none', 'gzip', 'snappy', 'lz4', 'zstd']) {
    await createTopic(bootstrap, `${round}-${codec}`, 3);
    await kcatProduce(bootstrap, `${round}-${codec}`, lines(2000, 80), [
      '-K:',
      '-z',
      codec,
      '-X',
      'linger.ms=5',
    ]);
  }
  await createTopic(bootstrap, `${round}-large`, 1);
  await kcatProduce(bootstrap, `${round}-large`, lines(20_000, 400), [
    '-K:',
    '-X',
    'enable.idempotence=true',
  ]);
  await createTopic(bootstrap, `${round}-empty`, 2);
}

function filesIn(data: string, folder: string, ...endings: string[]): string[] {
  return readdirSync(join(data, folder))
    .filter((name) => endings.some((ending) => name.endsWith(ending)))
    .map((name) => join(data, folder, name));
}

async function dump(files: readonly string[], ...options: string[]): Promise<string> {
  const args = [...options, '--files', files.join(',')];
  const { code, stdout, stderr } = await kafkaTool('org.apache.kafka.tools.DumpLogSegments', args);
  // Of every segment but the first the tool says "-1 is followed by <its base offset>", of Kafka's own files too.
  const complaints = `${stdout}\n${stderr}`
    .split('\n')
    .filter((line) => /mismatch|corrupt|invalid|exception|error|is followed by|out of order/i.test(line))
    .filter((line) => !/isvalid: true|^\s*-1 is followed by/.test(line));
  expect(complaints).toEqual([]);
  expect(code).toBe(0);
  return stdout;
}

/** The newest segment holds bytes of an earlier life of its file: something stands behind the zeros after its last batch. */
function hasOlderLife(directory: string): boolean {
  const newest = readdirSync(directory)
    .filter((name) => name.endsWith('.log'))
    .sort()
    .at(-1);
  const bytes = readFileSync(join(directory, newest ?? ''));
  let end = 0;
  while (end + 61 <= bytes.length && bytes.readInt32BE(end + 8) > 0) end += 12 + bytes.readInt32BE(end + 8);
  return bytes.subarray(end).some((byte) => byte !== 0);
}

describeWith(['java', 'mvn', 'kcat'], 'directories', () => {
  describe('a cleanly stopped Millrace', () => {
    const data = join(temporaryDirectory('clean'), 'data');
    let port = 0;
    let before: Served;

    beforeAll(async () => {
      port = await freePortPair();
      const broker = await millrace(data, port, 'static');
      await fill(broker.bootstrap, 'first');
      before = await served(broker.bootstrap);
      expect(before.records['first-large']).toMatch(/^20000 /);
      expect(before.records['first-zstd']).toMatch(/^2000 /);
      expect(await broker.stop()).toBe(0);
    });
    afterAll(() => rmSync(data, { recursive: true, force: true }));

    test("Kafka's tool reads every file", async () => {
      const folders = readdirSync(data).filter(
        (name) => /-\d+$/.test(name) && !name.startsWith('__cluster_metadata'),
      );
      const files = folders.flatMap((folder) =>
        filesIn(data, folder, '.log', '.index', '.timeindex', '.snapshot', '.txnindex'),
      );
      expect(files.filter((file) => file.endsWith('.log')).length).toBeGreaterThan(20);
      const text = await dump(files, '--deep-iteration', '--print-data-log', '--index-sanity-check');
      const records = Object.values(before.records).reduce(
        (sum, each) => sum + Number(each.split(' ')[0]),
        0,
      );
      expect(text.match(/^\| offset: /gm)?.length).toBe(records);
    });

    test("Kafka's tool reads the metadata log", async () => {
      const text = await dump(
        filesIn(data, '__cluster_metadata-0', '.log', '.checkpoint'),
        '--cluster-metadata-decoder',
        '--deep-iteration',
      );
      for (const type of [
        'REGISTER_BROKER_RECORD',
        'FEATURE_LEVEL_RECORD',
        'TOPIC_RECORD',
        'PARTITION_RECORD',
      ])
        expect(text).toContain(type);
    });

    test('Kafka serves the same, takes more, and Millrace takes it back', async () => {
      const java = await kafka(data, port, 'static');
      expect(await served(java.bootstrap)).toEqual(before);
      await fill(java.bootstrap, 'second');
      const more = await served(java.bootstrap);
      await java.stop();
      const again = await millrace(data, port, 'static');
      expect(await served(again.bootstrap)).toEqual(more);
      await fill(again.bootstrap, 'third');
      const most = await served(again.bootstrap);
      expect(await again.stop()).toBe(0);
      const last = await kafka(data, port, 'static');
      expect(await served(last.bootstrap)).toEqual(most);
      await last.stop();
    });
  });

  for (const quorum of ['static', 'standalone'] as const) {
    test(`a cleanly stopped Kafka, ${quorum} quorum`, async () => {
      const data = join(temporaryDirectory('kafka'), 'data');
      const port = await freePortPair();
      const java = await kafka(data, port, quorum);
      await fill(java.bootstrap, 'first');
      const before = await served(java.bootstrap);
      await java.stop();
      const broker = await millrace(data, port, quorum);
      expect(await served(broker.bootstrap)).toEqual(before);
      await fill(broker.bootstrap, 'second');
      const more = await served(broker.bootstrap);
      expect(await broker.stop()).toBe(0);
      const again = await kafka(data, port, quorum);
      expect(await served(again.bootstrap)).toEqual(more);
      await again.stop();
      rmSync(data, { recursive: true, force: true });
    });
  }

  test('a killed Millrace', async () => {
    const data = join(temporaryDirectory('killed'), 'data');
    const port = await freePortPair();
    const broker = await millrace(data, port, 'static');
    await fill(broker.bootstrap, 'first');
    const before = await served(broker.bootstrap);
    await broker.kill();
    const java = await kafka(data, port, 'static');
    expect(await served(java.bootstrap)).toEqual(before);
    await java.stop();
    rmSync(data, { recursive: true, force: true });
  });

  test('a killed Millrace whose active segment is a recycled file', async () => {
    const data = join(temporaryDirectory('recycled'), 'data');
    const port = await freePortPair();
    const { 'log.dirs': _, ...settings } = nodeSettings(port, data, 'static');
    const broker = await startMillrace({
      data,
      port,
      settings: {
        ...settings,
        ...SETTINGS,
        'log.retention.bytes': 2_097_152,
        'log.retention.check.interval.ms': 100,
        'log.segment.delete.delay.ms': 1_000,
      },
    });
    await createTopic(broker.bootstrap, 'recycled', 1);
    let recycled = false;
    for (let round = 0; round < 60 && !recycled; round++) {
      // Rounds of unequal size: with equal ones, recycled files can fall on the segments that each round fills, always.
      const length = 1_500 + ((round * 1_100) % 2_300);
      const text = Array.from({ length }, (_, i) => `${round} ${i} ${'v'.repeat(400)}\n`).join('');
      await kcatProduce(broker.bootstrap, 'recycled', text, ['-p', '0']);
      await new Promise((done) => setTimeout(done, 300));
      recycled = hasOlderLife(join(data, 'recycled-0'));
    }
    expect(recycled).toBe(true);
    const before = await served(broker.bootstrap);
    await broker.kill();
    expect(hasOlderLife(join(data, 'recycled-0'))).toBe(true);
    const java = await kafka(data, port, 'static');
    expect(await served(java.bootstrap)).toEqual(before);
    await java.stop();
    rmSync(data, { recursive: true, force: true });
  }, 180_000);

  test('a killed Kafka', async () => {
    const data = join(temporaryDirectory('killed'), 'data');
    const port = await freePortPair();
    const java = await kafka(data, port, 'static');
    await fill(java.bootstrap, 'first');
    const before = await served(java.bootstrap);
    await java.kill();
    const broker = await millrace(data, port, 'static');
    expect(await served(broker.bootstrap)).toEqual(before);
    expect(await broker.stop()).toBe(0);
    rmSync(data, { recursive: true, force: true });
  });
});
