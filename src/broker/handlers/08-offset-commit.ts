/**
 * OffsetCommit (key 8), versions 2-10. KIP-211 retention gone (v5), KIP-320 leader epochs (v6), KIP-345 static members (v7),
 * KIP-848 member epochs (v9) and topic ids (v10).
 * Main thread; partitions that do not exist are answered here, the rest when __consumer_offsets has them.
 */
import { KafkaError } from '../../base/kafka-error.js';
import {
  type OffsetCommitRequest,
  type OffsetCommitResponse,
  offsetCommitRequest,
  offsetCommitResponse,
} from '../../protocol/08-offset-commit.js';
import { type MainContext, mainHandler } from '../main/context.js';

type Topic = OffsetCommitRequest['topics'][number];
type Answered = OffsetCommitResponse['topics'];

const TOPIC_ID_VERSION_MIN = 10;

function answers(topic: Topic, partitions: Topic['partitions'], errorCode: number): Answered[number] {
  const { name, topicId } = topic;
  return {
    name,
    topicId,
    partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
  };
}

/** Names topics by name and id; splits off what does not exist. */
function check({ metadata }: MainContext, request: OffsetCommitRequest, version: number) {
  const { image } = metadata;
  const known: Topic[] = [];
  const unknown: Answered = [];
  for (const asked of request.topics) {
    const byId = version >= TOPIC_ID_VERSION_MIN;
    const found = byId ? image.topicById(asked.topicId) : image.topicByName(asked.name);
    if (found === undefined) {
      const error = byId ? KafkaError.UNKNOWN_TOPIC_ID : KafkaError.UNKNOWN_TOPIC_OR_PARTITION;
      unknown.push(answers(asked, asked.partitions, error));
      continue;
    }
    const topic = { ...asked, name: found.name, topicId: found.id };
    const partitions = topic.partitions.filter(({ partitionIndex }) => found.partitions.has(partitionIndex));
    const missing = topic.partitions.filter(({ partitionIndex }) => !found.partitions.has(partitionIndex));
    if (missing.length > 0) unknown.push(answers(topic, missing, KafkaError.UNKNOWN_TOPIC_OR_PARTITION));
    if (partitions.length > 0) known.push({ ...topic, partitions });
  }
  return { known, unknown };
}

/** One entry a topic (OffsetCommitResponse.Builder.merge). */
function merge(unknown: Answered, answered: Answered, version: number): Answered {
  if (unknown.length === 0) return answered;
  const keyOf = ({ name, topicId }: Answered[number]) => (version >= TOPIC_ID_VERSION_MIN ? topicId : name);
  const merged = new Map(unknown.map((topic) => [keyOf(topic), topic]));
  for (const topic of answered) {
    const before = merged.get(keyOf(topic))?.partitions ?? [];
    merged.set(keyOf(topic), { ...topic, partitions: [...before, ...topic.partitions] });
  }
  return [...merged.values()];
}

export const offsetCommitHandler = mainHandler({
  request: offsetCommitRequest,
  response: offsetCommitResponse,
  versions: [2, 10],
  handle: async (context, request, call) => {
    const { known, unknown } = check(context, request, call.version);
    if (known.length === 0) return { topics: unknown, throttleTimeMs: 0 };
    const answer = await context.groups.ask(
      call,
      request.groupId,
      (shard, groupCall, nowMs) => shard.commitOffsets(groupCall, { ...request, topics: known }, nowMs),
      (errorCode) => ({
        topics: known.map((topic) => answers(topic, topic.partitions, errorCode)),
        throttleTimeMs: 0,
      }),
    );
    return { ...answer, topics: merge(unknown, answer.topics, call.version) };
  },
});
