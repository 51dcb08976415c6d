/**
 * DeleteGroups: removes empty groups with their offsets (KIP-229).
 * v1 as v0. v2 flexible.
 */
import { defineMessage, type Infer, type InferInput, t } from '../wire/index.js';

export const deleteGroupsRequest = defineMessage({
  name: 'DeleteGroupsRequest',
  kind: 'request',
  key: 42,
  versions: [0, 2],
  flexible: 2,
  fields: {
    groupsNames: t.array(t.string()),
  },
});
export type DeleteGroupsRequest = Infer<typeof deleteGroupsRequest>;
/** What a caller gives to encode it: everything may be left out. */
export type DeleteGroupsRequestInput = InferInput<typeof deleteGroupsRequest>;

export const deleteGroupsResponse = defineMessage({
  name: 'DeleteGroupsResponse',
  kind: 'response',
  key: 42,
  versions: [0, 2],
  flexible: 2,
  fields: {
    throttleTimeMs: t.int32(),
    results: t.array({
      groupId: t.string(),
      errorCode: t.int16(),
    }),
  },
});
export type DeleteGroupsResponse = Infer<typeof deleteGroupsResponse>;
/** What a caller gives to encode it: everything may be left out. */
export type DeleteGroupsResponseInput = InferInput<typeof deleteGroupsResponse>;
