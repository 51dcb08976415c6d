/** ShareGroupDescribe: share groups with their members (KIP-932). */
import { KafkaError } from '../../../base/kafka-error.js';
import type { ShareGroupDescribeResponse } from '../../../protocol/77-share-group-describe.js';
import { SIMPLE } from '../../assignor/simple.js';
import { toTopicPartitions } from '../consumer/owned-partitions.js';
import { orRefuse } from '../consumer/rejection.js';
import type { TopicView } from '../topic-view.js';
import { type ShareContext, shareGroupNamed } from './share-context.js';
import type { ShareGroup } from './share-group.js';
import type { ShareGroupMember } from './share-member.js';

export type DescribedShareGroup = ShareGroupDescribeResponse['groups'][number];

/** The caller did not ask, or the handler fills it in. */
const OPERATIONS_UNKNOWN = -2147483648;

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
  return {
    errorCode,
    errorMessage,
    groupId,
    groupState: '',
    groupEpoch: 0,
    assignmentEpoch: 0,
    assignorName: '',
    members: [],
    authorizedOperations: OPERATIONS_UNKNOWN,
  };
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
  const topicPartitions = toTopicPartitions(member.assignedPartitions).flatMap(({ topicId, partitions }) => {
    const topic = topics.byId(topicId);
    return topic === undefined ? [] : [{ topicId, topicName: topic.name, partitions }];
  });
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
