/** ShareAcknowledge (key 79), versions 1-2 (KIP-932; v2 KIP-1222 renewed locks). Main thread. */
import { KafkaError } from '../../base/kafka-error.js';
import {
  type ShareAcknowledgeResponseInput,
  shareAcknowledgeRequest,
  shareAcknowledgeResponse,
} from '../../protocol/79-share-acknowledge.js';
import { type MainContext, mainHandler } from '../main/context.js';
import { acknowledgementsOf } from '../main/share/acknowledgements.js';
import type { AcknowledgedPartition } from '../main/share/share-partitions.js';
import { FINAL_EPOCH, INITIAL_EPOCH } from '../main/share/share-session.js';

type TopicResponse = NonNullable<ShareAcknowledgeResponseInput['responses']>[number];

const RENEW_VERSION_MIN = 2;

function responsesOf({ nodeId }: MainContext, results: readonly AcknowledgedPartition[]): TopicResponse[] {
  const topics = new Map<string, NonNullable<TopicResponse['partitions']>[number][]>();
  for (const { topicId, partition, error, message } of results) {
    const moved = error === KafkaError.NOT_LEADER_OR_FOLLOWER;
    const response = {
      partitionIndex: partition,
      errorCode: error,
      errorMessage: message,
      currentLeader: { leaderId: moved ? nodeId : 0, leaderEpoch: 0 },
    };
    const partitions = topics.get(topicId);
    if (partitions === undefined) topics.set(topicId, [response]);
    else partitions.push(response);
  }
  return [...topics].map(([topicId, partitions]) => ({ topicId, partitions }));
}

export const shareAcknowledgeHandler = mainHandler({
  request: shareAcknowledgeRequest,
  response: shareAcknowledgeResponse,
  versions: [1, 2],
  handle: async (context, request, call): Promise<ShareAcknowledgeResponseInput> => {
    const { shares } = context;
    const { shareSessionEpoch, topics } = request;
    const [groupId, memberId] = [request.groupId ?? '', request.memberId ?? ''];
    if (!context.offersShareGroups()) return { errorCode: KafkaError.UNSUPPORTED_VERSION };
    if (shareSessionEpoch === INITIAL_EPOCH) return { errorCode: KafkaError.INVALID_SHARE_SESSION_EPOCH };
    const session = shares.sessions.resume(groupId, memberId, shareSessionEpoch);
    if (typeof session === 'number') return { errorCode: session };
    const mayRenew = call.version >= RENEW_VERSION_MIN && request.isRenewAck;
    const results = await shares.acknowledge(groupId, memberId, acknowledgementsOf(topics, true), mayRenew);
    if (shareSessionEpoch === FINAL_EPOCH) void shares.memberLeft(groupId, memberId);
    return {
      acquisitionLockTimeoutMs: shares.settings(groupId).lockDurationMs,
      responses: responsesOf(context, results),
    };
  },
});
