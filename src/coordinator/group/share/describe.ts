/** ShareGroupDescribe: share groups with their members (KIP-932). */
import { KafkaError } from '../../../base/kafka-error.js';
import type { ShareGroupDescribeResponse } from '../../../protocol/77-share-group-describe.js';
import { SIMPLE } from '../../assignor/simple.js';
import { toTopicPartitions } from '../consumer/owned-partitions.js';
import { orRefuse } from '../consumer/rejection.js';
import { undescribedGroup, withTopicNames } from '../describe-modern.js';
import type { TopicView } from '../topic-view.js';
import { type ShareContext, shareGroupNamed } from './share-context.js';
import type { ShareGroup } from './share-group.js';
import type { ShareGroupMember } from './share-member.js';

export type DescribedShareGroup = ShareGroupDescribeResponse['groups'][number];

export function describeShareGroup(context: ShareContext, groupId: string): DescribedShareGroup {
  return orRefuse<DescribedShareGroup>(
    () => described(context, shareGroupNamed(context, groupId)),
    ({ code, message }) => describeShareFailure(groupId, code, message),
  );
}

export function describeShareFailure(
  groupId: string,
  errorCode: number,
  errorMessage: string | null = null,
): DescribedShareGroup {
  return undescribedGroup(groupId, errorCode, errorMessage);
}

function described(context: ShareContext, group: ShareGroup): DescribedShareGroup {
  return {
    ...describeShareFailure(group.groupId, KafkaError.NONE),
    groupState: group.stateName,
    groupEpoch: group.groupEpoch,
    assignmentEpoch: group.assignmentEpoch,
    assignorName: SIMPLE,
    members: [...group.members.values()].map((member) => describedMember(member, context.topics())),
  };
}

function describedMember(
  member: ShareGroupMember,
  topics: TopicView,
): DescribedShareGroup['members'][number] {
  const { memberId, rackId, memberEpoch, clientId, clientHost, subscribedTopicNames } = member;
  const topicPartitions = withTopicNames(toTopicPartitions(member.assignedPartitions), topics);
  return {
    memberId,
    rackId,
    memberEpoch,
    clientId,
    clientHost,
    subscribedTopicNames: [...subscribedTopicNames],
    assignment: { topicPartitions },
  };
}
