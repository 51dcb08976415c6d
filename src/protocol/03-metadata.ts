/**
 * Metadata: brokers, topics, partitions and their leaders.
 * v1 controller, rack, null = all topics (v0: empty = all). v2 clusterId (KIP-78). v3 throttleTimeMs (KIP-124). v4
 * allowAutoTopicCreation. v5 offlineReplicas (KIP-112). v7 leaderEpoch (KIP-320). v8 authorized operations (KIP-430). v9
 * flexible. v10 topic ids (KIP-516). v11 cluster operations moved to DescribeCluster (KIP-700). v12 topics by id
 * (KIP-516). v13 top-level errorCode (KIP-1102).
 */
import { defineMessage, type Infer, type InferInput, t } from '../wire/index.js';

export const metadataRequest = defineMessage({
  name: 'MetadataRequest',
  kind: 'request',
  key: 3,
  versions: [0, 13],
  flexible: 9,
  fields: {
    topics: t.array(
      {
        topicId: t.uuid({ since: 10, ignorable: true }),
        name: t.string({ nullable: 10 }),
      },
      { nullable: 1 },
    ),
    allowAutoTopicCreation: t.bool({ since: 4, default: true }),
    includeClusterAuthorizedOperations: t.bool({ since: 8, until: 10 }),
    includeTopicAuthorizedOperations: t.bool({ since: 8 }),
  },
});
export type MetadataRequest = Infer<typeof metadataRequest>;
/** What a caller gives to encode it: everything may be left out. */
export type MetadataRequestInput = InferInput<typeof metadataRequest>;

export const metadataResponse = defineMessage({
  name: 'MetadataResponse',
  kind: 'response',
  key: 3,
  versions: [0, 13],
  flexible: 9,
  fields: {
    throttleTimeMs: t.int32({ since: 3, ignorable: true }),
    brokers: t.array({
      nodeId: t.int32(),
      host: t.string(),
      port: t.int32(),
      rack: t.string({ since: 1, nullable: 1, default: null, ignorable: true }),
    }),
    clusterId: t.string({ since: 2, nullable: 2, default: null, ignorable: true }),
    controllerId: t.int32({ since: 1, default: -1, ignorable: true }),
    topics: t.array({
      errorCode: t.int16(),
      name: t.string({ nullable: 12 }),
      topicId: t.uuid({ since: 10, ignorable: true }),
      isInternal: t.bool({ since: 1, ignorable: true }),
      partitions: t.array({
        errorCode: t.int16(),
        partitionIndex: t.int32(),
        leaderId: t.int32(),
        leaderEpoch: t.int32({ since: 7, default: -1, ignorable: true }),
        replicaNodes: t.array(t.int32()),
        isrNodes: t.array(t.int32()),
        offlineReplicas: t.array(t.int32(), { since: 5, ignorable: true }),
      }),
      topicAuthorizedOperations: t.int32({ since: 8, default: -2147483648 }),
    }),
    clusterAuthorizedOperations: t.int32({ since: 8, until: 10, default: -2147483648 }),
    errorCode: t.int16({ since: 13, ignorable: true }),
  },
});
export type MetadataResponse = Infer<typeof metadataResponse>;
/** What a caller gives to encode it: everything may be left out. */
export type MetadataResponseInput = InferInput<typeof metadataResponse>;
