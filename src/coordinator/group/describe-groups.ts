/**
 * DescribeGroups (key 15), v0-6: classic groups only; clients ask for others with ConsumerGroupDescribe. v3 authorized
 * operations (the handler's). v4 static members. v6 GROUP_ID_NOT_FOUND (KIP-1043).
 */
import { KafkaError } from '../../base/kafka-error.js';
import type { DescribeGroupsResponse } from '../../protocol/15-describe-groups.js';
import type { OutcomeBuilder } from '../framework/outcome.js';
import { ClassicGroup } from './classic/classic-group.js';
import { NO_ASSIGNMENT } from './classic/classic-member.js';
import type { Group } from './group.js';
import type { GroupCall } from './group-call.js';
import type { GroupContext } from './group-context.js';
import type { GroupRecord } from './records/group-record.js';

export type DescribedGroup = DescribeGroupsResponse['groups'][number];

/** Bit mask that means "not asked for". */
const NO_OPERATIONS = -2147483648;
const NOT_FOUND_VERSION = 6;

export function describeGroups(
  context: GroupContext,
  out: OutcomeBuilder<GroupRecord>,
  call: GroupCall,
  groupIds: readonly string[],
): OutcomeBuilder<GroupRecord> {
  const groups = groupIds.map((groupId) => describe(call.version, groupId, context.groups.get(groupId)));
  return out.answer(call.token, groups, (errorCode) =>
    groupIds.map((groupId) => ({ ...described(groupId, ''), errorCode })),
  );
}

function described(groupId: string, groupState: string): DescribedGroup {
  return {
    errorCode: KafkaError.NONE,
    errorMessage: null,
    groupId,
    groupState,
    protocolType: '',
    protocolData: '',
    members: [],
    authorizedOperations: NO_OPERATIONS,
  };
}

function describe(version: number, groupId: string, group: Group | undefined): DescribedGroup {
  if (!(group instanceof ClassicGroup)) {
    if (version < NOT_FOUND_VERSION) return described(groupId, 'Dead');
    const errorMessage =
      group === undefined ? `Group ${groupId} not found.` : `Group ${groupId} is not a classic group.`;
    return { ...described(groupId, 'Dead'), errorCode: KafkaError.GROUP_ID_NOT_FOUND, errorMessage };
  }
  const isStable = group.state === 'Stable';
  return {
    ...described(groupId, group.stateName),
    protocolType: group.listedProtocolType,
    protocolData: isStable ? (group.protocolName ?? '') : '',
    members: [...group.members.values()].map((member) => ({
      memberId: member.memberId,
      groupInstanceId: member.groupInstanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      memberMetadata: isStable ? group.metadataOf(member) : NO_ASSIGNMENT,
      memberAssignment: member.assignment,
    })),
  };
}
