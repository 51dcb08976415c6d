/**
 * JoinGroup: a member of a classic group (re)joins; the answer waits for the group's rebalance.
 * v1 rebalanceTimeoutMs (KIP-62; v0: the session timeout). v4 the first answer only gives a member id (KIP-394). v5
 * groupInstanceId (KIP-345). v6 flexible. v7 the answer tells protocolType (KIP-559). v8 reason (KIP-800). v9
 * skipAssignment (KIP-814).
 */
import { defineMessage, type Infer, type InferInput, t } from '../wire/index.js';

export const joinGroupRequest = defineMessage({
  name: 'JoinGroupRequest',
  kind: 'request',
  key: 11,
  versions: [0, 9],
  flexible: 6,
  fields: {
    groupId: t.string(),
    sessionTimeoutMs: t.int32(),
    rebalanceTimeoutMs: t.int32({ since: 1, default: -1, ignorable: true }),
    memberId: t.string(),
    groupInstanceId: t.string({ since: 5, nullable: 5, default: null }),
    protocolType: t.string(),
    protocols: t.array({
      name: t.string(),
      metadata: t.bytes(),
    }),
    reason: t.string({ since: 8, nullable: 8, default: null, ignorable: true }),
  },
});
export type JoinGroupRequest = Infer<typeof joinGroupRequest>;
/** What a caller gives to encode it: everything may be left out. */
export type JoinGroupRequestInput = InferInput<typeof joinGroupRequest>;

export const joinGroupResponse = defineMessage({
  name: 'JoinGroupResponse',
  kind: 'response',
  key: 11,
  versions: [0, 9],
  flexible: 6,
  fields: {
    throttleTimeMs: t.int32({ since: 2, ignorable: true }),
    errorCode: t.int16(),
    generationId: t.int32({ default: -1 }),
    protocolType: t.string({ since: 7, nullable: 7, default: null, ignorable: true }),
    protocolName: t.string({ nullable: 7 }),
    leader: t.string(),
    skipAssignment: t.bool({ since: 9 }),
    memberId: t.string(),
    members: t.array({
      memberId: t.string(),
      groupInstanceId: t.string({ since: 5, nullable: 5, default: null, ignorable: true }),
      metadata: t.bytes(),
    }),
  },
});
export type JoinGroupResponse = Infer<typeof joinGroupResponse>;
/** What a caller gives to encode it: everything may be left out. */
export type JoinGroupResponseInput = InferInput<typeof joinGroupResponse>;
