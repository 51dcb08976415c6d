/**
 * DeleteRecords: raises a partition's log start offset (KIP-107); offset -1 means the high watermark. v2 flexible.
 */
import { defineMessage, type Infer, type InferInput, t } from '../wire/index.js';

export const deleteRecordsRequest = defineMessage({
  name: 'DeleteRecordsRequest',
  kind: 'request',
  key: 21,
  versions: [0, 2],
  flexible: 2,
  fields: {
    topics: t.array({
      name: t.string(),
      partitions: t.array({
        partitionIndex: t.int32(),
        offset: t.clampedInt64(),
      }),
    }),
    timeoutMs: t.int32(),
  },
});
export type DeleteRecordsRequest = Infer<typeof deleteRecordsRequest>;
/** What a caller gives to encode it: everything may be left out. */
export type DeleteRecordsRequestInput = InferInput<typeof deleteRecordsRequest>;

export const deleteRecordsResponse = defineMessage({
  name: 'DeleteRecordsResponse',
  kind: 'response',
  key: 21,
  versions: [0, 2],
  flexible: 2,
  fields: {
    throttleTimeMs: t.int32(),
    topics: t.array({
      name: t.string(),
      partitions: t.array({
        partitionIndex: t.int32(),
        lowWatermark: t.int64(),
        errorCode: t.int16(),
      }),
    }),
  },
});
export type DeleteRecordsResponse = Infer<typeof deleteRecordsResponse>;
/** What a caller gives to encode it: everything may be left out. */
export type DeleteRecordsResponseInput = InferInput<typeof deleteRecordsResponse>;
