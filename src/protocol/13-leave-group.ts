/**
 * LeaveGroup: members of a classic group leave, or an administrator removes them.
 * v3 many members, by member id or groupInstanceId (KIP-345). v4 flexible. v5 reason (KIP-800).
 */
import { defineMessage, type Infer, type InferInput, t } from '../wire/index.js';

export const leaveGroupRequest = defineMessage({
  name: 'LeaveGroupRequest',
  kind: 'request',
  key: 13,
  versions: [0, 5],
  flexible: 4,
  fields: {
    groupId: t.string(),
    memberId: t.string({ until: 2 }),
    members: t.array(
      {
        memberId: t.string({ since: 3 }),
        groupInstanceId: t.string({ since: 3, nullable: 3, default: null }),
        reason: t.string({ since: 5, nullable: 5, default: null, ignorable: true }),
      },
      { since: 3 },
    ),
  },
});
export type LeaveGroupRequest = Infer<typeof leaveGroupRequest>;
/** What a caller gives to encode it: everything may be left out. */
export type LeaveGroupRequestInput = InferInput<typeof leaveGroupRequest>;

export const leaveGroupResponse = defineMessage({
  name: 'LeaveGroupResponse',
  kind: 'response',
  key: 13,
  versions: [0, 5],
  flexible: 4,
  fields: {
    throttleTimeMs: t.int32({ since: 1, ignorable: true }),
    errorCode: t.int16(),
    members: t.array(
      {
        memberId: t.string({ since: 3 }),
        groupInstanceId: t.string({ since: 3, nullable: 3 }),
        errorCode: t.int16({ since: 3 }),
      },
      { since: 3 },
    ),
  },
});
export type LeaveGroupResponse = Infer<typeof leaveGroupResponse>;
/** What a caller gives to encode it: everything may be left out. */
export type LeaveGroupResponseInput = InferInput<typeof leaveGroupResponse>;
