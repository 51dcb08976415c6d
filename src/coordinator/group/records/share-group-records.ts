/** Records of share groups (KIP-932). Value null: a tombstone. Group id, and member id where there is one, are the key. */

import type { ShareGroupCurrentMemberAssignmentValue } from '../../../protocol/group-records/share-group-current-member-assignment.js';
import type { ShareGroupMemberMetadataValue } from '../../../protocol/group-records/share-group-member-metadata.js';
import type { ShareGroupMetadataValue } from '../../../protocol/group-records/share-group-metadata.js';
import type { ShareGroupStatePartitionMetadataValue } from '../../../protocol/group-records/share-group-state-partition-metadata.js';
import type {
  ShareGroupTargetAssignmentMemberValue,
  ShareGroupTargetAssignmentMetadataValue,
} from '../../../protocol/group-records/share-group-target-assignment.js';

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

export type ShareGroupMemberMetadataRecord = OfMember<
  'ShareGroupMemberMetadata',
  ShareGroupMemberMetadataValue
>;
export type ShareGroupMetadataRecord = OfGroup<'ShareGroupMetadata', ShareGroupMetadataValue>;
export type ShareGroupTargetAssignmentMetadataRecord = OfGroup<
  'ShareGroupTargetAssignmentMetadata',
  ShareGroupTargetAssignmentMetadataValue
>;
export type ShareGroupTargetAssignmentMemberRecord = OfMember<
  'ShareGroupTargetAssignmentMember',
  ShareGroupTargetAssignmentMemberValue
>;
export type ShareGroupCurrentMemberAssignmentRecord = OfMember<
  'ShareGroupCurrentMemberAssignment',
  ShareGroupCurrentMemberAssignmentValue
>;
export type ShareGroupStatePartitionMetadataRecord = OfGroup<
  'ShareGroupStatePartitionMetadata',
  ShareGroupStatePartitionMetadataValue
>;

export type ShareGroupRecord =
  | ShareGroupMemberMetadataRecord
  | ShareGroupMetadataRecord
  | ShareGroupTargetAssignmentMetadataRecord
  | ShareGroupTargetAssignmentMemberRecord
  | ShareGroupCurrentMemberAssignmentRecord
  | ShareGroupStatePartitionMetadataRecord;
