/**
 * ConsumerGroupDescribe (key 69), versions 0-1 (KIP-848; v1 member types, KIP-1099).
 * Main thread; groups of several shards are asked for at once.
 */
import { KafkaError } from '../../base/kafka-error.js';
import {
  type ConsumerGroupDescribeResponse,
  consumerGroupDescribeRequest,
  consumerGroupDescribeResponse,
} from '../../protocol/69-consumer-group-describe.js';
import { GROUP_OPERATIONS, NO_OPERATIONS } from '../authorized-operations.js';
import { mainHandler } from '../main/context.js';

type Described = ConsumerGroupDescribeResponse['groups'][number];

function refused(groupId: string, errorCode: number): Described {
  return {
    errorCode,
    errorMessage: null,
    groupId,
    groupState: '',
    groupEpoch: 0,
    assignmentEpoch: 0,
    assignorName: '',
    members: [],
    authorizedOperations: NO_OPERATIONS,
  };
}

export const consumerGroupDescribeHandler = mainHandler({
  request: consumerGroupDescribeRequest,
  response: consumerGroupDescribeResponse,
  versions: [0, 1],
  handle: async (context, request, call) => {
    if (!context.groups.offersConsumerProtocol)
      return { groups: request.groupIds.map((groupId) => refused(groupId, KafkaError.UNSUPPORTED_VERSION)) };
    const named = request.groupIds.filter((groupId) => groupId !== '');
    const described = await context.groups.askForGroups<Described>(
      call,
      named,
      (shard, groupCall, groupIds, nowMs) => shard.consumerGroupDescribe(groupCall, groupIds, nowMs),
      refused,
    );
    const wanted = request.includeAuthorizedOperations;
    const withOperations = described.map((group) => ({
      ...group,
      authorizedOperations: wanted && group.errorCode === 0 ? GROUP_OPERATIONS : NO_OPERATIONS,
    }));
    const nameless = request.groupIds.filter((groupId) => groupId === '');
    return {
      groups: [
        ...nameless.map((groupId) => refused(groupId, KafkaError.INVALID_GROUP_ID)),
        ...withOperations,
      ],
    };
  },
});
