/** Share groups on the wire: who gets which records, what acknowledgements do, what is left after a restart. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KafkaError } from '../../src/base/kafka-error.js';
import { AcknowledgeType } from '../../src/coordinator/share-partition/acknowledge.js';
import { metadataRequest, metadataResponse } from '../../src/protocol/index.js';
import { freePort, type StartedBroker, startMillrace, temporaryDirectory } from '../support/millrace.js';
import { Client } from './support/client.js';
import { batchOf, createTopic, produce, sleep } from './support/requests.js';
import { initializeShareState, ShareMember } from './support/share-member.js';

const { accept, release, reject, renew } = AcknowledgeType;
const SETTINGS = {
  'share.coordinator.state.topic.num.partitions': 3,
  'share.coordinator.state.topic.replication.factor': 1,
  'share.coordinator.state.topic.min.isr': 1,
  'group.share.record.lock.duration.ms': 1_000,
  'group.share.min.record.lock.duration.ms': 1_000,
};
const METADATA = { request: metadataRequest, response: metadataResponse, version: 12 };
const NO_TOPIC = 'AAAAAAAAAAAAAAAAAAAAAQ';

let broker: StartedBroker;
let admin: Client;
let made = 0;

beforeAll(async () => {
  broker = await startMillrace({ settings: SETTINGS });
  admin = await Client.open(broker.port);
});
afterAll(async () => {
  admin.close();
  expect(await broker.stop()).toBe(0);
});

async function topicIdOf(client: Client, name: string): Promise<string> {
  const { topics } = await client.call(METADATA, { topics: [{ name, topicId: NO_TOPIC.replace('Q', 'A') }] });
  return topics[0]?.topicId ?? '';
}

/** A topic with one batch for each number of records, and a group that starts at its beginning. */
async function prepared(batches: readonly number[], groupId = `group-${++made}`) {
  const topic = `topic-${groupId}`;
  expect(await createTopic(admin, topic)).toBe(0);
  const topicId = await topicIdOf(admin, topic);
  let next = 0;
  for (const count of batches) {
    const values = Array.from({ length: count }, (_, index) => `value ${next + index}`);
    await produce(admin, topic, batchOf(values));
    next += count;
  }
  expect(await initializeShareState(broker.port, groupId, topicId)).toBe(0);
  const join = (memberId: string): Promise<ShareMember> =>
    ShareMember.open(broker.port, groupId, memberId, topicId);
  return { topic, topicId, groupId, join };
}

describe('share fetch', () => {
  it('gives every record to one member, with its bytes', async () => {
    const { join } = await prepared([10, 10, 10]);
    const [a, b] = [await join('a'), await join('b')];
    const first = await a.fetch({ maxRecords: 15 });
    expect(first).toMatchObject({ error: 0, ranges: ['0-19 x1'] });
    expect(first.records.map(({ value }) => value)).toEqual(
      Array.from({ length: 20 }, (_, i) => `value ${i}`),
    );
    const second = await b.fetch();
    expect(second.ranges).toEqual(['20-29 x1']);
    expect(second.records.map(({ offset }) => offset)).toEqual(Array.from({ length: 10 }, (_, i) => 20 + i));
    expect((await a.fetch()).ranges).toEqual([]);
    a.close();
    b.close();
  });

  it('keeps to the number of records in the record-limit mode and to batches of the wanted size', async () => {
    const { join } = await prepared([10, 10, 10, 10]);
    const member = await join('a');
    const limited = await member.fetch({ maxRecords: 4, shareAcquireMode: 1 });
    expect(limited.ranges).toEqual(['0-3 x1']);
    expect(limited.records.length).toBe(10); // the batch that holds them travels whole
    expect((await member.fetch({ batchSize: 10, maxRecords: 26 })).ranges).toEqual([
      '4-9 x1',
      '10-19 x1',
      '20-29 x1',
    ]);
    member.close();
  });

  it('waits for records, and for others to let go of theirs', async () => {
    const { topic, join } = await prepared([]);
    const [a, b] = [await join('a'), await join('b')];
    expect((await a.fetch()).ranges).toEqual([]);
    const waiting = a.fetch({ maxWaitMs: 10_000 });
    await produce(admin, topic, batchOf(['x', 'y']));
    expect((await waiting).ranges).toEqual(['0-1 x1']);
    await b.fetch();
    const released = b.fetch({ maxWaitMs: 10_000 });
    expect(await a.acknowledge([{ first: 0, last: 1, types: [accept, release] }])).toBe(0);
    expect((await released).ranges).toEqual(['1-1 x2']);
    const started = performance.now();
    expect((await a.fetch({ maxWaitMs: 200 })).ranges).toEqual([]);
    expect(performance.now() - started).toBeGreaterThan(150);
    a.close();
    b.close();
  });

  it('frees what was held too long, and what a lost connection held', async () => {
    const { join } = await prepared([5]);
    const [a, b, c] = [await join('a'), await join('b'), await join('c')];
    expect((await a.fetch()).ranges).toEqual(['0-4 x1']);
    const started = performance.now();
    expect((await b.fetch({ maxWaitMs: 10_000 })).ranges).toEqual(['0-4 x2']);
    expect(performance.now() - started).toBeLessThan(5_000);
    expect(await a.acknowledge([{ first: 0, last: 4, types: [accept] }])).toBe(
      KafkaError.INVALID_RECORD_STATE,
    );
    await c.fetch();
    const waiting = c.fetch({ maxWaitMs: 10_000 });
    b.close();
    expect((await waiting).ranges).toEqual(['0-4 x3']);
    a.close();
    c.close();
  });

  it('renews a lock, with nothing fetched in the same request', async () => {
    const { join } = await prepared([3]);
    const [a, b] = [await join('a'), await join('b')];
    expect((await a.fetch()).ranges).toEqual(['0-2 x1']);
    await sleep(700);
    const renewal = { isRenewAck: true, maxBytes: 0, minBytes: 0, maxRecords: 0, maxWaitMs: 0 };
    const acknowledgements = [{ first: 0, last: 2, types: [renew] }];
    expect(await a.fetch({ isRenewAck: true }, acknowledgements)).toMatchObject({
      error: KafkaError.INVALID_REQUEST,
    });
    expect(await a.fetch(renewal, acknowledgements)).toMatchObject({
      error: 0,
      acknowledgeError: 0,
      ranges: [],
    });
    await b.fetch();
    expect((await b.fetch({ maxWaitMs: 500 })).ranges).toEqual([]);
    expect(await a.acknowledge([{ first: 0, last: 2, types: [accept] }])).toBe(0);
    a.close();
    b.close();
  });

  it('acknowledges along the way, and archives what was rejected or failed too often', async () => {
    const { join } = await prepared([4]);
    const member = await join('a');
    expect((await member.fetch()).ranges).toEqual(['0-3 x1']);
    const types = [accept, reject, release, accept];
    expect((await member.fetch({}, [{ first: 0, last: 3, types }])).ranges).toEqual([]);
    for (let count = 2; count <= 5; count++) {
      expect((await member.fetch()).ranges).toEqual([`2-2 x${count}`]);
      expect(await member.acknowledge([{ first: 2, last: 2, types: [release] }])).toBe(0);
    }
    expect((await member.fetch()).ranges).toEqual([]);
    member.close();
  });
});

describe('share sessions', () => {
  it('answers wrong epochs, unknown sessions and bad acknowledgements as Kafka does', async () => {
    const { join } = await prepared([4]);
    const member = await join('a');
    expect((await member.fetch({ shareSessionEpoch: 3 })).error).toBe(KafkaError.SHARE_SESSION_NOT_FOUND);
    expect(await member.acknowledge([], 0)).toBe(KafkaError.INVALID_SHARE_SESSION_EPOCH);
    expect(await member.acknowledge([], 1)).toBe(KafkaError.SHARE_SESSION_NOT_FOUND);
    await member.fetch();
    expect((await member.fetch({ shareSessionEpoch: 7 })).error).toBe(KafkaError.INVALID_SHARE_SESSION_EPOCH);
    const wrong = async (first: number, last: number, ...types: number[]) =>
      member.acknowledge([{ first, last, types }]);
    expect(await wrong(3, 2, accept)).toBe(KafkaError.INVALID_REQUEST);
    expect(await wrong(0, 2, accept, accept)).toBe(KafkaError.INVALID_REQUEST);
    expect(await wrong(0, 2)).toBe(KafkaError.INVALID_REQUEST);
    expect(await wrong(0, 2, renew)).toBe(KafkaError.INVALID_REQUEST);
    expect(await wrong(0, 2, 9)).toBe(KafkaError.INVALID_REQUEST);
    expect(await wrong(0, 2, -1)).toBe(KafkaError.INVALID_REQUEST);
    expect(await wrong(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, accept)).toBe(
      KafkaError.INVALID_REQUEST,
    );
    expect(await wrong(0, 3, accept)).toBe(0);
    member.close();
  });

  it('frees what a member holds that ends its session', async () => {
    const { join } = await prepared([4]);
    const [a, b] = [await join('a'), await join('b')];
    expect((await a.fetch()).ranges).toEqual(['0-3 x1']);
    expect(await a.acknowledge([{ first: 0, last: 0, types: [accept] }], -1)).toBe(0);
    expect((await b.fetch({ maxWaitMs: 5_000 })).ranges).toEqual(['1-3 x2']);
    expect((await a.fetch({ shareSessionEpoch: 1 })).error).toBe(KafkaError.SHARE_SESSION_NOT_FOUND);
    a.close();
    b.close();
  });

  it('knows partitions and topics that are not there', async () => {
    const { groupId } = await prepared([1]);
    const member = await ShareMember.open(broker.port, groupId, 'a', NO_TOPIC);
    expect((await member.fetch()).partitionError).toBe(KafkaError.UNKNOWN_TOPIC_ID);
    member.close();
  });
});

describe('senseless requests', () => {
  const MAX = 2 ** 31 - 1;

  it('are answered, hold nothing and hurt nobody', async () => {
    const { topicId, join } = await prepared([4]);
    const member = await join('a');
    const named = (partitionIndex: number) => [
      { topicId, partitions: [{ partitionIndex }, { partitionIndex }] },
    ];
    for (const request of [
      { maxRecords: -1 },
      { maxRecords: 0, batchSize: -1 },
      { maxBytes: -1, minBytes: -1, maxWaitMs: -5 },
      { minBytes: MAX, maxWaitMs: 50 },
      { topics: named(-1) },
      { topics: named(MAX) },
      { groupId: null, memberId: null },
      { shareSessionEpoch: -7 },
      { shareAcquireMode: 99, maxRecords: 0 },
    ]) {
      const fresh = await join('fresh');
      const { error } = await fresh.fetch(request);
      expect([0, KafkaError.SHARE_SESSION_NOT_FOUND]).toContain(error);
      fresh.close();
    }
    const { ranges } = await member.fetch({ maxRecords: MAX, batchSize: MAX, maxWaitMs: 5_000 });
    expect(ranges.map((range) => range.split(' ')[0])).toEqual(['0-3']);
    const twice = [
      { first: 0, last: 3, types: [accept] },
      { first: 3, last: 3, types: [release] },
    ];
    // The second mention would meet a record that is being acknowledged; nothing is done then.
    expect(await member.acknowledge(twice)).toBe(KafkaError.INVALID_RECORD_STATE);
    expect(await member.acknowledge([{ first: 0, last: 3, types: [accept] }])).toBe(0);
    member.close();
  });
});

describe('restarts', () => {
  it('keeps acknowledged records acknowledged and counts deliveries on, after a stop and after a kill', async () => {
    const data = `${temporaryDirectory('share')}/data`;
    const port = await freePort();
    const settings = SETTINGS;
    let own = await startMillrace({ data, port, settings });
    const client = await Client.open(port);
    expect(await createTopic(client, 'kept')).toBe(0);
    const topicId = await topicIdOf(client, 'kept');
    await produce(client, 'kept', batchOf(Array.from({ length: 10 }, (_, i) => `value ${i}`)));
    expect(await initializeShareState(port, 'g', topicId)).toBe(0);
    const before = await ShareMember.open(port, 'g', 'a', topicId);
    expect((await before.fetch()).ranges).toEqual(['0-9 x1']);
    const types = [accept, accept, release, accept, reject, accept];
    expect(await before.acknowledge([{ first: 0, last: 5, types }])).toBe(0);
    await own.kill();
    own = await startMillrace({ data, port, settings });
    const middle = await ShareMember.open(port, 'g', 'b', topicId);
    expect((await middle.fetch({ maxWaitMs: 5_000 })).ranges).toEqual(['2-2 x2', '6-9 x1']);
    expect(
      await middle.acknowledge([
        { first: 2, last: 2, types: [accept] },
        { first: 6, last: 8, types: [accept] },
      ]),
    ).toBe(0);
    expect(await own.stop()).toBe(0);
    own = await startMillrace({ data, port, settings });
    const after = await ShareMember.open(port, 'g', 'c', topicId);
    expect((await after.fetch({ maxWaitMs: 5_000 })).ranges).toEqual(['9-9 x1']);
    expect(await own.stop()).toBe(0);
  });
});
