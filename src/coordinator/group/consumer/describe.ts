/** ConsumerGroupDescribe: groups of the new protocol with their members (KIP-848; v1 tells which protocol a member speaks). */
import { KafkaError } from '../../../base/kafka-error.js';
import type { ConsumerGroupDescribeResponse } from '../../../protocol/69-consumer-group-describe.js';
import { undescribedGroup, withTopicNames } from '../describe-modern.js';
import type { TopicView } from '../topic-view.js';
import { assignorNamed, type ConsumerContext } from './consumer-context.js';
import type { ConsumerGroup } from './consumer-group.js';
import { consumerGroupNamed } from './leave.js';
import type { ConsumerGroupMember } from './member.js';
import { toTopicPartitions } from './owned-partitions.js';
import { orRefuse } from './rejection.js';

export type DescribedConsumerGroup = ConsumerGroupDescribeResponse['groups'][number];
type DescribedMember = DescribedConsumerGroup['members'][number];

/** Kafka's numbers of member types. */
const MEMBER_TYPE = { classic: 0, consumer: 1 };

export function describeConsumerGroup(context: ConsumerContext, groupId: string): DescribedConsumerGroup {
  return orRefuse<DescribedConsumerGroup>(
    () => described(context, consumerGroupNamed(context, groupId)),
    ({ code, message }) => describeFailure(groupId, code, message),
  );
}

export function describeFailure(
  groupId: string,
  errorCode: number,
  errorMessage: string | null = null,
): DescribedConsumerGroup {
  return undescribedGroup(groupId, errorCode, errorMessage);
}

function described(context: ConsumerContext, group: ConsumerGroup): DescribedConsumerGroup {
  const topics = context.topics();
  return {
    ...describeFailure(group.groupId, KafkaError.NONE),
    groupState: group.state,
    groupEpoch: group.groupEpoch,
    assignmentEpoch: group.assignmentEpoch,
    assignorName: assignorNamed(context, group.preferredAssignor(null, null)).name,
    members: [...group.members.values()].map((member) => describedMember(group, member, topics)),
  };
}

function describedMember(
  group: ConsumerGroup,
  member: ConsumerGroupMember,
  topics: TopicView,
): DescribedMember {
  // What it is to give up is still its own.
  const owned = [
    ...toTopicPartitions(member.assignedPartitions),
    ...toTopicPartitions(member.partitionsPendingRevocation),
  ];
  return {
    memberId: member.memberId,
    instanceId: member.instanceId,
    rackId: member.rackId,
    memberEpoch: member.memberEpoch,
    clientId: member.clientId,
    clientHost: member.clientHost,
    subscribedTopicNames: [...member.subscribedTopicNames],
    subscribedTopicRegex: member.subscribedTopicRegex,
    assignment: { topicPartitions: withTopicNames(joined(owned), topics) },
    targetAssignment: {
      topicPartitions: withTopicNames(
        toTopicPartitions(group.target.get(member.memberId) ?? new Map()),
        topics,
      ),
    },
    memberType: member.classic === null ? MEMBER_TYPE.consumer : MEMBER_TYPE.classic,
  };
}

/** One entry a topic. */
function joined(
  owned: { topicId: string; partitions: number[] }[],
): { topicId: string; partitions: number[] }[] {
  const byTopic = new Map<string, number[]>();
  for (const { topicId, partitions } of owned) {
    byTopic.set(topicId, [...(byTopic.get(topicId) ?? []), ...partitions]);
  }
  return [...byTopic].map(([topicId, partitions]) => ({ topicId, partitions }));
}
