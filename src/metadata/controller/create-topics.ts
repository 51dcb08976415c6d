/** CreateTopics (ReplicationControlManager.createTopics, ControllerApis): checks in Kafka's order, with its texts. */
import { KafkaError } from '../../base/kafka-error.js';
import type { CreateTopicsRequest, CreateTopicsResponse } from '../../protocol/19-create-topics.js';
import type { MetadataRecordInput } from '../../protocol/records/metadata-record.js';
import { describeTopic } from '../config/describe.js';
import { topicConfigProblem } from '../config/topic-config.js';
import { ConfigResource, ZERO_UUID } from '../image/model.js';
import {
  DirectoryChooser,
  manualProblem,
  newPartitionRecord,
  placeReplicas,
  type Refusal,
  refusal,
} from './placement.js';
import {
  type ControllerContext,
  type MutationQuota,
  PARTITIONS_PER_REQUEST_MAX,
  type Plan,
  QUOTA_EXCEEDED,
} from './plan.js';
import { collisionKey, hasCollisionCharacters, topicNameProblem } from './topic-name.js';

type Wanted = CreateTopicsRequest['topics'][number];
type Result = CreateTopicsResponse['topics'][number];
const METADATA_TOPIC = '__cluster_metadata';

/** `validateOnly` answers the same but writes nothing. */
export function createTopics(
  context: ControllerContext,
  topics: readonly Wanted[],
  validateOnly: boolean,
  quota: MutationQuota | null = null,
): Plan<Result[]> {
  const counts = new Map<string, number>();
  for (const { name } of topics) counts.set(name, (counts.get(name) ?? 0) + 1);
  const tooMany = totalPartitions(context, topics) > PARTITIONS_PER_REQUEST_MAX;
  const existing = collisions(context);
  const directories = new DirectoryChooser(context.image);
  const records: MetadataRecordInput[] = [];
  const response: Result[] = [];
  const answered = new Set<string>();
  for (const topic of topics) {
    if (answered.has(topic.name)) continue;
    answered.add(topic.name);
    const early =
      (counts.get(topic.name) ?? 0) > 1
        ? refusal(KafkaError.INVALID_REQUEST, 'Duplicate topic name.')
        : nameRefusal(context, topic.name, existing, tooMany);
    const made = early ?? createOne(context, topic, directories, quota);
    if ('error' in made) {
      response.push(refused(topic.name, made));
    } else {
      records.push(...made.records);
      response.push(validateOnly ? { ...made.response, topicId: ZERO_UUID } : made.response);
    }
  }
  return { records: validateOnly ? [] : records, response };
}

function totalPartitions({ broker }: ControllerContext, topics: readonly Wanted[]): number {
  return topics.reduce((sum, { assignments, numPartitions }) => {
    if (assignments.length > 0) return sum + assignments.length;
    return sum + (numPartitions === -1 ? broker.number('num.partitions') : Math.max(0, numPartitions));
  }, 0);
}

/** Existing topics whose names could collide, by their key. */
function collisions({ image }: ControllerContext): Map<string, string> {
  const found = new Map<string, string>();
  for (const { name } of image.topics.all())
    if (hasCollisionCharacters(name)) found.set(collisionKey(name), name);
  return found;
}

function nameRefusal(
  { image }: ControllerContext,
  name: string,
  existing: ReadonlyMap<string, string>,
  tooMany: boolean,
): Refusal | null {
  if (name === METADATA_TOPIC) {
    return refusal(KafkaError.INVALID_REQUEST, `Creation of internal topic ${METADATA_TOPIC} is prohibited.`);
  }
  if (tooMany) {
    return refusal(KafkaError.POLICY_VIOLATION, 'Excessively large number of partitions per request.');
  }
  if (image.topicByName(name))
    return refusal(KafkaError.TOPIC_ALREADY_EXISTS, `Topic '${name}' already exists.`);
  const problem = topicNameProblem(name);
  if (problem !== null) return refusal(KafkaError.INVALID_TOPIC_EXCEPTION, problem);
  const other = hasCollisionCharacters(name) ? existing.get(collisionKey(name)) : undefined;
  if (other === undefined) return null;
  return refusal(
    KafkaError.INVALID_TOPIC_EXCEPTION,
    `Topic '${name}' collides with existing topic: ${other}`,
  );
}

function createOne(
  context: ControllerContext,
  topic: Wanted,
  directories: DirectoryChooser,
  quota: MutationQuota | null,
): { records: MetadataRecordInput[]; response: Result } | Refusal {
  const nulls = topic.configs.filter(({ value }) => value === null).map(({ name }) => name);
  if (nulls.length > 0) {
    return refusal(
      KafkaError.INVALID_CONFIG,
      `Null value not supported for topic configs: ${nulls.join(',')}`,
    );
  }
  const overrides = new Map(topic.configs.map(({ name, value }) => [name, value ?? '']));
  const problem = topicConfigProblem(context.broker, overrides);
  if (problem !== null) return refusal(KafkaError.INVALID_CONFIG, problem.message);
  const replicas =
    topic.assignments.length > 0 ? manualReplicas(context, topic) : automaticReplicas(context, topic);
  if ('error' in replicas) return replicas;
  if (quota?.record(replicas.length) === false) {
    return refusal(KafkaError.THROTTLING_QUOTA_EXCEEDED, QUOTA_EXCEEDED);
  }

  const topicId = context.newUuid();
  const { image } = context;
  const records: MetadataRecordInput[] = [
    { type: 'TopicRecord', version: 0, value: { name: topic.name, topicId } },
  ];
  for (const [name, value] of overrides) {
    const record = { resourceType: ConfigResource.TOPIC, resourceName: topic.name, name, value };
    records.push({ type: 'ConfigRecord', version: 0, value: record });
  }
  for (const [index, ids] of replicas.entries()) {
    const record = newPartitionRecord(image, topicId, index, ids, directories);
    if (record === null) {
      const message = `All brokers specified in the manual partition assignment for partition ${index} are fenced or in controlled shutdown.`;
      return refusal(KafkaError.INVALID_REPLICA_ASSIGNMENT, message);
    }
    records.push(record);
  }
  const configs = describeTopic(context.broker, overrides, null).map((entry) => ({
    name: entry.name,
    value: entry.value,
    readOnly: entry.readOnly,
    configSource: entry.source,
    isSensitive: entry.sensitive,
  }));
  const response: Result = {
    name: topic.name,
    topicId,
    errorCode: KafkaError.NONE,
    errorMessage: null,
    topicConfigErrorCode: KafkaError.NONE,
    numPartitions: replicas.length,
    replicationFactor: replicas[0].length,
    configs,
  };
  return { records, response };
}

function manualReplicas(context: ControllerContext, topic: Wanted): number[][] | Refusal {
  const given = (what: string): Refusal =>
    refusal(
      KafkaError.INVALID_REQUEST,
      `A manual partition assignment was specified, but ${what} was not set to -1.`,
    );
  if (topic.replicationFactor !== -1) return given('replication factor');
  if (topic.numPartitions !== -1) return given('numPartitions');
  const byIndex = new Map<number, readonly number[]>();
  let replicationFactor: number | null = null;
  for (const { partitionIndex, brokerIds } of topic.assignments) {
    if (byIndex.has(partitionIndex)) {
      const message = `Found multiple manual partition assignments for partition ${partitionIndex}`;
      return refusal(KafkaError.INVALID_REPLICA_ASSIGNMENT, message);
    }
    const problem = manualProblem(context.image, brokerIds, replicationFactor);
    if (problem !== null) return problem;
    replicationFactor = brokerIds.length;
    byIndex.set(partitionIndex, brokerIds);
  }
  const replicas: number[][] = [];
  for (let index = 0; index < byIndex.size; index++) {
    const ids = byIndex.get(index);
    if (ids === undefined) {
      const message = 'partitions should be a consecutive 0-based integer sequence';
      return refusal(KafkaError.INVALID_REPLICA_ASSIGNMENT, message);
    }
    replicas.push([...ids]);
  }
  return replicas;
}

function automaticReplicas({ image, broker }: ControllerContext, topic: Wanted): number[][] | Refusal {
  if (topic.replicationFactor < -1 || topic.replicationFactor === 0) {
    const message = 'Replication factor must be larger than 0, or -1 to use the default value.';
    return refusal(KafkaError.INVALID_REPLICATION_FACTOR, message);
  }
  if (topic.numPartitions < -1 || topic.numPartitions === 0) {
    const message = 'Number of partitions was set to an invalid non-positive value.';
    return refusal(KafkaError.INVALID_PARTITIONS, message);
  }
  const count = topic.numPartitions === -1 ? broker.number('num.partitions') : topic.numPartitions;
  const factor =
    topic.replicationFactor === -1 ? broker.number('default.replication.factor') : topic.replicationFactor;
  return placeReplicas(image, count, factor, image.topics.size);
}

function refused(name: string, { error, message }: Refusal): Result {
  return {
    name,
    topicId: ZERO_UUID,
    errorCode: error,
    errorMessage: message,
    topicConfigErrorCode: KafkaError.NONE,
    numPartitions: -1,
    replicationFactor: -1,
    configs: [],
  };
}
