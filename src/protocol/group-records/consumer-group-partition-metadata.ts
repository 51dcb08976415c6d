/**
 * Record of __consumer_offsets that Kafka 4.0 wrote for the topics of a consumer group; since 4.1 a hash in
 * ConsumerGroupMetadata replaces it (KIP-1101). Read, and answered with a tombstone.
 */
import { defineMessage, type Infer, type InferInput, t } from '../../wire/index.js';

export const consumerGroupPartitionMetadataKey = defineMessage({
  name: 'ConsumerGroupPartitionMetadataKey',
  kind: 'coordinator-key',
  key: 4,
  versions: [0, 0],
  fields: {
    groupId: t.string(),
  },
});
export type ConsumerGroupPartitionMetadataKey = Infer<typeof consumerGroupPartitionMetadataKey>;

export const consumerGroupPartitionMetadataValue = defineMessage({
  name: 'ConsumerGroupPartitionMetadataValue',
  kind: 'coordinator-value',
  key: 4,
  versions: [0, 0],
  flexible: 0,
  fields: {
    topics: t.array({
      topicId: t.uuid(),
      topicName: t.string(),
      numPartitions: t.int32(),
      partitionMetadata: t.array({
        partition: t.int32(),
        racks: t.array(t.string()),
      }),
    }),
  },
});
export type ConsumerGroupPartitionMetadataValue = Infer<typeof consumerGroupPartitionMetadataValue>;
/** What a caller gives to encode it: everything may be left out. */
export type ConsumerGroupPartitionMetadataValueInput = InferInput<typeof consumerGroupPartitionMetadataValue>;
