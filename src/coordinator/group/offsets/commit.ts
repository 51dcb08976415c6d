/**
 * OffsetCommit (key 8), v2-10. v2-4 retention time of its own. v6 leader epoch (KIP-320). v7 static members (KIP-345). v9
 * members of consumer groups (KIP-848). v10 topic ids. Groups without members ("simple" ones) come into being by a commit.
 */
import { KafkaError } from '../../../base/kafka-error.js';
import type { OffsetCommitRequest, OffsetCommitResponse } from '../../../protocol/08-offset-commit.js';
import { ZERO_UUID } from '../../../wire/index.js';
import type { OutcomeBuilder } from '../../framework/outcome.js';
import { ClassicGroup } from '../classic/classic-group.js';
import { restartSession } from '../classic/session.js';
import type { CommitIdentity, Group } from '../group.js';
import type { GroupCall } from '../group-call.js';
import type { GroupContext } from '../group-context.js';
import type { OffsetCommitRecord } from '../records/classic-records.js';
import type { GroupRecord } from '../records/group-record.js';
import type { TopicInfo } from '../topic-view.js';

type Out = OutcomeBuilder<GroupRecord>;
type RequestTopic = OffsetCommitRequest['topics'][number];
type RequestPartition = RequestTopic['partitions'][number];
type ResponseTopic = OffsetCommitResponse['topics'][number];

const TOPIC_ID_VERSION = 10;
/** First version that knows GROUP_ID_NOT_FOUND. */
const GROUP_NOT_FOUND_VERSION = 9;
/** No retention time in the request. */
const NO_RETENTION = -1;

export function commitOffsets(
  context: GroupContext,
  out: Out,
  call: GroupCall,
  request: OffsetCommitRequest,
  nowMs: number,
): Out {
  const failure = (errorCode: number) => commitError(request, errorCode);
  const topics = context.topics();
  const plans = request.topics.map((topic) => ({
    topic,
    info: call.version >= TOPIC_ID_VERSION ? topics.byId(topic.topicId) : topics.byName(topic.name),
  }));
  // As in Kafka, a request without any partition to write does not reach the group.
  const anyKnown = plans.some(({ topic, info }) => topic.partitions.some((each) => exists(info, each)));
  const identity: CommitIdentity = {
    memberId: request.memberId,
    groupInstanceId: request.groupInstanceId,
    generationIdOrMemberEpoch: request.generationIdOrMemberEpoch,
    version: call.version,
    transactional: false,
  };
  const group = context.groups.get(request.groupId);
  if (anyKnown) {
    const error = validate(group, identity);
    if (error !== KafkaError.NONE) return out.answer(call.token, failure(error), failure);
  }
  const records: OffsetCommitRecord[] = [];
  const answers: ResponseTopic[] = [];
  for (const { topic, info } of plans) {
    const partitions: ResponseTopic['partitions'] = [];
    for (const partition of topic.partitions) {
      let errorCode = partitionError(context, call, info, partition);
      if (errorCode === KafkaError.NONE && info !== undefined) {
        errorCode = group?.validateCommitPartition(identity, info.id, partition.partitionIndex) ?? 0;
        if (errorCode !== KafkaError.NONE) return out.answer(call.token, failure(errorCode), failure);
        records.push(commitRecord(request, info, partition, nowMs));
      }
      partitions.push({ partitionIndex: partition.partitionIndex, errorCode });
    }
    answers.push({ name: topic.name, topicId: topic.topicId, partitions });
  }
  if (anyKnown) keepSession(out, group, request.memberId, nowMs);
  for (const record of records) out.record(record);
  return out.answer(call.token, { throttleTimeMs: 0, topics: answers }, failure);
}

function validate(group: Group | undefined, identity: CommitIdentity): number {
  if (group !== undefined) return group.validateOffsetCommit(identity);
  if (identity.generationIdOrMemberEpoch < 0) return KafkaError.NONE;
  return identity.version >= GROUP_NOT_FOUND_VERSION
    ? KafkaError.GROUP_ID_NOT_FOUND
    : KafkaError.ILLEGAL_GENERATION;
}

function exists(info: TopicInfo | undefined, { partitionIndex }: RequestPartition): boolean {
  return info !== undefined && partitionIndex >= 0 && partitionIndex < info.partitions;
}

function partitionError(
  { settings }: GroupContext,
  { version }: GroupCall,
  info: TopicInfo | undefined,
  partition: RequestPartition,
): number {
  if (info === undefined && version >= TOPIC_ID_VERSION) return KafkaError.UNKNOWN_TOPIC_ID;
  if (!exists(info, partition)) return KafkaError.UNKNOWN_TOPIC_OR_PARTITION;
  const metadata = partition.committedMetadata ?? '';
  return metadata.length > settings.offsetMetadataMaxBytes
    ? KafkaError.OFFSET_METADATA_TOO_LARGE
    : KafkaError.NONE;
}

function commitRecord(
  { groupId, retentionTimeMs }: OffsetCommitRequest,
  { id, name }: TopicInfo,
  partition: RequestPartition,
  nowMs: number,
): OffsetCommitRecord {
  const expireTimestamp =
    retentionTimeMs === NO_RETENTION ? -1 : Math.min(nowMs + retentionTimeMs, Number.MAX_SAFE_INTEGER);
  return {
    type: 'OffsetCommit',
    group: groupId,
    topic: name,
    partition: partition.partitionIndex,
    value: {
      offset: partition.committedOffset,
      // Kafka knows one "unknown": a negative epoch is written as −1.
      leaderEpoch: Math.max(partition.committedLeaderEpoch, -1),
      metadata: partition.committedMetadata ?? '',
      commitTimestamp: nowMs,
      expireTimestamp,
      topicId: expireTimestamp === -1 ? id : ZERO_UUID,
    },
  };
}

/** A commit shows its member alive. */
function keepSession(out: Out, group: Group | undefined, memberId: string, nowMs: number): void {
  if (!(group instanceof ClassicGroup)) return;
  if (group.state !== 'Stable' && group.state !== 'PreparingRebalance') return;
  const member = group.members.get(memberId);
  if (member !== undefined) restartSession(out, group, member, nowMs);
}

/** The request's partitions, all with one error. */
export function commitError(request: OffsetCommitRequest, errorCode: number): OffsetCommitResponse {
  return {
    throttleTimeMs: 0,
    topics: request.topics.map(({ name, topicId, partitions }) => ({
      name,
      topicId,
      partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
    })),
  };
}
