/** What ConsumerGroupDescribe (KIP-848) and ShareGroupDescribe (KIP-932) say alike. */
import type { TopicView } from './topic-view.js';

/** The caller did not ask, or the handler fills it in. */
const OPERATIONS_UNKNOWN = -2147483648;

/** A group of which nothing is told but an error; with code 0 what a description begins with. */
export function undescribedGroup(groupId: string, errorCode: number, errorMessage: string | null) {
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

/** Partitions with the names of their topics; those of topics that are gone are left out. */
export function withTopicNames(
  owned: readonly { topicId: string; partitions: number[] }[],
  topics: TopicView,
): { topicId: string; topicName: string; partitions: number[] }[] {
  return owned.flatMap(({ topicId, partitions }) => {
    const topic = topics.byId(topicId);
    return topic === undefined ? [] : [{ topicId, topicName: topic.name, partitions }];
  });
}
