/**
 * SyncGroup (key 14), versions 0-5. KIP-345 static members (v3), KIP-559 protocol type and name (v5).
 * Main thread; a follower's answer waits for the leader's assignment, the leader's for the log.
 */
import { KafkaError } from '../../base/kafka-error.js';
import { syncGroupRequest, syncGroupResponse } from '../../protocol/14-sync-group.js';
import { mainHandler } from '../main/context.js';

/** First version that must name type and protocol. */
const PROTOCOL_VERSION_MIN = 5;

function refused(errorCode: number) {
  return { errorCode };
}

export const syncGroupHandler = mainHandler({
  request: syncGroupRequest,
  response: syncGroupResponse,
  versions: [0, 5],
  handle: ({ groups }, request, call) => {
    const unnamed = request.protocolType === null || request.protocolName === null;
    if (call.version >= PROTOCOL_VERSION_MIN && unnamed)
      return refused(KafkaError.INCONSISTENT_GROUP_PROTOCOL);
    if (request.groupId === '') return refused(KafkaError.INVALID_GROUP_ID);
    return groups.ask(
      call,
      request.groupId,
      (shard, groupCall, nowMs) => shard.syncGroup(groupCall, request, nowMs),
      refused,
    );
  },
});
