/**
 * DescribeGroups (key 15), versions 0-6. KIP-430 authorized operations (v3), KIP-345 static members (v4), KIP-1043 a text
 * for groups that do not exist (v6). Main thread; groups of several shards are asked for at once.
 */
import { describeGroupsRequest, describeGroupsResponse } from '../../protocol/15-describe-groups.js';
import { GROUP_OPERATIONS, NO_OPERATIONS } from '../authorized-operations.js';
import { mainHandler } from '../main/context.js';

type Described = ReturnType<typeof refused>;

function refused(groupId: string, errorCode: number) {
  return {
    errorCode,
    errorMessage: null as string | null,
    groupId,
    groupState: '',
    protocolType: '',
    protocolData: '',
    members: [] as {
      memberId: string;
      groupInstanceId: string | null;
      clientId: string;
      clientHost: string;
      memberMetadata: Uint8Array;
      memberAssignment: Uint8Array;
    }[],
  };
}

export const describeGroupsHandler = mainHandler({
  request: describeGroupsRequest,
  response: describeGroupsResponse,
  versions: [0, 6],
  handle: async (context, request, call) => {
    const described = await context.groups.askForGroups<Described>(
      call,
      request.groups,
      (shard, groupCall, groupIds, nowMs) => shard.describeGroups(groupCall, groupIds, nowMs),
      refused,
    );
    return {
      groups: described.map((group) => ({
        ...group,
        authorizedOperations:
          request.includeAuthorizedOperations && group.errorCode === 0 ? GROUP_OPERATIONS : NO_OPERATIONS,
      })),
    };
  },
});
