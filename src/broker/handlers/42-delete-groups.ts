/**
 * DeleteGroups (key 42), versions 0-2 (KIP-229). Main thread; groups of several shards are deleted at once, each shard's
 * in one batch.
 */
import { deleteGroupsRequest, deleteGroupsResponse } from '../../protocol/42-delete-groups.js';
import { mainHandler } from '../main/context.js';
import { deleteGroups } from '../main/coordinators/share-group-service.js';

export const deleteGroupsHandler = mainHandler({
  request: deleteGroupsRequest,
  response: deleteGroupsResponse,
  versions: [0, 2],
  handle: async (context, request, call) => ({
    results: await deleteGroups(context, [...new Set(request.groupsNames)], call),
  }),
});
