/** DeleteTopics by name or id (ControllerApis.deleteTopics). Names of v0-5 are given as topics without an id. */
import { KafkaError } from '../../base/kafka-error.js';
import type { DeleteTopicsRequest, DeleteTopicsResponse } from '../../protocol/20-delete-topics.js';
import type { MetadataRecordInput } from '../../protocol/records/metadata-record.js';
import { ZERO_UUID } from '../image/model.js';
import { type Refusal, refusal } from './placement.js';
import { type ControllerContext, type MutationQuota, type Plan, QUOTA_EXCEEDED } from './plan.js';

type Wanted = Pick<DeleteTopicsRequest['topics'][number], 'name' | 'topicId'>;
type Result = DeleteTopicsResponse['responses'][number];

const NAMED_TWICE = {
  errorCode: KafkaError.INVALID_REQUEST,
  errorMessage: 'The provided topic name maps to an ID that was already supplied.',
};

export function deleteTopics(
  context: ControllerContext,
  topics: readonly Wanted[],
  quota: MutationQuota | null = null,
): Plan<Result[]> {
  const { image, broker } = context;
  const counts = new Map<string, number>();
  for (const topic of topics) counts.set(keyOf(topic), (counts.get(keyOf(topic)) ?? 0) + 1);
  const records: MetadataRecordInput[] = [];
  const response: Result[] = [];
  const removed = new Set<string>();
  const answered = new Set<string>();
  const ids = new Set(topics.filter(({ name }) => name === null).map(({ topicId }) => topicId));
  for (const wanted of topics) {
    const key = keyOf(wanted);
    const twice = (counts.get(key) ?? 0) > 1;
    if (twice && answered.has(key)) continue;
    answered.add(key);
    const found = wanted.name === null ? image.topicById(wanted.topicId) : image.topicByName(wanted.name);
    const refused = broker.boolean('delete.topic.enable')
      ? problemOf(wanted, twice, found !== undefined)
      : refusal(KafkaError.TOPIC_DELETION_DISABLED, 'Topic deletion is disabled.');
    const { error, message } = refused ?? refusal(KafkaError.NONE, null);
    if (found === undefined || refused !== null) {
      response.push({ name: wanted.name, topicId: wanted.topicId, errorCode: error, errorMessage: message });
      continue;
    }
    if (removed.has(found.id)) continue;
    removed.add(found.id);
    const namedTwice = topics.some(({ name }) => name === found.name) && ids.has(found.id);
    if (namedTwice) {
      response.push({ name: found.name, topicId: found.id, ...NAMED_TWICE });
      continue;
    }
    if (quota?.record(found.partitions.size) === false) {
      const errorCode = KafkaError.THROTTLING_QUOTA_EXCEEDED;
      response.push({ name: found.name, topicId: found.id, errorCode, errorMessage: QUOTA_EXCEEDED });
      continue;
    }
    records.push({ type: 'RemoveTopicRecord', version: 0, value: { topicId: found.id } });
    response.push({ name: found.name, topicId: found.id, errorCode: error, errorMessage: message });
  }
  return { records, response };
}

function keyOf({ name, topicId }: Wanted): string {
  return name === null ? `id ${topicId}` : `name ${name} ${topicId}`;
}

function problemOf({ name, topicId }: Wanted, twice: boolean, known: boolean): Refusal | null {
  const hasId = topicId !== ZERO_UUID;
  if (name !== null && hasId) {
    return refusal(KafkaError.INVALID_REQUEST, 'You may not specify both topic name and topic id.');
  }
  if (name === null && !hasId) {
    return refusal(KafkaError.INVALID_REQUEST, 'Neither topic name nor id were specified.');
  }
  if (twice) return refusal(KafkaError.INVALID_REQUEST, `Duplicate topic ${name === null ? 'id' : 'name'}.`);
  if (known) return null;
  return name === null
    ? refusal(KafkaError.UNKNOWN_TOPIC_ID, 'This server does not host this topic ID.')
    : refusal(KafkaError.UNKNOWN_TOPIC_OR_PARTITION, 'This server does not host this topic-partition.');
}
