/**
 * ListGroups: the groups that this broker coordinates.
 * v3 flexible. v4 statesFilter (KIP-518). v5 typesFilter and groupType (KIP-848).
 */
import { defineMessage, type Infer, type InferInput, t } from '../wire/index.js';

export const listGroupsRequest = defineMessage({
  name: 'ListGroupsRequest',
  kind: 'request',
  key: 16,
  versions: [0, 5],
  flexible: 3,
  fields: {
    statesFilter: t.array(t.string(), { since: 4 }),
    typesFilter: t.array(t.string(), { since: 5 }),
  },
});
export type ListGroupsRequest = Infer<typeof listGroupsRequest>;
/** What a caller gives to encode it: everything may be left out. */
export type ListGroupsRequestInput = InferInput<typeof listGroupsRequest>;

export const listGroupsResponse = defineMessage({
  name: 'ListGroupsResponse',
  kind: 'response',
  key: 16,
  versions: [0, 5],
  flexible: 3,
  fields: {
    throttleTimeMs: t.int32({ since: 1, ignorable: true }),
    errorCode: t.int16(),
    groups: t.array({
      groupId: t.string(),
      protocolType: t.string(),
      groupState: t.string({ since: 4, ignorable: true }),
      groupType: t.string({ since: 5, ignorable: true }),
    }),
  },
});
export type ListGroupsResponse = Infer<typeof listGroupsResponse>;
/** What a caller gives to encode it: everything may be left out. */
export type ListGroupsResponseInput = InferInput<typeof listGroupsResponse>;
