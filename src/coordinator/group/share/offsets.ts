/**
 * The group's half of changing what share partitions have reached (KIP-932): AlterShareGroupOffsets, DeleteShareGroupOffsets,
 * and the state of a group that is deleted. The share coordinator does the other half in between, as the runtime asks it.
 */
import { KafkaError } from '../../../base/kafka-error.js';
import type {
  AlterShareGroupOffsetsRequest,
  AlterShareGroupOffsetsResponse,
} from '../../../protocol/91-alter-share-group-offsets.js';
import type {
  DeleteShareGroupOffsetsRequest,
  DeleteShareGroupOffsetsResponse,
} from '../../../protocol/92-delete-share-group-offsets.js';
import { ZERO_UUID } from '../../../wire/index.js';
import { errorText } from '../../share/share-errors.js';
import { Rejection } from '../consumer/rejection.js';
import type { TopicInfo } from '../topic-view.js';
import { stateTopicsRecord } from './records.js';
import {
  type Decision,
  type ShareContext,
  type StatePartitions,
  type StateToBegin,
  shareGroupNamed,
  shareGroupOrNew,
} from './share-context.js';
import type { ShareGroup } from './share-group.js';
import { recordInitializing } from './state-initialization.js';
import { joinTopics, type StateTopic } from './state-topics.js';

export type AlteredTopic = AlterShareGroupOffsetsResponse['responses'][number];
export type DeletedTopic = DeleteShareGroupOffsetsResponse['responses'][number];

const NOT_EMPTY = 'The group is not empty.';
const UNKNOWN_PARTITION = {
  errorCode: KafkaError.UNKNOWN_TOPIC_OR_PARTITION,
  errorMessage: errorText(KafkaError.UNKNOWN_TOPIC_OR_PARTITION),
};

function checkEmpty(group: ShareGroup): void {
  if (!group.isEmpty) throw new Rejection(KafkaError.NON_EMPTY_GROUP, NOT_EMPTY);
}

/** Throws Rejection. A group that does not exist is made. */
export function alterOffsets(
  context: ShareContext,
  request: AlterShareGroupOffsetsRequest,
  nowMs: number,
  out: Decision,
): { responses: AlteredTopic[]; begin: StateToBegin[] } {
  const group = shareGroupOrNew(context, request.groupId);
  checkEmpty(group);
  const responses: AlteredTopic[] = [];
  const begin: StateToBegin[] = [];
  const initializing = new Map<string, StateTopic>();
  for (const { topicName, partitions } of request.topics) {
    const topic = context.topics().byName(topicName);
    const exists = (partition: number): boolean => partition >= 0 && partition < (topic?.partitions ?? 0);
    responses.push({
      topicName,
      topicId: topic?.id ?? ZERO_UUID,
      partitions: partitions.map(({ partitionIndex }) =>
        exists(partitionIndex)
          ? { partitionIndex, errorCode: KafkaError.NONE, errorMessage: null }
          : { partitionIndex, ...UNKNOWN_PARTITION },
      ),
    });
    if (topic === undefined) continue;
    const known = partitions.filter(({ partitionIndex }) => exists(partitionIndex));
    initializing.set(topic.id, {
      name: topicName,
      partitions: new Set(known.map(({ partitionIndex }) => partitionIndex)),
    });
    for (const { partitionIndex: partition, startOffset } of known)
      begin.push({ topicId: topic.id, partition, stateEpoch: group.groupEpoch, startOffset });
  }
  if (initializing.size > 0) recordInitializing(context, group, initializing, nowMs, out);
  return { responses, begin };
}

/** Throws Rejection. The topics that have state go to `deleting`; `remove`: what the share coordinator is to forget. */
export function beginDeleteOffsets(
  context: ShareContext,
  request: DeleteShareGroupOffsetsRequest,
  out: Decision,
): { failed: DeletedTopic[]; remove: Map<string, ReadonlySet<number>> } {
  const group = shareGroupNamed(context, request.groupId);
  checkEmpty(group);
  const failed: DeletedTopic[] = [];
  const remove = new Map<string, ReadonlySet<number>>();
  if (group.stateTopics === null) return { failed, remove };
  const initialized = new Map(group.state.initialized);
  const deleting = new Set(group.state.deleting);
  for (const { topicName } of request.topics) {
    const topic = context.topics().byName(topicName);
    if (topic === undefined) {
      failed.push({ topicName, topicId: ZERO_UUID, ...UNKNOWN_PARTITION });
      continue;
    }
    const known = initialized.get(topic.id);
    if (known !== undefined) {
      remove.set(topic.id, known.partitions);
      initialized.delete(topic.id);
      deleting.add(topic.id);
    } else if (deleting.has(topic.id)) remove.set(topic.id, allPartitions(topic));
    else {
      const { errorCode } = UNKNOWN_PARTITION;
      const errorMessage = 'There is no offset information to delete.';
      failed.push({ topicName, topicId: ZERO_UUID, errorCode, errorMessage });
    }
  }
  const { initializing } = group.state;
  out.record(stateTopicsRecord(group.groupId, { initializing, initialized, deleting }, context.topics()));
  return { failed, remove };
}

/** The share coordinator has forgotten them. */
export function completeDeleteOffsets(
  context: ShareContext,
  group: ShareGroup,
  topicIds: ReadonlySet<string>,
  out: Decision,
): void {
  if (group.stateTopics === null) return;
  const deleting = new Set([...group.state.deleting].filter((topicId) => !topicIds.has(topicId)));
  out.record(stateTopicsRecord(group.groupId, { ...group.state, deleting }, context.topics()));
}

/** Before a group is deleted: all its state goes to `deleting`. null: it has none. An earlier attempt is taken up again. */
export function beginDeleteGroup(
  context: ShareContext,
  group: ShareGroup,
  out: Decision,
): StatePartitions | null {
  if (group.stateTopics === null) return null;
  const topics = context.topics();
  const again = new Map<string, StateTopic>();
  for (const topicId of group.state.deleting) {
    const topic = topics.byId(topicId);
    if (topic !== undefined) again.set(topicId, { name: topic.name, partitions: allPartitions(topic) });
  }
  const { initializing, initialized } = group.state;
  const all = joinTopics(joinTopics(initialized, initializing), again);
  const state = { initializing: new Map(), initialized: new Map(), deleting: new Set(all.keys()) };
  out.record(stateTopicsRecord(group.groupId, state, topics));
  return new Map([...all].map(([topicId, { partitions }]) => [topicId, partitions]));
}

function allPartitions({ partitions }: TopicInfo): Set<number> {
  return new Set(Array.from({ length: partitions }, (_, index) => index));
}
