/** The records that decisions about consumer groups write (GroupCoordinatorRecordHelpers). */
import type { Assignment } from '../../assignor/assignor.js';
import type { ConsumerGroupRecord } from '../records/consumer-group-records.js';
import type { ConsumerGroupMember } from './member.js';
import { type OwnedPartitions, toTopicPartitions } from './owned-partitions.js';
import type { ResolvedRegex } from './subscriptions.js';

/** Epoch and hash over the topics. */
export function epochRecord(groupId: string, epoch: number, metadataHash: bigint): ConsumerGroupRecord {
  return { type: 'ConsumerGroupMetadata', groupId, value: { epoch, metadataHash } };
}

export function partitionMetadataTombstone(groupId: string): ConsumerGroupRecord {
  return { type: 'ConsumerGroupPartitionMetadata', groupId, value: null };
}

/** Who the member is and what it is subscribed to. */
export function memberRecord(groupId: string, member: ConsumerGroupMember): ConsumerGroupRecord {
  const { classic } = member;
  return {
    type: 'ConsumerGroupMemberMetadata',
    groupId,
    memberId: member.memberId,
    value: {
      instanceId: member.instanceId,
      rackId: member.rackId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      subscribedTopicNames: [...member.subscribedTopicNames],
      subscribedTopicRegex: member.subscribedTopicRegex,
      rebalanceTimeoutMs: member.rebalanceTimeoutMs,
      serverAssignor: member.serverAssignorName,
      classicMemberMetadata: classic && {
        sessionTimeoutMs: classic.sessionTimeoutMs,
        supportedProtocols: [...classic.supportedProtocols],
      },
    },
  };
}

/** What the member owns now. */
export function currentAssignmentRecord(groupId: string, member: ConsumerGroupMember): ConsumerGroupRecord {
  return {
    type: 'ConsumerGroupCurrentMemberAssignment',
    groupId,
    memberId: member.memberId,
    value: {
      memberEpoch: member.memberEpoch,
      previousMemberEpoch: member.previousMemberEpoch,
      state: member.state,
      assignedPartitions: withEpochs(member.assignedPartitions),
      partitionsPendingRevocation: withEpochs(member.partitionsPendingRevocation),
    },
  };
}

function withEpochs(owned: OwnedPartitions) {
  return [...owned].map(([topicId, partitions]) => ({
    topicId,
    partitions: [...partitions.keys()],
    assignmentEpochs: [...partitions.values()],
  }));
}

export function targetRecord(groupId: string, memberId: string, target: Assignment): ConsumerGroupRecord {
  return {
    type: 'ConsumerGroupTargetAssignmentMember',
    groupId,
    memberId,
    value: { topicPartitions: toTopicPartitions(target) },
  };
}

export function targetEpochRecord(
  groupId: string,
  assignmentEpoch: number,
  assignmentTimestamp: number,
): ConsumerGroupRecord {
  return {
    type: 'ConsumerGroupTargetAssignmentMetadata',
    groupId,
    value: { assignmentEpoch, assignmentTimestamp },
  };
}

/**
 * The version is Kafka's offset of the metadata image; 0 says "older than any", so that Kafka would resolve at once. Here
 * the timestamp decides (see regex-subscriptions.ts).
 */
export function regexRecord(groupId: string, regex: string, resolved: ResolvedRegex): ConsumerGroupRecord {
  return {
    type: 'ConsumerGroupRegularExpression',
    groupId,
    regularExpression: regex,
    value: { topics: [...resolved.topics], version: 0, timestamp: resolved.timestampMs },
  };
}

export function regexTombstone(groupId: string, regex: string): ConsumerGroupRecord {
  return { type: 'ConsumerGroupRegularExpression', groupId, regularExpression: regex, value: null };
}

/** In this order: the member is removed by the last one. */
export function memberTombstones(groupId: string, memberId: string): ConsumerGroupRecord[] {
  return [
    { type: 'ConsumerGroupCurrentMemberAssignment', groupId, memberId, value: null },
    { type: 'ConsumerGroupTargetAssignmentMember', groupId, memberId, value: null },
    { type: 'ConsumerGroupMemberMetadata', groupId, memberId, value: null },
  ];
}

export interface RemovableGroup {
  readonly groupId: string;
  readonly members: ReadonlyMap<string, unknown>;
  readonly subscriptions: { resolvedRegexes(): Iterable<string> };
}

/** `rename`: ids that took the place of others by earlier records of the same batch. */
export function groupTombstones(
  { groupId, members, subscriptions }: RemovableGroup,
  rename: (memberId: string) => string = (memberId) => memberId,
): ConsumerGroupRecord[] {
  const ids = [...members.keys()].map(rename);
  const of = (
    type:
      | 'ConsumerGroupCurrentMemberAssignment'
      | 'ConsumerGroupTargetAssignmentMember'
      | 'ConsumerGroupMemberMetadata',
  ): ConsumerGroupRecord[] => ids.map((memberId) => ({ type, groupId, memberId, value: null }));
  return [
    ...of('ConsumerGroupCurrentMemberAssignment'),
    ...of('ConsumerGroupTargetAssignmentMember'),
    { type: 'ConsumerGroupTargetAssignmentMetadata', groupId, value: null },
    ...of('ConsumerGroupMemberMetadata'),
    ...[...subscriptions.resolvedRegexes()].map((regex) => regexTombstone(groupId, regex)),
    partitionMetadataTombstone(groupId),
    { type: 'ConsumerGroupMetadata', groupId, value: null },
  ];
}
