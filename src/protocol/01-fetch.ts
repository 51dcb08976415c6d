/**
 * Fetch: record batches from partitions, for consumers and followers.
 * v4 isolation level and aborted transactions (KIP-98). v5 logStartOffset (KIP-107). v7 fetch sessions (KIP-227). v9
 * leader epoch fencing (KIP-320). v10 zstd (KIP-110). v11 rack (KIP-392). v12 flexible, diverging epochs (KIP-595). v13
 * topics by id (KIP-516). v14 tiered storage (KIP-405). v15 replicaState (KIP-903). v16 nodeEndpoints (KIP-951). v17
 * replica directory (KIP-853). v18 the follower's high watermark (KIP-1166). In responses `records` may be a hole: bytes that the
 * kernel sends from the segment file.
 */
import { defineMessage, type Infer, type InferInput, t } from '../wire/index.js';

export const fetchRequest = defineMessage({
  name: 'FetchRequest',
  kind: 'request',
  key: 1,
  versions: [4, 18],
  flexible: 12,
  fields: {
    clusterId: t.string({ since: 12, nullable: 12, default: null, tag: 0, ignorable: true }),
    replicaId: t.int32({ until: 14, default: -1 }),
    replicaState: t.struct(
      {
        replicaId: t.int32({ default: -1 }),
        replicaEpoch: t.int64({ default: -1 }),
      },
      { since: 15, tag: 1 },
    ),
    maxWaitMs: t.int32(),
    minBytes: t.int32(),
    maxBytes: t.int32({ default: 2147483647 }),
    isolationLevel: t.int8(),
    sessionId: t.int32({ since: 7, ignorable: true }),
    sessionEpoch: t.int32({ since: 7, default: -1, ignorable: true }),
    topics: t.array({
      topic: t.string({ until: 12, ignorable: true }),
      topicId: t.uuid({ since: 13, ignorable: true }),
      partitions: t.array({
        partition: t.int32(),
        currentLeaderEpoch: t.int32({ since: 9, default: -1, ignorable: true }),
        fetchOffset: t.clampedInt64(),
        lastFetchedEpoch: t.int32({ since: 12, default: -1 }),
        logStartOffset: t.clampedInt64({ since: 5, default: -1, ignorable: true }),
        partitionMaxBytes: t.int32(),
        replicaDirectoryId: t.uuid({ since: 17, tag: 0, ignorable: true }),
        highWatermark: t.clampedInt64({
          since: 18,
          default: Number.MAX_SAFE_INTEGER,
          tag: 1,
          ignorable: true,
        }),
      }),
    }),
    forgottenTopicsData: t.array(
      {
        topic: t.string({ until: 12, ignorable: true }),
        topicId: t.uuid({ since: 13, ignorable: true }),
        partitions: t.array(t.int32()),
      },
      { since: 7 },
    ),
    rackId: t.string({ since: 11, ignorable: true }),
  },
});
export type FetchRequest = Infer<typeof fetchRequest>;
/** What a caller gives to encode it: everything may be left out. */
export type FetchRequestInput = InferInput<typeof fetchRequest>;

export const fetchResponse = defineMessage({
  name: 'FetchResponse',
  kind: 'response',
  key: 1,
  versions: [4, 18],
  flexible: 12,
  fields: {
    throttleTimeMs: t.int32(),
    errorCode: t.int16({ since: 7, ignorable: true }),
    sessionId: t.int32({ since: 7 }),
    responses: t.array({
      topic: t.string({ until: 12, ignorable: true }),
      topicId: t.uuid({ since: 13, ignorable: true }),
      partitions: t.array({
        partitionIndex: t.int32(),
        errorCode: t.int16(),
        highWatermark: t.int64(),
        lastStableOffset: t.int64({ default: -1 }),
        logStartOffset: t.int64({ since: 5, default: -1, ignorable: true }),
        divergingEpoch: t.struct(
          {
            epoch: t.int32({ default: -1 }),
            endOffset: t.int64({ default: -1 }),
          },
          { since: 12, tag: 0 },
        ),
        currentLeader: t.struct(
          {
            leaderId: t.int32({ default: -1 }),
            leaderEpoch: t.int32({ default: -1 }),
          },
          { since: 12, tag: 1 },
        ),
        snapshotId: t.struct(
          {
            endOffset: t.int64({ default: -1 }),
            epoch: t.int32({ default: -1 }),
          },
          { since: 12, tag: 2 },
        ),
        abortedTransactions: t.array(
          {
            producerId: t.bigint64(),
            firstOffset: t.int64(),
          },
          { nullable: 4 },
        ),
        preferredReadReplica: t.int32({ since: 11, default: -1 }),
        records: t.records({ nullable: 4 }),
      }),
    }),
    nodeEndpoints: t.array(
      {
        nodeId: t.int32(),
        host: t.string(),
        port: t.int32(),
        rack: t.string({ nullable: 16, default: null }),
      },
      { since: 16, tag: 0 },
    ),
  },
});
export type FetchResponse = Infer<typeof fetchResponse>;
/** What a caller gives to encode it: everything may be left out. */
export type FetchResponseInput = InferInput<typeof fetchResponse>;
