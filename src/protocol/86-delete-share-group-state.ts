/**
 * DeleteShareGroupState: the state of share partitions is forgotten (KIP-932). v0 is flexible.
 */
import { defineMessage, type Infer, type InferInput, t } from '../wire/index.js';

export const deleteShareGroupStateRequest = defineMessage({
  name: 'DeleteShareGroupStateRequest',
  kind: 'request',
  key: 86,
  versions: [0, 0],
  flexible: 0,
  fields: {
    groupId: t.string(),
    topics: t.array({
      topicId: t.uuid(),
      partitions: t.array({
        partition: t.int32(),
      }),
    }),
  },
});
export type DeleteShareGroupStateRequest = Infer<typeof deleteShareGroupStateRequest>;
/** What a caller gives to encode it: everything may be left out. */
export type DeleteShareGroupStateRequestInput = InferInput<typeof deleteShareGroupStateRequest>;

export const deleteShareGroupStateResponse = defineMessage({
  name: 'DeleteShareGroupStateResponse',
  kind: 'response',
  key: 86,
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
export type DeleteShareGroupStateResponse = Infer<typeof deleteShareGroupStateResponse>;
/** What a caller gives to encode it: everything may be left out. */
export type DeleteShareGroupStateResponseInput = InferInput<typeof deleteShareGroupStateResponse>;
