/**
 * Record of __consumer_offsets: who a member of a consumer group is and what it is subscribed to (KIP-848). The tag holds
 * what a member that speaks the classic protocol offered (online migration). Its default is an empty struct, as Kafka's
 * generator reads the schema's `null`: null is written out.
 */
import { defineMessage, type Infer, type InferInput, t } from '../../wire/index.js';

export const consumerGroupMemberMetadataKey = defineMessage({
  name: 'ConsumerGroupMemberMetadataKey',
  kind: 'coordinator-key',
  key: 5,
  versions: [0, 0],
  fields: {
    groupId: t.string(),
    memberId: t.string(),
  },
});
export type ConsumerGroupMemberMetadataKey = Infer<typeof consumerGroupMemberMetadataKey>;

export const consumerGroupMemberMetadataValue = defineMessage({
  name: 'ConsumerGroupMemberMetadataValue',
  kind: 'coordinator-value',
  key: 5,
  versions: [0, 0],
  flexible: 0,
  fields: {
    instanceId: t.string({ nullable: 0 }),
    rackId: t.string({ nullable: 0 }),
    clientId: t.string(),
    clientHost: t.string(),
    subscribedTopicNames: t.array(t.string()),
    subscribedTopicRegex: t.string({ nullable: 0 }),
    rebalanceTimeoutMs: t.int32({ default: -1 }),
    serverAssignor: t.string({ nullable: 0 }),
    classicMemberMetadata: t.struct(
      {
        sessionTimeoutMs: t.int32(),
        supportedProtocols: t.array({
          name: t.string(),
          metadata: t.bytes(),
        }),
      },
      { nullable: 0, tag: 0 },
    ),
  },
});
export type ConsumerGroupMemberMetadataValue = Infer<typeof consumerGroupMemberMetadataValue>;
/** What a caller gives to encode it: everything may be left out. */
export type ConsumerGroupMemberMetadataValueInput = InferInput<typeof consumerGroupMemberMetadataValue>;
