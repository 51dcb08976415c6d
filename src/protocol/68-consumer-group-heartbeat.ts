/**
 * ConsumerGroupHeartbeat: the one request with which a member of a consumer group joins, stays, changes and leaves (KIP-848).
 * v0 is flexible. v1 subscribedTopicRegex; the client makes its member id itself (KIP-1082).
 */
import { defineMessage, type Infer, type InferInput, t } from '../wire/index.js';

export const consumerGroupHeartbeatRequest = defineMessage({
  name: 'ConsumerGroupHeartbeatRequest',
  kind: 'request',
  key: 68,
  versions: [0, 1],
  flexible: 0,
  fields: {
    groupId: t.string(),
    memberId: t.string(),
    memberEpoch: t.int32(),
    instanceId: t.string({ nullable: 0, default: null }),
    rackId: t.string({ nullable: 0, default: null }),
    rebalanceTimeoutMs: t.int32({ default: -1 }),
    subscribedTopicNames: t.array(t.string(), { nullable: 0, default: null }),
    subscribedTopicRegex: t.string({ since: 1, nullable: 1, default: null }),
    serverAssignor: t.string({ nullable: 0, default: null }),
    topicPartitions: t.array(
      {
        topicId: t.uuid(),
        partitions: t.array(t.int32()),
      },
      { nullable: 0, default: null },
    ),
  },
});
export type ConsumerGroupHeartbeatRequest = Infer<typeof consumerGroupHeartbeatRequest>;
/** What a caller gives to encode it: everything may be left out. */
export type ConsumerGroupHeartbeatRequestInput = InferInput<typeof consumerGroupHeartbeatRequest>;

export const consumerGroupHeartbeatResponse = defineMessage({
  name: 'ConsumerGroupHeartbeatResponse',
  kind: 'response',
  key: 68,
  versions: [0, 1],
  flexible: 0,
  fields: {
    throttleTimeMs: t.int32(),
    errorCode: t.int16(),
    errorMessage: t.string({ nullable: 0, default: null }),
    memberId: t.string({ nullable: 0, default: null }),
    memberEpoch: t.int32(),
    heartbeatIntervalMs: t.int32(),
    assignment: t.struct(
      {
        topicPartitions: t.array({
          topicId: t.uuid(),
          partitions: t.array(t.int32()),
        }),
      },
      { nullable: 0, default: null },
    ),
  },
});
export type ConsumerGroupHeartbeatResponse = Infer<typeof consumerGroupHeartbeatResponse>;
/** What a caller gives to encode it: everything may be left out. */
export type ConsumerGroupHeartbeatResponseInput = InferInput<typeof consumerGroupHeartbeatResponse>;
