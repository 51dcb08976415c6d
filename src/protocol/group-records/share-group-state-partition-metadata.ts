/**
 * Record of __consumer_offsets: for which partitions of a share group state is being begun, kept and deleted (KIP-932).
 */
import { defineMessage, type Infer, type InferInput, t } from '../../wire/index.js';

export const shareGroupStatePartitionMetadataKey = defineMessage({
  name: 'ShareGroupStatePartitionMetadataKey',
  kind: 'coordinator-key',
  key: 15,
  versions: [0, 0],
  fields: {
    groupId: t.string(),
  },
});
export type ShareGroupStatePartitionMetadataKey = Infer<typeof shareGroupStatePartitionMetadataKey>;

export const shareGroupStatePartitionMetadataValue = defineMessage({
  name: 'ShareGroupStatePartitionMetadataValue',
  kind: 'coordinator-value',
  key: 15,
  versions: [0, 0],
  flexible: 0,
  fields: {
    initializingTopics: t.array({
      topicId: t.uuid(),
      topicName: t.string(),
      partitions: t.array(t.int32()),
    }),
    initializedTopics: t.array({
      topicId: t.uuid(),
      topicName: t.string(),
      partitions: t.array(t.int32()),
    }),
    deletingTopics: t.array({
      topicId: t.uuid(),
      topicName: t.string(),
    }),
  },
});
export type ShareGroupStatePartitionMetadataValue = Infer<typeof shareGroupStatePartitionMetadataValue>;
/** What a caller gives to encode it: everything may be left out. */
export type ShareGroupStatePartitionMetadataValueInput = InferInput<
  typeof shareGroupStatePartitionMetadataValue
>;
