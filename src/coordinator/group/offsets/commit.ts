/**
 * OffsetCommit (key 8), v2-10. v2-4 retention time of its own. v6 leader epoch (KIP-320). v7 static members (KIP-345). v9
 * members of consumer groups (KIP-848). v10 topic ids. Groups without members ("simple" ones) come into being by a commit.
 * The handler has checked that topics and partitions exist and has filled in both name and id.
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

type Out = OutcomeBuilder<GroupRecord>;
type RequestTopic = OffsetCommitRequest['topics'][number];
type RequestPartition = RequestTopic['partitions'][number];
type ResponseTopic = OffsetCommitResponse['topics'][number];

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
  const identity: CommitIdentity = {
    memberId: request.memberId,
    groupInstanceId: request.groupInstanceId,
    generationIdOrMemberEpoch: request.generationIdOrMemberEpoch,
    version: call.version,
    transactional: false,
  };
  const group = context.groups.get(request.groupId);
  const error = validate(group, identity);
  if (error !== KafkaError.NONE) return out.answer(call.token, failure(error), failure);
  const records: OffsetCommitRecord[] = [];
  const topics: ResponseTopic[] = [];
  for (const topic of request.topics) {
    const partitions: ResponseTopic['partitions'] = [];
    for (const partition of topic.partitions) {
      const { partitionIndex, committedMetadata } = partition;
      if ((committedMetadata ?? '').length > context.settings.offsetMetadataMaxBytes) {
        partitions.push({ partitionIndex, errorCode: KafkaError.OFFSET_METADATA_TOO_LARGE });
        continue;
      }
      const refused =
        group?.validateCommitPartition(identity, topic.topicId, partitionIndex) ?? KafkaError.NONE;
      if (refused !== KafkaError.NONE) return out.answer(call.token, failure(refused), failure);
      records.push(commitRecord(request, topic, partition, nowMs));
      partitions.push({ partitionIndex, errorCode: KafkaError.NONE });
    }
    topics.push({ name: topic.name, topicId: topic.topicId, partitions });
  }
  keepSession(out, group, request.memberId, nowMs);
  for (const record of records) out.record(record);
  return out.answer(call.token, { throttleTimeMs: 0, topics }, failure);
}

function validate(group: Group | undefined, identity: CommitIdentity): number {
  if (group !== undefined) return group.validateOffsetCommit(identity);
  if (identity.generationIdOrMemberEpoch < 0) return KafkaError.NONE;
  return identity.version >= GROUP_NOT_FOUND_VERSION
    ? KafkaError.GROUP_ID_NOT_FOUND
    : KafkaError.ILLEGAL_GENERATION;
}

function commitRecord(
  { groupId, retentionTimeMs }: OffsetCommitRequest,
  { topicId, name }: RequestTopic,
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
      topicId: expireTimestamp === -1 ? topicId : ZERO_UUID,
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
