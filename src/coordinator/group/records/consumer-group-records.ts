/** Records of consumer groups (KIP-848). Value null: a tombstone. Group id and member id or expression are the key. */
import type { ConsumerGroupCurrentMemberAssignmentValue } from '../../../protocol/group-records/consumer-group-current-member-assignment.js';
import type { ConsumerGroupMemberMetadataValue } from '../../../protocol/group-records/consumer-group-member-metadata.js';
import type { ConsumerGroupMetadataValue } from '../../../protocol/group-records/consumer-group-metadata.js';
import type { ConsumerGroupPartitionMetadataValue } from '../../../protocol/group-records/consumer-group-partition-metadata.js';
import type { ConsumerGroupRegularExpressionValue } from '../../../protocol/group-records/consumer-group-regular-expression.js';
import type {
  ConsumerGroupTargetAssignmentMemberValue,
  ConsumerGroupTargetAssignmentMetadataValue,
} from '../../../protocol/group-records/consumer-group-target-assignment.js';

/** A record of the whole group. */
interface OfGroup<Type extends string, Value> {
  readonly type: Type;
  readonly groupId: string;
  readonly value: Value | null;
}

/** A record of one member. */
interface OfMember<Type extends string, Value> extends OfGroup<Type, Value> {
  readonly memberId: string;
}

export type ConsumerGroupMetadataRecord = OfGroup<'ConsumerGroupMetadata', ConsumerGroupMetadataValue>;
export type ConsumerGroupPartitionMetadataRecord = OfGroup<
  'ConsumerGroupPartitionMetadata',
  ConsumerGroupPartitionMetadataValue
>;
export type ConsumerGroupMemberMetadataRecord = OfMember<
  'ConsumerGroupMemberMetadata',
  ConsumerGroupMemberMetadataValue
>;
export type ConsumerGroupTargetAssignmentMetadataRecord = OfGroup<
  'ConsumerGroupTargetAssignmentMetadata',
  ConsumerGroupTargetAssignmentMetadataValue
>;
export type ConsumerGroupTargetAssignmentMemberRecord = OfMember<
  'ConsumerGroupTargetAssignmentMember',
  ConsumerGroupTargetAssignmentMemberValue
>;
export type ConsumerGroupCurrentMemberAssignmentRecord = OfMember<
  'ConsumerGroupCurrentMemberAssignment',
  ConsumerGroupCurrentMemberAssignmentValue
>;
export interface ConsumerGroupRegularExpressionRecord
  extends OfGroup<'ConsumerGroupRegularExpression', ConsumerGroupRegularExpressionValue> {
  readonly regularExpression: string;
}

export type ConsumerGroupRecord =
  | ConsumerGroupMetadataRecord
  | ConsumerGroupPartitionMetadataRecord
  | ConsumerGroupMemberMetadataRecord
  | ConsumerGroupTargetAssignmentMetadataRecord
  | ConsumerGroupTargetAssignmentMemberRecord
  | ConsumerGroupCurrentMemberAssignmentRecord
  | ConsumerGroupRegularExpressionRecord;
