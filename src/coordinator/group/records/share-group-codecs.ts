/** Bytes of the records of share groups; every value has one version, 0. */

import {
  shareGroupCurrentMemberAssignmentKey,
  shareGroupCurrentMemberAssignmentValue,
} from '../../../protocol/group-records/share-group-current-member-assignment.js';
import {
  shareGroupMemberMetadataKey,
  shareGroupMemberMetadataValue,
} from '../../../protocol/group-records/share-group-member-metadata.js';
import {
  shareGroupMetadataKey,
  shareGroupMetadataValue,
} from '../../../protocol/group-records/share-group-metadata.js';
import {
  shareGroupStatePartitionMetadataKey,
  shareGroupStatePartitionMetadataValue,
} from '../../../protocol/group-records/share-group-state-partition-metadata.js';
import {
  shareGroupTargetAssignmentMemberKey,
  shareGroupTargetAssignmentMemberValue,
  shareGroupTargetAssignmentMetadataKey,
  shareGroupTargetAssignmentMetadataValue,
} from '../../../protocol/group-records/share-group-target-assignment.js';
import { type RecordCodec, recordCodec } from './codec.js';
import type {
  ShareGroupCurrentMemberAssignmentRecord,
  ShareGroupMemberMetadataRecord,
  ShareGroupMetadataRecord,
  ShareGroupRecord,
  ShareGroupStatePartitionMetadataRecord,
  ShareGroupTargetAssignmentMemberRecord,
  ShareGroupTargetAssignmentMetadataRecord,
} from './share-group-records.js';

const shareGroupMemberMetadataCodec = recordCodec({
  type: 'ShareGroupMemberMetadata',
  key: shareGroupMemberMetadataKey,
  value: shareGroupMemberMetadataValue,
  keyOf: (record: ShareGroupMemberMetadataRecord) => record,
  valueOf: (record: ShareGroupMemberMetadataRecord) => record.value,
  valueVersion: () => 0,
  make: ({ groupId, memberId }, value): ShareGroupMemberMetadataRecord => ({
    type: 'ShareGroupMemberMetadata',
    groupId,
    memberId,
    value,
  }),
});

const shareGroupMetadataCodec = recordCodec({
  type: 'ShareGroupMetadata',
  key: shareGroupMetadataKey,
  value: shareGroupMetadataValue,
  keyOf: (record: ShareGroupMetadataRecord) => record,
  valueOf: (record: ShareGroupMetadataRecord) => record.value,
  valueVersion: () => 0,
  make: ({ groupId }, value): ShareGroupMetadataRecord => ({ type: 'ShareGroupMetadata', groupId, value }),
});

const shareGroupTargetAssignmentMetadataCodec = recordCodec({
  type: 'ShareGroupTargetAssignmentMetadata',
  key: shareGroupTargetAssignmentMetadataKey,
  value: shareGroupTargetAssignmentMetadataValue,
  keyOf: (record: ShareGroupTargetAssignmentMetadataRecord) => record,
  valueOf: (record: ShareGroupTargetAssignmentMetadataRecord) => record.value,
  valueVersion: () => 0,
  make: ({ groupId }, value): ShareGroupTargetAssignmentMetadataRecord => ({
    type: 'ShareGroupTargetAssignmentMetadata',
    groupId,
    value,
  }),
});

const shareGroupTargetAssignmentMemberCodec = recordCodec({
  type: 'ShareGroupTargetAssignmentMember',
  key: shareGroupTargetAssignmentMemberKey,
  value: shareGroupTargetAssignmentMemberValue,
  keyOf: (record: ShareGroupTargetAssignmentMemberRecord) => record,
  valueOf: (record: ShareGroupTargetAssignmentMemberRecord) => record.value,
  valueVersion: () => 0,
  make: ({ groupId, memberId }, value): ShareGroupTargetAssignmentMemberRecord => ({
    type: 'ShareGroupTargetAssignmentMember',
    groupId,
    memberId,
    value,
  }),
});

const shareGroupCurrentMemberAssignmentCodec = recordCodec({
  type: 'ShareGroupCurrentMemberAssignment',
  key: shareGroupCurrentMemberAssignmentKey,
  value: shareGroupCurrentMemberAssignmentValue,
  keyOf: (record: ShareGroupCurrentMemberAssignmentRecord) => record,
  valueOf: (record: ShareGroupCurrentMemberAssignmentRecord) => record.value,
  valueVersion: () => 0,
  make: ({ groupId, memberId }, value): ShareGroupCurrentMemberAssignmentRecord => ({
    type: 'ShareGroupCurrentMemberAssignment',
    groupId,
    memberId,
    value,
  }),
});

const shareGroupStatePartitionMetadataCodec = recordCodec({
  type: 'ShareGroupStatePartitionMetadata',
  key: shareGroupStatePartitionMetadataKey,
  value: shareGroupStatePartitionMetadataValue,
  keyOf: (record: ShareGroupStatePartitionMetadataRecord) => record,
  valueOf: (record: ShareGroupStatePartitionMetadataRecord) => record.value,
  valueVersion: () => 0,
  make: ({ groupId }, value): ShareGroupStatePartitionMetadataRecord => ({
    type: 'ShareGroupStatePartitionMetadata',
    groupId,
    value,
  }),
});

export const shareGroupCodecs: readonly RecordCodec<ShareGroupRecord>[] = [
  shareGroupMemberMetadataCodec,
  shareGroupMetadataCodec,
  shareGroupTargetAssignmentMetadataCodec,
  shareGroupTargetAssignmentMemberCodec,
  shareGroupCurrentMemberAssignmentCodec,
  shareGroupStatePartitionMetadataCodec,
];
