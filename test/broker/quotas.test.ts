/** Quotas and connection limits of a running broker, by whatever reads its sockets. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  alterClientQuotasRequest,
  alterClientQuotasResponse,
  createPartitionsRequest,
  createPartitionsResponse,
  createTopicsRequest,
  createTopicsResponse,
  describeClientQuotasRequest,
  describeClientQuotasResponse,
  incrementalAlterConfigsRequest,
  incrementalAlterConfigsResponse,
} from '../../src/protocol/index.js';
import { type StartedBroker, startMillrace } from '../support/millrace.js';
import { Client } from './support/client.js';
import {
  batchOf,
  createTopic,
  FETCH,
  fetchBody,
  METADATA,
  PRODUCE,
  produceBody,
  sleep,
} from './support/requests.js';

const QUOTAS = { request: alterClientQuotasRequest, response: alterClientQuotasResponse, version: 1 };
const TOLD = { request: describeClientQuotasRequest, response: describeClientQuotasResponse, version: 1 };
const CONFIGS = {
  request: incrementalAlterConfigsRequest,
  response: incrementalAlterConfigsResponse,
  version: 1,
};
const CREATE = { request: createTopicsRequest, response: createTopicsResponse, version: 7 };
const GROW = { request: createPartitionsRequest, response: createPartitionsResponse, version: 3 };
const THROTTLING_QUOTA_EXCEEDED = 89;
const BLOCK = 100_000;

describe.each(['auto', 'portable'])('sockets: %s', (engine) => {
  let broker: StartedBroker;
  let admin: Client;

  beforeAll(async () => {
    broker = await startMillrace({
      settings: {
        'num.network.threads': engine === 'auto' ? 2 : 1,
        'millrace.network.engine': engine,
        'max.connections.per.ip.overrides': '127.0.0.3:2',
      },
    });
    admin = await Client.open(broker.port, '127.0.0.1', 'admin');
    expect(await createTopic(admin, 'bytes')).toBe(0);
  });
  afterAll(async () => {
    admin.close();
    expect(await broker.stop()).toBe(0);
  });

  async function quota(type: string, name: string | null, key: string, value: number | null): Promise<void> {
    const { entries } = await admin.call(QUOTAS, {
      entries: [
        {
          entity: [{ entityType: type, entityName: name }],
          ops: [{ key, value: value ?? 0, remove: value === null }],
        },
      ],
    });
    expect(entries.map(({ errorCode, errorMessage }) => [errorCode, errorMessage])).toEqual([[0, null]]);
    const told = async (): Promise<number | undefined> => {
      const { entries: all } = await admin.call(TOLD, {
        components: [{ entityType: type, matchType: name === null ? 1 : 0, match: name }],
        strict: true,
      });
      return all?.[0]?.values.find((each) => each.key === key)?.value;
    };
    while ((await told()) !== (value ?? undefined)) await sleep(10);
    await sleep(50); // the other threads
  }

  const produceOne = (client: Client) =>
    client.call(PRODUCE, produceBody('bytes', 0, batchOf([new Uint8Array(BLOCK)])));
  const fetchAny = (client: Client) =>
    client.call(FETCH, fetchBody({ topic: 'bytes', offset: 0, partitionMaxBytes: BLOCK }));

  // Before the others: a client that leaves while it is throttled is noticed when its wait is over.

  async function isServed(host: string): Promise<boolean> {
    const client = await Client.open(broker.port, host).catch(() => null);
    if (client === null) return false;
    const served = await client.call(METADATA, { topics: [] }).then(
      () => true,
      () => false,
    );
    if (!served) client.close();
    else open.push(client);
    return served;
  }
  const open: Client[] = [];
  async function closeAll(): Promise<void> {
    for (const client of open.splice(0)) client.close();
    await sleep(100);
  }

  it('max.connections.per.ip, changed while the broker runs', async () => {
    const set = (value: string | null) =>
      admin.call(CONFIGS, {
        resources: [
          {
            resourceType: 4,
            resourceName: '',
            configs: [{ name: 'max.connections.per.ip', configOperation: value === null ? 1 : 0, value }],
          },
        ],
        validateOnly: false,
      });
    expect((await set('3')).responses[0].errorCode).toBe(0);
    await sleep(200);
    const served: boolean[] = [];
    for (let times = 0; times < 4; times++) served.push(await isServed('127.0.0.1'));
    expect(served).toEqual([true, true, false, false]); // the first is the admin's
    await closeAll();
    await set(null);
    await sleep(200);
    for (let times = 0; times < 4; times++) expect(await isServed('127.0.0.1')).toBe(true);
    await closeAll();
  });

  it('connection_creation_rate of an address: refused beyond it, then welcome again', async () => {
    await quota('ip', null, 'connection_creation_rate', 1);
    let refusals = 0;
    for (let times = 0; times < 12; times++) {
      if (!(await isServed('127.0.0.1'))) refusals++;
    }
    expect(refusals).toBeGreaterThan(0);
    await quota('ip', null, 'connection_creation_rate', null);
    expect(await isServed('127.0.0.1')).toBe(true);
    await closeAll();
  });

  it('a producer over its rate is answered at once, then not read until it is within', async () => {
    await quota('client-id', 'limited', 'producer_byte_rate', BLOCK);
    const limited = await Client.open(broker.port, '127.0.0.1', 'limited');
    const free = await Client.open(broker.port, '127.0.0.1', 'free');
    let throttled = 0;
    for (let times = 0; times < 14 && throttled === 0; times++) {
      const began = performance.now();
      throttled = (await produceOne(limited)).throttleTimeMs;
      expect(performance.now() - began).toBeLessThan(400);
    }
    expect(throttled).toBeGreaterThan(50);
    const began = performance.now();
    const next = produceOne(limited);
    // whoever has no quota is served meanwhile
    expect((await produceOne(free)).throttleTimeMs).toBe(0);
    expect(performance.now() - began).toBeLessThan(throttled);
    expect((await next).responses[0].partitionResponses[0].errorCode).toBe(0);
    expect(performance.now() - began).toBeGreaterThan(throttled - 30);
    limited.close();
    free.close();
    await quota('client-id', 'limited', 'producer_byte_rate', null);
    const again = await Client.open(broker.port, '127.0.0.1', 'limited');
    for (let times = 0; times < 14; times++) expect((await produceOne(again)).throttleTimeMs).toBe(0);
    again.close();
  });

  it('a consumer over its rate gets an empty answer, and its session goes on', async () => {
    await quota('user', null, 'consumer_byte_rate', BLOCK);
    const limited = await Client.open(broker.port, '127.0.0.1', 'eager');
    let answer = await fetchAny(limited);
    for (let times = 0; times < 14 && answer.throttleTimeMs === 0; times++) answer = await fetchAny(limited);
    expect(answer.throttleTimeMs).toBeGreaterThan(0);
    expect(answer).toMatchObject({ errorCode: 0, sessionId: 0, responses: [] });
    const began = performance.now();
    const waited = answer.throttleTimeMs;
    await fetchAny(limited);
    expect(performance.now() - began).toBeGreaterThan(waited - 30);
    limited.close();
    await quota('user', null, 'consumer_byte_rate', null);
  });

  it('handling time: any request is slowed, at most a second', async () => {
    await quota('client-id', 'busy', 'request_percentage', 0.000_1);
    const busy = await Client.open(broker.port, '127.0.0.1', 'busy');
    const { throttleTimeMs } = await busy.call(METADATA, { topics: [{ name: 'bytes' }] });
    expect(throttleTimeMs).toBeGreaterThan(0);
    expect(throttleTimeMs).toBeLessThanOrEqual(1000);
    const began = performance.now();
    // one that the main thread serves
    const { throttleTimeMs: next } = await busy.call(CONFIGS, { resources: [], validateOnly: true });
    expect(performance.now() - began).toBeGreaterThan(throttleTimeMs - 30);
    expect(next).toBeGreaterThan(0);
    busy.close();
    await quota('client-id', 'busy', 'request_percentage', null);
  });

  it('controller mutations: refused with 89 in new versions, slowed in old ones', async () => {
    await quota('client-id', 'maker', 'controller_mutation_rate', 1);
    const maker = await Client.open(broker.port, '127.0.0.1', 'maker');
    const create = (name: string, numPartitions: number, version: number) =>
      maker.call(
        { ...CREATE, version },
        { topics: [{ name, numPartitions, replicationFactor: 1 }], timeoutMs: 5000 },
      );
    const first = await create('first', 13, 7);
    expect([first.throttleTimeMs, first.topics[0].errorCode]).toEqual([0, 0]);
    const second = await create('second', 1, 7);
    expect(second.topics[0]).toMatchObject({
      errorCode: THROTTLING_QUOTA_EXCEEDED,
      errorMessage: 'The throttling quota has been exceeded.',
    });
    expect(second.throttleTimeMs).toBeGreaterThan(500);
    expect(second.throttleTimeMs).toBeLessThanOrEqual(2000);
    const began = performance.now();
    const old = await create('third', 3, 5);
    expect(performance.now() - began).toBeGreaterThan(second.throttleTimeMs - 30);
    expect(old.topics[0].errorCode).toBe(0);
    expect(old.throttleTimeMs).toBeGreaterThan(1000);
    maker.close();
    const another = await Client.open(broker.port, '127.0.0.1', 'maker');
    const { results } = await another.call(GROW, {
      topics: [{ name: 'first', count: 14, assignments: null }],
      timeoutMs: 5000,
    });
    expect(results[0].errorCode).toBe(THROTTLING_QUOTA_EXCEEDED);
    another.close();
    await quota('client-id', 'maker', 'controller_mutation_rate', null);
  });
});
