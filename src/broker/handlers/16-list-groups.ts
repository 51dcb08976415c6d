/**
 * ListGroups (key 16), versions 0-5. KIP-518 filter by state (v4), KIP-848 filter by type (v5).
 * Main thread; all shards are asked.
 */
import { listGroupsRequest, listGroupsResponse } from '../../protocol/16-list-groups.js';
import { mainHandler } from '../main/context.js';

interface Listed {
  groupId: string;
  protocolType: string;
  groupState: string;
  groupType: string;
}

export const listGroupsHandler = mainHandler({
  request: listGroupsRequest,
  response: listGroupsResponse,
  versions: [0, 5],
  handle: async (context, { statesFilter, typesFilter }, call) => {
    const { error, elements } = await context.groups.askAll<Listed>(call, (shard, groupCall, nowMs) =>
      shard.listGroups(groupCall, { statesFilter, typesFilter }, nowMs),
    );
    return { errorCode: error, groups: elements };
  },
});
