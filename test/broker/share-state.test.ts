/** State of share partitions over the wire: kept through kill -9, and its log kept short. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, onTestFinished, test } from 'vitest';
import {
  createTopicsRequest,
  createTopicsResponse,
  deleteTopicsRequest,
  deleteTopicsResponse,
  findCoordinatorRequest,
  findCoordinatorResponse,
  initializeShareGroupStateRequest,
  initializeShareGroupStateResponse,
  listOffsetsRequest,
  listOffsetsResponse,
  metadataRequest,
  metadataResponse,
  readShareGroupStateRequest,
  readShareGroupStateResponse,
  writeShareGroupStateRequest,
  writeShareGroupStateResponse,
} from '../../src/protocol/index.js';
import { type StartedBroker, startMillrace, temporaryDirectory } from '../support/millrace.js';
import { Client } from './support/client.js';

const FIND = { request: findCoordinatorRequest, response: findCoordinatorResponse, version: 6 };
const CREATE = { request: createTopicsRequest, response: createTopicsResponse, version: 7 };
const REMOVE = { request: deleteTopicsRequest, response: deleteTopicsResponse, version: 6 };
const METADATA = { request: metadataRequest, response: metadataResponse, version: 12 };
const OFFSETS = { request: listOffsetsRequest, response: listOffsetsResponse, version: 10 };
const BEGIN = {
  request: initializeShareGroupStateRequest,
  response: initializeShareGroupStateResponse,
  version: 0,
};
const READ = { request: readShareGroupStateRequest, response: readShareGroupStateResponse, version: 0 };
const WRITE = { request: writeShareGroupStateRequest, response: writeShareGroupStateResponse, version: 1 };

const SETTINGS = {
  'share.coordinator.state.topic.num.partitions': 1,
  'share.coordinator.state.topic.prune.interval.ms': 300,
};
const GROUP = 'g:with:colons';

let broker: StartedBroker;
afterEach(() => broker.stop());

async function prepared(client: Client): Promise<string> {
  await client.call(CREATE, {
    topics: [{ name: 'shared', numPartitions: 1, replicationFactor: 1 }],
    timeoutMs: 5_000,
  });
  const { topics } = await client.call(METADATA, { topics: [{ name: 'shared' }] });
  const topicId = topics[0]?.topicId ?? '';
  const keys = [`${GROUP}:${topicId}:0`];
  await expect
    .poll(
      async () => (await client.call(FIND, { keyType: 2, coordinatorKeys: keys })).coordinators[0]?.errorCode,
    )
    .toBe(0);
  return topicId;
}

const of = (topicId: string, fields: object) => ({
  groupId: GROUP,
  topics: [{ topicId, partitions: [{ partition: 0, ...fields }] }],
});
const answerOf = <Partition>({ results }: { results: { partitions: Partition[] }[] }): Partition => {
  const partition = results[0]?.partitions[0];
  if (partition === undefined) throw new Error('no answer');
  return partition;
};

test('a kill -9 forgets nothing that was answered', async () => {
  const folder = temporaryDirectory('share-state');
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const data = join(folder, 'data');
  broker = await startMillrace({ data, settings: SETTINGS });
  const { port } = broker;
  let client = await Client.open(port);
  const topicId = await prepared(client);
  const begun = await client.call(BEGIN, of(topicId, { stateEpoch: 3, startOffset: 10 }));
  expect(answerOf(begun)).toMatchObject({ errorCode: 0, errorMessage: null });
  const stateBatches = [{ firstOffset: 12, lastOffset: 14, deliveryState: 2, deliveryCount: 1 }];
  const write = { stateEpoch: 3, leaderEpoch: 0, startOffset: 11, deliveryCompleteCount: 3, stateBatches };
  const written = await client.call(WRITE, of(topicId, write));
  expect(answerOf(written)).toMatchObject({ errorCode: 0 });
  const told = answerOf(await client.call(READ, of(topicId, { leaderEpoch: 0 })));
  expect(told).toMatchObject({ stateEpoch: 3, startOffset: 11, stateBatches });
  await broker.kill();
  broker = await startMillrace({ data, port, settings: SETTINGS });
  client = await Client.open(port);
  await expect
    .poll(async () => answerOf(await client.call(READ, of(topicId, { leaderEpoch: 0 }))))
    .toEqual(told);
});

test('what snapshots made redundant is deleted; a deleted topic leaves nothing', async () => {
  broker = await startMillrace({ settings: SETTINGS });
  const client = await Client.open(broker.port);
  const topicId = await prepared(client);
  for (let epoch = 1; epoch <= 10; epoch++)
    await client.call(BEGIN, of(topicId, { stateEpoch: epoch, startOffset: epoch }));
  const offsetAt = async (timestamp: number) => {
    const partitions = [{ partitionIndex: 0, timestamp }];
    const asked = { replicaId: -1, topics: [{ name: '__share_group_state', partitions }] };
    return (await client.call(OFFSETS, asked)).topics[0]?.partitions[0]?.offset;
  };
  const [earliest, latest] = [-2, -1];
  await expect.poll(() => offsetAt(earliest), { timeout: 10_000 }).toBe(9);
  expect(answerOf(await client.call(READ, of(topicId, { leaderEpoch: -1 })))).toMatchObject({
    startOffset: 10,
  });
  await client.call(REMOVE, {
    topics: [{ name: 'shared', topicId: 'AAAAAAAAAAAAAAAAAAAAAA' }],
    timeoutMs: 5_000,
  });
  await expect.poll(() => offsetAt(latest), { timeout: 10_000 }).toBe(11);
  await expect.poll(() => offsetAt(earliest), { timeout: 10_000 }).toBe(10);
});
