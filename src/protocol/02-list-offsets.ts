/**
 * ListOffsets: offsets by timestamp, with special timestamps: -1 latest, -2 earliest, -3 largest timestamp (KIP-734, v7),
 * -4 earliest local (KIP-405, v8), -5 latest tiered (KIP-1005, v9), -6 earliest pending upload (KIP-1023, v11).
 * v0 answers a list of segment base offsets; Kafka 4 dropped it, old monitoring tools still send it. v2 isolation level
 * (KIP-98). v4 leader epochs (KIP-320). v6 flexible. v10 timeoutMs (KIP-1075).
 */
import { defineMessage, type Infer, type InferInput, t } from '../wire/index.js';

export const listOffsetsRequest = defineMessage({
  name: 'ListOffsetsRequest',
  kind: 'request',
  key: 2,
  versions: [0, 11],
  flexible: 6,
  fields: {
    replicaId: t.int32(),
    isolationLevel: t.int8({ since: 2 }),
    topics: t.array({
      name: t.string(),
      partitions: t.array({
        partitionIndex: t.int32(),
        currentLeaderEpoch: t.int32({ since: 4, default: -1, ignorable: true }),
        timestamp: t.clampedInt64(),
        maxNumOffsets: t.int32({ until: 0, default: 1 }),
      }),
    }),
    timeoutMs: t.int32({ since: 10, ignorable: true }),
  },
});
export type ListOffsetsRequest = Infer<typeof listOffsetsRequest>;
/** What a caller gives to encode it: everything may be left out. */
export type ListOffsetsRequestInput = InferInput<typeof listOffsetsRequest>;

export const listOffsetsResponse = defineMessage({
  name: 'ListOffsetsResponse',
  kind: 'response',
  key: 2,
  versions: [0, 11],
  flexible: 6,
  fields: {
    throttleTimeMs: t.int32({ since: 2, ignorable: true }),
    topics: t.array({
      name: t.string(),
      partitions: t.array({
        partitionIndex: t.int32(),
        errorCode: t.int16(),
        oldStyleOffsets: t.array(t.int64(), { until: 0 }),
        timestamp: t.int64({ since: 1, default: -1 }),
        offset: t.int64({ since: 1, default: -1 }),
        leaderEpoch: t.int32({ since: 4, default: -1 }),
      }),
    }),
  },
});
export type ListOffsetsResponse = Infer<typeof listOffsetsResponse>;
/** What a caller gives to encode it: everything may be left out. */
export type ListOffsetsResponseInput = InferInput<typeof listOffsetsResponse>;
