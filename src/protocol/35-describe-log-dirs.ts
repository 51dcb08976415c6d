/**
 * DescribeLogDirs: sizes per log directory and partition (KIP-113). v2 flexible. v3 top-level errorCode. v4 volume
 * sizes (KIP-827). v5 cordoned directories (KIP-1066). Kafka 4 starts at v1.
 */
import { defineMessage, type Infer, type InferInput, t } from '../wire/index.js';

export const describeLogDirsRequest = defineMessage({
  name: 'DescribeLogDirsRequest',
  kind: 'request',
  key: 35,
  versions: [0, 5],
  flexible: 2,
  fields: {
    topics: t.array(
      {
        topic: t.string(),
        partitions: t.array(t.int32()),
      },
      { nullable: 0 },
    ),
  },
});
export type DescribeLogDirsRequest = Infer<typeof describeLogDirsRequest>;
/** What a caller gives to encode it: everything may be left out. */
export type DescribeLogDirsRequestInput = InferInput<typeof describeLogDirsRequest>;

export const describeLogDirsResponse = defineMessage({
  name: 'DescribeLogDirsResponse',
  kind: 'response',
  key: 35,
  versions: [0, 5],
  flexible: 2,
  fields: {
    throttleTimeMs: t.int32(),
    errorCode: t.int16({ since: 3, ignorable: true }),
    results: t.array({
      errorCode: t.int16(),
      logDir: t.string(),
      topics: t.array({
        name: t.string(),
        partitions: t.array({
          partitionIndex: t.int32(),
          partitionSize: t.int64(),
          offsetLag: t.int64(),
          isFutureKey: t.bool(),
        }),
      }),
      totalBytes: t.int64({ since: 4, default: -1, ignorable: true }),
      usableBytes: t.int64({ since: 4, default: -1, ignorable: true }),
      isCordoned: t.bool({ since: 5, ignorable: true }),
    }),
  },
});
export type DescribeLogDirsResponse = Infer<typeof describeLogDirsResponse>;
/** What a caller gives to encode it: everything may be left out. */
export type DescribeLogDirsResponseInput = InferInput<typeof describeLogDirsResponse>;
