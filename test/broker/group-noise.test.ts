/** Requests of the group APIs with everything that their schemas allow in them: each is answered or waits, nothing breaks. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  apiName,
  apiOf,
  findCoordinatorRequest,
  findCoordinatorResponse,
  listGroupsRequest,
  listGroupsResponse,
} from '../../src/protocol/index.js';
import type { Message } from '../../src/wire/index.js';
import { type StartedBroker, startMillrace } from '../support/millrace.js';
import { arbitraryMessage } from '../wire/arbitrary.js';
import { Client } from './support/client.js';
import { eventually } from './support/eventually.js';
import { createTopic, sleep } from './support/requests.js';

const GROUP_APIS = [8, 9, 11, 12, 13, 14, 15, 16, 42, 47, 68, 69];
const SHARE_APIS = [76, 77, 78, 79, 83, 84, 85, 86, 87, 90, 91, 92];
const APIS = [...GROUP_APIS, ...SHARE_APIS];
const MESSAGES = 60;
const WAIT_MS = 100;
const FIND = { request: findCoordinatorRequest, response: findCoordinatorResponse, version: 1 };
const LIST = { request: listGroupsRequest, response: listGroupsResponse, version: 5 };
/** So that requests meet: what these fields hold is one of a few. */
const POOLS: Record<string, readonly unknown[]> = {
  groupId: ['g', 'h'],
  memberId: ['', 'm', 'n'],
  groupInstanceId: [null, 'one', 'two'],
  instanceId: [null, 'one', 'two'],
  protocolType: ['consumer', 'connect'],
  protocolName: ['range', null],
  name: ['topic', 'range', 'nobody'],
  generationId: [0, 1, -1],
  memberEpoch: [0, 1, -1, -2],
  sessionTimeoutMs: [6000],
  rebalanceTimeoutMs: [1000],
  partitionIndex: [0, 1, -1],
  partition: [0, 1, -1],
  topicName: ['topic', 'nobody'],
  shareSessionEpoch: [0, 1, -1],
  serverAssignor: [null, 'uniform', 'range'],
  subscribedTopicNames: [null, ['topic'], []],
  subscribedTopicRegex: [null, 't.*', '('],
};

/** The message with fields of the pools replaced, chosen by `pick`. */
function narrowed(value: unknown, pick: () => number): unknown {
  if (Array.isArray(value)) return value.map((each) => narrowed(each, pick));
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => {
      const pool = POOLS[name];
      // A version that lacks the field has its default here.
      if (pool === undefined || inner === '' || pick() % 4 === 0) return [name, narrowed(inner, pick)];
      const fits = pool.filter((each) => each !== null && typeof each === typeof inner);
      return [name, fits.length === 0 ? inner : fits[pick() % fits.length]];
    }),
  );
}

let broker: StartedBroker;
beforeAll(async () => {
  broker = await startMillrace({
    settings: {
      'offsets.topic.num.partitions': 2,
      'share.coordinator.state.topic.num.partitions': 2,
      'group.initial.rebalance.delay.ms': 20,
    },
  });
  const client = await Client.open(broker.port);
  await createTopic(client, 'topic', 2);
  await eventually('a coordinator', async () => (await client.call(FIND, { key: 'g' })).errorCode === 0);
  client.close();
});
afterAll(async () => {
  expect(await broker.stop()).toBe(0);
});

it.each(APIS.map((key) => [apiName(key), key] as const))('%s', async (_name, key) => {
  const api = apiOf(key);
  if (api === undefined) throw new Error(`API ${key}`);
  let state = key;
  const pick = (): number => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state >> 8;
  };
  const [first, last] = api.request.versions;
  for (let version = first; version <= last; version++) {
    const request = api.request as Message<unknown, object>;
    const samples = fc.sample(arbitraryMessage(request, version), {
      numRuns: MESSAGES,
      seed: 7 * key + version,
    });
    const clients = await Promise.all(samples.map(() => Client.open(broker.port)));
    const answers = samples.map((sample, index) =>
      clients[index]?.call({ request, response: api.response, version }, Object(narrowed(sample, pick))),
    );
    await Promise.race([Promise.allSettled(answers), sleep(WAIT_MS)]);
    for (const client of clients) client.close();
    await Promise.allSettled(answers);
  }
  const checking = await Client.open(broker.port);
  expect((await checking.call(LIST, { statesFilter: [], typesFilter: [] })).errorCode).toBe(0);
  checking.close();
  expect(broker.output()).not.toMatch(/defect|ERROR|^\s+at /m);
});

it('outlives the sessions of everybody who was left', async () => {
  await sleep(8000);
  expect(broker.output()).not.toMatch(/defect|ERROR|^\s+at /m);
});
