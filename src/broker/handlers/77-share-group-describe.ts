/** ShareGroupDescribe (key 77), version 1 (KIP-932). Main thread; groups of several shards are asked for at once. */
import { KafkaError } from '../../base/kafka-error.js';
import { type DescribedShareGroup, describeShareFailure } from '../../coordinator/group/share/describe.js';
import { errorText } from '../../coordinator/share/share-errors.js';
import {
  shareGroupDescribeRequest,
  shareGroupDescribeResponse,
} from '../../protocol/77-share-group-describe.js';
import { GROUP_OPERATIONS } from '../authorized-operations.js';
import { mainHandler } from '../main/context.js';

export const shareGroupDescribeHandler = mainHandler({
  request: shareGroupDescribeRequest,
  response: shareGroupDescribeResponse,
  versions: [1, 1],
  handle: async (context, { groupIds, includeAuthorizedOperations }, call) => {
    if (!context.offersShareGroups()) {
      const errorCode = KafkaError.UNSUPPORTED_VERSION;
      return { groups: groupIds.map((groupId) => describeShareFailure(groupId, errorCode)) };
    }
    const described = await context.groups.askForGroups<DescribedShareGroup>(
      call,
      groupIds.filter((groupId) => groupId !== ''),
      (shard, groupCall, ids, nowMs) => shard.shareGroupDescribe(groupCall, ids, nowMs),
      (groupId, errorCode) => describeShareFailure(groupId, errorCode, errorText(errorCode)),
    );
    const nameless = groupIds.filter((groupId) => groupId === '');
    return {
      groups: [
        ...nameless.map((groupId) => describeShareFailure(groupId, KafkaError.INVALID_GROUP_ID)),
        ...described.map((group) =>
          includeAuthorizedOperations && group.errorCode === 0
            ? { ...group, authorizedOperations: GROUP_OPERATIONS }
            : group,
        ),
      ],
    };
  },
});
