/**
 * JoinGroup (key 11), versions 0-9. KIP-62 rebalance timeout (v1), KIP-394 member ids given first (v4), KIP-345 static
 * members (v5), KIP-559 (v7), KIP-800 reasons (v8), KIP-814 skipAssignment (v9).
 * Main thread; the answer comes when the group's rebalance has gathered its members.
 */
import { KafkaError } from '../../base/kafka-error.js';
import { joinGroupRequest, joinGroupResponse } from '../../protocol/11-join-group.js';
import { mainHandler } from '../main/context.js';

/** First version that may say that there is no protocol. */
const NO_PROTOCOL_VERSION_MIN = 7;

export const joinGroupHandler = mainHandler({
  request: joinGroupRequest,
  response: joinGroupResponse,
  versions: [0, 9],
  handle: ({ groups }, request, call) => {
    const protocolName = call.version >= NO_PROTOCOL_VERSION_MIN ? null : '';
    const refused = (errorCode: number) => ({ errorCode, memberId: request.memberId, protocolName });
    if (request.groupId === '') return refused(KafkaError.INVALID_GROUP_ID);
    return groups.ask(
      call,
      request.groupId,
      (shard, groupCall, nowMs) => shard.joinGroup(groupCall, request, nowMs),
      refused,
    );
  },
});
