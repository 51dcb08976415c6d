/**
 * Record of __consumer_offsets: what a member of a consumer group owns now, and what it was asked to give up (KIP-848).
 * The epochs at which partitions were assigned lie in a tag; records of Kafka before 4.2 have none.
 */
import { defineMessage, type Infer, type InferInput, t } from '../../wire/index.js';

export const consumerGroupCurrentMemberAssignmentKey = defineMessage({
  name: 'ConsumerGroupCurrentMemberAssignmentKey',
  kind: 'coordinator-key',
  key: 8,
  versions: [0, 0],
  fields: {
    groupId: t.string(),
    memberId: t.string(),
  },
});
export type ConsumerGroupCurrentMemberAssignmentKey = Infer<typeof consumerGroupCurrentMemberAssignmentKey>;

const topicPartitions = {
  topicId: t.uuid(),
  partitions: t.array(t.int32()),
  assignmentEpochs: t.array(t.int32(), { nullable: 0, tag: 0 }),
} as const;

export const consumerGroupCurrentMemberAssignmentValue = defineMessage({
  name: 'ConsumerGroupCurrentMemberAssignmentValue',
  kind: 'coordinator-value',
  key: 8,
  versions: [0, 0],
  flexible: 0,
  fields: {
    memberEpoch: t.int32(),
    previousMemberEpoch: t.int32(),
    state: t.int8(),
    assignedPartitions: t.array(topicPartitions),
    partitionsPendingRevocation: t.array(topicPartitions),
  },
});
export type ConsumerGroupCurrentMemberAssignmentValue = Infer<
  typeof consumerGroupCurrentMemberAssignmentValue
>;
/** What a caller gives to encode it: everything may be left out. */
export type ConsumerGroupCurrentMemberAssignmentValueInput = InferInput<
  typeof consumerGroupCurrentMemberAssignmentValue
>;
