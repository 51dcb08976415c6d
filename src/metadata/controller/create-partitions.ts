/** CreatePartitions (ReplicationControlManager.createPartitions): existing partitions stay where they are. */
import { KafkaError } from '../../base/kafka-error.js';
import type {
  CreatePartitionsRequest,
  CreatePartitionsResponse,
} from '../../protocol/37-create-partitions.js';
import type { MetadataRecordInput } from '../../protocol/records/metadata-record.js';
import type { TopicImage } from '../image/model.js';
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

type Wanted = CreatePartitionsRequest['topics'][number];
type Result = CreatePartitionsResponse['results'][number];

export function createPartitions(
  context: ControllerContext,
  topics: readonly Wanted[],
  validateOnly: boolean,
  quota: MutationQuota | null = null,
): Plan<Result[]> {
  const counts = new Map<string, number>();
  for (const { name } of topics) counts.set(name, (counts.get(name) ?? 0) + 1);
  const directories = new DirectoryChooser(context.image);
  const records: MetadataRecordInput[] = [];
  const response: Result[] = [];
  const answered = new Set<string>();
  for (const wanted of topics) {
    const { name } = wanted;
    if (answered.has(name)) continue;
    answered.add(name);
    const made =
      (counts.get(name) ?? 0) > 1
        ? refusal(KafkaError.INVALID_REQUEST, 'Duplicate topic name.')
        : grow(context, wanted, records.length, directories, quota);
    if (Array.isArray(made)) records.push(...made);
    const { error, message } = Array.isArray(made) ? refusal(KafkaError.NONE, null) : made;
    response.push({ name, errorCode: error, errorMessage: message });
  }
  return { records: validateOnly ? [] : records, response };
}

function grow(
  context: ControllerContext,
  { name, count, assignments }: Wanted,
  planned: number,
  directories: DirectoryChooser,
  quota: MutationQuota | null,
): MetadataRecordInput[] | Refusal {
  const { image } = context;
  const topic = image.topicByName(name);
  if (topic === undefined) return refusal(KafkaError.UNKNOWN_TOPIC_OR_PARTITION, null);
  const now = topic.partitions.size;
  if (count === now) return refusal(KafkaError.INVALID_PARTITIONS, `Topic already has ${now} partition(s).`);
  if (count < now) {
    const message = `The topic ${name} currently has ${now} partition(s); ${count} would not be an increase.`;
    return refusal(KafkaError.INVALID_PARTITIONS, message);
  }
  const additional = count - now;
  if (assignments !== null && assignments.length !== additional) {
    const message = `Attempted to add ${additional} additional partition(s), but only ${assignments.length} assignment(s) were specified.`;
    return refusal(KafkaError.INVALID_REPLICA_ASSIGNMENT, message);
  }
  if (quota?.record(additional) === false) {
    return refusal(KafkaError.THROTTLING_QUOTA_EXCEEDED, QUOTA_EXCEEDED);
  }
  // Kafka fails here with an error of its own making (-1); the limit is the one of CreateTopics
  if (additional + planned > PARTITIONS_PER_REQUEST_MAX) {
    return refusal(KafkaError.POLICY_VIOLATION, 'Excessively large number of partitions per request.');
  }
  const factor = replicationFactorOf(topic);
  if (assignments !== null) {
    for (const { brokerIds } of assignments) {
      const problem = manualProblem(image, brokerIds, factor);
      if (problem !== null) return problem;
    }
  }
  const replicas =
    assignments?.map(({ brokerIds }) => brokerIds) ?? placeReplicas(image, additional, factor, now);
  if ('error' in replicas) return replicas;
  const records: MetadataRecordInput[] = [];
  for (const [row, ids] of replicas.entries()) {
    const record = newPartitionRecord(image, topic.id, now + row, ids, directories);
    if (record === null) {
      const message = `All brokers specified in the manual partition assignment for partition ${now + row} are fenced or in controlled shutdown.`;
      return refusal(KafkaError.INVALID_REPLICA_ASSIGNMENT, message);
    }
    records.push(record);
  }
  return records;
}

function replicationFactorOf(topic: TopicImage): number {
  return topic.partitions.get(0)?.replicas.length ?? 1;
}
