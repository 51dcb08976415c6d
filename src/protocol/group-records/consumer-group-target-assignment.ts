/**
 * Records of __consumer_offsets: the target assignment of a consumer group, its epoch and the part of each member
 * (KIP-848). The time of the computation is KIP-1263's.
 */
import { defineMessage, type Infer, type InferInput, t } from '../../wire/index.js';

export const consumerGroupTargetAssignmentMetadataKey = defineMessage({
  name: 'ConsumerGroupTargetAssignmentMetadataKey',
  kind: 'coordinator-key',
  key: 6,
  versions: [0, 0],
  fields: {
    groupId: t.string(),
  },
});
export type ConsumerGroupTargetAssignmentMetadataKey = Infer<typeof consumerGroupTargetAssignmentMetadataKey>;

export const consumerGroupTargetAssignmentMetadataValue = defineMessage({
  name: 'ConsumerGroupTargetAssignmentMetadataValue',
  kind: 'coordinator-value',
  key: 6,
  versions: [0, 0],
  flexible: 0,
  fields: {
    assignmentEpoch: t.int32(),
    assignmentTimestamp: t.int64({ default: 0, tag: 0, ignorable: true }),
  },
});
export type ConsumerGroupTargetAssignmentMetadataValue = Infer<
  typeof consumerGroupTargetAssignmentMetadataValue
>;
/** What a caller gives to encode it: everything may be left out. */
export type ConsumerGroupTargetAssignmentMetadataValueInput = InferInput<
  typeof consumerGroupTargetAssignmentMetadataValue
>;

export const consumerGroupTargetAssignmentMemberKey = defineMessage({
  name: 'ConsumerGroupTargetAssignmentMemberKey',
  kind: 'coordinator-key',
  key: 7,
  versions: [0, 0],
  fields: {
    groupId: t.string(),
    memberId: t.string(),
  },
});
export type ConsumerGroupTargetAssignmentMemberKey = Infer<typeof consumerGroupTargetAssignmentMemberKey>;

export const consumerGroupTargetAssignmentMemberValue = defineMessage({
  name: 'ConsumerGroupTargetAssignmentMemberValue',
  kind: 'coordinator-value',
  key: 7,
  versions: [0, 0],
  flexible: 0,
  fields: {
    topicPartitions: t.array({
      topicId: t.uuid(),
      partitions: t.array(t.int32()),
    }),
  },
});
export type ConsumerGroupTargetAssignmentMemberValue = Infer<typeof consumerGroupTargetAssignmentMemberValue>;
/** What a caller gives to encode it: everything may be left out. */
export type ConsumerGroupTargetAssignmentMemberValueInput = InferInput<
  typeof consumerGroupTargetAssignmentMemberValue
>;
