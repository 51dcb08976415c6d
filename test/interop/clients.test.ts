/** Clients and tools that nobody here wrote: what they send arrives whole and in order, and what they print is what they print with Kafka. */
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Kafka as KafkaJs, logLevel } from 'kafkajs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROOT, type StartedBroker, startMillrace } from '../support/millrace.js';
import { describeWith } from '../support/needs.js';
import { freePortPair } from './support/kafka.js';
import { kcatConsume, kcatProduce, mustRun, mustRunKafkaTool, run } from './support/tools.js';
import { createTopic } from './support/topics.js';

const LINES = 20_000;
const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];
/** Each record goes to a partition of its own choice, not a whole batch to one. */
const SPREAD = ['-X', 'linger.ms=5', '-X', 'sticky.partitioning.linger.ms=0'];
const WORK = join(ROOT, 'test', '.work');

function lines(count: number, text = 'line'): string[] {
  return Array.from(
    { length: count },
    (_, i) => `${text} ${String(i).padStart(7, '0')} ${'x'.repeat(i % 60)}`,
  );
}
const digest = (list: readonly string[]): string =>
  createHash('sha256').update(list.join('\n')).digest('hex');

/** Records of each partition in the order in which they were read. */
function byPartition(text: string): Map<number, string[]> {
  const found = new Map<number, string[]>();
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const space = line.indexOf(' ');
    const partition = Number(line.slice(0, space));
    const list = found.get(partition) ?? [];
    list.push(line.slice(space + 1));
    found.set(partition, list);
  }
  return found;
}

/** All lines arrived once, and each partition has its own in the order of sending. */
function expectWhole(read: Map<number, string[]>, sent: readonly string[]): void {
  const everything = [...read.values()].flat();
  expect(everything.length).toBe(sent.length);
  expect(digest([...everything].sort())).toBe(digest([...sent].sort()));
  for (const list of read.values()) expect(digest(list)).toBe(digest([...list].sort()));
}

let millrace: StartedBroker;
beforeAll(async () => {
  millrace = await startMillrace({ port: await freePortPair() });
});
afterAll(async () => {
  expect(await millrace.stop()).toBe(0);
});

const create = (name: string, partitions: number): Promise<void> =>
  createTopic(millrace.bootstrap, name, partitions);

describeWith(['kcat'], 'kcat', () => {
  for (const partitions of [1, 12]) {
    for (const codec of CODECS) {
      test(`${codec}, ${partitions} partitions`, async () => {
        const topic = `kcat-${codec}-${partitions}`;
        await create(topic, partitions);
        const sent = lines(LINES);
        await kcatProduce(millrace.bootstrap, topic, `${sent.join('\n')}\n`, ['-z', codec, ...SPREAD]);
        const read = byPartition(await kcatConsume(millrace.bootstrap, topic));
        expect(read.size).toBe(partitions);
        expectWhole(read, sent);
      });
    }
  }

  test('keys, headers, null values and an idempotent producer', async () => {
    await create('kcat-keys', 3);
    const sent = lines(3000, 'value');
    const input = `${sent.map((line, i) => `key-${i % 7}:${line}`).join('\n')}\n`;
    await kcatProduce(millrace.bootstrap, 'kcat-keys', input, [
      '-K:',
      '-H',
      'from=kcat',
      '-X',
      'enable.idempotence=true',
    ]);
    const read = await kcatConsume(millrace.bootstrap, 'kcat-keys', '%p %k %h %s\n');
    const found = read.split('\n').filter((line) => line !== '');
    expect(found.length).toBe(sent.length);
    expect(found.every((line) => /^\d key-\d from=kcat value/.test(line))).toBe(true);
    const partitionsOfKeys = new Set(found.map((line) => line.split(' ').slice(0, 2).join(' ')));
    expect(partitionsOfKeys.size).toBe(7);
  });

  test('an offset, a timestamp and the tail', async () => {
    await create('kcat-offsets', 1);
    await kcatProduce(millrace.bootstrap, 'kcat-offsets', `${lines(500).join('\n')}\n`);
    const from = (where: string): Promise<string> =>
      mustRun('kcat', [
        '-b',
        millrace.bootstrap,
        '-t',
        'kcat-offsets',
        '-C',
        '-e',
        '-q',
        '-o',
        where,
        '-f',
        '%o\n',
      ]);
    expect((await from('490')).trim().split('\n')).toEqual(
      Array.from({ length: 10 }, (_, i) => String(490 + i)),
    );
    expect((await from('-3')).trim().split('\n')).toEqual(['497', '498', '499']);
    expect((await from('s@1000')).trim().split('\n').length).toBe(500);
    expect(await from('s@99999999999999')).toBe('');
  });

  test('lists topics and finds offsets by time', async () => {
    const listed: { topics: { topic: string; partitions: object[] }[] } = JSON.parse(
      await mustRun('kcat', ['-b', millrace.bootstrap, '-L', '-J', '-t', 'kcat-none-12']),
    );
    expect(listed.topics[0]?.partitions.length).toBe(12);
    expect(await mustRun('kcat', ['-b', millrace.bootstrap, '-Q', '-t', 'kcat-offsets:0:0'])).toContain(
      'offset 0',
    );
  });

  test('creates a topic by producing', async () => {
    await kcatProduce(millrace.bootstrap, 'kcat-fresh', 'one\ntwo\n');
    expect(await kcatConsume(millrace.bootstrap, 'kcat-fresh', '%s\n')).toBe('one\ntwo\n');
  });
});

describeWith(['kcat'], 'kafkajs', () => {
  for (const codec of [0, 1] as const) {
    test(`producer, ${codec === 0 ? 'plain' : 'gzip'}`, async () => {
      const topic = `kafkajs-${codec}`;
      await create(topic, 4);
      const producer = new KafkaJs({ brokers: [millrace.bootstrap], logLevel: logLevel.NOTHING }).producer({
        idempotent: codec === 1,
        maxInFlightRequests: 1,
      });
      await producer.connect();
      const sent = lines(5000);
      for (let i = 0; i < sent.length; i += 500) {
        const messages = sent
          .slice(i, i + 500)
          .map((value, j) => ({ key: String((i + j) % 11), value, headers: { from: 'kafkajs' } }));
        await producer.send({ topic, acks: -1, compression: codec, messages });
      }
      await producer.disconnect();
      expectWhole(byPartition(await kcatConsume(millrace.bootstrap, topic)), sent);
    });
  }
});

describeWith(['java', 'mvn', 'kcat'], "Kafka's Java clients", () => {
  for (const codec of CODECS) {
    test(`console producer, ${codec}`, async () => {
      const topic = `console-${codec}`;
      await create(topic, 3);
      const sent = lines(5000);
      const args = ['--bootstrap-server', millrace.bootstrap, '--topic', topic, '--compression-codec', codec];
      await mustRunKafkaTool('org.apache.kafka.tools.ConsoleProducer', args, {
        input: `${sent.join('\n')}\n`,
      });
      expectWhole(byPartition(await kcatConsume(millrace.bootstrap, topic)), sent);
    });
  }

  test('producer-perf-test', async () => {
    await create('perf', 6);
    const args = [
      '--topic',
      'perf',
      '--num-records',
      '100000',
      '--record-size',
      '200',
      '--throughput',
      '-1',
      '--bootstrap-server',
      millrace.bootstrap,
    ];
    const text = await mustRunKafkaTool('org.apache.kafka.tools.ProducerPerformance', args);
    expect(text).toMatch(/100000 records sent/);
    const read = await kcatConsume(millrace.bootstrap, 'perf', '%p %S\n');
    const sizes = read.trim().split('\n');
    expect(sizes.length).toBe(100_000);
    expect(sizes.every((line) => line.endsWith(' 200'))).toBe(true);
  });

  test('console consumer of a single partition', async () => {
    const read = byPartition(await kcatConsume(millrace.bootstrap, 'console-none'));
    const [partition, expected] = [...read].toSorted(([, a], [, b]) => b.length - a.length)[0] ?? [0, []];
    const from = ['--topic', 'console-none', '--partition', String(partition), '--offset', 'earliest'];
    const until = ['--max-messages', String(expected.length), '--timeout-ms', '20000'];
    const args = ['--bootstrap-server', millrace.bootstrap, ...from, ...until];
    const text = await mustRunKafkaTool('org.apache.kafka.tools.consumer.ConsoleConsumer', args);
    expect(expected.length).toBeGreaterThan(0);
    expect(digest(text.split('\n').filter((line) => line !== ''))).toBe(digest(expected));
  });
});

describeWith(['python3', 'kcat'], 'confluent-kafka for Python', () => {
  test('producer and assigned consumer', async ({ skip }) => {
    const venv = join(WORK, 'python');
    const python = join(venv, 'bin', 'python');
    if (!existsSync(join(venv, '.complete'))) {
      mkdirSync(WORK, { recursive: true });
      const made = await run('python3', ['-m', 'venv', venv]);
      const installed =
        made.code === 0 ? await run(python, ['-m', 'pip', 'install', '-q', 'confluent-kafka']) : made;
      if (installed.code !== 0 && process.env.CI !== 'true') skip(`pip: ${installed.stderr.slice(-200)}`);
      expect(installed.code).toBe(0);
      writeFileSync(join(venv, '.complete'), '');
    }
    await create('python', 4);
    const script = join(ROOT, 'test', 'interop', 'support', 'confluent_client.py');
    const text = await mustRun(python, [script, millrace.bootstrap, 'python', '20000']);
    expect(text.trim()).toBe('produced 20000 consumed 20000 in order');
  });
});

/** The newest release that runs on Node 20; later ones need Node 22. */
const PLATFORMATIC = '@platformatic/kafka@1.34.0';

describeWith(['npm', 'kcat'], '@platformatic/kafka', () => {
  test('producer', async ({ skip }) => {
    const folder = join(WORK, 'platformatic');
    if (!existsSync(join(folder, '.complete'))) {
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'package.json'), '{"type":"module","private":true}');
      const installed = await run('npm', ['install', '--no-audit', '--no-fund', PLATFORMATIC], {
        cwd: folder,
      });
      if (installed.code !== 0 && process.env.CI !== 'true') skip(`npm: ${installed.stderr.slice(-200)}`);
      expect(installed.code).toBe(0);
      writeFileSync(join(folder, '.complete'), '');
    }
    await create('platformatic', 3);
    const script = join(folder, 'client.mjs');
    copyFileSync(join(ROOT, 'test', 'interop', 'support', 'platformatic_client.mjs'), script);
    expect(
      (await mustRun(process.execPath, [script, millrace.bootstrap, 'platformatic'], { cwd: folder })).trim(),
    ).toBe('sent 2000');
    const read = byPartition(await kcatConsume(millrace.bootstrap, 'platformatic'));
    expect([...read.values()].flat().length).toBe(2000);
  });
});
