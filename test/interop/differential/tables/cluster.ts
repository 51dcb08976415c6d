/** ApiVersions, Metadata, FindCoordinator, DescribeCluster, DescribeQuorum, DescribeTopicPartitions, DescribeLogDirs. */
import {
  ApiKey,
  apiVersionsRequest,
  describeClusterRequest,
  describeLogDirsRequest,
  describeQuorumRequest,
  describeTopicPartitionsRequest,
  findCoordinatorRequest,
  metadataRequest,
} from '../../../../src/protocol/index.js';
import { ZERO_UUID } from '../../../../src/wire/index.js';
import { type Step, stepsOf } from '../step.js';
import { asVersion } from './topics.js';

const versions = stepsOf(ApiKey.ApiVersions, apiVersionsRequest);
const metadata = stepsOf(ApiKey.Metadata, metadataRequest);
const coordinator = stepsOf(ApiKey.FindCoordinator, findCoordinatorRequest);
const cluster = stepsOf(ApiKey.DescribeCluster, describeClusterRequest);
const quorum = stepsOf(ApiKey.DescribeQuorum, describeQuorumRequest);
const pages = stepsOf(ApiKey.DescribeTopicPartitions, describeTopicPartitionsRequest);
const directories = stepsOf(ApiKey.DescribeLogDirs, describeLogDirsRequest);
const SOFTWARE = { clientSoftwareName: 'differential', clientSoftwareVersion: '1.0' };
const UNKNOWN_ID = 'abcdefghijklmnopqrstug';

export const apiVersions: readonly Step[] = [
  ...[0, 1, 2, 3, 4].map((version) => versions(version, 'plain', version >= 3 ? SOFTWARE : {})),
  // The header of a version that nobody knows yet is read as that of a flexible one.
  ...[5, 99, 32_767].map((version) =>
    versions(4, `as version ${version}`, SOFTWARE, { mutate: asVersion(version), answerVersion: 0 }),
  ),
  versions(0, 'version -1', {}, { mutate: asVersion(-1), answerVersion: 0 }),
  ...['', ' ', '-x', 'x-', 'a b', 'Ünï', 'x'.repeat(200)].map((name) =>
    versions(3, `software name ${JSON.stringify(name.slice(0, 9))}`, {
      ...SOFTWARE,
      clientSoftwareName: name,
    }),
  ),
  versions(3, 'bad software version', { ...SOFTWARE, clientSoftwareVersion: '?' }),
  versions(3, 'no client id', SOFTWARE, { clientId: null }),
];

const names = (...list: string[]): object => ({
  topics: list.map((name) => ({ name })),
  allowAutoTopicCreation: false,
});

export const metadatas: readonly Step[] = [
  ...[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13].map((version) =>
    metadata(version, 'one topic', { ...names('plain'), allowAutoTopicCreation: true }),
  ),
  metadata(0, 'empty list', { topics: [] }),
  metadata(1, 'empty list', { topics: [] }),
  metadata(1, 'all', { topics: null }),
  metadata(12, 'all', { topics: null, allowAutoTopicCreation: false }),
  metadata(13, 'empty list', { topics: [], allowAutoTopicCreation: false }),
  metadata(9, 'unknown, not created', names('nobody')),
  metadata(9, 'names that cannot be', names('', '..', 'a b', 'x'.repeat(250))),
  metadata(9, 'a topic twice', names('plain', 'plain')),
  metadata(12, 'by id', (world) => ({
    topics: [{ name: null, topicId: world.topicId('many') }],
    allowAutoTopicCreation: false,
  })),
  metadata(12, 'by unknown id', {
    topics: [{ name: null, topicId: UNKNOWN_ID }],
    allowAutoTopicCreation: false,
  }),
  metadata(12, 'by zero id and no name', {
    topics: [{ name: null, topicId: ZERO_UUID }],
    allowAutoTopicCreation: false,
  }),
  metadata(12, 'by id and by name', (world) => ({
    topics: [{ name: null, topicId: world.topicId('many') }, { name: 'plain' }],
    allowAutoTopicCreation: false,
  })),
  metadata(12, 'id and name of the same', (world) => ({
    topics: [{ name: 'many', topicId: world.topicId('many') }],
    allowAutoTopicCreation: false,
  })),
  metadata(11, 'by id, too early', (world) => ({
    topics: [{ name: null, topicId: world.topicId('many') }],
    allowAutoTopicCreation: false,
  })),
  metadata(10, 'no name, too early', { topics: [{ name: null }], allowAutoTopicCreation: false }),
  metadata(8, 'authorized operations', {
    ...names('plain'),
    includeClusterAuthorizedOperations: true,
    includeTopicAuthorizedOperations: true,
  }),
  metadata(13, 'authorized operations of a topic', {
    ...names('plain', 'nobody'),
    includeTopicAuthorizedOperations: true,
  }),
  metadata(
    4,
    'creates',
    { topics: [{ name: 'from-metadata' }], allowAutoTopicCreation: true },
    { settleMs: 600 },
  ),
  metadata(4, 'has created', { topics: [{ name: 'from-metadata' }], allowAutoTopicCreation: true }),
  metadata(0, 'creates in the lowest version', { topics: [{ name: 'from-metadata-0' }] }, { settleMs: 600 }),
  metadata(0, 'has created in the lowest version', { topics: [{ name: 'from-metadata-0' }] }),
  metadata(9, 'creates no bad name', { topics: [{ name: 'b/ad' }], allowAutoTopicCreation: true }),
  metadata(
    9,
    'creates no colliding name',
    { topics: [{ name: 'dot_ted' }], allowAutoTopicCreation: true },
    { settleMs: 300 },
  ),
  metadata(9, 'has created no colliding name', names('dot_ted')),
];

const keys = (keyType: number, ...coordinatorKeys: string[]): object => ({ keyType, coordinatorKeys });

/** What a broker without coordinators can answer. The steps that would create internal topics come last. */
export const coordinators: readonly Step[] = [
  coordinator(1, 'bad type', { key: 'x', keyType: 9 }),
  coordinator(4, 'bad type, many', keys(9, 'x', 'y')),
  coordinator(4, 'no keys', keys(0)),
  coordinator(5, 'share type too early', keys(2, 'group:AAAAAAAAAAAAAAAAAAAAAA:0')),
];

export const clusters: readonly Step[] = [
  cluster(0, 'plain', {}),
  cluster(0, 'authorized operations', { includeClusterAuthorizedOperations: true }),
  cluster(1, 'brokers', { endpointType: 1 }),
  cluster(1, 'controllers', { endpointType: 2 }),
  cluster(1, 'neither', { endpointType: 0 }),
  cluster(1, 'unknown type', { endpointType: 9 }),
  cluster(2, 'with fenced brokers', { endpointType: 1, includeFencedBrokers: true }),
  cluster(2, 'fenced controllers', { endpointType: 2, includeFencedBrokers: true }),
];

const ofPartition = (topicName: string, ...partitions: number[]): object => ({
  topicName,
  partitions: partitions.map((partitionIndex) => ({ partitionIndex })),
});

export const quorums: readonly Step[] = [
  ...[0, 1, 2].map((version) =>
    quorum(version, 'the metadata log', { topics: [ofPartition('__cluster_metadata', 0)] }),
  ),
  quorum(2, 'another partition', { topics: [ofPartition('__cluster_metadata', 1)] }),
  quorum(2, 'another topic', { topics: [ofPartition('plain', 0)] }),
  quorum(2, 'nothing', { topics: [] }),
  quorum(2, 'no partitions', { topics: [ofPartition('__cluster_metadata')] }),
  quorum(2, 'two', { topics: [ofPartition('__cluster_metadata', 0, 1)] }),
  quorum(1, 'a topic too many', { topics: [ofPartition('__cluster_metadata', 0), ofPartition('plain', 0)] }),
];

const page = (limit: number, cursor: object | null, ...list: string[]): object => ({
  topics: list.map((name) => ({ name })),
  responsePartitionLimit: limit,
  cursor,
});

export const topicPages: readonly Step[] = [
  pages(0, 'some', page(100, null, 'plain', 'many')),
  pages(0, 'all', page(2000, null)),
  pages(0, 'unknown', page(100, null, 'nobody', 'plain')),
  pages(0, 'bad names', page(100, null, '..', '')),
  pages(0, 'limit 3', page(3, null, 'many', 'plain')),
  pages(0, 'limit 3, next', page(3, { topicName: 'many', partitionIndex: 3 }, 'many', 'plain')),
  pages(0, 'limit 1', page(1, null, 'plain', 'many')),
  pages(0, 'limit 0', page(0, null, 'plain', 'many')),
  pages(0, 'limit -1', page(-1, null, 'plain', 'many')),
  pages(0, 'cursor between topics', page(100, { topicName: 'mb', partitionIndex: 0 }, 'many', 'plain')),
  pages(
    0,
    'cursor behind the last partition',
    page(100, { topicName: 'many', partitionIndex: 50 }, 'many', 'plain'),
  ),
  pages(0, 'cursor without topics', page(4, { topicName: 'plain', partitionIndex: 1 })),
  pages(0, 'negative cursor', page(100, { topicName: 'plain', partitionIndex: -1 }, 'plain')),
  pages(0, 'a topic twice', page(100, null, 'plain', 'plain')),
];

export const logDirs: readonly Step[] = [
  ...[1, 2, 3, 4, 5].map((version) =>
    directories(version, 'one topic', { topics: [{ topic: 'plain', partitions: [0, 1] }] }),
  ),
  directories(5, 'some partitions', {
    topics: [
      { topic: 'many', partitions: [1, 4, 9] },
      { topic: 'nobody', partitions: [0] },
    ],
  }),
  directories(5, 'no topics', { topics: [] }),
  directories(5, 'no partitions', { topics: [{ topic: 'plain', partitions: [] }] }),
  directories(5, 'everything', { topics: null }),
];
