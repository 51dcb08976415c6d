/**
 * Metadata of 1,000 topics × 6 partitions, each with two settings of its own: replayed from encoded batches into an image,
 * and answered to clients as a network thread does, from frame to frame (layers.ts runs it). In memory, no files.
 */

import { Bench, type BenchOptions } from 'tinybench';
import { metadataHandler } from '../src/broker/handlers/03-metadata.js';
import type { NetworkContext, NetworkHandler } from '../src/broker/network/context.js';
import { RequestRouter } from '../src/broker/network/request-router.js';
import { TopicDirectory } from '../src/broker/network/topic-directory.js';
import { ClientQuotas } from '../src/broker/quota/client-quotas.js';
import { rateMemory, SharedRates } from '../src/broker/quota/shared-rates.js';
import { systemClock } from '../src/io/clock.js';
import { BrokerConfig } from '../src/metadata/config/broker-config.js';
import { toLogConfig } from '../src/metadata/config/topic-config.js';
import { initialFeatureRecords } from '../src/metadata/controller/bootstrap.js';
import { registerBroker, unfenceAndElect } from '../src/metadata/controller/broker-lifecycle.js';
import { createTopics } from '../src/metadata/controller/create-topics.js';
import { imageRecords } from '../src/metadata/image/image-records.js';
import { MetadataImage } from '../src/metadata/image/metadata-image.js';
import { encodeDataBatch, replayBatches } from '../src/metadata/log/batch.js';
import { encodeSnapshot } from '../src/metadata/log/snapshot.js';
import type { PartitionGateway } from '../src/partition/contract.js';
import { metadataRequest, requestHeaderVersion } from '../src/protocol/index.js';
import type { MetadataRecordInput } from '../src/protocol/records/metadata-record.js';
import { beginRequest, encode, Writer } from '../src/wire/index.js';
import type { ByteBench } from './record.bench.js';

const TOPICS = 1000;
const PARTITIONS = 6;
const WINDOWS = { samples: 11, windowMs: 1000 };
const NODE = 1;
const NOW_MS = 1_700_000_000_000;
const VERSION = 12;
const SETTINGS = { 'retention.ms': '86400000', 'segment.bytes': '268435456' };
const nameOf = (index: number): string => `orders.region-${index % 10}.${index}`;

/** A plain array, as threads get it: a Buffer's parts would be Buffers, which cost more to make. */
function joined(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

/** Everything a controller writes until the topics are there: the image, and its log with one batch a request. */
function cluster(broker: BrokerConfig): { image: MetadataImage; log: Uint8Array } {
  const image = new MetadataImage();
  const batches: Uint8Array[] = [];
  let baseOffset = 0;
  let ids = 0;
  const newUuid = (): string => Buffer.from(`uuid${String(++ids).padStart(12, '0')}`).toString('base64url');
  const write = (records: readonly MetadataRecordInput[]): void => {
    const bytes = encodeDataBatch(records, { baseOffset, leaderEpoch: 1, timestamp: NOW_MS });
    replayBatches(image, bytes);
    batches.push(bytes);
    baseOffset += records.length;
  };
  const endpoints = [{ name: 'PLAINTEXT', host: '127.0.0.1', port: 9092, securityProtocol: 0 }];
  const ofNode = { nodeId: NODE, incarnationId: newUuid(), rack: null, directories: [newUuid()] };
  write(initialFeatureRecords());
  write(registerBroker(image, { ...ofNode, endpoints }, baseOffset, true));
  write(unfenceAndElect(image, NODE, () => false));
  const configs = Object.entries(SETTINGS).map(([name, value]) => ({ name, value }));
  const context = { image, broker, nodeId: NODE, kraftVersion: 1, newUuid };
  for (let index = 0; index < TOPICS; index++) {
    const wanted = { numPartitions: PARTITIONS, replicationFactor: 1, assignments: [], configs };
    write(createTopics(context, [{ name: nameOf(index), ...wanted }], false).records);
  }
  return { image, log: joined(batches) };
}

function replayTask(bytes: Uint8Array): () => void {
  return () => {
    const image = new MetadataImage();
    replayBatches(image, bytes);
    if (image.topics.size !== TOPICS) throw new Error('the image lost a topic');
  };
}

/** A network thread's way from a request frame to the answer's, without sockets. */
function answerTask(topics: TopicDirectory, names: readonly string[] | null, repeats: boolean): () => void {
  let answered = 0;
  const apis: NetworkHandler[] = [];
  apis[metadataRequest.key ?? 0] = { ...metadataHandler, repeats };
  const config = { fetchBytesMax: 1, autoCreateTopics: false };
  const router = new RequestRouter({
    context: {
      nodeId: NODE,
      clusterId: 'bench',
      config,
      topics,
      quotas: new ClientQuotas(new SharedRates(rateMemory(1, WINDOWS), 0, 1, WINDOWS), systemClock),
    } as Partial<NetworkContext> as NetworkContext,
    apis,
    frames: {
      complete: (_request, _bytes, _holes, length) => {
        answered = length ?? 0;
      },
      closeRequest: () => undefined,
      isAlive: () => true,
      mute: () => undefined,
    },
    report: () => undefined,
    client: () => ({ host: '127.0.0.1', port: 1 }),
    listener: () => 'PLAINTEXT',
    onClosed: () => undefined,
    answered: () => undefined,
    forward: () => undefined,
  });
  const writer = new Writer();
  const key = metadataRequest.key ?? 0;
  const header = { requestApiKey: key, requestApiVersion: VERSION, correlationId: 1, clientId: 'rdkafka' };
  beginRequest(writer, header, requestHeaderVersion(key, VERSION));
  encode(metadataRequest, VERSION, writer, { topics: names?.map((name) => ({ name })) ?? null });
  writer.endFrame();
  const frame = writer.written(4).slice();
  const answerBytesMin = (names?.length ?? TOPICS) * PARTITIONS * 20;
  return () => {
    answered = 0;
    router.serve(0, 0, frame, 0, frame.length);
    if (answered < answerBytesMin) throw new Error('the answer lacks partitions');
  };
}

export function metadataBench(options: BenchOptions): Pick<ByteBench, 'bench' | 'bytesOf'> {
  const bench = new Bench(options);
  const bytesOf = new Map<string, number>();
  const broker = BrokerConfig.fromProperties(new Map([['node.id', String(NODE)]]));
  const { image, log } = cluster(broker);
  const raft = { kraftVersion: 0, voters: null };
  const times = { now: NOW_MS, lastContainedLogTimestamp: NOW_MS };
  const snapshot = encodeSnapshot(imageRecords(image), { endOffset: 1, epoch: 1 }, raft, times);
  const forms = { 'a batch a topic': log, '1,000 records a batch': joined(snapshot) };
  for (const [form, bytes] of Object.entries(forms)) {
    const name = `replay ${TOPICS} topics × ${PARTITIONS}, ${form}`;
    bytesOf.set(name, bytes.length);
    bench.add(name, replayTask(bytes));
  }
  bench.add(`look up ${TOPICS} topics by name, a partition's leader each`, () => {
    for (let index = 0; index < TOPICS; index++) {
      const leader = image.topicByName(nameOf(index))?.partitions.get(index % PARTITIONS)?.leader;
      if (leader !== NODE) throw new Error('no leader');
    }
  });
  bench.add("a topic's settings for its logs", () => {
    const config = toLogConfig(broker, image.topicConfig(nameOf(0)));
    if (config.segmentBytes !== Number(SETTINGS['segment.bytes'])) throw new Error('the override is lost');
  });
  const directory = new TopicDirectory(image, {} as Partial<PartitionGateway> as PartitionGateway);
  let slot = 0;
  for (const { topic, partition } of image.topics.partitions()) {
    directory.place({ topicId: topic.id, partition: partition.index, slot: slot++, directory: '' });
  }
  const asked = { '1 topic': [nameOf(7)], [`all ${TOPICS} topics`]: null };
  for (const [what, names] of Object.entries(asked)) {
    bench.add(`Metadata v${VERSION} of ${what}`, answerTask(directory, names, false));
    bench.add(`Metadata v${VERSION} of ${what}, asked again`, answerTask(directory, names, true));
  }
  return { bench, bytesOf };
}
