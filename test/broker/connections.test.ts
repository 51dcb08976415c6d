/** Many, slow, broken and vanished connections: whoever behaves is served meanwhile. */
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decode, Reader, responseHeader } from '../../src/wire/index.js';
import { type StartedBroker, startMillrace } from '../support/millrace.js';
import { Client, frameOf } from './support/client.js';
import { memoryOf, openFilesOf } from './support/process.js';
import {
  batchOf,
  createTopic,
  FETCH,
  fetchBody,
  fetchOne,
  METADATA,
  offsetAt,
  PRODUCE,
  produce,
  produceBody,
  readAll,
  sleep,
  topicsOf,
  until,
  valuesOf,
} from './support/requests.js';

const MIB = 1024 * 1024;
/** An answer to somebody who behaves, while others do not. */
const SERVED_MS_MAX = 1_000;

let broker: StartedBroker;
let client: Client;
/** Open files of the broker with one client. */
let quietFiles = 0;

beforeAll(async () => {
  broker = await startMillrace({ settings: { 'num.network.threads': 1 } });
  client = await Client.open(broker.port);
  expect(await createTopic(client, 'good')).toBe(0);
  await servedQuickly();
  quietFiles = openFilesOf(broker.pid);
});

afterAll(async () => {
  client.close();
  expect(await broker.stop()).toBe(0);
});

async function servedQuickly(): Promise<void> {
  const began = performance.now();
  const { error, offset } = await produce(client, 'good', batchOf(['me']));
  expect(error).toBe(0);
  expect(valuesOf((await fetchOne(client, { topic: 'good', offset })).bytes)).toEqual([
    { offset, value: 'me' },
  ]);
  expect(performance.now() - began).toBeLessThan(SERVED_MS_MAX);
}

function openSocket(): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(broker.port, '127.0.0.1');
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      socket.on('error', () => undefined);
      resolve(socket);
    });
  });
}

describe('many', () => {
  it('500 connects at once are all answered', async () => {
    const clients = await Promise.all(Array.from({ length: 500 }, () => Client.open(broker.port)));
    const answers = await Promise.all(
      clients.map((one) => one.call(METADATA, { topics: [{ name: 'good' }] })),
    );
    for (const { topics } of answers) expect(topics[0]).toMatchObject({ name: 'good', errorCode: 0 });
    for (const one of clients) one.close();
  });

  it('2,000 idle connections cost little, and everyone else is served', async () => {
    await until('closed', () => openFilesOf(broker.pid) <= quietFiles || undefined);
    const files = openFilesOf(broker.pid);
    const before = memoryOf(broker.pid);
    const sockets: Socket[] = [];
    for (let wave = 0; wave < 10; wave++) {
      sockets.push(...(await Promise.all(Array.from({ length: 200 }, openSocket))));
    }
    await until('all accepted', () => openFilesOf(broker.pid) >= files + 2_000 || undefined);
    // 8 KiB each, buffers of the kernel not counted.
    expect(memoryOf(broker.pid) - before).toBeLessThan(2_000 * 8 * 1024 + 8 * MIB);
    for (let times = 0; times < 20; times++) await servedQuickly();
    for (const socket of sockets) socket.destroy();
    await until('all closed', () => openFilesOf(broker.pid) <= files || undefined);
    await servedQuickly();
  });

  it('connections come and go', async () => {
    const before = memoryOf(broker.pid);
    for (let round = 0; round < 20; round++) {
      const sockets = await Promise.all(Array.from({ length: 100 }, openSocket));
      for (const [index, socket] of sockets.entries()) {
        if (index % 2 === 0) socket.resetAndDestroy();
        else socket.destroy();
      }
    }
    await servedQuickly();
    expect(memoryOf(broker.pid) - before).toBeLessThan(24 * MIB);
  });
});

describe('slow', () => {
  it('readers that do not take their answers hold up nobody, and what waits for them is bounded', async () => {
    expect(await createTopic(client, 'bulk')).toBe(0);
    const block = batchOf([new Uint8Array(900_000)]);
    for (let times = 0; times < 24; times++) expect((await produce(client, 'bulk', block)).error).toBe(0);
    const before = memoryOf(broker.pid);
    const ask = frameOf(
      FETCH.request,
      FETCH.version,
      1,
      fetchBody({ topic: 'bulk', partitionMaxBytes: 20 * MIB }),
    );
    const sockets = await Promise.all(Array.from({ length: 30 }, openSocket));
    for (const socket of sockets) {
      socket.pause();
      for (let times = 0; times < 10; times++) socket.write(ask);
    }
    for (let times = 0; times < 30; times++) {
      await servedQuickly();
      await sleep(10);
    }
    // 30 readers x 10 answers x 20 MiB = 6 GiB are owed; ranges of files and not bytes wait for them.
    expect(memoryOf(broker.pid) - before).toBeLessThan(64 * MIB);
    const [first, ...others] = sockets;
    for (const socket of others) socket.destroy();
    // The one that starts to read after all gets everything, in order.
    let received = 0;
    first.on('data', (chunk: Buffer) => {
      received += chunk.length;
    });
    first.resume();
    const expected = 10 * (22 * block.length);
    await until('its answers', () => received >= expected || undefined);
    first.destroy();
  });

  it('writers of a byte now and then hold up nobody, and their request is served when it is whole', async () => {
    const frame = frameOf(METADATA.request, METADATA.version, 5, { topics: [{ name: 'good' }] });
    const slow = await Promise.all(Array.from({ length: 50 }, () => Client.open(broker.port)));
    const answers = slow.map((one) => one.answer(5));
    for (let at = 0; at < frame.length; at++) {
      for (const one of slow) one.write(frame.subarray(at, at + 1));
      if (at % 8 === 0) await servedQuickly();
      await sleep(2);
    }
    for (const answer of await Promise.all(answers)) {
      const reader = Reader.of(answer);
      decode(responseHeader, 1, reader);
      expect(decode(METADATA.response, METADATA.version, reader).topics[0]?.name).toBe('good');
    }
    for (const one of slow) one.close();
  });

  it('a large request that arrives slowly keeps nobody waiting', async () => {
    expect(await createTopic(client, 'large')).toBe(0);
    const block = batchOf([new Uint8Array(1_000_000)]);
    const frame = frameOf(PRODUCE.request, PRODUCE.version, 1, produceBody('large', 0, block));
    const slow = await Client.open(broker.port);
    const answer = slow.answer(1);
    for (let at = 0; at < frame.length; at += 100_000) {
      slow.write(frame.subarray(at, at + 100_000));
      await servedQuickly();
    }
    expect((await answer).length).toBeGreaterThan(0);
    slow.close();
  });
});

describe('order', () => {
  it('pipelined requests are answered in the order they were sent', async () => {
    expect(await createTopic(client, 'piped', 4)).toBe(0);
    const piped = await Client.open(broker.port);
    // Client.take fails on an answer out of order.
    const calls: Promise<unknown>[] = [];
    for (let times = 0; times < 400; times++) {
      calls.push(produce(piped, 'piped', batchOf([`value ${times}`]), times % 4));
      if (times % 7 === 0) calls.push(topicsOf(piped));
      if (times % 11 === 0) calls.push(fetchOne(piped, { topic: 'piped', partition: 1, maxWaitMs: 5 }));
      if (times % 13 === 0) calls.push(offsetAt(piped, 'piped', -1, 2));
      if (times % 50 === 0) calls.push(createTopic(piped, `piped-${times}`));
    }
    await Promise.all(calls);
    for (let partition = 0; partition < 4; partition++) {
      const values = (await readAll(client, 'piped', partition)).map(({ value }) => value);
      expect(values).toEqual(Array.from({ length: 100 }, (_, index) => `value ${index * 4 + partition}`));
    }
    piped.close();
  });

  it('a request behind a waiting fetch is answered after it', async () => {
    expect(await createTopic(client, 'behind')).toBe(0);
    const piped = await Client.open(broker.port);
    const order: string[] = [];
    const began = performance.now();
    await Promise.all([
      fetchOne(piped, { topic: 'behind', maxWaitMs: 200 }).then(() => order.push('fetch')),
      topicsOf(piped).then(() => order.push('metadata')),
    ]);
    expect(order).toEqual(['fetch', 'metadata']);
    expect(performance.now() - began).toBeGreaterThan(199);
    piped.close();
  });
});

describe('vanished', () => {
  it('a produce that was whole when the client vanished is appended once, a cut one never', async () => {
    expect(await createTopic(client, 'vanished')).toBe(0);
    for (let round = 0; round < 30; round++) {
      const values = [0, 1, 2].map((index) => `${round} ${index}`);
      const frames = values.map((value) =>
        frameOf(
          PRODUCE.request,
          PRODUCE.version,
          1,
          produceBody('vanished', 0, batchOf([value.padEnd(5_000)])),
        ),
      );
      const last = frames[2] ?? new Uint8Array(0);
      const bytes = Buffer.concat([...frames.slice(0, 2), last.subarray(0, last.length - 1 - round)]);
      const socket = await openSocket();
      await new Promise((done) => socket.write(bytes, done));
      if (round % 2 === 0) socket.end();
      else socket.destroy();
    }
    await servedQuickly();
    const read = await until('all appended', async () => {
      const found = await readAll(client, 'vanished');
      return found.length >= 60 ? found : undefined;
    });
    const values = read.map(({ value }) => value.trim());
    expect(new Set(values).size).toBe(values.length);
    expect(values.filter((value) => value.endsWith(' 2'))).toEqual([]);
    expect(read.map(({ offset }) => offset)).toEqual(values.map((_, index) => index));
  });

  it('a client that vanishes in the middle of its answer leaves nothing behind', async () => {
    const files = openFilesOf(broker.pid);
    const ask = frameOf(
      FETCH.request,
      FETCH.version,
      1,
      fetchBody({ topic: 'bulk', partitionMaxBytes: 20 * MIB }),
    );
    for (let round = 0; round < 20; round++) {
      const sockets = await Promise.all(Array.from({ length: 10 }, openSocket));
      for (const socket of sockets) socket.write(ask);
      await Promise.all(sockets.map((socket) => new Promise((done) => socket.once('data', done))));
      for (const [index, socket] of sockets.entries()) {
        if (index % 2 === 0) socket.resetAndDestroy();
        else socket.destroy();
      }
    }
    // Ended connections whose bytes may still be read are kept for a while; at most as many as there were.
    await until('closed', () => openFilesOf(broker.pid) <= files + 200 || undefined);
    await servedQuickly();
  });
});
