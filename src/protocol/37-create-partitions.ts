/**
 * CreatePartitions: raises a topic's partition count (KIP-195). v2 flexible. v3 THROTTLING_QUOTA_EXCEEDED (KIP-599).
 */
import { defineMessage, type Infer, type InferInput, t } from '../wire/index.js';

export const createPartitionsRequest = defineMessage({
  name: 'CreatePartitionsRequest',
  kind: 'request',
  key: 37,
  versions: [0, 3],
  flexible: 2,
  fields: {
    topics: t.array({
      name: t.string(),
      count: t.int32(),
      assignments: t.array(
        {
          brokerIds: t.array(t.int32()),
        },
        { nullable: 0 },
      ),
    }),
    timeoutMs: t.int32(),
    validateOnly: t.bool(),
  },
});
export type CreatePartitionsRequest = Infer<typeof createPartitionsRequest>;
/** What a caller gives to encode it: everything may be left out. */
export type CreatePartitionsRequestInput = InferInput<typeof createPartitionsRequest>;

export const createPartitionsResponse = defineMessage({
  name: 'CreatePartitionsResponse',
  kind: 'response',
  key: 37,
  versions: [0, 3],
  flexible: 2,
  fields: {
    throttleTimeMs: t.int32(),
    results: t.array({
      name: t.string(),
      errorCode: t.int16(),
      errorMessage: t.string({ nullable: 0, default: null }),
    }),
  },
});
export type CreatePartitionsResponse = Infer<typeof createPartitionsResponse>;
/** What a caller gives to encode it: everything may be left out. */
export type CreatePartitionsResponseInput = InferInput<typeof createPartitionsResponse>;
