/** ShareGroupHeartbeat (key 76), version 1 (KIP-932). Main thread. */
import { KafkaError } from '../../base/kafka-error.js';
import { errorText } from '../../coordinator/share/share-errors.js';
import {
  shareGroupHeartbeatRequest,
  shareGroupHeartbeatResponse,
} from '../../protocol/76-share-group-heartbeat.js';
import { mainHandler } from '../main/context.js';
import { shareGroupHeartbeat } from '../main/coordinators/share-group-service.js';

/** KafkaApis.isMemberIdValid: a UUID in text has 36 characters. */
const MEMBER_ID_LENGTH_MAX = 36;

function refused(errorCode: number, errorMessage = errorText(errorCode)) {
  return { errorCode, errorMessage };
}

export const shareGroupHeartbeatHandler = mainHandler({
  request: shareGroupHeartbeatRequest,
  response: shareGroupHeartbeatResponse,
  versions: [1, 1],
  handle: (context, request, call) => {
    const { memberId } = request;
    if (!context.offersShareGroups()) return refused(KafkaError.UNSUPPORTED_VERSION);
    if (memberId === '' || memberId.length > MEMBER_ID_LENGTH_MAX)
      return refused(KafkaError.INVALID_REQUEST, 'Invalid member id in the request.');
    return shareGroupHeartbeat(context, request, call);
  },
});
