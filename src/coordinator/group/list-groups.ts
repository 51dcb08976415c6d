/** ListGroups (key 16), v0-5: all groups of the shard. v4 filter by state (KIP-518). v5 by type (KIP-848). */
import type { ListGroupsResponse } from '../../protocol/16-list-groups.js';
import type { OutcomeBuilder } from '../framework/outcome.js';
import type { GroupCall } from './group-call.js';
import type { GroupContext } from './group-context.js';
import type { GroupRecord } from './records/group-record.js';

export type ListedGroup = ListGroupsResponse['groups'][number];

/** Empty: everything. States and types are compared without case; an unknown one matches nothing. */
export interface ListFilters {
  readonly statesFilter: readonly string[];
  readonly typesFilter: readonly string[];
}

export function listGroups(
  context: GroupContext,
  out: OutcomeBuilder<GroupRecord>,
  call: GroupCall,
  filters: ListFilters,
): OutcomeBuilder<GroupRecord> {
  const states = new Set(filters.statesFilter.map((state) => state.trim().toLowerCase()));
  const types = new Set(filters.typesFilter.map((type) => type.toLowerCase()));
  const groups: ListedGroup[] = [];
  for (const group of context.groups.values()) {
    if (states.size > 0 && !states.has(group.stateName.toLowerCase())) continue;
    if (types.size > 0 && !types.has(group.type)) continue;
    groups.push({
      groupId: group.groupId,
      protocolType: group.listedProtocolType,
      groupState: group.stateName,
      groupType: GROUP_TYPE_NAMES[group.type],
    });
  }
  return out.answer<ListedGroup[]>(call.token, groups, () => []);
}

/** As Kafka's brokers write them. */
const GROUP_TYPE_NAMES = { classic: 'classic', consumer: 'consumer', share: 'share' } as const;
