/**
 * DeleteTopics. v4 flexible. v5 errorMessage and THROTTLING_QUOTA_EXCEEDED (KIP-599). v6 by topic id (KIP-516).
 * Kafka 4 starts at v1; v0 is for old clients.
 */
import { defineMessage, type Infer, type InferInput, t } from '../wire/index.js';

export const deleteTopicsRequest = defineMessage({
  name: 'DeleteTopicsRequest',
  kind: 'request',
  key: 20,
  versions: [0, 6],
  flexible: 4,
  fields: {
    topics: t.array(
      {
        name: t.string({ nullable: 6, default: null }),
        topicId: t.uuid(),
      },
      { since: 6 },
    ),
    topicNames: t.array(t.string(), { until: 5, ignorable: true }),
    timeoutMs: t.int32(),
  },
});
export type DeleteTopicsRequest = Infer<typeof deleteTopicsRequest>;
/** What a caller gives to encode it: everything may be left out. */
export type DeleteTopicsRequestInput = InferInput<typeof deleteTopicsRequest>;

export const deleteTopicsResponse = defineMessage({
  name: 'DeleteTopicsResponse',
  kind: 'response',
  key: 20,
  versions: [0, 6],
  flexible: 4,
  fields: {
    throttleTimeMs: t.int32({ since: 1, ignorable: true }),
    responses: t.array({
      name: t.string({ nullable: 6 }),
      topicId: t.uuid({ since: 6, ignorable: true }),
      errorCode: t.int16(),
      errorMessage: t.string({ since: 5, nullable: 5, default: null, ignorable: true }),
    }),
  },
});
export type DeleteTopicsResponse = Infer<typeof deleteTopicsResponse>;
/** What a caller gives to encode it: everything may be left out. */
export type DeleteTopicsResponseInput = InferInput<typeof deleteTopicsResponse>;
