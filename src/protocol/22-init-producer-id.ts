/**
 * InitProducerId: a producer id and epoch for idempotent and transactional producers (KIP-98). v2 flexible. v3 the producer
 * may name its id and epoch to bump it (KIP-360). v4 PRODUCER_FENCED. v5 TRANSACTION_ABORTABLE (KIP-890). v6 two-phase
 * commit (KIP-939); unstable in Kafka 4.3.
 */
import { defineMessage, type Infer, type InferInput, t } from '../wire/index.js';

export const initProducerIdRequest = defineMessage({
  name: 'InitProducerIdRequest',
  kind: 'request',
  key: 22,
  versions: [0, 6],
  flexible: 2,
  latestVersionUnstable: true,
  fields: {
    transactionalId: t.string({ nullable: 0 }),
    transactionTimeoutMs: t.int32(),
    producerId: t.bigint64({ since: 3, default: -1n }),
    producerEpoch: t.int16({ since: 3, default: -1 }),
    enable2Pc: t.bool({ since: 6 }),
    keepPreparedTxn: t.bool({ since: 6 }),
  },
});
export type InitProducerIdRequest = Infer<typeof initProducerIdRequest>;
/** What a caller gives to encode it: everything may be left out. */
export type InitProducerIdRequestInput = InferInput<typeof initProducerIdRequest>;

export const initProducerIdResponse = defineMessage({
  name: 'InitProducerIdResponse',
  kind: 'response',
  key: 22,
  versions: [0, 6],
  flexible: 2,
  fields: {
    throttleTimeMs: t.int32(),
    errorCode: t.int16(),
    producerId: t.bigint64({ default: -1n }),
    producerEpoch: t.int16(),
    ongoingTxnProducerId: t.bigint64({ since: 6, default: -1n }),
    ongoingTxnProducerEpoch: t.int16({ since: 6, default: -1 }),
  },
});
export type InitProducerIdResponse = Infer<typeof initProducerIdResponse>;
/** What a caller gives to encode it: everything may be left out. */
export type InitProducerIdResponseInput = InferInput<typeof initProducerIdResponse>;
