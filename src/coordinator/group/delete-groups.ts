/** DeleteGroups (key 42), v0-2 (KIP-229): groups without members, and their offsets. */
import { KafkaError } from '../../base/kafka-error.js';
import type { DeleteGroupsResponse } from '../../protocol/42-delete-groups.js';
import type { OutcomeBuilder } from '../framework/outcome.js';
import type { GroupCall } from './group-call.js';
import type { GroupContext } from './group-context.js';
import { allOffsetTombstones } from './offsets/delete.js';
import type { GroupRecord } from './records/group-record.js';

export type DeletedGroup = DeleteGroupsResponse['results'][number];

export function deleteGroups(
  context: GroupContext,
  out: OutcomeBuilder<GroupRecord>,
  call: GroupCall,
  groupIds: readonly string[],
): OutcomeBuilder<GroupRecord> {
  // Kafka's answer is a set by group id.
  const ids = [...new Set(groupIds)];
  const results = ids.map((groupId): DeletedGroup => ({ groupId, errorCode: remove(context, out, groupId) }));
  return out.answer<DeletedGroup[]>(call.token, results, (errorCode) =>
    ids.map((groupId) => ({ groupId, errorCode })),
  );
}

function remove(context: GroupContext, out: OutcomeBuilder<GroupRecord>, groupId: string): number {
  const group = context.groups.get(groupId);
  if (group === undefined) return KafkaError.GROUP_ID_NOT_FOUND;
  const error = group.validateDelete();
  if (error !== KafkaError.NONE) return error;
  for (const record of allOffsetTombstones(context, groupId)) out.record(record);
  for (const record of group.tombstones()) out.record(record);
  for (const key of group.timerKeys()) out.cancelTimer(key);
  return KafkaError.NONE;
}
