/** Fetches that wait: woken by the append itself, bounded by minBytes and maxWait, many at once; and fetch sessions. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KafkaError } from '../../src/base/kafka-error.js';
import { type StartedBroker, startMillrace } from '../support/millrace.js';
import { Client, frameOf } from './support/client.js';
import { memoryOf, openFilesOf } from './support/process.js';
import {
  batchOf,
  createTopic,
  deleteTopic,
  FETCH,
  fetchBody,
  fetchOne,
  METADATA,
  produce,
  sleep,
  until,
  valuesOf,
} from './support/requests.js';

/** Long enough that only a wake-up explains an early answer. */
const LONG_MS = 15_000;
/** Append to answer, on a busy machine. */
const WAKE_MS_MAX = 1_000;
const SESSION_SLOTS = 4;

let broker: StartedBroker;
let producer: Client;
let consumer: Client;

beforeAll(async () => {
  broker = await startMillrace({
    settings: { 'max.incremental.fetch.session.cache.slots': SESSION_SLOTS, 'num.network.threads': 1 },
  });
  producer = await Client.open(broker.port);
  consumer = await Client.open(broker.port);
});

afterAll(async () => {
  producer.close();
  consumer.close();
  expect(await broker.stop()).toBe(0);
});

async function timed<T>(work: Promise<T>): Promise<{ result: T; ms: number }> {
  const began = performance.now();
  const result = await work;
  return { result, ms: performance.now() - began };
}

describe('waiting', () => {
  it('an append wakes the fetch that waits for it', async () => {
    await createTopic(producer, 'wake');
    const delays: number[] = [];
    for (let offset = 0; offset < 20; offset++) {
      const waiting = fetchOne(consumer, { topic: 'wake', offset, maxWaitMs: LONG_MS });
      await sleep(5);
      const began = performance.now();
      expect(await produce(producer, 'wake', batchOf([`value ${offset}`]))).toMatchObject({
        error: 0,
        offset,
      });
      const { bytes, error, highWatermark } = await waiting;
      delays.push(performance.now() - began);
      expect(error).toBe(0);
      expect(highWatermark).toBe(offset + 1);
      expect(valuesOf(bytes)).toEqual([{ offset, value: `value ${offset}` }]);
    }
    delays.sort((a, b) => a - b);
    expect(delays.at(-1)).toBeLessThan(WAKE_MS_MAX);
    expect(delays[10]).toBeLessThan(100);
  });

  it('an append that arrives in the same packet before the fetch satisfies it', async () => {
    await createTopic(producer, 'same');
    const [produced, fetched] = await Promise.all([
      produce(consumer, 'same', batchOf(['x'])),
      fetchOne(consumer, { topic: 'same', maxWaitMs: LONG_MS }),
    ]);
    expect(produced.error).toBe(0);
    expect(valuesOf(fetched.bytes)).toEqual([{ offset: 0, value: 'x' }]);
  });

  it('minBytes holds the answer until there is enough', async () => {
    await createTopic(producer, 'enough');
    const one = batchOf(['x'.repeat(1000)]);
    const asked = { topic: 'enough', maxWaitMs: LONG_MS, minBytes: one.length * 3 };
    let answered = false;
    const waiting = fetchOne(consumer, asked).then((result) => {
      answered = true;
      return result;
    });
    for (let times = 0; times < 2; times++) await produce(producer, 'enough', one);
    await sleep(150);
    expect(answered).toBe(false);
    const { ms, result } = await timed(produce(producer, 'enough', one).then(() => waiting));
    expect(result.bytes.length).toBe(one.length * 3);
    expect(ms).toBeLessThan(WAKE_MS_MAX);
  });

  it('minBytes counts over all partitions', async () => {
    await createTopic(producer, 'wide', 3);
    const one = batchOf(['x'.repeat(1000)]);
    const partitions = [0, 1, 2].map((partition) => ({
      partition,
      fetchOffset: 0,
      partitionMaxBytes: 1 << 20,
    }));
    const body = {
      ...fetchBody({ topic: 'wide', maxWaitMs: LONG_MS, minBytes: one.length * 3 }),
      topics: [{ topic: 'wide', partitions }],
    };
    const waiting = consumer.call(FETCH, body);
    for (const partition of [2, 0, 1]) await produce(producer, 'wide', one, partition);
    const { responses } = (await timed(waiting)).result;
    expect(responses[0]?.partitions.map(({ records }) => records?.length)).toEqual([
      one.length,
      one.length,
      one.length,
    ]);
  });

  it.each([1, 50, 300])('without data the answer comes after maxWait of %i ms', async (maxWaitMs) => {
    await createTopic(producer, 'empty');
    const { ms, result } = await timed(fetchOne(consumer, { topic: 'empty', maxWaitMs }));
    expect(result).toMatchObject({ error: 0, highWatermark: 0, partitions: 1 });
    expect(result.bytes).toHaveLength(0);
    expect(ms).toBeGreaterThanOrEqual(maxWaitMs - 1);
    expect(ms).toBeLessThan(maxWaitMs + WAKE_MS_MAX);
  });

  it('too little data comes after maxWait', async () => {
    await createTopic(producer, 'little');
    await produce(producer, 'little', batchOf(['little']));
    const { ms, result } = await timed(
      fetchOne(consumer, { topic: 'little', maxWaitMs: 200, minBytes: 100_000 }),
    );
    expect(valuesOf(result.bytes)).toHaveLength(1);
    expect(ms).toBeGreaterThanOrEqual(199);
  });

  it('an error in one partition is answered at once', async () => {
    await createTopic(producer, 'half');
    const partitions = [0, 7].map((partition) => ({ partition, fetchOffset: 0, partitionMaxBytes: 1 << 20 }));
    const body = {
      ...fetchBody({ topic: 'half', maxWaitMs: LONG_MS }),
      topics: [{ topic: 'half', partitions }],
    };
    const { ms, result } = await timed(consumer.call(FETCH, body));
    expect(ms).toBeLessThan(WAKE_MS_MAX);
    expect(result.responses[0]?.partitions.map(({ errorCode }) => errorCode)).toEqual([
      0,
      KafkaError.UNKNOWN_TOPIC_OR_PARTITION,
    ]);
  });

  it('one append answers 200 consumers that wait for the partition', async () => {
    await createTopic(producer, 'popular');
    const clients = await Promise.all(Array.from({ length: 200 }, () => Client.open(broker.port)));
    const waiting = clients.map((client) => fetchOne(client, { topic: 'popular', maxWaitMs: LONG_MS }));
    await sleep(100);
    const { ms, result } = await timed(
      produce(producer, 'popular', batchOf(['for all'])).then(() => Promise.all(waiting)),
    );
    for (const { bytes } of result) expect(valuesOf(bytes)).toEqual([{ offset: 0, value: 'for all' }]);
    expect(ms).toBeLessThan(3 * WAKE_MS_MAX);
    for (const client of clients) client.close();
  });

  it('consumers that wait for different amounts are answered when theirs is there', async () => {
    await createTopic(producer, 'steps');
    const one = batchOf(['x'.repeat(500)]);
    const clients = await Promise.all([1, 2, 3, 4].map(() => Client.open(broker.port)));
    const order: number[] = [];
    const waiting = clients.map((client, index) =>
      fetchOne(client, { topic: 'steps', maxWaitMs: LONG_MS, minBytes: one.length * (index + 1) }).then(
        ({ bytes }) => {
          order.push(index);
          return bytes.length;
        },
      ),
    );
    for (let times = 0; times < 4; times++) {
      await produce(producer, 'steps', one);
      expect(await waiting[times]).toBe(one.length * (times + 1));
    }
    expect(order).toEqual([0, 1, 2, 3]);
    for (const client of clients) client.close();
  });

  it('deleting the topic answers those who wait: it is unknown', async () => {
    await createTopic(producer, 'doomed');
    const waiting = timed(fetchOne(consumer, { topic: 'doomed', maxWaitMs: LONG_MS }));
    await sleep(50);
    expect(await deleteTopic(producer, 'doomed')).toBe(0);
    const { ms, result } = await waiting;
    expect(result.error).toBe(KafkaError.UNKNOWN_TOPIC_OR_PARTITION);
    expect(ms).toBeLessThan(50 + 3 * WAKE_MS_MAX);
  });

  it('deleting the topic answers those who wait for its id: the partition is unknown', async () => {
    await createTopic(producer, 'doomed-id');
    const { topics } = await producer.call({ ...METADATA, version: 12 }, { topics: [{ name: 'doomed-id' }] });
    const topicId = topics[0]?.topicId ?? '';
    const body = fetchBody({ topic: '', maxWaitMs: LONG_MS });
    const waiting = consumer.call(
      { ...FETCH, version: 13 },
      { ...body, topics: [{ topicId, partitions: body.topics[0]?.partitions ?? [] }] },
    );
    await sleep(50);
    expect(await deleteTopic(producer, 'doomed-id')).toBe(0);
    // Kafka 4.3.1 was asked: 3, not UNKNOWN_TOPIC_ID.
    expect((await waiting).responses[0]?.partitions[0]?.errorCode).toBe(
      KafkaError.UNKNOWN_TOPIC_OR_PARTITION,
    );
  });

  it('a topic of the same name is another topic: a fetch that waited sees none of its records', async () => {
    for (let round = 0; round < 5; round++) {
      await createTopic(producer, 'again');
      const waiting = fetchOne(consumer, { topic: 'again', maxWaitMs: LONG_MS });
      await sleep(10);
      expect(await deleteTopic(producer, 'again')).toBe(0);
      expect(await createTopic(producer, 'again')).toBe(0);
      expect((await produce(producer, 'again', batchOf([`new ${round}`]))).error).toBe(0);
      const { error, bytes } = await waiting;
      expect(error).toBe(KafkaError.UNKNOWN_TOPIC_OR_PARTITION);
      expect(bytes).toHaveLength(0);
      expect(await deleteTopic(producer, 'again')).toBe(0);
    }
  });

  it('fetches of clients that vanished hold nothing', async () => {
    await createTopic(producer, 'vanished');
    const files = openFilesOf(broker.pid);
    // A frame of 32 KiB: a frame kept for each vanished client would add up to 125 MiB.
    const frame = frameOf(
      FETCH.request,
      FETCH.version,
      1,
      fetchBody({ topic: 'vanished', maxWaitMs: 600_000 }),
      'x'.repeat(32_000),
    );
    let before = 0;
    for (let round = 0; round < 20; round++) {
      const clients = await Promise.all(Array.from({ length: 200 }, () => Client.open(broker.port)));
      await Promise.all(clients.map((client) => new Promise((done) => client.socket.write(frame, done))));
      await sleep(30);
      for (const client of clients) client.close();
      await until('connections closed', () => openFilesOf(broker.pid) <= files || undefined);
      if (round === 1) before = memoryOf(broker.pid);
    }
    expect(memoryOf(broker.pid) - before).toBeLessThan(48 * 1024 * 1024);
    expect((await produce(producer, 'vanished', batchOf(['nobody']))).error).toBe(0);
    expect(valuesOf((await fetchOne(consumer, { topic: 'vanished' })).bytes)).toHaveLength(1);
  });
});

describe('sessions', () => {
  it('an incremental fetch names only what changed', async () => {
    await createTopic(producer, 'session', 2);
    const client = await Client.open(broker.port);
    const partitions = [0, 1].map((partition) => ({ partition, fetchOffset: 0, partitionMaxBytes: 1 << 20 }));
    const full = await client.call(FETCH, {
      ...fetchBody({ topic: 'session', sessionEpoch: 0 }),
      topics: [{ topic: 'session', partitions }],
    });
    expect(full.sessionId).toBeGreaterThan(0);
    const next = (sessionEpoch: number, maxWaitMs = 20) => ({
      ...fetchBody({ topic: '', sessionId: full.sessionId, sessionEpoch, maxWaitMs }),
      topics: [],
    });
    const nothing = await client.call(FETCH, next(1));
    expect(nothing).toMatchObject({ errorCode: 0, sessionId: full.sessionId, responses: [] });
    const waiting = client.call(FETCH, next(2, LONG_MS));
    await sleep(20);
    await produce(producer, 'session', batchOf(['news']), 1);
    const { responses } = await waiting;
    expect(responses.map(({ partitions: named }) => named.map((one) => one.partitionIndex))).toEqual([[1]]);

    const wrongEpoch = await client.call(FETCH, next(9));
    expect(wrongEpoch.errorCode).toBe(KafkaError.INVALID_FETCH_SESSION_EPOCH);
    const closing = await client.call(FETCH, { ...next(-1), topics: [] });
    expect(closing).toMatchObject({ errorCode: 0, sessionId: 0 });
    const gone = await client.call(FETCH, next(3));
    expect(gone.errorCode).toBe(KafkaError.FETCH_SESSION_ID_NOT_FOUND);
    client.close();
  });

  it('a full cache gives session id 0, and the fetch works without', async () => {
    await createTopic(producer, 'full-cache');
    await produce(producer, 'full-cache', batchOf(['x']));
    const ids: number[] = [];
    for (let times = 0; times < SESSION_SLOTS + 3; times++) {
      const { sessionId, bytes } = await fetchOne(consumer, { topic: 'full-cache', sessionEpoch: 0 });
      expect(valuesOf(bytes)).toHaveLength(1);
      ids.push(sessionId);
    }
    expect(ids.filter((id) => id !== 0).length).toBeLessThanOrEqual(SESSION_SLOTS);
    expect(ids.at(-1)).toBe(0);
    for (const sessionId of ids.filter((id) => id !== 0)) {
      expect((await fetchOne(consumer, { topic: 'full-cache', sessionId, sessionEpoch: -1 })).error).toBe(0);
    }
    // The closed ones made room.
    const { sessionId } = await fetchOne(consumer, { topic: 'full-cache', sessionEpoch: 0 });
    expect(sessionId).not.toBe(0);
  });
});
