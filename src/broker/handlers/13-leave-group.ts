/**
 * LeaveGroup (key 13), versions 0-5. KIP-345 many members at once (v3), KIP-800 reasons (v5). Main thread.
 */
import { KafkaError } from '../../base/kafka-error.js';
import { leaveGroupRequest, leaveGroupResponse } from '../../protocol/13-leave-group.js';
import { mainHandler } from '../main/context.js';

function refused(errorCode: number) {
  return { errorCode };
}

export const leaveGroupHandler = mainHandler({
  request: leaveGroupRequest,
  response: leaveGroupResponse,
  versions: [0, 5],
  handle: ({ groups }, request, call) => {
    if (request.groupId === '') return refused(KafkaError.INVALID_GROUP_ID);
    return groups.ask(
      call,
      request.groupId,
      (shard, groupCall, nowMs) => shard.leaveGroup(groupCall, request, nowMs),
      refused,
    );
  },
});
