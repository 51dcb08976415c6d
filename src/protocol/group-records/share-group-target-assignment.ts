/**
 * Records of __consumer_offsets: the target assignment of a share group, its epoch and the part of each member (KIP-932).
 * The time of the computation is KIP-1263's.
 */
import { defineMessage, type Infer, type InferInput, t } from '../../wire/index.js';

export const shareGroupTargetAssignmentMetadataKey = defineMessage({
  name: 'ShareGroupTargetAssignmentMetadataKey',
  kind: 'coordinator-key',
  key: 12,
  versions: [0, 0],
  fields: {
    groupId: t.string(),
  },
});
export type ShareGroupTargetAssignmentMetadataKey = Infer<typeof shareGroupTargetAssignmentMetadataKey>;

export const shareGroupTargetAssignmentMetadataValue = defineMessage({
  name: 'ShareGroupTargetAssignmentMetadataValue',
  kind: 'coordinator-value',
  key: 12,
  versions: [0, 0],
  flexible: 0,
  fields: {
    assignmentEpoch: t.int32(),
    assignmentTimestamp: t.clampedInt64({ default: 0, tag: 0, ignorable: true }),
  },
});
export type ShareGroupTargetAssignmentMetadataValue = Infer<typeof shareGroupTargetAssignmentMetadataValue>;
/** What a caller gives to encode it: everything may be left out. */
export type ShareGroupTargetAssignmentMetadataValueInput = InferInput<
  typeof shareGroupTargetAssignmentMetadataValue
>;

export const shareGroupTargetAssignmentMemberKey = defineMessage({
  name: 'ShareGroupTargetAssignmentMemberKey',
  kind: 'coordinator-key',
  key: 13,
  versions: [0, 0],
  fields: {
    groupId: t.string(),
    memberId: t.string(),
  },
});
export type ShareGroupTargetAssignmentMemberKey = Infer<typeof shareGroupTargetAssignmentMemberKey>;

export const shareGroupTargetAssignmentMemberValue = defineMessage({
  name: 'ShareGroupTargetAssignmentMemberValue',
  kind: 'coordinator-value',
  key: 13,
  versions: [0, 0],
  flexible: 0,
  fields: {
    topicPartitions: t.array({
      topicId: t.uuid(),
      partitions: t.array(t.int32()),
    }),
  },
});
export type ShareGroupTargetAssignmentMemberValue = Infer<typeof shareGroupTargetAssignmentMemberValue>;
/** What a caller gives to encode it: everything may be left out. */
export type ShareGroupTargetAssignmentMemberValueInput = InferInput<
  typeof shareGroupTargetAssignmentMemberValue
>;
