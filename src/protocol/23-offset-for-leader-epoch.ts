/**
 * OffsetForLeaderEpoch: the end offset of a leader epoch, to find where logs diverge (KIP-101). v1 the epoch found. v2
 * currentLeaderEpoch (KIP-320). v3 replicaId. v4 flexible. Kafka 4 starts at v2.
 */
import { defineMessage, type Infer, type InferInput, t } from '../wire/index.js';

export const offsetForLeaderEpochRequest = defineMessage({
  name: 'OffsetForLeaderEpochRequest',
  kind: 'request',
  key: 23,
  versions: [0, 4],
  flexible: 4,
  fields: {
    replicaId: t.int32({ since: 3, default: -2, ignorable: true }),
    topics: t.array({
      topic: t.string(),
      partitions: t.array({
        partition: t.int32(),
        currentLeaderEpoch: t.int32({ since: 2, default: -1, ignorable: true }),
        leaderEpoch: t.int32(),
      }),
    }),
  },
});
export type OffsetForLeaderEpochRequest = Infer<typeof offsetForLeaderEpochRequest>;
/** What a caller gives to encode it: everything may be left out. */
export type OffsetForLeaderEpochRequestInput = InferInput<typeof offsetForLeaderEpochRequest>;

export const offsetForLeaderEpochResponse = defineMessage({
  name: 'OffsetForLeaderEpochResponse',
  kind: 'response',
  key: 23,
  versions: [0, 4],
  flexible: 4,
  fields: {
    throttleTimeMs: t.int32({ since: 2, ignorable: true }),
    topics: t.array({
      topic: t.string(),
      partitions: t.array({
        errorCode: t.int16(),
        partition: t.int32(),
        leaderEpoch: t.int32({ since: 1, default: -1, ignorable: true }),
        endOffset: t.int64({ default: -1 }),
      }),
    }),
  },
});
export type OffsetForLeaderEpochResponse = Infer<typeof offsetForLeaderEpochResponse>;
/** What a caller gives to encode it: everything may be left out. */
export type OffsetForLeaderEpochResponseInput = InferInput<typeof offsetForLeaderEpochResponse>;
