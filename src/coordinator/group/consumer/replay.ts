/**
 * What the records of consumer groups do to the groups in memory: the only place where durable state changes. Follows the
 * replay methods of GroupMetadataManager; records of a group or member that is not there any more are ignored.
 */
import { assert, unreachable } from '../../../base/assert.js';
import type { Assignment } from '../../assignor/assignor.js';
import type { GroupTable } from '../group-table.js';
import type {
  ConsumerGroupCurrentMemberAssignmentRecord,
  ConsumerGroupMemberMetadataRecord,
  ConsumerGroupMetadataRecord,
  ConsumerGroupRecord,
} from '../records/consumer-group-records.js';
import { ConsumerGroup } from './consumer-group.js';
import { memberStateOf, newMember, toNames } from './member.js';
import { NO_PARTITIONS, type OwnedPartitions } from './owned-partitions.js';

export function replayConsumerGroupRecord(groups: GroupTable, record: ConsumerGroupRecord): void {
  const group = groupOf(groups, record);
  if (group === undefined) return;
  switch (record.type) {
    case 'ConsumerGroupMetadata':
      replayMetadata(groups, group, record);
      return;
    case 'ConsumerGroupPartitionMetadata':
      group.hasPartitionMetadataRecord = record.value !== null;
      return;
    case 'ConsumerGroupMemberMetadata':
      replayMember(group, record);
      return;
    case 'ConsumerGroupTargetAssignmentMetadata':
      group.assignmentEpoch = record.value?.assignmentEpoch ?? -1;
      group.assignmentTimestampMs = record.value?.assignmentTimestamp ?? 0;
      return;
    case 'ConsumerGroupTargetAssignmentMember':
      group.setTarget(record.memberId, record.value && targetOf(record.value.topicPartitions));
      return;
    case 'ConsumerGroupCurrentMemberAssignment':
      replayCurrentAssignment(group, record);
      return;
    case 'ConsumerGroupRegularExpression':
      group.subscriptions.setResolved(
        record.regularExpression,
        record.value && { topics: toNames(record.value.topics), timestampMs: record.value.timestamp },
      );
      return;
    default:
      unreachable(record);
  }
}

/**
 * A value makes the group; it may take the place of one that only holds offsets. A classic group with members is what the
 * batch ends with (downgrade.ts put it there already): the records before are for a restart.
 */
function groupOf(groups: GroupTable, { groupId, value }: ConsumerGroupRecord): ConsumerGroup | undefined {
  const known = groups.get(groupId);
  if (known instanceof ConsumerGroup) return known;
  if (value === null || known?.isEmpty === false) return undefined;
  const group = new ConsumerGroup(groupId);
  groups.set(group);
  return group;
}

function replayMetadata(groups: GroupTable, group: ConsumerGroup, record: ConsumerGroupMetadataRecord): void {
  if (record.value === null) {
    assert(group.isEmpty && group.target.size === 0, `group ${group.groupId} is removed after its members`);
    groups.delete(group.groupId);
    return;
  }
  group.groupEpoch = record.value.epoch;
  group.metadataHash = record.value.metadataHash;
}

function replayMember(group: ConsumerGroup, { memberId, value }: ConsumerGroupMemberMetadataRecord): void {
  if (value === null) {
    group.deleteMember(memberId);
    return;
  }
  const { classicMemberMetadata: classic } = value;
  group.putMember({
    ...(group.members.get(memberId) ?? newMember(memberId)),
    instanceId: value.instanceId,
    rackId: value.rackId,
    clientId: value.clientId,
    clientHost: value.clientHost,
    subscribedTopicNames: toNames(value.subscribedTopicNames),
    subscribedTopicRegex: value.subscribedTopicRegex,
    rebalanceTimeoutMs: value.rebalanceTimeoutMs,
    serverAssignorName: value.serverAssignor,
    classic: classic && {
      sessionTimeoutMs: classic.sessionTimeoutMs,
      // Decoded bytes are views on the log's memory: the group keeps its own.
      supportedProtocols: classic.supportedProtocols.map(({ name, metadata }) => ({
        name,
        metadata: Uint8Array.from(metadata),
      })),
    },
  });
}

function replayCurrentAssignment(
  group: ConsumerGroup,
  { memberId, value }: ConsumerGroupCurrentMemberAssignmentRecord,
): void {
  const member = group.members.get(memberId);
  if (value === null) {
    if (member === undefined) return;
    group.putMember({
      ...member,
      memberEpoch: -1,
      previousMemberEpoch: -1,
      assignedPartitions: NO_PARTITIONS,
      partitionsPendingRevocation: NO_PARTITIONS,
    });
    return;
  }
  group.putMember({
    ...(member ?? newMember(memberId)),
    memberEpoch: value.memberEpoch,
    previousMemberEpoch: value.previousMemberEpoch,
    state: memberStateOf(value.state),
    assignedPartitions: ownedOf(value.assignedPartitions, value.memberEpoch),
    partitionsPendingRevocation: ownedOf(value.partitionsPendingRevocation, value.memberEpoch),
  });
}

interface RecordPartitions {
  readonly topicId: string;
  readonly partitions: readonly number[];
  readonly assignmentEpochs: readonly number[] | null;
}

/** Without an epoch for each partition the member's counts, but a leaving member's (negative) is none. */
function ownedOf(topics: readonly RecordPartitions[], memberEpoch: number): OwnedPartitions {
  const defaultEpoch = Math.max(memberEpoch, 0);
  return new Map(
    topics.map(({ topicId, partitions, assignmentEpochs }) => {
      const epochs = assignmentEpochs?.length === partitions.length ? assignmentEpochs : null;
      return [
        topicId,
        new Map(partitions.map((partition, index) => [partition, epochs?.[index] ?? defaultEpoch])),
      ];
    }),
  );
}

function targetOf(topics: readonly { topicId: string; partitions: readonly number[] }[]): Assignment {
  return new Map(topics.map(({ topicId, partitions }) => [topicId, new Set(partitions)]));
}
