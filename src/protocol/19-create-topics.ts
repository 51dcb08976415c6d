/**
 * CreateTopics. v1 validateOnly. v4 -1 takes the broker's defaults (KIP-464). v5 flexible; the response tells the
 * effective configuration (KIP-525). v6 THROTTLING_QUOTA_EXCEEDED (KIP-599). v7 topic ids (KIP-516). Kafka 4 starts at v2;
 * v0 and v1 are for old clients (sarama, librdkafka).
 */
import { defineMessage, type Infer, type InferInput, t } from '../wire/index.js';

export const createTopicsRequest = defineMessage({
  name: 'CreateTopicsRequest',
  kind: 'request',
  key: 19,
  versions: [0, 7],
  flexible: 5,
  fields: {
    topics: t.array({
      name: t.string(),
      numPartitions: t.int32(),
      replicationFactor: t.int16(),
      assignments: t.array({
        partitionIndex: t.int32(),
        brokerIds: t.array(t.int32()),
      }),
      configs: t.array({
        name: t.string(),
        value: t.string({ nullable: 0 }),
      }),
    }),
    timeoutMs: t.int32({ default: 60000 }),
    validateOnly: t.bool({ since: 1 }),
  },
});
export type CreateTopicsRequest = Infer<typeof createTopicsRequest>;
/** What a caller gives to encode it: everything may be left out. */
export type CreateTopicsRequestInput = InferInput<typeof createTopicsRequest>;

export const createTopicsResponse = defineMessage({
  name: 'CreateTopicsResponse',
  kind: 'response',
  key: 19,
  versions: [0, 7],
  flexible: 5,
  fields: {
    throttleTimeMs: t.int32({ since: 2, ignorable: true }),
    topics: t.array({
      name: t.string(),
      topicId: t.uuid({ since: 7, ignorable: true }),
      errorCode: t.int16(),
      errorMessage: t.string({ since: 1, nullable: 1, ignorable: true }),
      topicConfigErrorCode: t.int16({ since: 5, tag: 0, ignorable: true }),
      numPartitions: t.int32({ since: 5, default: -1, ignorable: true }),
      replicationFactor: t.int16({ since: 5, default: -1, ignorable: true }),
      configs: t.array(
        {
          name: t.string(),
          value: t.string({ nullable: 5 }),
          readOnly: t.bool(),
          configSource: t.int8({ default: -1 }),
          isSensitive: t.bool(),
        },
        { since: 5, nullable: 5, ignorable: true },
      ),
    }),
  },
});
export type CreateTopicsResponse = Infer<typeof createTopicsResponse>;
/** What a caller gives to encode it: everything may be left out. */
export type CreateTopicsResponseInput = InferInput<typeof createTopicsResponse>;
