/**
 * Heartbeat: a member of a classic group is alive and learns of rebalances.
 * v3 groupInstanceId (KIP-345). v4 flexible.
 */
import { defineMessage, type Infer, type InferInput, t } from '../wire/index.js';

export const heartbeatRequest = defineMessage({
  name: 'HeartbeatRequest',
  kind: 'request',
  key: 12,
  versions: [0, 4],
  flexible: 4,
  fields: {
    groupId: t.string(),
    generationId: t.int32(),
    memberId: t.string(),
    groupInstanceId: t.string({ since: 3, nullable: 3, default: null }),
  },
});
export type HeartbeatRequest = Infer<typeof heartbeatRequest>;
/** What a caller gives to encode it: everything may be left out. */
export type HeartbeatRequestInput = InferInput<typeof heartbeatRequest>;

export const heartbeatResponse = defineMessage({
  name: 'HeartbeatResponse',
  kind: 'response',
  key: 12,
  versions: [0, 4],
  flexible: 4,
  fields: {
    throttleTimeMs: t.int32({ since: 1, ignorable: true }),
    errorCode: t.int16(),
  },
});
export type HeartbeatResponse = Infer<typeof heartbeatResponse>;
/** What a caller gives to encode it: everything may be left out. */
export type HeartbeatResponseInput = InferInput<typeof heartbeatResponse>;
