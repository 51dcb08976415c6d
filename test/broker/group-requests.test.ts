/** Group requests on bare connections: the coordinator's topic, order, refusals, and offsets that a kill cannot take back. */
import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KafkaError } from '../../src/base/kafka-error.js';
import {
  findCoordinatorRequest,
  findCoordinatorResponse,
  heartbeatRequest,
  heartbeatResponse,
  joinGroupRequest,
  joinGroupResponse,
  listGroupsRequest,
  listGroupsResponse,
  offsetCommitRequest,
  offsetCommitResponse,
  offsetFetchRequest,
  offsetFetchResponse,
  syncGroupRequest,
  syncGroupResponse,
} from '../../src/protocol/index.js';
import { freePort, type StartedBroker, startMillrace, temporaryDirectory } from '../support/millrace.js';
import { Client } from './support/client.js';
import { eventually } from './support/eventually.js';
import { batchOf, createTopic, deleteTopic, METADATA, produce, sleep } from './support/requests.js';

const FIND = { request: findCoordinatorRequest, response: findCoordinatorResponse, version: 4 };
const JOIN = { request: joinGroupRequest, response: joinGroupResponse, version: 3 };
const HEARTBEAT = { request: heartbeatRequest, response: heartbeatResponse, version: 3 };
const COMMIT = { request: offsetCommitRequest, response: offsetCommitResponse, version: 8 };
const FETCH = { request: offsetFetchRequest, response: offsetFetchResponse, version: 8 };
const LIST = { request: listGroupsRequest, response: listGroupsResponse, version: 4 };
const SYNC = { request: syncGroupRequest, response: syncGroupResponse, version: 3 };
/** Of the whole process, V8's and libuv's helpers included: far fewer than partitions. */
const THREADS_MAX = 40;
const STOP_MS_MAX = 2_000;
const GROUP_TOPIC = '__consumer_offsets';

async function coordinator(client: Client, groupId: string) {
  let found = { errorCode: -1, nodeId: -1, host: '', port: -1 };
  await eventually('a coordinator', async () => {
    const { coordinators } = await client.call(FIND, { keyType: 0, coordinatorKeys: [groupId] });
    found = coordinators[0] ?? found;
    return found.errorCode === 0;
  });
  return found;
}

async function commit(client: Client, groupId: string, offset: number, topic = 't'): Promise<number> {
  const partitions = [{ partitionIndex: 0, committedOffset: offset, committedMetadata: 'note' }];
  const { topics } = await client.call(COMMIT, { groupId, topics: [{ name: topic, partitions }] });
  return topics[0]?.partitions[0]?.errorCode ?? -99;
}

async function committed(client: Client, groupId: string, topic = 't'): Promise<number> {
  let offset = -99;
  await eventually('the group is loaded', async () => {
    const { groups } = await client.call(FETCH, {
      groups: [{ groupId, topics: [{ name: topic, partitionIndexes: [0] }] }],
      requireStable: true,
    });
    offset = groups[0]?.topics[0]?.partitions[0]?.committedOffset ?? -99;
    return groups[0]?.errorCode === 0;
  });
  return offset;
}

function joinBody(groupId: string, memberId = '') {
  const protocols = [{ name: 'range', metadata: new Uint8Array([0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]) }];
  return {
    groupId,
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: 10_000,
    memberId,
    protocolType: 'consumer',
    protocols,
  };
}

describe('the coordinator', () => {
  let broker: StartedBroker;
  let client: Client;
  beforeAll(async () => {
    broker = await startMillrace({ settings: { 'group.initial.rebalance.delay.ms': 1500 } });
    client = await Client.open(broker.port);
    await createTopic(client, 't');
  });
  afterAll(async () => {
    client.close();
    expect(await broker.stop()).toBe(0);
  });

  it('its topic is made by the first look-up, internal, compacted, with 50 partitions and few threads', async () => {
    const first = await client.call(FIND, { keyType: 0, coordinatorKeys: ['g'] });
    expect(first.coordinators[0]).toMatchObject({
      errorCode: KafkaError.COORDINATOR_NOT_AVAILABLE,
      nodeId: -1,
    });
    expect(await coordinator(client, 'g')).toMatchObject({ nodeId: 1, host: '127.0.0.1', port: broker.port });
    const { topics } = await client.call(METADATA, {
      topics: [{ name: GROUP_TOPIC }],
      allowAutoTopicCreation: false,
      includeTopicAuthorizedOperations: false,
    });
    expect(topics[0]).toMatchObject({ isInternal: true, errorCode: 0 });
    expect(topics[0]?.partitions.length).toBe(50);
    expect(readdirSync(`/proc/${broker.pid}/task`).length).toBeLessThan(THREADS_MAX);
    const others = await client.call(FIND, { keyType: 1, coordinatorKeys: ['transaction'] });
    expect(others.coordinators[0]?.errorCode).toBe(KafkaError.COORDINATOR_NOT_AVAILABLE);
  });

  it('clients may not write it', async () => {
    expect(await produce(client, GROUP_TOPIC, batchOf(['x']))).toMatchObject({
      error: KafkaError.INVALID_TOPIC_EXCEPTION,
    });
  });

  it('a JoinGroup that waits holds up its own connection only', async () => {
    await coordinator(client, 'waits');
    const joining = await Client.open(broker.port);
    const joined = joining.call(JOIN, joinBody('waits'));
    const behind = joining.call(LIST, { statesFilter: [] });
    let done = false;
    void behind.then(() => {
      done = true;
    });
    await sleep(100);
    for (let offset = 1; offset <= 20; offset++) expect(await commit(client, 'other', offset)).toBe(0);
    expect(done).toBe(false);
    expect(await joined).toMatchObject({ errorCode: 0, generationId: 1 });
    expect((await behind).groups.map(({ groupId }) => groupId)).toContain('waits');
    joining.close();
  });

  it('a client that goes away while it waits does no harm', async () => {
    const going = await Client.open(broker.port);
    going.call(JOIN, joinBody('leaves')).catch(() => undefined);
    await sleep(100);
    going.close();
    await sleep(2000);
    expect(await commit(client, 'other', 21)).toBe(0);
    const { groups } = await client.call(LIST, { statesFilter: [] });
    expect(groups.find(({ groupId }) => groupId === 'leaves')?.groupState).toBe('CompletingRebalance');
  });

  it('refuses what Kafka refuses', async () => {
    const heartbeat = (groupId: string) =>
      client.call(HEARTBEAT, { groupId, generationId: 1, memberId: 'nobody' });
    expect((await heartbeat('')).errorCode).toBe(KafkaError.INVALID_GROUP_ID);
    expect((await heartbeat('nowhere')).errorCode).toBe(KafkaError.UNKNOWN_MEMBER_ID);
    expect((await client.call(JOIN, joinBody(''))).errorCode).toBe(KafkaError.INVALID_GROUP_ID);
    expect(await commit(client, 'other', 1, 'no-such-topic')).toBe(KafkaError.UNKNOWN_TOPIC_OR_PARTITION);
  });

  it('offsets of a deleted topic are forgotten', async () => {
    await createTopic(client, 'short');
    expect(await commit(client, 'other', 5, 'short')).toBe(0);
    expect(await committed(client, 'other', 'short')).toBe(5);
    await deleteTopic(client, 'short');
    await eventually('the offset is gone', async () => (await committed(client, 'other', 'short')) === -1);
    expect(await committed(client, 'other')).toBe(21);
  });

  it('a deleted coordinator topic takes its groups along and comes back empty', async () => {
    await deleteTopic(client, GROUP_TOPIC);
    await eventually(
      'the coordinator is gone',
      async () => (await commit(client, 'other', 1)) === KafkaError.NOT_COORDINATOR,
    );
    await coordinator(client, 'other');
    expect(await committed(client, 'other')).toBe(-1);
  });
});

describe('a stop', () => {
  it('sends away who waits for a rebalance, at once', async () => {
    const broker = await startMillrace({ settings: { 'group.initial.rebalance.delay.ms': 60_000 } });
    const client = await Client.open(broker.port);
    await coordinator(client, 'waits');
    const joined = client.call(JOIN, { ...joinBody('waits'), rebalanceTimeoutMs: 60_000 });
    await sleep(200);
    const began = performance.now();
    expect(await broker.stop()).toBe(0);
    expect(performance.now() - began).toBeLessThan(STOP_MS_MAX);
    expect((await joined).errorCode).toBe(KafkaError.NOT_COORDINATOR);
  });
});

describe('a coordinator topic made by hand', () => {
  it('keeps its partitions and its limits: what does not fit is refused, the rest goes on', async () => {
    const data = temporaryDirectory('by-hand');
    const port = await freePort();
    let broker = await startMillrace({ data, port });
    let client = await Client.open(port);
    await createTopic(client, 't');
    await createTopic(client, GROUP_TOPIC, 3, { 'cleanup.policy': 'compact', 'max.message.bytes': '3000' });
    const ids = Array.from({ length: 12 }, (_, index) => `group-${index}`);
    for (const [index, id] of ids.entries()) {
      await coordinator(client, id);
      expect(await commit(client, id, index)).toBe(0);
    }
    const { memberId, errorCode } = await client.call(JOIN, joinBody('large'));
    expect(errorCode).toBe(0);
    const assignments = [{ memberId, assignment: new Uint8Array(5000) }];
    const tooLarge = await client.call(SYNC, { groupId: 'large', generationId: 1, memberId, assignments });
    expect(tooLarge.errorCode).toBe(KafkaError.UNKNOWN_SERVER_ERROR);
    await eventually('it is loaded again', async () => (await commit(client, 'large', 7)) === 0);
    for (const how of ['stop', 'kill'] as const) {
      client.close();
      await broker[how]();
      broker = await startMillrace({ data, port });
      client = await Client.open(port);
      for (const [index, id] of ids.entries()) expect(await committed(client, id)).toBe(index);
      expect((await client.call(LIST, { statesFilter: ['Empty'] })).groups.length).toBe(ids.length + 1);
    }
    client.close();
    expect(await broker.stop()).toBe(0);
  });
});

describe('offsets', () => {
  for (const settings of [
    {},
    { 'log.flush.interval.messages': 1 },
    { 'offsets.topic.compression.codec': 3 },
  ]) {
    it(`acknowledged ones survive kill -9 in the middle of commits ${JSON.stringify(settings)}`, async () => {
      const data = temporaryDirectory('commits');
      const port = await freePort();
      let broker = await startMillrace({ data, port, settings });
      let client = await Client.open(port);
      await createTopic(client, 't');
      await coordinator(client, 'g');
      let offset = 0;
      for (let round = 0; round < 3; round++) {
        const before = await committed(client, 'g');
        expect(before).toBeGreaterThanOrEqual(offset === 0 ? -1 : offset);
        offset = Math.max(offset, before);
        const killed = sleep(300).then(() => broker.kill());
        while (!client.isClosed) {
          const error = await commit(client, 'g', offset + 1).catch(() => -1);
          if (error === 0) offset++;
        }
        await killed;
        broker = await startMillrace({ data, port, settings });
        client = await Client.open(port);
      }
      expect(offset).toBeGreaterThan(20);
      const last = await committed(client, 'g');
      expect(last).toBeGreaterThanOrEqual(offset);
      expect(last).toBeLessThanOrEqual(offset + 1);
      client.close();
      expect(await broker.stop()).toBe(0);
    });
  }
});
