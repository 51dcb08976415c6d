/**
 * ReadShareGroupState: a leader takes over the state of its share partitions (KIP-932). v0 is flexible.
 */
import { defineMessage, type Infer, type InferInput, t } from '../wire/index.js';

export const readShareGroupStateRequest = defineMessage({
  name: 'ReadShareGroupStateRequest',
  kind: 'request',
  key: 84,
  versions: [0, 0],
  flexible: 0,
  fields: {
    groupId: t.string(),
    topics: t.array({
      topicId: t.uuid(),
      partitions: t.array({
        partition: t.int32(),
        leaderEpoch: t.int32(),
      }),
    }),
  },
});
export type ReadShareGroupStateRequest = Infer<typeof readShareGroupStateRequest>;
/** What a caller gives to encode it: everything may be left out. */
export type ReadShareGroupStateRequestInput = InferInput<typeof readShareGroupStateRequest>;

export const readShareGroupStateResponse = defineMessage({
  name: 'ReadShareGroupStateResponse',
  kind: 'response',
  key: 84,
  versions: [0, 0],
  flexible: 0,
  fields: {
    results: t.array({
      topicId: t.uuid(),
      partitions: t.array({
        partition: t.int32(),
        errorCode: t.int16(),
        errorMessage: t.string({ nullable: 0, default: null }),
        stateEpoch: t.int32(),
        startOffset: t.clampedInt64(),
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
export type ReadShareGroupStateResponse = Infer<typeof readShareGroupStateResponse>;
/** What a caller gives to encode it: everything may be left out. */
export type ReadShareGroupStateResponseInput = InferInput<typeof readShareGroupStateResponse>;
