/**
 * ShareAcknowledge: a member of a share group says what became of records it holds (KIP-932).
 * v1 is the first stable version, flexible. v2 renewing acknowledgements (KIP-1222).
 */
import { defineMessage, type Infer, type InferInput, t } from '../wire/index.js';

export const shareAcknowledgeRequest = defineMessage({
  name: 'ShareAcknowledgeRequest',
  kind: 'request',
  key: 79,
  versions: [1, 2],
  flexible: 0,
  fields: {
    groupId: t.string({ nullable: 0, default: null }),
    memberId: t.string({ nullable: 0 }),
    shareSessionEpoch: t.int32(),
    isRenewAck: t.bool({ since: 2 }),
    topics: t.array({
      topicId: t.uuid(),
      partitions: t.array({
        partitionIndex: t.int32(),
        acknowledgementBatches: t.array({
          firstOffset: t.clampedInt64(),
          lastOffset: t.clampedInt64(),
          acknowledgeTypes: t.array(t.int8()),
        }),
      }),
    }),
  },
});
export type ShareAcknowledgeRequest = Infer<typeof shareAcknowledgeRequest>;
/** What a caller gives to encode it: everything may be left out. */
export type ShareAcknowledgeRequestInput = InferInput<typeof shareAcknowledgeRequest>;

export const shareAcknowledgeResponse = defineMessage({
  name: 'ShareAcknowledgeResponse',
  kind: 'response',
  key: 79,
  versions: [1, 2],
  flexible: 0,
  fields: {
    throttleTimeMs: t.int32(),
    errorCode: t.int16(),
    errorMessage: t.string({ nullable: 0, default: null }),
    acquisitionLockTimeoutMs: t.int32({ since: 2, ignorable: true }),
    responses: t.array({
      topicId: t.uuid(),
      partitions: t.array({
        partitionIndex: t.int32(),
        errorCode: t.int16(),
        errorMessage: t.string({ nullable: 0, default: null }),
        currentLeader: t.struct({
          leaderId: t.int32(),
          leaderEpoch: t.int32(),
        }),
      }),
    }),
    nodeEndpoints: t.array({
      nodeId: t.int32(),
      host: t.string(),
      port: t.int32(),
      rack: t.string({ nullable: 0, default: null }),
    }),
  },
});
export type ShareAcknowledgeResponse = Infer<typeof shareAcknowledgeResponse>;
/** What a caller gives to encode it: everything may be left out. */
export type ShareAcknowledgeResponseInput = InferInput<typeof shareAcknowledgeResponse>;
