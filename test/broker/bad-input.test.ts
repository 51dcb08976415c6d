/**
 * What no client should send: the broker answers as Kafka does or closes, names the client in one log line, goes on
 * serving everybody else, and keeps its memory.
 */
import { deflateRawSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KafkaError } from '../../src/base/kafka-error.js';
import { BATCH_HEADER_BYTES, DECOMPRESSED_BYTES_MAX } from '../../src/base/limits.js';
import { apiVersionsRequest, apiVersionsResponse } from '../../src/protocol/index.js';
import { BatchView } from '../../src/record/batch-view.js';
import { compress } from '../../src/record/codec/index.js';
import { putInt32 } from '../../src/record/int64.js';
import { Codec, HeaderAt } from '../../src/record/layout.js';
import { type StartedBroker, startMillrace } from '../support/millrace.js';
import { Client, frameOf } from './support/client.js';
import { memoryOf } from './support/process.js';
import {
  batchOf,
  CREATE_TOPICS,
  createTopic,
  fetchOne,
  METADATA,
  offsetAt,
  PRODUCE,
  produce,
  produceBody,
  sleep,
  topicsOf,
  until,
} from './support/requests.js';

const MIB = 1024 * 1024;
const REQUEST_BYTES_MAX = 104_857_600;
/** What buffers and garbage may add to the process. */
const GROWTH_BYTES_MAX = 96 * MIB;
const CLOSE_MS_MAX = 5_000;

let broker: StartedBroker;
let bystander: Client;

beforeAll(async () => {
  broker = await startMillrace({ settings: { 'auto.create.topics.enable': 'false' } });
  bystander = await Client.open(broker.port);
  expect(await createTopic(bystander, 'good')).toBe(0);
});

afterAll(async () => {
  bystander.close();
  expect(await broker.stop()).toBe(0);
});

/** Somebody who was connected all the time still writes and reads. */
async function everyoneElseIsServed(): Promise<void> {
  const { error, offset } = await produce(bystander, 'good', batchOf(['still here']));
  expect(error).toBe(0);
  const { bytes } = await fetchOne(bystander, { topic: 'good', offset });
  expect(bytes.length).toBeGreaterThan(0);
}

function int32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  putInt32(bytes, 0, value);
  return bytes;
}

async function closedWithin(client: Client): Promise<void> {
  const late = sleep(CLOSE_MS_MAX).then(() => 'open');
  expect(await Promise.race([client.closed, late])).toBeUndefined();
}

/** Sends the bytes; expects a close and a log line with the client's address. */
async function expectClosed(bytes: Uint8Array | string): Promise<void> {
  const client = await Client.open(broker.port);
  const { name } = client;
  client.write(bytes);
  await closedWithin(client);
  await until(`a log line that names ${name}`, () => broker.output().includes(`${name}:`) || undefined);
  const line = broker
    .output()
    .split('\n')
    .filter((text) => text.includes(name));
  expect(line).toHaveLength(1);
  expect(line[0]).toMatch(/ WARN Clos/);
  await everyoneElseIsServed();
}

/** A request frame: key, version, correlation id 7, client id "x", then the body. */
function raw(key: number, version: number, body: readonly number[]): Uint8Array {
  const header = [key >> 8, key & 0xff, version >> 8, version & 0xff, 0, 0, 0, 7, 0, 1, 120];
  const all = [...header, ...body];
  return Uint8Array.from([...int32(all.length), ...all]);
}

describe('frames', () => {
  it('a negative length closes', () => expectClosed(int32(-1)));
  it('the smallest length closes', () => expectClosed(int32(-0x8000_0000)));
  it('a length above socket.request.max.bytes closes', () => expectClosed(int32(REQUEST_BYTES_MAX + 1)));
  it('the largest length closes', () => expectClosed(int32(0x7fff_ffff)));
  it('an empty frame closes', () => expectClosed(int32(0)));
  it('a frame too short for a header closes', () => expectClosed(Uint8Array.of(0, 0, 0, 2, 0, 18)));
  it('HTTP on the plaintext port closes', () =>
    expectClosed('GET / HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n'));
  it('a TLS ClientHello closes', () => {
    // Record header, handshake header, TLS 1.2, random; what `openssl s_client` sends first.
    const hello = [
      0x16,
      3,
      1,
      0x02,
      0,
      1,
      0,
      0x01,
      0xfc,
      3,
      3,
      ...Array.from({ length: 506 }, (_, i) => i & 0xff),
    ];
    return expectClosed(Uint8Array.from(hello));
  });

  it('a frame cut off by the client is forgotten', async () => {
    const frame = frameOf(PRODUCE.request, PRODUCE.version, 1, produceBody('good', 0, batchOf(['cut'])));
    const before = (await offsetAt(bystander, 'good', -1)).offset;
    for (const share of [1, 3, 4, 5, 30, frame.length - 1]) {
      const client = await Client.open(broker.port);
      await new Promise((done) => client.socket.write(frame.subarray(0, share), done));
      client.close();
    }
    await everyoneElseIsServed();
    expect((await offsetAt(bystander, 'good', -1)).offset).toBe(before + 1);
  });

  it('an announced length of 100 MiB costs no memory until the bytes come', async () => {
    const before = memoryOf(broker.pid);
    const clients = await Promise.all(Array.from({ length: 64 }, () => Client.open(broker.port)));
    for (const client of clients) client.write(Uint8Array.from([...int32(REQUEST_BYTES_MAX), 0, 0, 0, 9]));
    await everyoneElseIsServed();
    expect(memoryOf(broker.pid) - before).toBeLessThan(32 * MIB);
    for (const client of clients) client.close();
  });
});

describe('requests', () => {
  it('an unknown API key closes', () => expectClosed(raw(999, 0, [])));
  it('a negative API key closes', () => expectClosed(raw(-1 & 0xffff, 0, [])));
  it('an unknown version closes', () => expectClosed(raw(3, 99, [])));
  it('a version that Kafka 4 removed closes', () => expectClosed(raw(1, 3, [])));
  it('a negative version closes', () => expectClosed(raw(3, -1 & 0xffff, [])));
  it('a truncated body closes', () => expectClosed(raw(3, 1, [0, 0])));
  it('a truncated header closes', () => expectClosed(Uint8Array.of(0, 0, 0, 9, 0, 3, 0, 1, 0, 0, 0, 7, 0)));
  it('a client id longer than the frame closes', () =>
    expectClosed(Uint8Array.of(0, 0, 0, 10, 0, 3, 0, 1, 0, 0, 0, 7, 0x7f, 0xff)));
  it('a count of 2^31-1 elements closes', () => expectClosed(raw(3, 1, [0x7f, 0xff, 0xff, 0xff])));
  it('a negative count in a field that is not nullable closes', () =>
    expectClosed(raw(0, 3, [0xff, 0xff, 0, 1, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff])));
  it('a uvarint without an end closes', () =>
    expectClosed(raw(3, 9, [0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])));
  it('counts nested in counts close before they cost memory', async () => {
    const before = memoryOf(broker.pid);
    // Fetch 4: 2^19 topics, each an empty name and no partitions: 6 bytes that would become an object.
    const topics = 1 << 19;
    const body = new Uint8Array(11 + 17 + 4 + topics * 6);
    body.set([0, 1, 0, 4, 0, 0, 0, 7, 0, 1, 120]);
    body.set([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 4, 0, 0], 11);
    // More than there are.
    body.set(int32(topics * 4), 28);
    await expectClosed(Uint8Array.from([...int32(body.length), ...body]));
    expect(memoryOf(broker.pid) - before).toBeLessThan(GROWTH_BYTES_MAX);
  });

  it('ApiVersions of an unknown version is answered in version 0', async () => {
    const client = await Client.open(broker.port);
    client.write(raw(18, 99, []));
    const answer = await client.answer(7);
    expect(answer.readInt16BE(4)).toBe(KafkaError.UNSUPPORTED_VERSION);
    expect(client.isClosed).toBe(false);
    const again = await client.call(
      { request: apiVersionsRequest, response: apiVersionsResponse, version: 3 },
      { clientSoftwareName: 'robust', clientSoftwareVersion: '1' },
    );
    expect(again.errorCode).toBe(0);
    client.close();
  });

  it('bytes behind the last field are ignored, as Kafka does', async () => {
    const client = await Client.open(broker.port);
    client.write(raw(3, 1, [0, 0, 0, 0, 1, 2, 3, 4, 5]));
    expect((await client.answer(7)).length).toBeGreaterThan(4);
    client.close();
  });

  it('every prefix and many mutations of good requests crash nothing', async () => {
    const good = [
      frameOf(PRODUCE.request, PRODUCE.version, 7, produceBody('good', 0, batchOf(['mutant'])), 'x'),
      frameOf(METADATA.request, METADATA.version, 7, { topics: [{ name: 'good' }] }, 'x'),
      frameOf(
        CREATE_TOPICS.request,
        CREATE_TOPICS.version,
        7,
        { topics: [{ name: '..', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }] },
        'x',
      ),
    ];
    let seed = 42;
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return seed % below;
    };
    const before = memoryOf(broker.pid);
    for (let round = 0; round < 300; round++) {
      const bytes = (good[round % good.length] ?? new Uint8Array(0)).slice(4);
      // Key and version stay: the point is the decoding behind them.
      for (let times = random(4); times >= 0; times--) bytes[4 + random(bytes.length - 4)] = random(256);
      const length = random(3) === 0 ? 8 + random(bytes.length - 8) : bytes.length;
      const socket = await Client.open(broker.port);
      socket.socket.removeAllListeners('data');
      socket.write(Uint8Array.from([...int32(length), ...bytes.subarray(0, length)]));
      await Promise.race([socket.closed, new Promise((done) => socket.socket.once('data', done))]);
      socket.close();
    }
    await everyoneElseIsServed();
    expect(memoryOf(broker.pid) - before).toBeLessThan(GROWTH_BYTES_MAX);
  }, 60_000);
});

describe('record batches', () => {
  /** The batch with its fields changed and the CRC right again, unless that is the point. */
  function forged(
    values: readonly string[],
    change: (batch: Uint8Array) => void,
    crcRight = true,
  ): Uint8Array {
    const batch = batchOf(values);
    change(batch);
    if (!crcRight) return batch;
    const view = new BatchView();
    view.set(batch, 0);
    putInt32(batch, HeaderAt.crc, view.computeCrc() | 0);
    return batch;
  }

  async function refused(batch: Uint8Array, error: number): Promise<void> {
    const { offset: end } = await offsetAt(bystander, 'good', -1);
    const answer = await produce(bystander, 'good', batch);
    expect(answer.error).toBe(error);
    expect(answer.offset).toBe(-1);
    expect((await offsetAt(bystander, 'good', -1)).offset).toBe(end);
    await everyoneElseIsServed();
  }

  it('a wrong CRC is CORRUPT_MESSAGE', () =>
    refused(
      forged(['a', 'b'], (batch) => putInt32(batch, HeaderAt.crc, 12345), false),
      KafkaError.CORRUPT_MESSAGE,
    ));
  it('more records declared than there are is INVALID_RECORD', () =>
    refused(
      forged(['a', 'b'], (batch) => {
        putInt32(batch, HeaderAt.count, 1_000_000);
        putInt32(batch, HeaderAt.lastOffsetDelta, 999_999);
      }),
      KafkaError.INVALID_RECORD,
    ));
  it('fewer records declared than there are is INVALID_RECORD', () =>
    refused(
      forged(['a', 'b', 'c'], (batch) => {
        putInt32(batch, HeaderAt.count, 2);
        putInt32(batch, HeaderAt.lastOffsetDelta, 1);
      }),
      KafkaError.INVALID_RECORD,
    ));
  it.each([-1, -0x8000_0000, 0x7fff_ffff])('a count of %i is INVALID_RECORD', (count) =>
    refused(
      forged(['a', 'b'], (batch) => putInt32(batch, HeaderAt.count, count)),
      KafkaError.INVALID_RECORD,
    ),
  );
  it.each([-1, 0, 48, 0x7fff_ffff, -0x8000_0000])('a batch length of %i is refused', async (length) => {
    const { error } = await produce(
      bystander,
      'good',
      forged(['a'], (batch) => putInt32(batch, HeaderAt.length, length), false),
    );
    expect([KafkaError.CORRUPT_MESSAGE, KafkaError.INVALID_RECORD]).toContain(error);
    await everyoneElseIsServed();
  });
  it('two batches at once are INVALID_RECORD', async () => {
    const one = batchOf(['a']);
    const two = new Uint8Array(one.length * 2);
    two.set(one);
    two.set(one, one.length);
    await refused(two, KafkaError.INVALID_RECORD);
  });
  it('an unknown codec is refused', async () => {
    const batch = forged(['a'], (bytes) => bytes.set([7], HeaderAt.attributes + 1));
    const { error } = await produce(bystander, 'good', batch);
    expect([
      KafkaError.INVALID_RECORD,
      KafkaError.CORRUPT_MESSAGE,
      KafkaError.UNSUPPORTED_COMPRESSION_TYPE,
    ]).toContain(error);
    await everyoneElseIsServed();
  });

  const RECORD_TOO_LONG = 600 * MIB;
  /** A batch whose compressed records are these bytes. */
  function packed(codec: number, records: Uint8Array): Uint8Array {
    const batch = new Uint8Array(BATCH_HEADER_BYTES + records.length);
    batch.set(batchOf(['x']).subarray(0, BATCH_HEADER_BYTES));
    batch.set(records, BATCH_HEADER_BYTES);
    putInt32(batch, HeaderAt.length, batch.length - 12);
    batch[HeaderAt.attributes + 1] = codec;
    const view = new BatchView();
    view.set(batch, 0);
    putInt32(batch, HeaderAt.crc, view.computeCrc() | 0);
    return batch;
  }

  describe('decompression bombs', () => {
    // 600 MiB of zeros, above the limit of 256 MiB: few bytes in every codec that can express it.
    const bombs: [string, () => Uint8Array][] = [
      ['gzip', () => packed(Codec.gzip, gzipSync(new Uint8Array(RECORD_TOO_LONG), { level: 1 }))],
      ['zstd', () => packed(Codec.zstd, compress(Codec.zstd, new Uint8Array(RECORD_TOO_LONG)))],
      ['lz4', () => packed(Codec.lz4, lz4Bomb(RECORD_TOO_LONG))],
      ['snappy', () => packed(Codec.snappy, snappyBomb())],
    ];

    it.each(bombs)(
      '%s',
      async (_name, make) => {
        const bomb = make();
        const { offset: end } = await offsetAt(bystander, 'bombed', -1);
        const began = performance.now();
        for (let times = 0; times < 4; times++) {
          const { error } = await produce(bystander, 'bombed', bomb);
          expect([KafkaError.MESSAGE_TOO_LARGE, KafkaError.INVALID_RECORD]).toContain(error);
        }
        expect((await offsetAt(bystander, 'bombed', -1)).offset).toBe(end);
        await everyoneElseIsServed();
        expect(performance.now() - began).toBeLessThan(15_000);
        // What the last bomb left (an output and its larger successor) waits for the worker's garbage collector; the
        // ones before must be gone.
        expect(memoryOf(broker.pid) - unbombed).toBeLessThan(2 * DECOMPRESSED_BYTES_MAX + GROWTH_BYTES_MAX);
      },
      60_000,
    );

    let unbombed = 0;
    beforeAll(async () => {
      unbombed = memoryOf(broker.pid);
      expect(await createTopic(bystander, 'bombed', 1, { 'max.message.bytes': '10485760' })).toBe(0);
    });
  });

  /** LZ4 frame: one block of 4 MiB that repeats a zero, many times. */
  function lz4Bomb(total: number): Uint8Array {
    const block = 4 * MIB;
    const one = compress(Codec.lz4, new Uint8Array(block));
    // Magic 4, FLG, BD, (content size), HC; then blocks with their length; end mark.
    const hasSize = ((one[4] ?? 0) & 0x08) !== 0;
    const headerBytes = 7 + (hasSize ? 8 : 0);
    const view = new DataView(one.buffer, one.byteOffset);
    const blocks: Uint8Array[] = [];
    for (let at = headerBytes; view.getUint32(at, true) !== 0; ) {
      const size = (view.getUint32(at, true) & 0x7fff_ffff) + 4;
      blocks.push(one.subarray(at, at + size));
      at += size;
    }
    const perFrame = blocks.reduce((sum, { length }) => sum + length, 0);
    const frames = Math.ceil(total / block);
    const bomb = new Uint8Array(headerBytes + perFrame * frames + 4);
    bomb.set(one.subarray(0, headerBytes));
    let at = headerBytes;
    for (let times = 0; times < frames; times++) {
      for (const bytes of blocks) {
        bomb.set(bytes, at);
        at += bytes.length;
      }
    }
    return bomb;
  }

  /** Raw snappy whose preamble claims 2^32-1 bytes, followed by a little. */
  function snappyBomb(): Uint8Array {
    return Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f, 0x00, 0x00, 0xfe, 0x01, 0x00, 0xfe, 0x01, 0x00);
  }

  it('codec bytes that are noise are refused', async () => {
    const noise = Uint8Array.from({ length: 512 }, (_, i) => (i * 197 + 13) & 0xff);
    for (const codec of [Codec.gzip, Codec.snappy, Codec.lz4, Codec.zstd]) {
      await refused(packed(codec, noise), KafkaError.INVALID_RECORD);
    }
    await refused(packed(Codec.gzip, deflateRawSync(noise)), KafkaError.INVALID_RECORD);
    await refused(packed(Codec.snappy, new Uint8Array(0)), KafkaError.INVALID_RECORD);
  });
});

describe('names', () => {
  const names = [
    '..',
    '.',
    '',
    'a/b',
    '../../etc',
    '/etc/passwd',
    'nul\0byte',
    'line\nbreak',
    'a b',
    'ü',
    'x'.repeat(250),
  ];
  it.each(names.map((name) => [name.slice(0, 20), name]))('%j is no topic', async (_start, name) => {
    expect(await createTopic(bystander, name)).toBe(KafkaError.INVALID_TOPIC_EXCEPTION);
    const { topics } = await bystander.call(METADATA, {
      topics: [{ name }],
      allowAutoTopicCreation: true,
    });
    expect(topics[0]?.errorCode).toBe(KafkaError.INVALID_TOPIC_EXCEPTION);
    const { error } = await produce(bystander, name, batchOf(['x']));
    expect(error).toBe(KafkaError.UNKNOWN_TOPIC_OR_PARTITION);
    expect((await fetchOne(bystander, { topic: name })).error).toBe(KafkaError.UNKNOWN_TOPIC_OR_PARTITION);
    expect((await topicsOf(bystander)).topics.map((topic) => topic.name)).not.toContain(name);
  });

  it.each([-1, 5, 0x7fff_ffff, -0x8000_0000])('partition %i does not exist', async (partition) => {
    const { error } = await produce(bystander, 'good', batchOf(['x']), partition);
    expect(error).toBe(KafkaError.UNKNOWN_TOPIC_OR_PARTITION);
    const fetched = await fetchOne(bystander, { topic: 'good', partition });
    expect(fetched.error).toBe(KafkaError.UNKNOWN_TOPIC_OR_PARTITION);
  });

  it.each([-2, 0x7fff_ffff])('offset %i is out of range', async (offset) => {
    expect((await fetchOne(bystander, { topic: 'good', offset })).error).toBe(KafkaError.OFFSET_OUT_OF_RANGE);
  });
});
