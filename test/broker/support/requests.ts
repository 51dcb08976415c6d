/** The requests these tests make, in few words. Names, not topic ids: Produce 9, Fetch 12. */
import {
  createTopicsRequest,
  createTopicsResponse,
  deleteTopicsRequest,
  deleteTopicsResponse,
  fetchRequest,
  fetchResponse,
  initProducerIdRequest,
  initProducerIdResponse,
  listOffsetsRequest,
  listOffsetsResponse,
  metadataRequest,
  metadataResponse,
  produceRequest,
  produceResponse,
} from '../../../src/protocol/index.js';
import { BatchBuilder, type BatchOptions } from '../../../src/record/batch-builder.js';
import { BatchShape, BatchView } from '../../../src/record/batch-view.js';
import { RecordCursor } from '../../../src/record/record-cursor.js';
import { forEachRecord } from '../../../src/record/records.js';
import { recordsBytes } from '../../../src/wire/index.js';
import type { Client } from './client.js';

export const PRODUCE = { request: produceRequest, response: produceResponse, version: 9 };
export const FETCH = { request: fetchRequest, response: fetchResponse, version: 12 };
export const CREATE_TOPICS = { request: createTopicsRequest, response: createTopicsResponse, version: 5 };
const DELETE_TOPICS = { request: deleteTopicsRequest, response: deleteTopicsResponse, version: 5 };
const LIST_OFFSETS = { request: listOffsetsRequest, response: listOffsetsResponse, version: 5 };
const INIT_PRODUCER = { request: initProducerIdRequest, response: initProducerIdResponse, version: 4 };
export const METADATA = { request: metadataRequest, response: metadataResponse, version: 9 };

const encoder = new TextEncoder();
const READY_MS_MAX = 10_000;

export async function createTopic(
  client: Client,
  name: string,
  numPartitions = 1,
  configs: Record<string, string> = {},
): Promise<number> {
  const { topics } = await client.call(CREATE_TOPICS, {
    topics: [
      {
        name,
        numPartitions,
        replicationFactor: 1,
        assignments: [],
        configs: Object.entries(configs).map(([key, value]) => ({ name: key, value })),
      },
    ],
    timeoutMs: 10_000,
    validateOnly: false,
  });
  return topics[0]?.errorCode ?? -1;
}

export async function deleteTopic(client: Client, name: string): Promise<number> {
  const { responses } = await client.call(DELETE_TOPICS, { topicNames: [name], timeoutMs: 10_000 });
  return responses[0]?.errorCode ?? -1;
}

/** One batch of these values. */
export function batchOf(values: readonly (string | Uint8Array)[], options: BatchOptions = {}): Uint8Array {
  const builder = new BatchBuilder(options);
  for (const value of values) {
    builder.append(Date.now(), null, typeof value === 'string' ? encoder.encode(value) : value);
  }
  return builder.build();
}

export function produceBody(topic: string, partition: number, records: Uint8Array, acks = -1) {
  return {
    acks,
    timeoutMs: 10_000,
    topicData: [{ name: topic, partitionData: [{ index: partition, records }] }],
  };
}

export interface Produced {
  error: number;
  offset: number;
  message: string | null;
}

export async function produce(
  client: Client,
  topic: string,
  records: Uint8Array,
  partition = 0,
  acks = -1,
): Promise<Produced> {
  const { responses } = await client.call(PRODUCE, produceBody(topic, partition, records, acks));
  const answer = responses[0]?.partitionResponses[0];
  if (answer === undefined) throw new Error('an empty produce response');
  return { error: answer.errorCode, offset: answer.baseOffset, message: answer.errorMessage };
}

export interface FetchAsked {
  topic: string;
  partition?: number;
  offset?: number;
  maxWaitMs?: number;
  minBytes?: number;
  maxBytes?: number;
  partitionMaxBytes?: number;
  sessionId?: number;
  sessionEpoch?: number;
}

export function fetchBody(asked: FetchAsked) {
  return {
    maxWaitMs: asked.maxWaitMs ?? 0,
    minBytes: asked.minBytes ?? 1,
    maxBytes: asked.maxBytes ?? 50 * 1024 * 1024,
    isolationLevel: 0,
    sessionId: asked.sessionId ?? 0,
    sessionEpoch: asked.sessionEpoch ?? -1,
    topics: [
      {
        topic: asked.topic,
        partitions: [
          {
            partition: asked.partition ?? 0,
            fetchOffset: asked.offset ?? 0,
            partitionMaxBytes: asked.partitionMaxBytes ?? 10 * 1024 * 1024,
          },
        ],
      },
    ],
    forgottenTopicsData: [],
    rackId: '',
  };
}

export interface Fetched {
  error: number;
  sessionId: number;
  highWatermark: number;
  logStartOffset: number;
  /** Bytes of the records field. */
  bytes: Uint8Array;
  /** Partitions in the answer. */
  partitions: number;
}

export async function fetchOne(client: Client, asked: FetchAsked): Promise<Fetched> {
  const response = await client.call(FETCH, fetchBody(asked));
  const answer = response.responses[0]?.partitions[0];
  const { records } = answer ?? { records: null };
  return {
    error: response.errorCode === 0 ? (answer?.errorCode ?? 0) : response.errorCode,
    sessionId: response.sessionId,
    highWatermark: answer?.highWatermark ?? -1,
    logStartOffset: answer?.logStartOffset ?? -1,
    bytes: records === null ? new Uint8Array(0) : recordsBytes(records).slice(),
    partitions: response.responses.reduce((sum, { partitions }) => sum + partitions.length, 0),
  };
}

/** Offset and value of every record in whole batches of `bytes`; an incomplete last batch is left out. */
export function valuesOf(bytes: Uint8Array): { offset: number; value: string }[] {
  const found: { offset: number; value: string }[] = [];
  const decoder = new TextDecoder();
  const view = new BatchView();
  const cursor = new RecordCursor();
  for (let at = 0; at < bytes.length; at = view.nextPosition) {
    if (view.set(bytes, at) !== BatchShape.complete) break;
    forEachRecord(view, cursor, (record) => {
      const value = decoder.decode(record.value() ?? new Uint8Array(0));
      found.push({ offset: view.baseOffset + record.offsetDelta, value });
    });
  }
  return found;
}

/** Everything of a partition from `from` on, up to the high watermark. */
export async function readAll(
  client: Client,
  topic: string,
  partition = 0,
  from = 0,
): Promise<{ offset: number; value: string }[]> {
  const all: { offset: number; value: string }[] = [];
  for (let offset = from; ; ) {
    const { bytes, error, highWatermark } = await fetchOne(client, { topic, partition, offset });
    if (error !== 0) throw new Error(`fetch of ${topic}-${partition} at ${offset}: error ${error}`);
    const records = valuesOf(bytes).filter((record) => record.offset >= offset);
    all.push(...records);
    offset = (records.at(-1)?.offset ?? offset - 1) + 1;
    if (offset >= highWatermark || records.length === 0) return all;
  }
}

export async function offsetAt(client: Client, topic: string, timestamp: number, partition = 0) {
  const { topics } = await client.call(LIST_OFFSETS, {
    replicaId: -1,
    isolationLevel: 0,
    topics: [{ name: topic, partitions: [{ partitionIndex: partition, timestamp }] }],
  });
  const answer = topics[0]?.partitions[0];
  return { error: answer?.errorCode ?? -1, offset: answer?.offset ?? -1 };
}

export async function newProducer(client: Client): Promise<{ producerId: bigint; producerEpoch: number }> {
  const { errorCode, producerId, producerEpoch } = await client.call(INIT_PRODUCER, {
    transactionalId: null,
    transactionTimeoutMs: 60_000,
  });
  if (errorCode !== 0) throw new Error(`InitProducerId: error ${errorCode}`);
  return { producerId, producerEpoch };
}

export async function topicsOf(client: Client) {
  const { topics, brokers, clusterId } = await client.call(METADATA, { topics: null });
  return { topics, brokers, clusterId };
}

/** Polls until `probe` gives something, for what has no event to wait for (logs, /proc). */
export async function until<T>(
  what: string,
  probe: () => T | undefined | Promise<T | undefined>,
): Promise<T> {
  const deadline = performance.now() + READY_MS_MAX;
  for (;;) {
    const found = await probe();
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error(`${what}: not within ${READY_MS_MAX} ms`);
    await sleep(10);
  }
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
