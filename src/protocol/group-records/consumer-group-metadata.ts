/**
 * Record of __consumer_offsets: the epoch of a consumer group (KIP-848), raised whenever its members, subscriptions or topics
 * change. The hash over its topics is KIP-1101's.
 */
import { defineMessage, type Infer, type InferInput, t } from '../../wire/index.js';

export const consumerGroupMetadataKey = defineMessage({
  name: 'ConsumerGroupMetadataKey',
  kind: 'coordinator-key',
  key: 3,
  versions: [0, 0],
  fields: {
    groupId: t.string(),
  },
});
export type ConsumerGroupMetadataKey = Infer<typeof consumerGroupMetadataKey>;

export const consumerGroupMetadataValue = defineMessage({
  name: 'ConsumerGroupMetadataValue',
  kind: 'coordinator-value',
  key: 3,
  versions: [0, 0],
  flexible: 0,
  fields: {
    epoch: t.int32(),
    metadataHash: t.bigint64({ default: 0n, tag: 0 }),
  },
});
export type ConsumerGroupMetadataValue = Infer<typeof consumerGroupMetadataValue>;
/** What a caller gives to encode it: everything may be left out. */
export type ConsumerGroupMetadataValueInput = InferInput<typeof consumerGroupMetadataValue>;
