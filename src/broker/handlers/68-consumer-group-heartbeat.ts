/**
 * ConsumerGroupHeartbeat (key 68), versions 0-1 (KIP-848; v1 regular expressions, KIP-1082 member ids of the client).
 * Main thread.
 */
import { KafkaError } from '../../base/kafka-error.js';
import {
  consumerGroupHeartbeatRequest,
  consumerGroupHeartbeatResponse,
} from '../../protocol/68-consumer-group-heartbeat.js';
import { mainHandler } from '../main/context.js';

function refused(errorCode: number) {
  return { errorCode };
}

export const consumerGroupHeartbeatHandler = mainHandler({
  request: consumerGroupHeartbeatRequest,
  response: consumerGroupHeartbeatResponse,
  versions: [0, 1],
  handle: ({ groups }, request, call) => {
    if (!groups.offersConsumerProtocol) return refused(KafkaError.UNSUPPORTED_VERSION);
    return groups.ask(
      call,
      request.groupId,
      (shard, groupCall, nowMs) => shard.consumerGroupHeartbeat(groupCall, request, nowMs),
      refused,
    );
  },
});
