/**
 * What the records of share groups do to the groups in memory: the only place where durable state changes. Records of a
 * group or member that is not there any more are ignored.
 */
import { unreachable } from '../../../base/assert.js';
import { type Assignment, EMPTY_ASSIGNMENT } from '../../assignor/assignor.js';
import { toNames } from '../consumer/member.js';
import type { GroupTable } from '../group-table.js';
import type { GroupRecord } from '../records/group-record.js';
import type { ShareGroupRecord } from '../records/share-group-records.js';
import { ShareGroup } from './share-group.js';
import { LEAVE_EPOCH, newShareMember } from './share-member.js';
import type { StateTopic } from './state-topics.js';

export function isShareGroupRecord(record: GroupRecord): record is ShareGroupRecord {
  return record.type.startsWith('ShareGroup');
}

export function replayShareGroupRecord(groups: GroupTable, record: ShareGroupRecord): void {
  const group = groupOf(groups, record);
  if (group === undefined) return;
  switch (record.type) {
    case 'ShareGroupMetadata':
      if (record.value === null) groups.delete(group.groupId);
      else {
        group.groupEpoch = record.value.epoch;
        group.metadataHash = record.value.metadataHash;
      }
      return;
    case 'ShareGroupMemberMetadata': {
      const { memberId, value } = record;
      if (value === null) {
        group.deleteMember(memberId);
        return;
      }
      const { rackId, clientId, clientHost, subscribedTopicNames } = value;
      const known = group.members.get(memberId) ?? newShareMember(memberId);
      group.putMember({
        ...known,
        rackId,
        clientId,
        clientHost,
        subscribedTopicNames: toNames(subscribedTopicNames),
      });
      return;
    }
    case 'ShareGroupTargetAssignmentMetadata':
      group.assignmentEpoch = record.value?.assignmentEpoch ?? -1;
      group.assignmentTimestampMs = record.value?.assignmentTimestamp ?? 0;
      return;
    case 'ShareGroupTargetAssignmentMember':
      group.setTarget(record.memberId, record.value && assignmentOf(record.value.topicPartitions));
      return;
    case 'ShareGroupCurrentMemberAssignment': {
      const { memberId, value } = record;
      const known = group.members.get(memberId);
      if (value !== null) {
        const { memberEpoch, previousMemberEpoch } = value;
        const assignedPartitions = assignmentOf(value.assignedPartitions);
        group.putMember({
          ...(known ?? newShareMember(memberId)),
          memberEpoch,
          previousMemberEpoch,
          assignedPartitions,
        });
      } else if (known !== undefined) {
        group.putMember({
          ...known,
          memberEpoch: LEAVE_EPOCH,
          previousMemberEpoch: LEAVE_EPOCH,
          assignedPartitions: EMPTY_ASSIGNMENT,
        });
      }
      return;
    }
    case 'ShareGroupStatePartitionMetadata':
      group.stateTopics = record.value && {
        initializing: stateTopicsOf(record.value.initializingTopics),
        initialized: stateTopicsOf(record.value.initializedTopics),
        deleting: new Set(record.value.deletingTopics.map(({ topicId }) => topicId)),
      };
      return;
    default:
      unreachable(record);
  }
}

/** A value makes the group; it may take the place of one that only holds offsets. */
function groupOf(groups: GroupTable, { groupId, value }: ShareGroupRecord): ShareGroup | undefined {
  const known = groups.get(groupId);
  if (known instanceof ShareGroup) return known;
  if (value === null || known?.isEmpty === false) return undefined;
  const group = new ShareGroup(groupId);
  groups.set(group);
  return group;
}

function assignmentOf(topics: readonly { topicId: string; partitions: readonly number[] }[]): Assignment {
  return new Map(topics.map(({ topicId, partitions }) => [topicId, new Set(partitions)]));
}

function stateTopicsOf(
  topics: readonly { topicId: string; topicName: string; partitions: readonly number[] }[],
): Map<string, StateTopic> {
  return new Map(
    topics.map(({ topicId, topicName, partitions }) => [
      topicId,
      { name: topicName, partitions: new Set(partitions) },
    ]),
  );
}
