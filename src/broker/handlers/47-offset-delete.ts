/**
 * OffsetDelete (key 47), version 0 (KIP-496). Main thread; partitions that do not exist are answered here.
 */
import { KafkaError } from '../../base/kafka-error.js';
import {
  type OffsetDeleteRequest,
  type OffsetDeleteResponse,
  offsetDeleteRequest,
  offsetDeleteResponse,
} from '../../protocol/47-offset-delete.js';
import { type MainContext, mainHandler } from '../main/context.js';

type Answered = OffsetDeleteResponse['topics'];

/** Splits off the partitions that no topic has. */
function check({ metadata }: MainContext, request: OffsetDeleteRequest) {
  const known: OffsetDeleteRequest['topics'] = [];
  const unknown: Answered = [];
  for (const { name, partitions } of request.topics) {
    const topic = metadata.image.topicByName(name);
    const exists = ({ partitionIndex }: { partitionIndex: number }) =>
      topic?.partitions.has(partitionIndex) === true;
    const missing = partitions.filter((partition) => !exists(partition));
    const there = partitions.filter(exists);
    if (there.length > 0) known.push({ name, partitions: there });
    if (missing.length === 0) continue;
    const errorCode = KafkaError.UNKNOWN_TOPIC_OR_PARTITION;
    unknown.push({
      name,
      partitions: missing.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
    });
  }
  return { known, unknown };
}

/** One entry a topic. */
function merge(unknown: Answered, answered: Answered): Answered {
  const byName = new Map(unknown.map((topic) => [topic.name, topic]));
  for (const { name, partitions } of answered) {
    const before = byName.get(name);
    byName.set(name, { name, partitions: [...(before?.partitions ?? []), ...partitions] });
  }
  return [...byName.values()];
}

export const offsetDeleteHandler = mainHandler({
  request: offsetDeleteRequest,
  response: offsetDeleteResponse,
  versions: [0, 0],
  handle: async (context, request, call) => {
    const refused = (errorCode: number) => ({ errorCode, throttleTimeMs: 0, topics: [] as Answered });
    if (request.groupId === '') return refused(KafkaError.INVALID_GROUP_ID);
    const { known, unknown } = check(context, request);
    if (known.length === 0) return { ...refused(0), topics: unknown };
    const answer = await context.groups.ask(
      call,
      request.groupId,
      (shard, groupCall, nowMs) => shard.deleteOffsets(groupCall, { ...request, topics: known }, nowMs),
      refused,
    );
    return answer.errorCode === 0 ? { ...answer, topics: merge(unknown, answer.topics) } : answer;
  },
});
