/**
 * ShareFetch: a member of a share group acquires records, and may acknowledge earlier ones on the way (KIP-932).
 * v1 is the first stable version, flexible. v2 acquire mode (KIP-1206) and renewing acknowledgements (KIP-1222).
 */
import { defineMessage, type Infer, type InferInput, t } from '../wire/index.js';

export const shareFetchRequest = defineMessage({
  name: 'ShareFetchRequest',
  kind: 'request',
  key: 78,
  versions: [1, 2],
  flexible: 0,
  fields: {
    groupId: t.string({ nullable: 0, default: null }),
    memberId: t.string({ nullable: 0 }),
    shareSessionEpoch: t.int32(),
    maxWaitMs: t.int32(),
    minBytes: t.int32(),
    maxBytes: t.int32({ default: 2147483647 }),
    maxRecords: t.int32({ since: 1 }),
    batchSize: t.int32({ since: 1 }),
    shareAcquireMode: t.int8({ since: 2, ignorable: true }),
    isRenewAck: t.bool({ since: 2 }),
    topics: t.array({
      topicId: t.uuid(),
      partitions: t.array({
        partitionIndex: t.int32(),
        acknowledgementBatches: t.array({
          firstOffset: t.clampedInt64(),
          lastOffset: t.clampedInt64(),
          acknowledgeTypes: t.array(t.int8()),
        }),
      }),
    }),
    forgottenTopicsData: t.array({
      topicId: t.uuid(),
      partitions: t.array(t.int32()),
    }),
  },
});
export type ShareFetchRequest = Infer<typeof shareFetchRequest>;
/** What a caller gives to encode it: everything may be left out. */
export type ShareFetchRequestInput = InferInput<typeof shareFetchRequest>;

export const shareFetchResponse = defineMessage({
  name: 'ShareFetchResponse',
  kind: 'response',
  key: 78,
  versions: [1, 2],
  flexible: 0,
  fields: {
    throttleTimeMs: t.int32(),
    errorCode: t.int16(),
    errorMessage: t.string({ nullable: 0, default: null }),
    acquisitionLockTimeoutMs: t.int32({ since: 1 }),
    responses: t.array({
      topicId: t.uuid(),
      partitions: t.array({
        partitionIndex: t.int32(),
        errorCode: t.int16(),
        errorMessage: t.string({ nullable: 0, default: null }),
        acknowledgeErrorCode: t.int16(),
        acknowledgeErrorMessage: t.string({ nullable: 0, default: null }),
        currentLeader: t.struct({
          leaderId: t.int32(),
          leaderEpoch: t.int32(),
        }),
        records: t.records(),
        acquiredRecords: t.array({
          firstOffset: t.int64(),
          lastOffset: t.int64(),
          deliveryCount: t.int16(),
        }),
      }),
    }),
    nodeEndpoints: t.array({
      nodeId: t.int32(),
      host: t.string(),
      port: t.int32(),
      rack: t.string({ nullable: 0, default: null }),
    }),
  },
});
export type ShareFetchResponse = Infer<typeof shareFetchResponse>;
/** What a caller gives to encode it: everything may be left out. */
export type ShareFetchResponseInput = InferInput<typeof shareFetchResponse>;
