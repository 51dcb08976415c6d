/**
 * WriteShareGroupState: a leader has changes of its share partitions kept (KIP-932).
 * v0 is flexible. v1 deliveryCompleteCount (KIP-1226).
 */
import { defineMessage, type Infer, type InferInput, t } from '../wire/index.js';

export const writeShareGroupStateRequest = defineMessage({
  name: 'WriteShareGroupStateRequest',
  kind: 'request',
  key: 85,
  versions: [0, 1],
  flexible: 0,
  fields: {
    groupId: t.string(),
    topics: t.array({
      topicId: t.uuid(),
      partitions: t.array({
        partition: t.int32(),
        stateEpoch: t.int32(),
        leaderEpoch: t.int32(),
        startOffset: t.clampedInt64(),
        deliveryCompleteCount: t.int32({ since: 1, default: -1, ignorable: true }),
        stateBatches: t.array({
          firstOffset: t.clampedInt64(),
          lastOffset: t.clampedInt64(),
          deliveryState: t.int8(),
          deliveryCount: t.int16(),
        }),
      }),
    }),
  },
});
export type WriteShareGroupStateRequest = Infer<typeof writeShareGroupStateRequest>;
/** What a caller gives to encode it: everything may be left out. */
export type WriteShareGroupStateRequestInput = InferInput<typeof writeShareGroupStateRequest>;

export const writeShareGroupStateResponse = defineMessage({
  name: 'WriteShareGroupStateResponse',
  kind: 'response',
  key: 85,
  versions: [0, 1],
  flexible: 0,
  fields: {
    results: t.array({
      topicId: t.uuid(),
      partitions: t.array({
        partition: t.int32(),
        errorCode: t.int16(),
        errorMessage: t.string({ nullable: 0, default: null }),
      }),
    }),
  },
});
export type WriteShareGroupStateResponse = Infer<typeof writeShareGroupStateResponse>;
/** What a caller gives to encode it: everything may be left out. */
export type WriteShareGroupStateResponseInput = InferInput<typeof writeShareGroupStateResponse>;
