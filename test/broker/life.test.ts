/** Start, stop, kill, restart, and every way in which a start is refused. */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { EXIT_CODES } from '../../src/base/errors.js';
import { encodeSnapshot, writeSnapshotFile } from '../../src/metadata/log/snapshot.js';
import { describeConfigsRequest, describeConfigsResponse } from '../../src/protocol/index.js';
import { systemFiles } from '../../src/storage/files/file-ops.js';
import { freePort, startMillrace, temporaryDirectory } from '../support/millrace.js';
import { Client } from './support/client.js';
import { MILLRACE, millrace, overrides, runToEnd } from './support/process.js';
import {
  batchOf,
  createTopic,
  fetchOne,
  newProducer,
  produce,
  readAll,
  sleep,
  topicsOf,
  until,
} from './support/requests.js';
import { canMount, smallDisk } from './support/small-disk.js';

const STOP_MS_MAX = 2_000;
const BASE = temporaryDirectory('life');
let folders = 0;

afterAll(() => rmSync(BASE, { recursive: true, force: true }));

function folder(): string {
  return join(BASE, String(++folders));
}

async function settings(data: string, more: Record<string, string | number> = {}): Promise<string[]> {
  const port = await freePort();
  return overrides({ 'log.dirs': data, listeners: `PLAINTEXT://127.0.0.1:${port}`, ...more });
}

/** A start that must fail: exit code, one clear sentence, no stack trace, and quickly. */
async function refused(args: readonly string[], code: number, sentence: RegExp): Promise<string> {
  const ended = await millrace(['start', ...args]);
  expect(ended.output).toMatch(sentence);
  expect(ended.code).toBe(code);
  expect(ended.output).not.toMatch(/^\s+at /m);
  expect(ended.output).not.toContain('is ready');
  return ended.output;
}

async function timed(work: Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work;
  return performance.now() - began;
}

/** Sends produce requests until the connection ends; what was acknowledged. */
async function load(client: Client, topic: string, partition: number): Promise<string[]> {
  const acknowledged: string[] = [];
  for (let number = 0; !client.isClosed; number++) {
    const value = `${partition}-${number}`;
    const answer = await produce(client, topic, batchOf([value]), partition).catch(() => undefined);
    if (answer === undefined) break;
    expect(answer).toMatchObject({ error: 0, offset: number });
    acknowledged.push(value);
  }
  return acknowledged;
}

describe('stop', () => {
  it('SIGTERM ends with 0 in under two seconds; what was acknowledged is there after the start', async () => {
    const data = folder();
    const first = await startMillrace({ data });
    const client = await Client.open(first.port);
    await createTopic(client, 't');
    for (let index = 0; index < 50; index++) await produce(client, 't', batchOf([`value ${index}`]));
    const ms = await timed(first.stop().then((code) => expect(code).toBe(0)));
    expect(ms).toBeLessThan(STOP_MS_MAX);
    expect(first.output()).toContain('Stopped cleanly');
    await client.closed;
    expect(existsSync(join(data, '.kafka_cleanshutdown'))).toBe(true);

    const second = await startMillrace({ data });
    const again = await Client.open(second.port);
    expect((await readAll(again, 't')).map(({ value }) => value)).toEqual(
      Array.from({ length: 50 }, (_, index) => `value ${index}`),
    );
    again.close();
    expect(await second.stop()).toBe(0);
  });

  it('under load, with fetches that wait, idle and half-sent connections', async () => {
    const data = folder();
    const broker = await startMillrace({ data });
    const client = await Client.open(broker.port);
    await createTopic(client, 't', 6);
    const loaders = await Promise.all(Array.from({ length: 6 }, () => Client.open(broker.port)));
    const loads = loaders.map((one, partition) => load(one, 't', partition));
    const waiters = await Promise.all(Array.from({ length: 50 }, () => Client.open(broker.port)));
    const waiting = waiters.map((one) =>
      fetchOne(one, { topic: 't', offset: 1_000_000, maxWaitMs: 1, minBytes: 1 }).then(() =>
        fetchOne(one, { topic: 't', partition: 5, offset: 0, minBytes: 1 << 30, maxWaitMs: 600_000 }).catch(
          () => undefined,
        ),
      ),
    );
    const sockets: Socket[] = [];
    for (let index = 0; index < 100; index++) {
      const socket = connect(broker.port, '127.0.0.1').on('error', () => undefined);
      if (index % 2 === 0) socket.write(Uint8Array.of(0, 0, 1, 0, 0, 0));
      sockets.push(socket);
    }
    await sleep(400);
    const ms = await timed(broker.stop().then((code) => expect(code).toBe(0)));
    expect(ms).toBeLessThan(STOP_MS_MAX);
    const acknowledged = await Promise.all(loads);
    await Promise.all(waiting);
    for (const socket of sockets) socket.destroy();
    expect(existsSync(join(data, '.kafka_cleanshutdown'))).toBe(true);

    const second = await startMillrace({ data });
    const again = await Client.open(second.port);
    for (const [partition, values] of acknowledged.entries()) {
      expect(values.length).toBeGreaterThan(0);
      const read = (await readAll(again, 't', partition)).map(({ value }) => value);
      // One more may have been appended whose answer did not arrive.
      expect(read.slice(0, values.length)).toEqual(values);
      expect(read.length).toBeLessThanOrEqual(values.length + 1);
    }
    again.close();
    expect(await second.stop()).toBe(0);
  });

  it('SIGINT ends with 0 too', async () => {
    const broker = await startMillrace({ data: folder() });
    process.kill(broker.pid, 'SIGINT');
    await until('stopped', () => broker.output().includes('Stopped cleanly') || undefined);
    expect(await broker.stop()).toBe(0);
  });

  it('a second SIGTERM ends at once', async () => {
    const data = folder();
    const broker = await startMillrace({ data });
    const client = await Client.open(broker.port);
    await createTopic(client, 't', 20);
    process.kill(broker.pid, 'SIGTERM');
    const began = performance.now();
    const code = await broker.stop();
    // Either the first one was done already, or the second cut it short.
    expect([0, 143]).toContain(code);
    expect(performance.now() - began).toBeLessThan(STOP_MS_MAX);
    const again = await startMillrace({ data });
    expect(await again.stop()).toBe(0);
  });
});

describe('kill -9', () => {
  it('keeps everything acknowledged, and dedups a batch that is sent again', async () => {
    const data = folder();
    const first = await startMillrace({ data });
    const client = await Client.open(first.port);
    await createTopic(client, 't', 3);
    const { producerId, producerEpoch } = await newProducer(client);
    const idempotent = (sequence: number) =>
      batchOf([`sequence ${sequence}`], { producerId, producerEpoch, baseSequence: sequence });
    for (let sequence = 0; sequence < 20; sequence++) {
      expect(await produce(client, 't', idempotent(sequence), 2)).toMatchObject({
        error: 0,
        offset: sequence,
      });
    }
    const loaders = await Promise.all([0, 1].map(() => Client.open(first.port)));
    const loads = loaders.map((one, partition) => load(one, 't', partition));
    await sleep(300);
    await first.kill();
    const acknowledged = await Promise.all(loads);

    const second = await startMillrace({ data });
    const again = await Client.open(second.port);
    for (const [partition, values] of acknowledged.entries()) {
      expect(values.length).toBeGreaterThan(0);
      const read = await readAll(again, 't', partition);
      expect(read.slice(0, values.length).map(({ value }) => value)).toEqual(values);
      expect(read.map(({ offset }) => offset)).toEqual(read.map((_, index) => index));
    }
    expect(await produce(again, 't', idempotent(19), 2)).toMatchObject({ error: 0, offset: 19 });
    expect(await produce(again, 't', idempotent(20), 2)).toMatchObject({ error: 0, offset: 20 });
    expect(await readAll(again, 't', 2)).toHaveLength(21);
    again.close();
    expect(await second.stop()).toBe(0);
  });
});

describe('restart', () => {
  it('keeps topics, ids, partitions, configs and the cluster id; epochs grow', async () => {
    const data = folder();
    const describeTopic = async (client: Client) =>
      client.call(
        { request: describeConfigsRequest, response: describeConfigsResponse, version: 4 },
        {
          resources: [{ resourceType: 2, resourceName: 'a', configurationKeys: null }],
          includeSynonyms: false,
          includeDocumentation: false,
        },
      );
    const shape = async (client: Client) => {
      const { topics, clusterId } = await topicsOf(client);
      const { results } = await describeTopic(client);
      return {
        clusterId,
        topics: topics
          .map(({ name, topicId, partitions }) => ({ name, topicId, partitions: partitions.length }))
          .sort((one, other) => (one.name ?? '').localeCompare(other.name ?? '')),
        configs: results[0]?.configs,
      };
    };
    const epochOf = async (client: Client) =>
      Math.max(
        ...(await topicsOf(client)).topics.flatMap(({ partitions }) =>
          partitions.map((one) => one.leaderEpoch),
        ),
      );

    const first = await startMillrace({ data });
    const client = await Client.open(first.port);
    await createTopic(client, 'a', 7, { 'retention.ms': '12345', 'segment.bytes': '1048576' });
    await createTopic(client, 'b', 1, { 'cleanup.policy': 'compact' });
    for (let partition = 0; partition < 7; partition++) await produce(client, 'a', batchOf(['x']), partition);
    const before = await shape(client);
    expect(before.topics).toMatchObject([
      { name: 'a', partitions: 7 },
      { name: 'b', partitions: 1 },
    ]);
    let epoch = await epochOf(client);
    expect(await first.stop()).toBe(0);
    for (const end of ['stop', 'kill', 'stop'] as const) {
      const next = await startMillrace({ data });
      const again = await Client.open(next.port);
      expect(await shape(again)).toEqual(before);
      const now = await epochOf(again);
      expect(now).toBeGreaterThanOrEqual(epoch);
      epoch = now;
      for (let partition = 0; partition < 7; partition++) {
        expect(await readAll(again, 'a', partition)).toHaveLength(1);
      }
      again.close();
      await next[end]();
    }
  });

  it('partitions spread over several log.dirs and are found again', async () => {
    const dirs = [folder(), folder(), folder()];
    const first = await startMillrace({ data: dirs.join(',') });
    const client = await Client.open(first.port);
    await createTopic(client, 'spread', 6);
    for (let partition = 0; partition < 6; partition++)
      await produce(client, 'spread', batchOf(['x']), partition);
    expect(await first.stop()).toBe(0);
    for (const dir of dirs) {
      const found = [0, 1, 2, 3, 4, 5].filter((partition) => existsSync(join(dir, `spread-${partition}`)));
      expect(found).toHaveLength(2);
    }
    const second = await startMillrace({ data: dirs.join(',') });
    const again = await Client.open(second.port);
    for (let partition = 0; partition < 6; partition++) {
      expect(await readAll(again, 'spread', partition)).toHaveLength(1);
    }
    again.close();
    expect(await second.stop()).toBe(0);
  });

  it('`millrace format` prepares directories that a start then uses', async () => {
    const data = folder();
    const config = join(BASE, 'format.properties');
    const port = await freePort();
    const id = 'MkU3OEVBNTcwNTJENDM2Qg';
    writeFileSync(
      config,
      `process.roles=broker,controller\nnode.id=1\nlisteners=PLAINTEXT://127.0.0.1:${port}\nlog.dirs=${data}\n`,
    );
    const formatted = await millrace(['format', '--config', config, '--cluster-id', id]);
    expect(formatted).toMatchObject({ code: 0 });
    expect(formatted.output).toContain(data);
    const twice = await millrace(['format', '--config', config, '--cluster-id', id]);
    expect(twice.code).toBe(EXIT_CODES.ALREADY_FORMATTED);
    expect(twice.output).toContain('already formatted');
    expect((await millrace(['format', '--config', config, '--cluster-id', id, '-g'])).code).toBe(0);
    const broker = await startMillrace({ data });
    const client = await Client.open(broker.port);
    expect((await topicsOf(client)).clusterId).toBe(id);
    client.close();
    expect(await broker.stop()).toBe(0);
  });
});

describe('configuration', () => {
  it('loads a server.properties with the keys of the one that Kafka 4.3 ships', async () => {
    const data = folder();
    const port = await freePort();
    const file = join(BASE, 'server.properties');
    const lines = [
      '# One node that is broker and controller.',
      'process.roles=broker,controller',
      'node.id=1',
      `controller.quorum.bootstrap.servers=localhost:${port + 1}`,
      `listeners=PLAINTEXT://:${port},CONTROLLER://:${port + 1}`,
      'inter.broker.listener.name=PLAINTEXT',
      `advertised.listeners=PLAINTEXT://localhost:${port},CONTROLLER://localhost:${port + 1}`,
      'controller.listener.names=CONTROLLER',
      'listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL',
      'num.network.threads=3',
      'num.io.threads=8',
      'socket.send.buffer.bytes=102400',
      'socket.receive.buffer.bytes=102400',
      'socket.request.max.bytes=104857600',
      `log.dirs=${data}`,
      'num.partitions=1',
      'num.recovery.threads.per.data.dir=1',
      'offsets.topic.replication.factor=1',
      'share.coordinator.state.topic.replication.factor=1',
      'share.coordinator.state.topic.min.isr=1',
      'transaction.state.log.replication.factor=1',
      'transaction.state.log.min.isr=1',
      '#log.flush.interval.messages=10000',
      'log.retention.hours=168',
      'log.segment.bytes=1073741824',
      'log.retention.check.interval.ms=300000',
    ];
    writeFileSync(file, `${lines.join('\n')}\n`);
    // startMillrace writes the same keys over the file's: here they come from the file alone.
    const own = Object.fromEntries(
      lines
        .filter((line) => !line.startsWith('#'))
        .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    );
    const broker = await startMillrace({ data, port, settings: own });
    expect(broker.output()).not.toMatch(/Unknown configuration keys/);
    const client = await Client.open(broker.port);
    await createTopic(client, 't');
    expect((await produce(client, 't', batchOf(['x']))).error).toBe(0);
    const { brokers } = await topicsOf(client);
    expect(brokers).toMatchObject([{ host: 'localhost', port }]);
    client.close();
    expect(await broker.stop()).toBe(0);
  });

  it('unknown keys are named once', async () => {
    const broker = await startMillrace({ settings: { 'no.such.key': 1, 'another.one': 'x' } });
    const lines = broker
      .output()
      .split('\n')
      .filter((line) => line.includes('no.such.key'));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('another.one');
    expect(await broker.stop()).toBe(0);
  });
});

describe('refused starts', () => {
  it.each([
    ['log.segment.bytes', 'many'],
    ['log.segment.bytes', '-5'],
    ['num.partitions', '0'],
    ['listeners', 'PLAINTEXT://127.0.0.1:notaport'],
    ['listeners', 'nonsense'],
    ['process.roles', 'janitor'],
    ['log.cleanup.policy', 'burn'],
    ['node.id', 'x'],
  ])('an invalid value: %s=%s', async (key, value) => {
    const args = await settings(folder());
    await refused(
      [...args, ...overrides({ [key]: value })],
      EXIT_CODES.CONFIG_INVALID,
      new RegExp(value.replace('-', '\\-')),
    );
  });

  it('a file that is not there', () =>
    refused([join(BASE, 'absent.properties')], EXIT_CODES.CONFIG_INVALID, /absent\.properties/));

  it('a port in use', async () => {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const data = folder();
    await refused(
      overrides({ 'log.dirs': data, listeners: `PLAINTEXT://127.0.0.1:${port}` }),
      EXIT_CODES.PORT_IN_USE,
      new RegExp(`127\\.0\\.0\\.1:${port} is in use`),
    );
    await new Promise((done) => server.close(done));
    // Nothing was left behind: the same directory starts now.
    const broker = await startMillrace({ data });
    expect(await broker.stop()).toBe(0);
  });

  it('a directory that another broker has', async () => {
    const data = folder();
    const broker = await startMillrace({ data });
    await refused(
      await settings(data),
      EXIT_CODES.DIRECTORY_LOCKED,
      new RegExp(`${data} is in use by process ${broker.pid}`),
    );
    // The first one does not notice.
    const client = await Client.open(broker.port);
    expect(await createTopic(client, 't')).toBe(0);
    expect((await produce(client, 't', batchOf(['x']))).error).toBe(0);
    client.close();
    expect(await broker.stop()).toBe(0);
  });

  it('a file in place of the directory', async () => {
    const path = join(BASE, 'file');
    writeFileSync(path, '');
    await refused(
      await settings(path),
      EXIT_CODES.DIRECTORY_NOT_WRITABLE,
      new RegExp(`Log directory ${path}`),
    );
  });

  it.skipIf(process.getuid?.() !== 0 && process.env.CI !== 'true')(
    'a directory that may not be written [as another user; needs root]',
    async () => {
      const data = join(temporaryDirectory('unwritable'), 'data');
      mkdirSync(data);
      chmodSync(join(data, '..'), 0o755);
      chmodSync(data, 0o555);
      const args = ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath, MILLRACE, 'start'];
      const ended = await runToEnd('setpriv', [...args, ...(await settings(data))]);
      expect(ended.output).toContain(`Log directory ${data} cannot be used`);
      expect(ended.code).toBe(EXIT_CODES.DIRECTORY_NOT_WRITABLE);
      rmSync(join(data, '..'), { recursive: true });
    },
  );

  it.skipIf(!canMount() && process.env.CI !== 'true')('a full disk [needs root to mount one]', async () => {
    const disk = smallDisk(1);
    const data = join(disk.path, 'data');
    try {
      // Wherever the space ends: at the lock, while formatting, in the metadata log.
      for (const leaveBytes of [0, 4096, 8192]) {
        disk.fill(leaveBytes);
        await refused(
          await settings(data),
          EXIT_CODES.DISK_FULL,
          new RegExp(`No space left for log directory ${data}`),
        );
        disk.free();
      }
      const broker = await startMillrace({ data });
      expect(await broker.stop()).toBe(0);
    } finally {
      disk.remove();
    }
  });

  it('directories of two clusters', async () => {
    const dirs = [folder(), folder()];
    for (const dir of dirs) expect(await (await startMillrace({ data: dir })).stop()).toBe(0);
    await refused(await settings(dirs.join(',')), EXIT_CODES.CLUSTER_ID_MISMATCH, /belongs to cluster/);
  });

  it('a node id that the directory does not have', async () => {
    const data = folder();
    expect(await (await startMillrace({ data })).stop()).toBe(0);
    await refused(
      [...(await settings(data)), ...overrides({ 'node.id': 2 })],
      EXIT_CODES.CONFIG_INVALID,
      /Stored node id 1 doesn't match node\.id 2/,
    );
  });

  it('a metadata.version of a later Kafka', async () => {
    const data = folder();
    const config = await settings(data);
    expect((await millrace(['format', ...withConfig(data)])).code).toBe(0);
    const bootstrap = join(data, 'bootstrap.checkpoint');
    const level = {
      type: 'FeatureLevelRecord',
      version: 0,
      value: { name: 'metadata.version', featureLevel: 99 },
    } as const;
    const none = { kraftVersion: 0, voters: null };
    const bytes = encodeSnapshot([level], { endOffset: 0, epoch: 0 }, none, {
      now: 1,
      lastContainedLogTimestamp: 0,
    });
    rmSync(bootstrap);
    writeSnapshotFile(bootstrap, bytes, systemFiles, 0o644);
    await refused(
      config,
      EXIT_CODES.METADATA_VERSION_UNSUPPORTED,
      /metadata\.version.*99|99.*metadata\.version/,
    );
  });

  it('a metadata log without meta.properties', async () => {
    const data = folder();
    expect(await (await startMillrace({ data })).stop()).toBe(0);
    rmSync(join(data, 'meta.properties'));
    await refused(await settings(data), EXIT_CODES.NOT_FORMATTED, /no meta\.properties/);
  });

  it('a directory of somebody else among the partitions is named and left alone', async () => {
    const data = folder();
    mkdirSync(join(data, 'holiday photos'), { recursive: true });
    writeFileSync(join(data, 'holiday photos', 'beach.jpg'), 'x');
    await refused(await settings(data), EXIT_CODES.STORAGE_FAILED, /holiday photos/);
    expect(readFileSync(join(data, 'holiday photos', 'beach.jpg'), 'utf8')).toBe('x');
  });

  function withConfig(data: string): string[] {
    const file = join(BASE, `config-${folders}.properties`);
    writeFileSync(
      file,
      `process.roles=broker,controller\nnode.id=1\nlisteners=PLAINTEXT://:0\nlog.dirs=${data}\n`,
    );
    return ['--config', file];
  }
});

it('the help is there without a broker', () => {
  const { status, stdout } = spawnSync(process.execPath, [MILLRACE, '--help'], { encoding: 'utf8' });
  expect(status).toBe(0);
  expect(stdout).toContain('start');
});
