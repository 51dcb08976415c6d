/**
 * ShareGroupDescribe: epochs, members and assignments of share groups (KIP-932).
 * v1 is the first stable version, flexible.
 */
import { defineMessage, type Infer, type InferInput, t } from '../wire/index.js';

export const shareGroupDescribeRequest = defineMessage({
  name: 'ShareGroupDescribeRequest',
  kind: 'request',
  key: 77,
  versions: [1, 1],
  flexible: 0,
  fields: {
    groupIds: t.array(t.string()),
    includeAuthorizedOperations: t.bool(),
  },
});
export type ShareGroupDescribeRequest = Infer<typeof shareGroupDescribeRequest>;
/** What a caller gives to encode it: everything may be left out. */
export type ShareGroupDescribeRequestInput = InferInput<typeof shareGroupDescribeRequest>;

export const shareGroupDescribeResponse = defineMessage({
  name: 'ShareGroupDescribeResponse',
  kind: 'response',
  key: 77,
  versions: [1, 1],
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
        rackId: t.string({ nullable: 0, default: null }),
        memberEpoch: t.int32(),
        clientId: t.string(),
        clientHost: t.string(),
        subscribedTopicNames: t.array(t.string()),
        assignment: t.struct({
          topicPartitions: t.array({
            topicId: t.uuid(),
            topicName: t.string(),
            partitions: t.array(t.int32()),
          }),
        }),
      }),
      authorizedOperations: t.int32({ default: -2147483648 }),
    }),
  },
});
export type ShareGroupDescribeResponse = Infer<typeof shareGroupDescribeResponse>;
/** What a caller gives to encode it: everything may be left out. */
export type ShareGroupDescribeResponseInput = InferInput<typeof shareGroupDescribeResponse>;
