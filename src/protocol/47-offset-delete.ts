/**
 * OffsetDelete: removes a group's offsets of topics that it does not subscribe to (KIP-496). v0, never flexible.
 */
import { defineMessage, type Infer, type InferInput, t } from '../wire/index.js';

export const offsetDeleteRequest = defineMessage({
  name: 'OffsetDeleteRequest',
  kind: 'request',
  key: 47,
  versions: [0, 0],
  fields: {
    groupId: t.string(),
    topics: t.array({
      name: t.string(),
      partitions: t.array({
        partitionIndex: t.int32(),
      }),
    }),
  },
});
export type OffsetDeleteRequest = Infer<typeof offsetDeleteRequest>;
/** What a caller gives to encode it: everything may be left out. */
export type OffsetDeleteRequestInput = InferInput<typeof offsetDeleteRequest>;

export const offsetDeleteResponse = defineMessage({
  name: 'OffsetDeleteResponse',
  kind: 'response',
  key: 47,
  versions: [0, 0],
  fields: {
    errorCode: t.int16(),
    throttleTimeMs: t.int32(),
    topics: t.array({
      name: t.string(),
      partitions: t.array({
        partitionIndex: t.int32(),
        errorCode: t.int16(),
      }),
    }),
  },
});
export type OffsetDeleteResponse = Infer<typeof offsetDeleteResponse>;
/** What a caller gives to encode it: everything may be left out. */
export type OffsetDeleteResponseInput = InferInput<typeof offsetDeleteResponse>;
