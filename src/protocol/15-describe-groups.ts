/**
 * DescribeGroups: state and members of classic groups.
 * v3 authorized operations (KIP-430). v4 groupInstanceId (KIP-345). v5 flexible. v6 errorMessage; an unknown group is
 * GROUP_ID_NOT_FOUND (before: state Dead) (KIP-1043).
 */
import { defineMessage, type Infer, type InferInput, t } from '../wire/index.js';

export const describeGroupsRequest = defineMessage({
  name: 'DescribeGroupsRequest',
  kind: 'request',
  key: 15,
  versions: [0, 6],
  flexible: 5,
  fields: {
    groups: t.array(t.string()),
    includeAuthorizedOperations: t.bool({ since: 3 }),
  },
});
export type DescribeGroupsRequest = Infer<typeof describeGroupsRequest>;
/** What a caller gives to encode it: everything may be left out. */
export type DescribeGroupsRequestInput = InferInput<typeof describeGroupsRequest>;

export const describeGroupsResponse = defineMessage({
  name: 'DescribeGroupsResponse',
  kind: 'response',
  key: 15,
  versions: [0, 6],
  flexible: 5,
  fields: {
    throttleTimeMs: t.int32({ since: 1, ignorable: true }),
    groups: t.array({
      errorCode: t.int16(),
      errorMessage: t.string({ since: 6, nullable: 6, default: null }),
      groupId: t.string(),
      groupState: t.string(),
      protocolType: t.string(),
      protocolData: t.string(),
      members: t.array({
        memberId: t.string(),
        groupInstanceId: t.string({ since: 4, nullable: 4, default: null, ignorable: true }),
        clientId: t.string(),
        clientHost: t.string(),
        memberMetadata: t.bytes(),
        memberAssignment: t.bytes(),
      }),
      authorizedOperations: t.int32({ since: 3, default: -2147483648 }),
    }),
  },
});
export type DescribeGroupsResponse = Infer<typeof describeGroupsResponse>;
/** What a caller gives to encode it: everything may be left out. */
export type DescribeGroupsResponseInput = InferInput<typeof describeGroupsResponse>;
