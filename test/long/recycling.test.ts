/**
 * Segments that retention deletes become the next segments while readers that were sent their bytes have not taken them
 * yet: sendfile refers to pages, not to contents. A slow reader gets the old bytes or a closed connection, never new ones.
 */
import { readdirSync, rmSync, statSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Client, frameOf } from '../broker/support/client.js';
import {
  batchOf,
  createTopic,
  FETCH,
  fetchBody,
  fetchOne,
  offsetAt,
  produce,
  sleep,
} from '../broker/support/requests.js';
import { type StartedBroker, startMillrace, temporaryDirectory } from '../support/millrace.js';

const MIB = 1024 * 1024;
const READERS = 8;
const ROUNDS = 12;
/** All readers' requests are served by then; their answers wait in sockets. */
const SERVED_MS = 60;
/** Behind the fields of a fetch answer with one partition, inside its first batch. */
const RECORDS_AT = 64;
/** About 64 KiB, different in every batch and at every place. */
function bytesOf(number: number): Uint8Array {
  const bytes = new Uint8Array(65_000);
  new Uint32Array(bytes.buffer).forEach((_, index, words) => {
    words[index] = Math.imul(number * 16_250 + index + 1, 2_654_435_761);
  });
  return bytes;
}

/** A reader that asks and does not read. */
class SlowReader {
  private readonly chunks: Buffer[] = [];
  received = 0;
  readonly ended: Promise<void>;

  constructor(
    private readonly socket: Socket,
    ask: Uint8Array,
  ) {
    socket.pause();
    socket.write(ask);
    socket.on('error', () => undefined);
    this.ended = new Promise((done) => socket.once('close', () => done()));
    socket.on('data', (chunk: Buffer) => {
      this.chunks.push(chunk);
      this.received += chunk.length;
    });
    socket.pause();
  }

  static open(port: number, ask: Uint8Array): Promise<SlowReader> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('error', reject);
      socket.once('connect', () => resolve(new SlowReader(socket, ask)));
    });
  }

  /** Reads until the answer is whole or the broker closes. */
  async drain(): Promise<Buffer> {
    this.socket.resume();
    const deadline = performance.now() + 20_000;
    while (!this.isWhole() && !this.socket.destroyed) {
      await Promise.race([this.ended, sleep(5)]);
      expect(performance.now()).toBeLessThan(deadline);
    }
    this.socket.destroy();
    return Buffer.concat(this.chunks);
  }

  private isWhole(): boolean {
    if (this.received < 4) return false;
    const [first] = this.chunks;
    return this.received >= 4 + first.readInt32BE(0);
  }

  vanish(): void {
    this.socket.destroy();
  }
  halfClose(): void {
    this.socket.end();
  }
}

/** Segment files that are older than the time at which their base offset was reached: they had a life before. */
function recycledIn(directory: string, bornAfterMs: ReadonlyMap<string, number>): number {
  return readdirSync(directory).filter((name) => {
    if (!name.endsWith('.log')) return false;
    // Retention may take it away between the listing and this look.
    const birthtimeMs = statSync(join(directory, name), { throwIfNoEntry: false })?.birthtimeMs ?? 0;
    const since = bornAfterMs.get(name);
    return since !== undefined && birthtimeMs > 0 && birthtimeMs < since - 1;
  }).length;
}

async function run(env: Record<string, string>, recyclesExpected: boolean): Promise<void> {
  const folder = temporaryDirectory('recycling');
  const data = join(folder, 'data');
  const broker: StartedBroker = await startMillrace({
    data,
    env,
    settings: {
      'log.segment.bytes': MIB,
      'log.retention.bytes': 3 * MIB,
      'log.retention.check.interval.ms': 50,
      'num.network.threads': 1,
    },
  });
  const client = await Client.open(broker.port);
  expect(await createTopic(client, 't')).toBe(0);
  const directory = join(data, 't-0');
  const firstSeen = new Map<string, number>();
  let number = 0;
  let recycled = 0;
  const append = async (times: number): Promise<void> => {
    for (let done = 0; done < times; done++) {
      const beforeMs = Date.now();
      expect((await produce(client, 't', batchOf([bytesOf(number++)]))).error).toBe(0);
      for (const name of readdirSync(directory)) {
        // A segment is prepared ahead under another name: its birth counts from the roll before this one.
        if (name.endsWith('.log') && !firstSeen.has(name)) firstSeen.set(name, beforeMs - 2_000);
      }
    }
    recycled += recycledIn(directory, firstSeen);
  };
  await append(45);
  let complete = 0;
  for (let round = 0; round < ROUNDS; round++) {
    await sleep(150); // retention has caught up: the log stands still
    const start = (await offsetAt(client, 't', -2)).offset;
    const asked = { topic: 't', offset: start, partitionMaxBytes: MIB };
    const body = fetchBody(asked);
    const fast = await Client.open(broker.port);
    fast.write(frameOf(FETCH.request, FETCH.version, 1, body));
    const expected = await fast.answer(1);
    fast.close();
    expect(expected.length).toBeGreaterThan(MIB / 2);
    const ask = frameOf(FETCH.request, FETCH.version, 1, body);
    const readers = await Promise.all(
      Array.from({ length: READERS }, () => SlowReader.open(broker.port, ask)),
    );
    await sleep(SERVED_MS);
    readers[0]?.vanish();
    readers[1]?.halfClose();
    // Retention takes what they were sent; appends fill the files anew.
    for (let wave = 0; wave < 4; wave++) {
      await append(24);
      await sleep(60);
    }
    for (const [index, reader] of readers.entries()) {
      if (index === 0) continue;
      const bytes = await reader.drain();
      const got = bytes.subarray(4);
      // What stands before the records tells of the log at the moment of serving, which appends may have moved on.
      expect(got.subarray(RECORDS_AT).equals(expected.subarray(RECORDS_AT, got.length))).toBe(true);
      if (got.length === expected.length) complete++;
    }
    expect((await fetchOne(client, { topic: 't', offset: number - 1 })).bytes.length).toBeGreaterThan(0);
  }
  expect(complete).toBeGreaterThan(0);
  if (recyclesExpected) expect(recycled).toBeGreaterThan(0);
  client.close();
  expect(await broker.stop()).toBe(0);
  rmSync(folder, { recursive: true, force: true });
}

it('slow readers of recycled segments see old bytes [native]', () => run({}, true));
it('slow readers of recycled segments see old bytes [portable]', () =>
  run({ MILLRACE_NATIVE: 'off' }, false));
