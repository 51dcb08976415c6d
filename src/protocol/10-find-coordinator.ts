/**
 * FindCoordinator: which broker coordinates a group (type 0), a transactional id (1) or a share partition (2, v6, KIP-932).
 * v1 keyType (KIP-98). v3 flexible. v4 many keys at once (KIP-699). v5 the client knows TRANSACTION_ABORTABLE (KIP-890).
 */
import { defineMessage, type Infer, type InferInput, t } from '../wire/index.js';

export const findCoordinatorRequest = defineMessage({
  name: 'FindCoordinatorRequest',
  kind: 'request',
  key: 10,
  versions: [0, 6],
  flexible: 3,
  fields: {
    key: t.string({ until: 3 }),
    keyType: t.int8({ since: 1 }),
    coordinatorKeys: t.array(t.string(), { since: 4 }),
  },
});
export type FindCoordinatorRequest = Infer<typeof findCoordinatorRequest>;
/** What a caller gives to encode it: everything may be left out. */
export type FindCoordinatorRequestInput = InferInput<typeof findCoordinatorRequest>;

export const findCoordinatorResponse = defineMessage({
  name: 'FindCoordinatorResponse',
  kind: 'response',
  key: 10,
  versions: [0, 6],
  flexible: 3,
  fields: {
    throttleTimeMs: t.int32({ since: 1, ignorable: true }),
    errorCode: t.int16({ until: 3 }),
    errorMessage: t.string({ since: 1, until: 3, nullable: 1, ignorable: true }),
    nodeId: t.int32({ until: 3 }),
    host: t.string({ until: 3 }),
    port: t.int32({ until: 3 }),
    coordinators: t.array(
      {
        key: t.string(),
        nodeId: t.int32(),
        host: t.string(),
        port: t.int32(),
        errorCode: t.int16(),
        errorMessage: t.string({ nullable: 4 }),
      },
      { since: 4 },
    ),
  },
});
export type FindCoordinatorResponse = Infer<typeof findCoordinatorResponse>;
/** What a caller gives to encode it: everything may be left out. */
export type FindCoordinatorResponseInput = InferInput<typeof findCoordinatorResponse>;
