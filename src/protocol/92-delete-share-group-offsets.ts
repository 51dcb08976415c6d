/**
 * DeleteShareGroupOffsets: an empty group forgets topics (KIP-932). v0 is flexible.
 */
import { defineMessage, type Infer, type InferInput, t } from '../wire/index.js';

export const deleteShareGroupOffsetsRequest = defineMessage({
  name: 'DeleteShareGroupOffsetsRequest',
  kind: 'request',
  key: 92,
  versions: [0, 0],
  flexible: 0,
  fields: {
    groupId: t.string(),
    topics: t.array({
      topicName: t.string(),
    }),
  },
});
export type DeleteShareGroupOffsetsRequest = Infer<typeof deleteShareGroupOffsetsRequest>;
/** What a caller gives to encode it: everything may be left out. */
export type DeleteShareGroupOffsetsRequestInput = InferInput<typeof deleteShareGroupOffsetsRequest>;

export const deleteShareGroupOffsetsResponse = defineMessage({
  name: 'DeleteShareGroupOffsetsResponse',
  kind: 'response',
  key: 92,
  versions: [0, 0],
  flexible: 0,
  fields: {
    throttleTimeMs: t.int32(),
    errorCode: t.int16(),
    errorMessage: t.string({ nullable: 0, default: null }),
    responses: t.array({
      topicName: t.string(),
      topicId: t.uuid(),
      errorCode: t.int16(),
      errorMessage: t.string({ nullable: 0, default: null }),
    }),
  },
});
export type DeleteShareGroupOffsetsResponse = Infer<typeof deleteShareGroupOffsetsResponse>;
/** What a caller gives to encode it: everything may be left out. */
export type DeleteShareGroupOffsetsResponseInput = InferInput<typeof deleteShareGroupOffsetsResponse>;
