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
import type { Message } from '../../../wire/index.js';
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

/** The key's fields are the record's properties of the same names. */
function codec<Rec extends ConsumerGroupRecord, Key, Value extends Rec['value']>(
  type: Rec['type'],
  key: Message<Key, Rec>,
  value: Message<Value, NonNullable<Rec['value']>>,
  make: (key: Key, value: Value | null) => Rec,
): RecordCodec<Rec> {
  return recordCodec({
    type,
    key,
    value,
    keyOf: (record: Rec) => record,
    valueOf: (record: Rec) => record.value,
    valueVersion: () => 0,
    make,
  });
}

const metadata = codec<ConsumerGroupMetadataRecord, _, _>;
