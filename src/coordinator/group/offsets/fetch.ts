/**
 * OffsetFetch (key 9), v1-10, one group of it. v2 all topics. v7 stable offsets (KIP-447). v8 many groups (KIP-709). v9 member
 * id and epoch (KIP-848). v10 topic ids: the handler has filled in the names. What is not committed is offset −1 without an error.
 */
import { KafkaError } from '../../../base/kafka-error.js';
import type { OffsetFetchRequest, OffsetFetchResponse } from '../../../protocol/09-offset-fetch.js';
import { ZERO_UUID } from '../../../wire/index.js';
import type { OutcomeBuilder } from '../../framework/outcome.js';
import type { GroupCall } from '../group-call.js';
import type { GroupContext } from '../group-context.js';
import type { GroupRecord } from '../records/group-record.js';
import type { CommittedOffset } from './committed-offset.js';

type Out = OutcomeBuilder<GroupRecord>;
export type OffsetFetchGroup = OffsetFetchRequest['groups'][number];
export type FetchedGroup = OffsetFetchResponse['groups'][number];
type FetchedTopic = FetchedGroup['topics'][number];
type FetchedPartition = FetchedTopic['partitions'][number];

const TOPIC_ID_VERSION = 10;
/** First version with an error of the whole group. */
const GROUP_ERROR_VERSION = 2;

export function fetchOffsets(
  context: GroupContext,
  out: Out,
  call: GroupCall,
  group: OffsetFetchGroup,
  requireStable: boolean,
): Out {
  const failure = (errorCode: number) => fetchError(call.version, group, errorCode);
  const error =
    context.groups.get(group.groupId)?.validateOffsetFetch(group.memberId, group.memberEpoch) ??
    KafkaError.NONE;
  if (error !== KafkaError.NONE) return out.answer(call.token, failure(error), failure);
  const fetch: Fetch = { context, version: call.version, groupId: group.groupId, requireStable };
  const topics =
    group.topics === null ? allTopics(fetch) : group.topics.map((topic) => oneTopic(fetch, topic));
  return out.answer<FetchedGroup>(
    call.token,
    { groupId: group.groupId, topics, errorCode: KafkaError.NONE },
    failure,
  );
}

interface Fetch {
  readonly context: GroupContext;
  readonly version: number;
  readonly groupId: string;
  readonly requireStable: boolean;
}

function oneTopic(fetch: Fetch, topic: NonNullable<OffsetFetchGroup['topics']>[number]): FetchedTopic {
  const { context, version, groupId } = fetch;
  const { name, topicId } = topic;
  const partitions = topic.partitionIndexes.map((partition): FetchedPartition => {
    const committed = context.offsets.committed.get(groupId, name, partition);
    const isForeign = version >= TOPIC_ID_VERSION && isOther(committed, topicId);
    return fetched(fetch, name, partition, isForeign ? undefined : committed);
  });
  return { name, topicId, partitions };
}

/** Committed for a topic that had the same name and has been deleted since. */
function isOther(committed: CommittedOffset | undefined, topicId: string): boolean {
  return committed !== undefined && committed.topicId !== ZERO_UUID && committed.topicId !== topicId;
}

function allTopics(fetch: Fetch): FetchedTopic[] {
  const { context, version, groupId } = fetch;
  const topics: FetchedTopic[] = [];
  for (const [name, offsets] of context.offsets.committed.group(groupId) ?? []) {
    const id = version >= TOPIC_ID_VERSION ? context.topics().byName(name)?.id : ZERO_UUID;
    // A topic that is gone has no id to be told by.
    if (id === undefined) continue;
    const partitions = [...offsets.partitions()].map((partition) =>
      fetched(fetch, name, partition, offsets.get(partition)),
    );
    topics.push({ name, topicId: id, partitions });
  }
  return topics;
}

function fetched(
  { context, groupId, requireStable }: Fetch,
  topic: string,
  partition: number,
  committed: CommittedOffset | undefined,
): FetchedPartition {
  if (requireStable && context.offsets.pending.has(groupId, topic, partition))
    return nothing(partition, KafkaError.UNSTABLE_OFFSET_COMMIT);
  if (committed === undefined) return nothing(partition, KafkaError.NONE);
  return {
    partitionIndex: partition,
    committedOffset: committed.offset,
    committedLeaderEpoch: committed.leaderEpoch,
    metadata: committed.metadata,
    errorCode: KafkaError.NONE,
  };
}

function nothing(partitionIndex: number, errorCode: number): FetchedPartition {
  return { partitionIndex, committedOffset: -1, committedLeaderEpoch: -1, metadata: '', errorCode };
}

/** The whole group failed; v1 says so partition by partition. */
export function fetchError(version: number, group: OffsetFetchGroup, errorCode: number): FetchedGroup {
  const topics =
    version >= GROUP_ERROR_VERSION
      ? []
      : (group.topics ?? []).map(({ name, topicId, partitionIndexes }) => ({
          name,
          topicId,
          partitions: partitionIndexes.map((partition) => nothing(partition, errorCode)),
        }));
  return { groupId: group.groupId, topics, errorCode };
}
