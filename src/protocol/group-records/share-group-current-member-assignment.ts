/**
 * Record of __consumer_offsets: what a member of a share group may fetch now (KIP-932).
 */
import { defineMessage, type Infer, type InferInput, t } from '../../wire/index.js';

export const shareGroupCurrentMemberAssignmentKey = defineMessage({
  name: 'ShareGroupCurrentMemberAssignmentKey',
  kind: 'coordinator-key',
  key: 14,
  versions: [0, 0],
  fields: {
    groupId: t.string(),
    memberId: t.string(),
  },
});
export type ShareGroupCurrentMemberAssignmentKey = Infer<typeof shareGroupCurrentMemberAssignmentKey>;

export const shareGroupCurrentMemberAssignmentValue = defineMessage({
  name: 'ShareGroupCurrentMemberAssignmentValue',
  kind: 'coordinator-value',
  key: 14,
  versions: [0, 0],
  flexible: 0,
  fields: {
    memberEpoch: t.int32(),
    previousMemberEpoch: t.int32(),
    state: t.int8(),
    assignedPartitions: t.array({
      topicId: t.uuid(),
      partitions: t.array(t.int32()),
    }),
  },
});
export type ShareGroupCurrentMemberAssignmentValue = Infer<typeof shareGroupCurrentMemberAssignmentValue>;
/** What a caller gives to encode it: everything may be left out. */
export type ShareGroupCurrentMemberAssignmentValueInput = InferInput<
  typeof shareGroupCurrentMemberAssignmentValue
>;
