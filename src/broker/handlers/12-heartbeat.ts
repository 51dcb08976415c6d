/**
 * Heartbeat (key 12), versions 0-4. KIP-345 static members (v3). Main thread.
 */
import { KafkaError } from '../../base/kafka-error.js';
import { heartbeatRequest, heartbeatResponse } from '../../protocol/12-heartbeat.js';
import { mainHandler } from '../main/context.js';

/** While the group is being loaded nobody can tell: its members shall stay (GroupCoordinatorService.heartbeat). */
function refused(errorCode: number) {
  return { errorCode: errorCode === KafkaError.COORDINATOR_LOAD_IN_PROGRESS ? 0 : errorCode };
}

export const heartbeatHandler = mainHandler({
  request: heartbeatRequest,
  response: heartbeatResponse,
  versions: [0, 4],
  handle: ({ groups }, request, call) => {
    if (request.groupId === '') return refused(KafkaError.INVALID_GROUP_ID);
    return groups.ask(
      call,
      request.groupId,
      (shard, groupCall, nowMs) => shard.heartbeat(groupCall, request, nowMs),
      refused,
    );
  },
});
