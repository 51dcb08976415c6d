/**
 * Produce: appends record batches to partitions.
 * v3 is the first with record batch v2 (KIP-98). v5 logStartOffset (KIP-107). v7 zstd allowed (KIP-110). v8 recordErrors
 * (KIP-467). v9 flexible (KIP-482). v10 currentLeader and nodeEndpoints (KIP-951). v11, v12 only mean that the client
 * knows newer transaction protocols (KIP-890). v13 topics by id (KIP-516). v0-v2 (old message formats) do not exist.
 * `records` is a view on the frame; acks = 0 has no response.
 */
import { defineMessage, type Infer, type InferInput, t } from '../wire/index.js';

export const produceRequest = defineMessage({
  name: 'ProduceRequest',
  kind: 'request',
  key: 0,
  versions: [3, 13],
  flexible: 9,
  fields: {
    transactionalId: t.string({ nullable: 3, default: null }),
    acks: t.int16(),
    timeoutMs: t.int32(),
    topicData: t.array({
      name: t.string({ until: 12, ignorable: true }),
      topicId: t.uuid({ since: 13, ignorable: true }),
      partitionData: t.array({
        index: t.int32(),
        records: t.records({ nullable: 3 }),
      }),
    }),
  },
});
export type ProduceRequest = Infer<typeof produceRequest>;
/** What a caller gives to encode it: everything may be left out. */
export type ProduceRequestInput = InferInput<typeof produceRequest>;

export const produceResponse = defineMessage({
  name: 'ProduceResponse',
  kind: 'response',
  key: 0,
  versions: [3, 13],
  flexible: 9,
  fields: {
    responses: t.array({
      name: t.string({ until: 12, ignorable: true }),
      topicId: t.uuid({ since: 13, ignorable: true }),
      partitionResponses: t.array({
        index: t.int32(),
        errorCode: t.int16(),
        baseOffset: t.int64(),
        logAppendTimeMs: t.int64({ default: -1 }),
        logStartOffset: t.int64({ since: 5, default: -1, ignorable: true }),
        recordErrors: t.array(
          {
            batchIndex: t.int32(),
            batchIndexErrorMessage: t.string({ nullable: 8, default: null }),
          },
          { since: 8, ignorable: true },
        ),
        errorMessage: t.string({ since: 8, nullable: 8, default: null, ignorable: true }),
        currentLeader: t.struct(
          {
            leaderId: t.int32({ default: -1 }),
            leaderEpoch: t.int32({ default: -1 }),
          },
          { since: 10, tag: 0 },
        ),
      }),
    }),
    throttleTimeMs: t.int32(),
    nodeEndpoints: t.array(
      {
        nodeId: t.int32(),
        host: t.string(),
        port: t.int32(),
        rack: t.string({ nullable: 10, default: null }),
      },
      { since: 10, tag: 0 },
    ),
  },
});
export type ProduceResponse = Infer<typeof produceResponse>;
/** What a caller gives to encode it: everything may be left out. */
export type ProduceResponseInput = InferInput<typeof produceResponse>;
