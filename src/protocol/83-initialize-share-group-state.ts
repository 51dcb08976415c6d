/**
 * InitializeShareGroupState: the group coordinator has the state of share partitions begun (KIP-932). v0 is flexible.
 */
import { defineMessage, type Infer, type InferInput, t } from '../wire/index.js';

export const initializeShareGroupStateRequest = defineMessage({
  name: 'InitializeShareGroupStateRequest',
  kind: 'request',
  key: 83,
  versions: [0, 0],
  flexible: 0,
  fields: {
    groupId: t.string(),
    topics: t.array({
      topicId: t.uuid(),
      partitions: t.array({
        partition: t.int32(),
        stateEpoch: t.int32(),
        startOffset: t.clampedInt64(),
      }),
    }),
  },
});
export type InitializeShareGroupStateRequest = Infer<typeof initializeShareGroupStateRequest>;
/** What a caller gives to encode it: everything may be left out. */
export type InitializeShareGroupStateRequestInput = InferInput<typeof initializeShareGroupStateRequest>;

export const initializeShareGroupStateResponse = defineMessage({
  name: 'InitializeShareGroupStateResponse',
  kind: 'response',
  key: 83,
  versions: [0, 0],
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
export type InitializeShareGroupStateResponse = Infer<typeof initializeShareGroupStateResponse>;
/** What a caller gives to encode it: everything may be left out. */
export type InitializeShareGroupStateResponseInput = InferInput<typeof initializeShareGroupStateResponse>;
