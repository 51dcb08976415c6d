/**
 * SyncGroup: the leader of a classic group gives everybody's assignment; each member is told its own.
 * v3 groupInstanceId (KIP-345). v4 flexible. v5 protocolType and protocolName (KIP-559).
 */
import { defineMessage, type Infer, type InferInput, t } from '../wire/index.js';

export const syncGroupRequest = defineMessage({
  name: 'SyncGroupRequest',
  kind: 'request',
  key: 14,
  versions: [0, 5],
  flexible: 4,
  fields: {
    groupId: t.string(),
    generationId: t.int32(),
    memberId: t.string(),
    groupInstanceId: t.string({ since: 3, nullable: 3, default: null }),
    protocolType: t.string({ since: 5, nullable: 5, default: null, ignorable: true }),
    protocolName: t.string({ since: 5, nullable: 5, default: null, ignorable: true }),
    assignments: t.array({
      memberId: t.string(),
      assignment: t.bytes(),
    }),
  },
});
export type SyncGroupRequest = Infer<typeof syncGroupRequest>;
/** What a caller gives to encode it: everything may be left out. */
export type SyncGroupRequestInput = InferInput<typeof syncGroupRequest>;

export const syncGroupResponse = defineMessage({
  name: 'SyncGroupResponse',
  kind: 'response',
  key: 14,
  versions: [0, 5],
  flexible: 4,
  fields: {
    throttleTimeMs: t.int32({ since: 1, ignorable: true }),
    errorCode: t.int16(),
    protocolType: t.string({ since: 5, nullable: 5, default: null, ignorable: true }),
    protocolName: t.string({ since: 5, nullable: 5, default: null, ignorable: true }),
    assignment: t.bytes(),
  },
});
export type SyncGroupResponse = Infer<typeof syncGroupResponse>;
/** What a caller gives to encode it: everything may be left out. */
export type SyncGroupResponseInput = InferInput<typeof syncGroupResponse>;
