/**
 * FindCoordinator (key 10), versions 0-6. KIP-699 batches (v4), KIP-932 share groups (v6).
 * Answers COORDINATOR_NOT_AVAILABLE: there are no coordinators yet. It is served all the same, because librdkafka takes
 * its presence as the sign that lz4 is understood, and a retriable error is what clients can handle. Network thread.
 */
import { KafkaError } from '../../base/kafka-error.js';
import { findCoordinatorRequest, findCoordinatorResponse } from '../../protocol/10-find-coordinator.js';
import { networkHandler } from '../network/context.js';

const BATCH_VERSION_MIN = 4;
const SHARE_VERSION_MIN = 6;
const KEY_TYPE_SHARE = 2;
/** What Kafka says to an INVALID_REQUEST that has no text of its own (Errors.java). */
const MALFORMED =
  'This most likely occurs because of a request being malformed by the client library or the message was sent to an incompatible broker. See the broker logs for more details.';
const NOBODY = { nodeId: -1, host: '', port: -1 };

/** Error of one look-up and its text, as Kafka says it. */
function problem(keyType: number, version: number): { errorCode: number; errorMessage: string | null } {
  if (keyType < 0 || keyType > KEY_TYPE_SHARE) {
    return { errorCode: KafkaError.INVALID_REQUEST, errorMessage: MALFORMED };
  }
  if (keyType === KEY_TYPE_SHARE && version < SHARE_VERSION_MIN) {
    return { errorCode: KafkaError.INVALID_REQUEST, errorMessage: '' };
  }
  return { errorCode: KafkaError.COORDINATOR_NOT_AVAILABLE, errorMessage: null };
}

export const findCoordinatorHandler = networkHandler({
  request: findCoordinatorRequest,
  response: findCoordinatorResponse,
  versions: [0, 6],
  handle: (_context, request, call) => {
    const { errorCode, errorMessage } = problem(request.keyType, call.version);
    if (call.version < BATCH_VERSION_MIN) {
      call.respond({ errorCode, errorMessage, ...NOBODY });
      return;
    }
    call.respond({
      coordinators: request.coordinatorKeys.map((key) => ({ key, ...NOBODY, errorCode, errorMessage })),
    });
  },
});
