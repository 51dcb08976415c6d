/**
 * DescribeShareGroupOffsets: start offsets and lag of share partitions (KIP-932).
 * v0 is flexible. v1 lag (KIP-1226).
 */
import { defineMessage, type Infer, type InferInput, t } from '../wire/index.js';

export const describeShareGroupOffsetsRequest = defineMessage({
  name: 'DescribeShareGroupOffsetsRequest',
  kind: 'request',
  key: 90,
  versions: [0, 1],
  flexible: 0,
  fields: {
    groups: t.array({
      groupId: t.string(),
      topics: t.array(
        {
          topicName: t.string(),
          partitions: t.array(t.int32()),
        },
        { nullable: 0 },
      ),
    }),
  },
});
export type DescribeShareGroupOffsetsRequest = Infer<typeof describeShareGroupOffsetsRequest>;
/** What a caller gives to encode it: everything may be left out. */
export type DescribeShareGroupOffsetsRequestInput = InferInput<typeof describeShareGroupOffsetsRequest>;

export const describeShareGroupOffsetsResponse = defineMessage({
  name: 'DescribeShareGroupOffsetsResponse',
  kind: 'response',
  key: 90,
  versions: [0, 1],
  flexible: 0,
  fields: {
    throttleTimeMs: t.int32(),
    groups: t.array({
      groupId: t.string(),
      topics: t.array({
        topicName: t.string(),
        topicId: t.uuid(),
        partitions: t.array({
          partitionIndex: t.int32(),
          startOffset: t.clampedInt64(),
          leaderEpoch: t.int32(),
          lag: t.clampedInt64({ since: 1, default: -1, ignorable: true }),
          errorCode: t.int16(),
          errorMessage: t.string({ nullable: 0, default: null }),
        }),
      }),
      errorCode: t.int16(),
      errorMessage: t.string({ nullable: 0, default: null }),
    }),
  },
});
export type DescribeShareGroupOffsetsResponse = Infer<typeof describeShareGroupOffsetsResponse>;
/** What a caller gives to encode it: everything may be left out. */
export type DescribeShareGroupOffsetsResponseInput = InferInput<typeof describeShareGroupOffsetsResponse>;
