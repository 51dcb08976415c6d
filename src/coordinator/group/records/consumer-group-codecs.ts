/** Bytes of the records of consumer groups; every value has one version, 0. */
import {
  consumerGroupCurrentMemberAssignmentKey,
  consumerGroupCurrentMemberAssignmentValue,
} from '../../../protocol/group-records/consumer-group-current-member-assignment.js';
import {
  consumerGroupMemberMetadataKey,
  consumerGroupMemberMetadataValue,
} from '../../../protocol/group-records/consumer-group-member-metadata.js';
import {
  consumerGroupMetadataKey,
  consumerGroupMetadataValue,
} from '../../../protocol/group-records/consumer-group-metadata.js';
import {
  consumerGroupPartitionMetadataKey,
  consumerGroupPartitionMetadataValue,
} from '../../../protocol/group-records/consumer-group-partition-metadata.js';
import {
  consumerGroupRegularExpressionKey,
  consumerGroupRegularExpressionValue,
} from '../../../protocol/group-records/consumer-group-regular-expression.js';
import {
  consumerGroupTargetAssignmentMemberKey,
  consumerGroupTargetAssignmentMemberValue,
  consumerGroupTargetAssignmentMetadataKey,
  consumerGroupTargetAssignmentMetadataValue,
} from '../../../protocol/group-records/consumer-group-target-assignment.js';
import { type RecordCodec, recordCodec } from './codec.js';
import type {
  ConsumerGroupCurrentMemberAssignmentRecord,
  ConsumerGroupMemberMetadataRecord,
  ConsumerGroupMetadataRecord,
  ConsumerGroupPartitionMetadataRecord,
  ConsumerGroupRecord,
  ConsumerGroupRegularExpressionRecord,
  ConsumerGroupTargetAssignmentMemberRecord,
  ConsumerGroupTargetAssignmentMetadataRecord,
} from './consumer-group-records.js';

const consumerGroupMetadataCodec = recordCodec({
  type: 'ConsumerGroupMetadata',
  key: consumerGroupMetadataKey,
  value: consumerGroupMetadataValue,
  keyOf: (record: ConsumerGroupMetadataRecord) => record,
  valueOf: (record: ConsumerGroupMetadataRecord) => record.value,
  valueVersion: () => 0,
  make: ({ groupId }, value): ConsumerGroupMetadataRecord => ({
    type: 'ConsumerGroupMetadata',
    groupId,
    value,
  }),
});

const consumerGroupPartitionMetadataCodec = recordCodec({
  type: 'ConsumerGroupPartitionMetadata',
  key: consumerGroupPartitionMetadataKey,
  value: consumerGroupPartitionMetadataValue,
  keyOf: (record: ConsumerGroupPartitionMetadataRecord) => record,
  valueOf: (record: ConsumerGroupPartitionMetadataRecord) => record.value,
  valueVersion: () => 0,
  make: ({ groupId }, value): ConsumerGroupPartitionMetadataRecord => ({
    type: 'ConsumerGroupPartitionMetadata',
    groupId,
    value,
  }),
});

const consumerGroupMemberMetadataCodec = recordCodec({
  type: 'ConsumerGroupMemberMetadata',
  key: consumerGroupMemberMetadataKey,
  value: consumerGroupMemberMetadataValue,
  keyOf: (record: ConsumerGroupMemberMetadataRecord) => record,
  valueOf: (record: ConsumerGroupMemberMetadataRecord) => record.value,
  valueVersion: () => 0,
  make: ({ groupId, memberId }, value): ConsumerGroupMemberMetadataRecord => ({
    type: 'ConsumerGroupMemberMetadata',
    groupId,
    memberId,
    value,
  }),
});

const consumerGroupTargetAssignmentMetadataCodec = recordCodec({
  type: 'ConsumerGroupTargetAssignmentMetadata',
  key: consumerGroupTargetAssignmentMetadataKey,
  value: consumerGroupTargetAssignmentMetadataValue,
  keyOf: (record: ConsumerGroupTargetAssignmentMetadataRecord) => record,
  valueOf: (record: ConsumerGroupTargetAssignmentMetadataRecord) => record.value,
  valueVersion: () => 0,
  make: ({ groupId }, value): ConsumerGroupTargetAssignmentMetadataRecord => ({
    type: 'ConsumerGroupTargetAssignmentMetadata',
    groupId,
    value,
  }),
});

const consumerGroupTargetAssignmentMemberCodec = recordCodec({
  type: 'ConsumerGroupTargetAssignmentMember',
  key: consumerGroupTargetAssignmentMemberKey,
  value: consumerGroupTargetAssignmentMemberValue,
  keyOf: (record: ConsumerGroupTargetAssignmentMemberRecord) => record,
  valueOf: (record: ConsumerGroupTargetAssignmentMemberRecord) => record.value,
  valueVersion: () => 0,
  make: ({ groupId, memberId }, value): ConsumerGroupTargetAssignmentMemberRecord => ({
    type: 'ConsumerGroupTargetAssignmentMember',
    groupId,
    memberId,
    value,
  }),
});

const consumerGroupCurrentMemberAssignmentCodec = recordCodec({
  type: 'ConsumerGroupCurrentMemberAssignment',
  key: consumerGroupCurrentMemberAssignmentKey,
  value: consumerGroupCurrentMemberAssignmentValue,
  keyOf: (record: ConsumerGroupCurrentMemberAssignmentRecord) => record,
  valueOf: (record: ConsumerGroupCurrentMemberAssignmentRecord) => record.value,
  valueVersion: () => 0,
  make: ({ groupId, memberId }, value): ConsumerGroupCurrentMemberAssignmentRecord => ({
    type: 'ConsumerGroupCurrentMemberAssignment',
    groupId,
    memberId,
    value,
  }),
});

const consumerGroupRegularExpressionCodec = recordCodec({
  type: 'ConsumerGroupRegularExpression',
  key: consumerGroupRegularExpressionKey,
  value: consumerGroupRegularExpressionValue,
  keyOf: (record: ConsumerGroupRegularExpressionRecord) => record,
  valueOf: (record: ConsumerGroupRegularExpressionRecord) => record.value,
  valueVersion: () => 0,
  make: ({ groupId, regularExpression }, value): ConsumerGroupRegularExpressionRecord => ({
    type: 'ConsumerGroupRegularExpression',
    groupId,
    regularExpression,
    value,
  }),
});

export const consumerGroupCodecs: readonly RecordCodec<ConsumerGroupRecord>[] = [
  consumerGroupMetadataCodec,
  consumerGroupPartitionMetadataCodec,
  consumerGroupMemberMetadataCodec,
  consumerGroupTargetAssignmentMetadataCodec,
  consumerGroupTargetAssignmentMemberCodec,
  consumerGroupCurrentMemberAssignmentCodec,
  consumerGroupRegularExpressionCodec,
];
