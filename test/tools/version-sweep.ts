/**
 * Asks a real broker every defined API in every version that both sides speak, and keeps the exchanges in the format of
 * capture-proxy.mjs. The requests are ours (a real broker that answers them is the proof that they are right); the
 * responses are the broker's.
 *
 *   npx tsc -p . && node dist/test/tools/version-sweep.js PORT test/golden/frames/kcat.json OUT.json
 *
 * The capture file lends a record batch. Responses over 4 KiB are not kept.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import {
  type Api,
  ApiKey,
  apiOf,
  apis,
  apiVersionsResponse,
  metadataResponse,
  produceRequest,
  requestHeaderVersion,
  responseHeaderVersion,
} from '../../src/protocol/index.js';
import {
  beginRequest,
  decode,
  encode,
  type Message,
  Reader,
  readRequestHeader,
  readResponseHeader,
  recordsBytes,
  Writer,
} from '../../src/wire/index.js';

import { type Asked, groupRequests } from './group-sweep.js';
import { shareRequests } from './share-sweep.js';

interface Exchange {
  key: number;
  version: number;
  request: string;
  response: string | null;
}
const FRAME_BYTES_MAX = 4096;
const TOPIC = 'golden-sweep';
const COORDINATOR_MS = 4000;

/** One request at a time. Resolves with the response frame without its length. */
function ask(socket: Socket, frame: Uint8Array): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0);
    const onData = (chunk: Buffer): void => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 4 || received.length < 4 + received.readInt32BE(0)) return;
      socket.off('data', onData).off('close', onClose);
      resolve(received.subarray(4));
    };
    const onClose = (): void => reject(new Error('connection closed'));
    socket.on('data', onData).once('close', onClose);
    socket.write(frame);
  });
}

function frameOf(api: Api, version: number, value: object): Uint8Array {
  const writer = new Writer();
  const headerVersion = requestHeaderVersion(api.key, version);
  const header = {
    requestApiKey: api.key,
    requestApiVersion: version,
    correlationId: version,
    clientId: 'sweep',
  };
  beginRequest(writer, header, headerVersion);
  encode(api.request as Message<unknown, object>, version, writer, value);
  writer.endFrame();
  return writer.written().slice();
}

/** Batch of a captured produce request. */
function capturedBatch(path: string): Uint8Array {
  const file: { exchanges: Exchange[] } = JSON.parse(readFileSync(path, 'utf8'));
  const exchange = file.exchanges.find((each) => each.key === ApiKey.Produce);
  if (exchange === undefined) throw new Error(`no Produce in ${path}`);
  const reader = Reader.of(Buffer.from(exchange.request, 'hex'));
  readRequestHeader(reader, false);
  const records = decode(produceRequest, exchange.version, reader).topicData[0]?.partitionData[0]?.records;
  if (records === null || records === undefined) throw new Error('no records');
  return recordsBytes(records);
}

/** A sensible request of each API; `v` is the version. Order matters: the topic is created first and deleted last. */
function requests(batch: Uint8Array, topicId: string): [number, (v: number) => object][] {
  const byVersion = (v: number, since: number): object => (v >= since ? { topicId } : { name: TOPIC });
  const resources = [
    { resourceType: 2, resourceName: TOPIC, configurationKeys: ['retention.ms', 'cleanup.policy'] },
  ];
  const alter = [
    { resourceType: 2, resourceName: TOPIC, configs: [{ name: 'retention.ms', value: '1000000' }] },
  ];
  return [
    [ApiKey.ApiVersions, () => ({ clientSoftwareName: 'sweep', clientSoftwareVersion: '1.0' })],
    [
      ApiKey.Produce,
      (v) => ({
        acks: -1,
        timeoutMs: 1000,
        topicData: [
          {
            ...byVersion(v, 13),
            partitionData: [
              { index: 0, records: batch },
              { index: 99, records: batch },
            ],
          },
        ],
      }),
    ],
    [
      ApiKey.Fetch,
      (v) => ({
        maxWaitMs: 0,
        minBytes: 1,
        maxBytes: 2000,
        topics: [
          {
            ...(v >= 13 ? { topicId } : { topic: TOPIC }),
            partitions: [
              { partition: 0, fetchOffset: 0, partitionMaxBytes: 400 },
              { partition: 1, fetchOffset: 5 },
            ],
          },
        ],
      }),
    ],
    [
      ApiKey.ListOffsets,
      (v) => ({
        replicaId: -1,
        topics: [
          {
            name: TOPIC,
            partitions: [
              { partitionIndex: 0, timestamp: -1 },
              { partitionIndex: 1, timestamp: v >= 7 ? -3 : -2 },
            ],
          },
        ],
      }),
    ],
    [
      ApiKey.Metadata,
      () => ({ topics: [{ name: TOPIC }, { name: 'missing' }], allowAutoTopicCreation: true }),
    ],
    [ApiKey.FindCoordinator, (v) => (v >= 4 ? { coordinatorKeys: ['g'] } : { key: 'g' })],
    [
      ApiKey.CreateTopics,
      (v) => ({
        topics: [
          {
            name: `golden-sweep-${v}`,
            numPartitions: 1,
            replicationFactor: 1,
            configs: [{ name: 'retention.ms', value: '5' }],
          },
          { name: 'bad name', numPartitions: 1, replicationFactor: 1 },
        ],
      }),
    ],
    [ApiKey.InitProducerId, () => ({ transactionalId: null, transactionTimeoutMs: 1000 })],
    [
      ApiKey.OffsetForLeaderEpoch,
      () => ({ topics: [{ topic: TOPIC, partitions: [{ partition: 0, leaderEpoch: 0 }] }] }),
    ],
    [
      ApiKey.DescribeConfigs,
      (v) => ({ resources, includeSynonyms: true, ...(v >= 3 ? { includeDocumentation: true } : {}) }),
    ],
    [ApiKey.AlterConfigs, () => ({ resources: alter })],
    [ApiKey.IncrementalAlterConfigs, () => ({ resources: alter })],
    [ApiKey.DescribeLogDirs, () => ({ topics: [{ topic: TOPIC, partitions: [0, 1] }] })],
    [
      ApiKey.CreatePartitions,
      (v) => ({ topics: [{ name: TOPIC, count: 3 + v, assignments: null }], timeoutMs: 5000 }),
    ],
    [
      ApiKey.DescribeQuorum,
      () => ({ topics: [{ topicName: '__cluster_metadata', partitions: [{ partitionIndex: 0 }] }] }),
    ],
    [ApiKey.DescribeCluster, () => ({ includeClusterAuthorizedOperations: true })],
    [ApiKey.ListConfigResources, () => ({})],
    [ApiKey.DescribeTopicPartitions, () => ({ topics: [{ name: TOPIC }], responsePartitionLimit: 2 })],
    [ApiKey.ElectLeaders, () => ({ topicPartitions: [{ topic: TOPIC, partitions: [0, 99] }] })],
    [
      ApiKey.AlterPartitionReassignments,
      () => ({
        topics: [
          {
            name: TOPIC,
            partitions: [
              { partitionIndex: 0, replicas: [1] },
              { partitionIndex: 1, replicas: null },
            ],
          },
        ],
      }),
    ],
    [ApiKey.ListPartitionReassignments, () => ({ topics: [{ name: TOPIC, partitionIndexes: [0, 1] }] })],
    [
      ApiKey.AlterClientQuotas,
      (v) => ({
        entries: [
          {
            entity: [
              { entityType: 'user', entityName: `sweep-${v}` },
              { entityType: 'client-id', entityName: null },
            ],
            ops: [{ key: 'producer_byte_rate', value: 1_048_576.0, remove: false }],
          },
          { entity: [], ops: [] },
        ],
      }),
    ],
    [
      ApiKey.DescribeClientQuotas,
      () => ({ components: [{ entityType: 'user', matchType: 2, match: null }], strict: false }),
    ],
    [
      ApiKey.UpdateFeatures,
      (v) => ({
        featureUpdates: [{ feature: 'group.version', maxVersionLevel: 1 }],
        ...(v >= 1 ? { validateOnly: true } : {}),
      }),
    ],
    [
      ApiKey.DeleteRecords,
      () => ({ topics: [{ name: TOPIC, partitions: [{ partitionIndex: 0, offset: 1 }] }], timeoutMs: 5000 }),
    ],
    [
      ApiKey.DeleteTopics,
      (v) => ({
        ...(v >= 6
          ? { topics: [{ topicId }, { name: 'missing' }] }
          : { topicNames: [`golden-sweep-${v + 1}`] }),
        timeoutMs: 5000,
      }),
    ],
  ];
}

async function call(
  socket: Socket,
  key: number,
  version: number,
  value: object,
): Promise<[Exchange, unknown]> {
  const api = apiOf(key);
  if (api === undefined) throw new Error(`API ${key}`);
  const frame = frameOf(api, version, value);
  const response = await ask(socket, frame);
  const reader = Reader.of(response);
  readResponseHeader(reader, responseHeaderVersion(key, version));
  const decoded = decode(api.response, version, reader);
  if (reader.remaining !== 0)
    throw new Error(`${api.response.name} v${version}: ${reader.remaining} bytes left`);
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
  return [{ key, version, request: hex(frame.subarray(4)), response: hex(response) }, decoded];
}

async function main(): Promise<void> {
  const [port = '', capture = '', out = ''] = process.argv.slice(2);
  const socket = connect(Number(port), '127.0.0.1');
  const [versions] = await call(socket, ApiKey.ApiVersions, 4, {
    clientSoftwareName: 'sweep',
    clientSoftwareVersion: '1.0',
  });
  const reader = Reader.of(Buffer.from(versions.response ?? '', 'hex'));
  readResponseHeader(reader, 0);
  const ranges = new Map(
    decode(apiVersionsResponse, 4, reader).apiKeys.map((range) => [range.apiKey, range]),
  );

  await call(socket, ApiKey.CreateTopics, 5, {
    topics: [{ name: TOPIC, numPartitions: 2, replicationFactor: 1 }],
  });
  await new Promise((resolve) => setTimeout(resolve, 500));
  const [metadata] = await call(socket, ApiKey.Metadata, 12, { topics: [{ name: TOPIC }] });
  const again = Reader.of(Buffer.from(metadata.response ?? '', 'hex'));
  readResponseHeader(again, 1);
  const topicId = decode(metadataResponse, 12, again).topics[0]?.topicId ?? '';

  // The first look-up has the coordinator's topic made, and the coordinator loaded.
  await call(socket, ApiKey.FindCoordinator, 4, { coordinatorKeys: ['g'] });
  await call(socket, ApiKey.FindCoordinator, 6, {
    keyType: 2,
    coordinatorKeys: [`sweep-share-state:${topicId}:0`],
  });
  await new Promise((resolve) => setTimeout(resolve, COORDINATOR_MS));
  const plain = requests(capturedBatch(capture), topicId).map(([key, body]): Asked => ({ key, body }));
  const atDeletion = plain.findIndex(({ key }) => key === ApiKey.DeleteRecords);
  plain.splice(atDeletion, 0, ...groupRequests(TOPIC, topicId), ...shareRequests(TOPIC, topicId));

  const exchanges: Exchange[] = [];
  for (const { key, body, learn } of plain) {
    const range = ranges.get(key);
    const [first = 0, last = -1] = apiOf(key)?.request.versions ?? [];
    const from = Math.max(first, range?.minVersion ?? 0);
    for (let version = from; version <= Math.min(last, range?.maxVersion ?? -1); version++) {
      const [exchange, answer] = await call(socket, key, version, body(version));
      learn?.(version, answer);
      if ((exchange.response?.length ?? 0) <= 2 * FRAME_BYTES_MAX) exchanges.push(exchange);
      else console.log(`${key} v${version}: response too long to keep`);
    }
  }
  socket.destroy();
  exchanges.sort((a, b) => a.key - b.key || a.version - b.version);
  const lines = exchanges.map((exchange) => `    ${JSON.stringify(exchange)}`).join(',\n');
  writeFileSync(
    out,
    `{\n  "client": "Millrace version-sweep",\n  "broker": "Apache Kafka 4.3.1",\n  "exchanges": [\n${lines}\n  ]\n}\n`,
  );
  console.log(`${exchanges.length} exchanges of ${apis.length} APIs`);
}

await main();
