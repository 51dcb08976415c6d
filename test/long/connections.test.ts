/** 10,000 idle connections: little memory each, and everyone else is served. */
import { connect, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { Client } from '../broker/support/client.js';
import { memoryOf, openFilesOf } from '../broker/support/process.js';
import { batchOf, createTopic, fetchOne, produce, until, valuesOf } from '../broker/support/requests.js';
import { startMillrace } from '../support/millrace.js';

const CONNECTIONS = 10_000;
const WAVE = 250;
/** Buffers of the kernel not counted. */
const BYTES_EACH_MAX = 4 * 1024;
const SERVED_MS_MAX = 500;

it(`${CONNECTIONS} idle connections`, async () => {
  const broker = await startMillrace({ settings: { 'num.network.threads': 1 } });
  const client = await Client.open(broker.port);
  expect(await createTopic(client, 't')).toBe(0);
  const serve = async (): Promise<void> => {
    const began = performance.now();
    const { error, offset } = await produce(client, 't', batchOf(['x']));
    expect(error).toBe(0);
    expect(valuesOf((await fetchOne(client, { topic: 't', offset })).bytes)).toHaveLength(1);
    expect(performance.now() - began).toBeLessThan(SERVED_MS_MAX);
  };
  await serve();
  const files = openFilesOf(broker.pid);
  const before = memoryOf(broker.pid);
  const sockets: Socket[] = [];
  const open = (): Promise<Socket> =>
    new Promise((resolve, reject) => {
      const socket = connect(broker.port, '127.0.0.1');
      socket.once('error', reject);
      socket.once('connect', () => resolve(socket));
    });
  while (sockets.length < CONNECTIONS) {
    sockets.push(...(await Promise.all(Array.from({ length: WAVE }, open))));
    await serve();
  }
  await until('all accepted', () => openFilesOf(broker.pid) >= files + CONNECTIONS || undefined);
  expect(memoryOf(broker.pid) - before).toBeLessThan(CONNECTIONS * BYTES_EACH_MAX + 16 * 1024 * 1024);
  for (let times = 0; times < 100; times++) await serve();
  for (const socket of sockets) socket.on('error', () => undefined).destroy();
  await until('all closed', () => openFilesOf(broker.pid) <= files || undefined);
  await serve();
  client.close();
  expect(await broker.stop()).toBe(0);
});
