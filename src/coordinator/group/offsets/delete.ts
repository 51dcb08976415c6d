/** OffsetDelete (key 47), v0 (KIP-496): offsets of topics that the group does not subscribe to. Topics that were deleted. */
import { KafkaError } from '../../../base/kafka-error.js';
import type { OffsetDeleteRequest, OffsetDeleteResponse } from '../../../protocol/47-offset-delete.js';
import type { OutcomeBuilder } from '../../framework/outcome.js';
import type { GroupCall } from '../group-call.js';
import type { GroupContext } from '../group-context.js';
import type { OffsetCommitRecord } from '../records/classic-records.js';
import type { GroupRecord } from '../records/group-record.js';

type Out = OutcomeBuilder<GroupRecord>;

export function deleteOffsets(
  context: GroupContext,
  out: Out,
  call: GroupCall,
  request: OffsetDeleteRequest,
): Out {
  const { groupId } = request;
  const failure = (errorCode: number): OffsetDeleteResponse => ({ errorCode, throttleTimeMs: 0, topics: [] });
  const group = context.groups.get(groupId);
  const error =
    groupId === ''
      ? KafkaError.INVALID_GROUP_ID
      : (group?.validateOffsetDelete() ?? KafkaError.GROUP_ID_NOT_FOUND);
  if (group === undefined || error !== KafkaError.NONE)
    return out.answer(call.token, failure(error), failure);
  const topics = request.topics.map(({ name, partitions }) => {
    const isSubscribed = group.isSubscribedTo(name);
    return {
      name,
      partitions: partitions.map(({ partitionIndex }) => {
        if (isSubscribed) return { partitionIndex, errorCode: KafkaError.GROUP_SUBSCRIBED_TO_TOPIC };
        if (isStored(context, groupId, name, partitionIndex))
          out.record(offsetTombstone(groupId, name, partitionIndex));
        return { partitionIndex, errorCode: KafkaError.NONE };
      }),
    };
  });
  return out.answer(call.token, { errorCode: KafkaError.NONE, throttleTimeMs: 0, topics }, failure);
}

function isStored({ offsets }: GroupContext, groupId: string, topic: string, partition: number): boolean {
  return offsets.committed.has(groupId, topic, partition) || offsets.pending.has(groupId, topic, partition);
}

export function offsetTombstone(group: string, topic: string, partition: number): OffsetCommitRecord {
  return { type: 'OffsetCommit', group, topic, partition, value: null };
}

/** Tombstones of everything that a group has committed, inside of transactions too. */
export function* allOffsetTombstones(
  { offsets }: GroupContext,
  groupId: string,
): Generator<OffsetCommitRecord> {
  for (const [topic, partitions] of offsets.committed.group(groupId) ?? []) {
    for (const partition of partitions.partitions()) yield offsetTombstone(groupId, topic, partition);
  }
  for (const [topic, partition] of offsets.pending.partitions(groupId)) {
    if (!offsets.committed.has(groupId, topic, partition)) yield offsetTombstone(groupId, topic, partition);
  }
}

/** Tombstones of what any group has committed for topics that are gone, but not for new ones of the same name. */
export function* topicTombstones(
  { offsets, topics }: GroupContext,
  names: ReadonlySet<string>,
): Generator<OffsetCommitRecord> {
  for (const map of [offsets.committed, ...offsets.pending.producers()]) {
    for (const [groupId, byTopic] of map.entries()) {
      for (const topic of names) {
        const found = byTopic.get(topic);
        if (found === undefined) continue;
        const livingId = topics().byName(topic)?.id;
        for (const partition of found.partitions()) {
          if (found.get(partition)?.topicId !== livingId) yield offsetTombstone(groupId, topic, partition);
        }
      }
    }
  }
}
