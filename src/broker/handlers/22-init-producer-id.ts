/**
 * InitProducerId (key 22), versions 0-5. KIP-98, KIP-360 epoch bump (v3), KIP-890 (v5).
 * The idempotent part: a producer without a transactional id. With one the answer is NOT_COORDINATOR until there are
 * transactions. Main thread; ids come from blocks that the metadata log holds before the first of them is used.
 */
import { KafkaError } from '../../base/kafka-error.js';
import {
  type InitProducerIdRequest,
  initProducerIdRequest,
  initProducerIdResponse,
} from '../../protocol/22-init-producer-id.js';
import { mainHandler } from '../main/context.js';

function problem({ transactionalId, producerId, producerEpoch }: InitProducerIdRequest): number {
  if (transactionalId === '') return KafkaError.INVALID_REQUEST;
  // Both or neither: a producer that names itself wants its epoch raised.
  if ((producerId === -1n) !== (producerEpoch === -1)) return KafkaError.INVALID_REQUEST;
  return transactionalId === null ? 0 : KafkaError.NOT_COORDINATOR;
}

export const initProducerIdHandler = mainHandler({
  request: initProducerIdRequest,
  response: initProducerIdResponse,
  versions: [0, 5],
  handle: async (context, request) => {
    const errorCode = problem(request);
    if (errorCode !== 0) return { errorCode, producerId: -1n, producerEpoch: -1 };
    return { errorCode, producerId: await context.nextProducerId(), producerEpoch: 0 };
  },
});
