/**
 * ShareGroupHeartbeat: a member of a share group joins, stays, changes its topics and leaves (KIP-932).
 * v1 is the first stable version, flexible.
 */
import { defineMessage, type Infer, type InferInput, t } from '../wire/index.js';

export const shareGroupHeartbeatRequest = defineMessage({
  name: 'ShareGroupHeartbeatRequest',
  kind: 'request',
  key: 76,
  versions: [1, 1],
  flexible: 0,
  fields: {
    groupId: t.string(),
    memberId: t.string(),
    memberEpoch: t.int32(),
    rackId: t.string({ nullable: 0, default: null }),
    subscribedTopicNames: t.array(t.string(), { nullable: 0, default: null }),
  },
});
export type ShareGroupHeartbeatRequest = Infer<typeof shareGroupHeartbeatRequest>;
/** What a caller gives to encode it: everything may be left out. */
export type ShareGroupHeartbeatRequestInput = InferInput<typeof shareGroupHeartbeatRequest>;

export const shareGroupHeartbeatResponse = defineMessage({
  name: 'ShareGroupHeartbeatResponse',
  kind: 'response',
  key: 76,
  versions: [1, 1],
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
export type ShareGroupHeartbeatResponse = Infer<typeof shareGroupHeartbeatResponse>;
/** What a caller gives to encode it: everything may be left out. */
export type ShareGroupHeartbeatResponseInput = InferInput<typeof shareGroupHeartbeatResponse>;
