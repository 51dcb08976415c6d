/**
 * DescribeTopicPartitions: topics with eligible leader replicas, page by page with a cursor (KIP-966).
 */
import { defineMessage, type Infer, type InferInput, t } from '../wire/index.js';

export const describeTopicPartitionsRequest = defineMessage({
  name: 'DescribeTopicPartitionsRequest',
  kind: 'request',
  key: 75,
  versions: [0, 0],
  flexible: 0,
  fields: {
    topics: t.array({
      name: t.string(),
    }),
    responsePartitionLimit: t.int32({ default: 2000 }),
    cursor: t.struct(
      {
        topicName: t.string(),
        partitionIndex: t.int32(),
      },
      { nullable: 0, default: null },
    ),
  },
});
export type DescribeTopicPartitionsRequest = Infer<typeof describeTopicPartitionsRequest>;
/** What a caller gives to encode it: everything may be left out. */
export type DescribeTopicPartitionsRequestInput = InferInput<typeof describeTopicPartitionsRequest>;

export const describeTopicPartitionsResponse = defineMessage({
  name: 'DescribeTopicPartitionsResponse',
  kind: 'response',
  key: 75,
  versions: [0, 0],
  flexible: 0,
  fields: {
    throttleTimeMs: t.int32(),
    topics: t.array({
      errorCode: t.int16(),
      name: t.string({ nullable: 0 }),
      topicId: t.uuid(),
      isInternal: t.bool(),
      partitions: t.array({
        errorCode: t.int16(),
        partitionIndex: t.int32(),
        leaderId: t.int32(),
        leaderEpoch: t.int32({ default: -1 }),
        replicaNodes: t.array(t.int32()),
        isrNodes: t.array(t.int32()),
        eligibleLeaderReplicas: t.array(t.int32(), { nullable: 0, default: null }),
        lastKnownElr: t.array(t.int32(), { nullable: 0, default: null }),
        offlineReplicas: t.array(t.int32()),
      }),
      topicAuthorizedOperations: t.int32({ default: -2147483648 }),
    }),
    nextCursor: t.struct(
      {
        topicName: t.string(),
        partitionIndex: t.int32(),
      },
      { nullable: 0, default: null },
    ),
  },
});
export type DescribeTopicPartitionsResponse = Infer<typeof describeTopicPartitionsResponse>;
/** What a caller gives to encode it: everything may be left out. */
export type DescribeTopicPartitionsResponseInput = InferInput<typeof describeTopicPartitionsResponse>;
