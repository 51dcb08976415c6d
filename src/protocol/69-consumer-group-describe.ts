/**
 * ConsumerGroupDescribe: epochs, members and assignments of consumer groups (KIP-848).
 * v0 is flexible. v1 memberType (KIP-1099).
 */
import { defineMessage, type Infer, type InferInput, t } from '../wire/index.js';

export const consumerGroupDescribeRequest = defineMessage({
  name: 'ConsumerGroupDescribeRequest',
  kind: 'request',
  key: 69,
  versions: [0, 1],
  flexible: 0,
  fields: {
    groupIds: t.array(t.string()),
    includeAuthorizedOperations: t.bool(),
  },
});
export type ConsumerGroupDescribeRequest = Infer<typeof consumerGroupDescribeRequest>;
/** What a caller gives to encode it: everything may be left out. */
export type ConsumerGroupDescribeRequestInput = InferInput<typeof consumerGroupDescribeRequest>;

export const consumerGroupDescribeResponse = defineMessage({
  name: 'ConsumerGroupDescribeResponse',
  kind: 'response',
  key: 69,
  versions: [0, 1],
  flexible: 0,
  fields: {
    throttleTimeMs: t.int32(),
    groups: t.array({
      errorCode: t.int16(),
      errorMessage: t.string({ nullable: 0, default: null }),
      groupId: t.string(),
      groupState: t.string(),
      groupEpoch: t.int32(),
      assignmentEpoch: t.int32(),
      assignorName: t.string(),
      members: t.array({
        memberId: t.string(),
        instanceId: t.string({ nullable: 0, default: null }),
        rackId: t.string({ nullable: 0, default: null }),
        memberEpoch: t.int32(),
        clientId: t.string(),
        clientHost: t.string(),
        subscribedTopicNames: t.array(t.string()),
        subscribedTopicRegex: t.string({ nullable: 0, default: null }),
        assignment: t.struct({
          topicPartitions: t.array({
            topicId: t.uuid(),
            topicName: t.string(),
            partitions: t.array(t.int32()),
          }),
        }),
        targetAssignment: t.struct({
          topicPartitions: t.array({
            topicId: t.uuid(),
            topicName: t.string(),
            partitions: t.array(t.int32()),
          }),
        }),
        memberType: t.int8({ since: 1, default: -1, ignorable: true }),
      }),
      authorizedOperations: t.int32({ default: -2147483648 }),
    }),
  },
});
export type ConsumerGroupDescribeResponse = Infer<typeof consumerGroupDescribeResponse>;
/** What a caller gives to encode it: everything may be left out. */
export type ConsumerGroupDescribeResponseInput = InferInput<typeof consumerGroupDescribeResponse>;
