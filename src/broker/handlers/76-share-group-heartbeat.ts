/** ShareGroupHeartbeat (key 76), version 1 (KIP-932). Main thread. */
import { KafkaError } from '../../base/kafka-error.js';
import {
  shareGroupHeartbeatRequest,
  shareGroupHeartbeatResponse,
} from '../../protocol/76-share-group-heartbeat.js';
import { mainHandler } from '../main/context.js';
import { shareGroupHeartbeat } from '../main/coordinators/share-group-service.js';

/** KafkaApis.isMemberIdValid: a UUID in text has 36 characters. */
const MEMBER_ID_LENGTH_MAX = 36;

/** Kafka sends no text with these. */
function refused(errorCode: number) {
  return { errorCode };
}

export const shareGroupHeartbeatHandler = mainHandler({
  request: shareGroupHeartbeatRequest,
  response: shareGroupHeartbeatResponse,
  versions: [1, 1],
  handle: (context, request, call) => {
    const { memberId } = request;
    if (!context.offersShareGroups()) return refused(KafkaError.UNSUPPORTED_VERSION);
    if (memberId === '' || memberId.length > MEMBER_ID_LENGTH_MAX) return refused(KafkaError.INVALID_REQUEST);
    return shareGroupHeartbeat(context, request, call);
  },
});
