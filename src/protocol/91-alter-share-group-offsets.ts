/**
 * AlterShareGroupOffsets: start offsets of the share partitions of an empty group (KIP-932). v0 is flexible.
 */
import { defineMessage, type Infer, type InferInput, t } from '../wire/index.js';

export const alterShareGroupOffsetsRequest = defineMessage({
  name: 'AlterShareGroupOffsetsRequest',
  kind: 'request',
  key: 91,
  versions: [0, 0],
  flexible: 0,
  fields: {
    groupId: t.string(),
    topics: t.array({
      topicName: t.string(),
      partitions: t.array({
        partitionIndex: t.int32(),
        startOffset: t.clampedInt64(),
      }),
    }),
  },
});
export type AlterShareGroupOffsetsRequest = Infer<typeof alterShareGroupOffsetsRequest>;
/** What a caller gives to encode it: everything may be left out. */
export type AlterShareGroupOffsetsRequestInput = InferInput<typeof alterShareGroupOffsetsRequest>;

export const alterShareGroupOffsetsResponse = defineMessage({
  name: 'AlterShareGroupOffsetsResponse',
  kind: 'response',
  key: 91,
  versions: [0, 0],
  flexible: 0,
  fields: {
    throttleTimeMs: t.int32(),
    errorCode: t.int16(),
    errorMessage: t.string({ nullable: 0, default: null }),
    responses: t.array({
      topicName: t.string(),
      topicId: t.uuid(),
      partitions: t.array({
        partitionIndex: t.int32(),
        errorCode: t.int16(),
        errorMessage: t.string({ nullable: 0, default: null }),
      }),
    }),
  },
});
export type AlterShareGroupOffsetsResponse = Infer<typeof alterShareGroupOffsetsResponse>;
/** What a caller gives to encode it: everything may be left out. */
export type AlterShareGroupOffsetsResponseInput = InferInput<typeof alterShareGroupOffsetsResponse>;
