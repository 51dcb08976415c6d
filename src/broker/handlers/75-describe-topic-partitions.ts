/**
 * DescribeTopicPartitions (key 75), version 0 (KIP-966): topics by name, page by page, with eligible leader replicas.
 * Network thread, from its image.
 */
import { KafkaError } from '../../base/kafka-error.js';
import { topicNameProblem } from '../../metadata/controller/topic-name.js';
import type { PartitionImage, TopicImage } from '../../metadata/image/model.js';
import {
  type DescribeTopicPartitionsRequest,
  type DescribeTopicPartitionsResponseInput,
  describeTopicPartitionsRequest,
  describeTopicPartitionsResponse,
} from '../../protocol/75-describe-topic-partitions.js';
import { TOPIC_OPERATIONS } from '../authorized-operations.js';
import { type NetworkContext, networkHandler } from '../network/context.js';

type TopicAnswer = NonNullable<DescribeTopicPartitionsResponseInput['topics']>[number];
interface Cursor {
  topicName: string;
  partitionIndex: number;
}

/** max.request.partition.size.limit */
const PARTITIONS_MAX = 2000;

function partitionAnswer(context: NetworkContext, partition: PartitionImage) {
  const { index, leader, leaderEpoch, replicas, isr, elr, lastKnownElr } = partition;
  const { brokers } = context.topics.image;
  const alive = (id: number): boolean => brokers.get(id)?.fenced === false;
  return {
    errorCode: alive(leader) ? 0 : KafkaError.LEADER_NOT_AVAILABLE,
    partitionIndex: index,
    leaderId: leader,
    leaderEpoch,
    replicaNodes: replicas,
    isrNodes: isr,
    eligibleLeaderReplicas: elr,
    lastKnownElr,
    offlineReplicas: replicas.filter((id) => !alive(id)),
  };
}

function unknown(name: string): TopicAnswer {
  if (topicNameProblem(name) !== null)
    return { errorCode: KafkaError.INVALID_TOPIC_EXCEPTION, name, partitions: [] };
  const errorCode = KafkaError.UNKNOWN_TOPIC_OR_PARTITION;
  return { errorCode, name, partitions: [], topicAuthorizedOperations: TOPIC_OPERATIONS };
}

/** A cursor points into the topics that were asked for. */
function isBadCursor({ cursor, topics }: DescribeTopicPartitionsRequest): boolean {
  if (cursor === null) return false;
  return (
    cursor.partitionIndex < 0 || (topics.length > 0 && !topics.some(({ name }) => name === cursor.topicName))
  );
}

/** Names to answer, sorted as Kafka pages through them, from the cursor on. */
function names(context: NetworkContext, request: DescribeTopicPartitionsRequest): string[] {
  const asked = request.topics.map(({ name }) => name);
  const all = asked.length > 0 ? asked : [...context.topics.image.topics.all()].map(({ name }) => name);
  const from = request.cursor?.topicName ?? '';
  return [...new Set(all)].filter((name) => name >= from).sort();
}

function page(context: NetworkContext, request: DescribeTopicPartitionsRequest) {
  let left = Math.max(1, Math.min(request.responsePartitionLimit, PARTITIONS_MAX));
  const topics: TopicAnswer[] = [];
  let nextCursor: Cursor | null = null;
  for (const name of names(context, request)) {
    const topic: TopicImage | undefined = context.topics.image.topicByName(name);
    if (left === 0) {
      nextCursor = { topicName: name, partitionIndex: 0 };
      break;
    }
    if (topic === undefined) {
      topics.push(unknown(name));
      continue;
    }
    const from = request.cursor?.topicName === name ? request.cursor.partitionIndex : 0;
    const wanted = [...topic.partitions.values()]
      .filter(({ index }) => index >= from)
      .sort((a, b) => a.index - b.index);
    const shown = wanted.slice(0, left);
    left -= shown.length;
    topics.push({
      errorCode: 0,
      name,
      topicId: topic.id,
      isInternal: context.topics.isInternal(name),
      partitions: shown.map((partition) => partitionAnswer(context, partition)),
      topicAuthorizedOperations: TOPIC_OPERATIONS,
    });
    if (shown.length < wanted.length) {
      nextCursor = { topicName: name, partitionIndex: wanted[shown.length].index };
      break;
    }
  }
  return { topics, nextCursor };
}

export const describeTopicPartitionsHandler = networkHandler({
  request: describeTopicPartitionsRequest,
  response: describeTopicPartitionsResponse,
  versions: [0, 0],
  handle: (context, request, call) => {
    if (!isBadCursor(request)) {
      call.respond(page(context, request));
      return;
    }
    const errorCode = KafkaError.INVALID_REQUEST;
    call.respond({ topics: request.topics.map(({ name }) => ({ errorCode, name, partitions: [] })) });
  },
});
