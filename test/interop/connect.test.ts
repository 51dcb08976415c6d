/** Kafka Connect, one worker with a file as source and a file as sink: every line arrives once, in order. */
import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort, type StartedBroker, startMillrace, temporaryDirectory } from '../support/millrace.js';
import { describeWith } from '../support/needs.js';
import { type JavaProgram, startJava } from './support/java-program.js';
import { freePortPair } from './support/kafka.js';
import { kcatConsume } from './support/tools.js';
import { createTopic } from './support/topics.js';

const LINES = 10_000;
const TOPIC = 'lines';
const ARRIVES = { timeout: 60_000, interval: 250 };

let folder: string;
let millrace: StartedBroker;
beforeAll(async () => {
  folder = temporaryDirectory('connect');
  millrace = await startMillrace({
    port: await freePortPair(),
    settings: { 'group.initial.rebalance.delay.ms': 0 },
  });
  await createTopic(millrace.bootstrap, TOPIC, 1);
});
afterAll(async () => {
  expect(await millrace.stop()).toBe(0);
  rmSync(folder, { recursive: true, force: true });
});

const lines = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, i) => `line ${from + i} ${'x'.repeat((from + i) % 80)}\n`).join('');

function properties(name: string, settings: Readonly<Record<string, string | number>>): string {
  const path = join(folder, `${name}.properties`);
  writeFileSync(
    path,
    Object.entries(settings)
      .map(([key, value]) => `${key}=${value}\n`)
      .join(''),
  );
  return path;
}

async function startWorker(): Promise<JavaProgram> {
  const converter = 'org.apache.kafka.connect.storage.StringConverter';
  const worker = properties('worker', {
    'bootstrap.servers': millrace.bootstrap,
    'key.converter': converter,
    'value.converter': converter,
    'offset.storage.file.filename': join(folder, 'source.offsets'),
    'offset.flush.interval.ms': 1000,
    'plugin.discovery': 'service_load',
    listeners: `http://127.0.0.1:${await freePort()}`,
  });
  const source = properties('source', {
    name: 'source',
    'connector.class': 'FileStreamSource',
    'tasks.max': 1,
    file: join(folder, 'in.txt'),
    topic: TOPIC,
  });
  const sink = properties('sink', {
    name: 'sink',
    'connector.class': 'FileStreamSink',
    'tasks.max': 1,
    file: join(folder, 'out.txt'),
    topics: TOPIC,
  });
  return startJava('org.apache.kafka.connect.cli.ConnectStandalone', [worker, source, sink], folder);
}

function arrived(): string {
  const path = join(folder, 'out.txt');
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

describeWith(['java', 'mvn', 'kcat'], 'Kafka Connect', () => {
  test('lines of a file arrive in another; a worker that starts again goes on where it was', async () => {
    const half = LINES / 2;
    writeFileSync(join(folder, 'in.txt'), lines(0, half));
    const first = await startWorker();
    try {
      await expect.poll(() => arrived().length, ARRIVES).toBe(lines(0, half).length);
    } finally {
      await first.stop();
    }
    expect(arrived()).toBe(lines(0, half));
    appendFileSync(join(folder, 'in.txt'), lines(half, LINES));
    const second = await startWorker();
    try {
      await expect.poll(() => arrived().length, ARRIVES).toBe(lines(0, LINES).length);
    } finally {
      await second.stop();
    }
    expect(arrived()).toBe(lines(0, LINES));
    expect(await kcatConsume(millrace.bootstrap, TOPIC, '%s\n')).toBe(lines(0, LINES));
  });
});
