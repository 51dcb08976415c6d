/** The records that decisions about share groups write (GroupCoordinatorRecordHelpers). */
import type { Assignment } from '../../assignor/assignor.js';
import { toTopicPartitions } from '../consumer/owned-partitions.js';
import type { ShareGroupRecord } from '../records/share-group-records.js';
import type { TopicView } from '../topic-view.js';
import type { ShareGroupMember } from './share-member.js';
import { type StateTopicMap, type StateTopics, topicNameOf } from './state-topics.js';

/** Members of share groups have no other state. */
const STABLE = 0;

/** Epoch and hash over the topics. */
export function epochRecord(groupId: string, epoch: number, metadataHash: bigint): ShareGroupRecord {
  return { type: 'ShareGroupMetadata', groupId, value: { epoch, metadataHash } };
}

/** Who the member is and what it is subscribed to. */
export function memberRecord(groupId: string, member: ShareGroupMember): ShareGroupRecord {
  const { memberId, rackId, clientId, clientHost, subscribedTopicNames } = member;
  return {
    type: 'ShareGroupMemberMetadata',
    groupId,
    memberId,
    value: { rackId, clientId, clientHost, subscribedTopicNames: [...subscribedTopicNames] },
  };
}

export function targetEpochRecord(groupId: string, epoch: number, nowMs: number): ShareGroupRecord {
  return {
    type: 'ShareGroupTargetAssignmentMetadata',
    groupId,
    value: { assignmentEpoch: epoch, assignmentTimestamp: nowMs },
  };
}

/** What the member is to get. */
export function targetRecord(groupId: string, memberId: string, target: Assignment): ShareGroupRecord {
  return {
    type: 'ShareGroupTargetAssignmentMember',
    groupId,
    memberId,
    value: { topicPartitions: toTopicPartitions(target) },
  };
}

/** What the member has now. */
export function currentAssignmentRecord(groupId: string, member: ShareGroupMember): ShareGroupRecord {
  const { memberId, memberEpoch, previousMemberEpoch, assignedPartitions } = member;
  return {
    type: 'ShareGroupCurrentMemberAssignment',
    groupId,
    memberId,
    value: {
      memberEpoch,
      previousMemberEpoch,
      state: STABLE,
      assignedPartitions: toTopicPartitions(assignedPartitions),
    },
  };
}

export function stateTopicsRecord(groupId: string, state: StateTopics, topics: TopicView): ShareGroupRecord {
  const infos = (map: StateTopicMap) =>
    [...map].map(([topicId, { name, partitions }]) => ({
      topicId,
      topicName: name,
      partitions: [...partitions].sort((a, b) => a - b),
    }));
  return {
    type: 'ShareGroupStatePartitionMetadata',
    groupId,
    value: {
      initializingTopics: infos(state.initializing),
      initializedTopics: infos(state.initialized),
      deletingTopics: [...state.deleting].map((topicId) => ({
        topicId,
        topicName: topicNameOf(topics, topicId),
      })),
    },
  };
}

/** In the order in which replay wants them. */
export function memberTombstones(groupId: string, memberId: string): ShareGroupRecord[] {
  return [
    { type: 'ShareGroupCurrentMemberAssignment', groupId, memberId, value: null },
    { type: 'ShareGroupTargetAssignmentMember', groupId, memberId, value: null },
    { type: 'ShareGroupMemberMetadata', groupId, memberId, value: null },
  ];
}

/** `ids`: its members; a group that is deleted has none. */
export function groupTombstones(groupId: string, ids: readonly string[]): ShareGroupRecord[] {
  return [
    ...ids.map(
      (memberId) => ({ type: 'ShareGroupCurrentMemberAssignment', groupId, memberId, value: null }) as const,
    ),
    ...ids.map(
      (memberId) => ({ type: 'ShareGroupTargetAssignmentMember', groupId, memberId, value: null }) as const,
    ),
    { type: 'ShareGroupTargetAssignmentMetadata', groupId, value: null },
    ...ids.map((memberId) => ({ type: 'ShareGroupMemberMetadata', groupId, memberId, value: null }) as const),
    { type: 'ShareGroupStatePartitionMetadata', groupId, value: null },
    { type: 'ShareGroupMetadata', groupId, value: null },
  ];
}
