/**
 * AlterPartitionReassignments and ListPartitionReassignments (ReplicationControlManager). With one broker the only set of
 * replicas there is is the one a partition has: a move to it is done before it begins, any other is refused. Moves that a
 * larger cluster left in the log are listed and can be cancelled.
 */
import { KafkaError } from '../../base/kafka-error.js';
import type {
  AlterPartitionReassignmentsRequest,
  AlterPartitionReassignmentsResponse,
} from '../../protocol/45-alter-partition-reassignments.js';
import type {
  ListPartitionReassignmentsRequest,
  ListPartitionReassignmentsResponse,
} from '../../protocol/46-list-partition-reassignments.js';
import type { MetadataRecordInput } from '../../protocol/records/metadata-record.js';
import type { MetadataImage } from '../image/metadata-image.js';
import { recordVersions } from '../image/metadata-version.js';
import type { PartitionImage, TopicImage } from '../image/model.js';
import { manualProblem, type Refusal, refusal } from './placement.js';
import type { ControllerContext, Plan } from './plan.js';

type Wanted = AlterPartitionReassignmentsRequest['topics'][number]['partitions'][number];
type Response = AlterPartitionReassignmentsResponse;
type Ongoing = ListPartitionReassignmentsResponse['topics'][number];

export function alterPartitionReassignments(
  context: ControllerContext,
  {
    topics,
    allowReplicationFactorChange,
  }: Pick<AlterPartitionReassignmentsRequest, 'topics' | 'allowReplicationFactorChange'>,
): Plan<Response> {
  const records: MetadataRecordInput[] = [];
  const responses = topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map((wanted) => {
      const outcome = alterOne(context, name, wanted, allowReplicationFactorChange);
      if (Array.isArray(outcome)) records.push(...outcome);
      const { error, message } = Array.isArray(outcome) ? refusal(KafkaError.NONE, null) : outcome;
      return { partitionIndex: wanted.partitionIndex, errorCode: error, errorMessage: message };
    }),
  }));
  const response = {
    throttleTimeMs: 0,
    allowReplicationFactorChange: topics.length === 0 ? true : allowReplicationFactorChange,
    errorCode: KafkaError.NONE,
    errorMessage: topics.length === 0 ? '' : null,
    responses,
  };
  return { records, response };
}

function alterOne(
  context: ControllerContext,
  name: string,
  { partitionIndex, replicas }: Wanted,
  factorMayChange: boolean,
): MetadataRecordInput[] | Refusal {
  const { image } = context;
  const topic = image.topicByName(name);
  if (topic === undefined) {
    return refusal(KafkaError.UNKNOWN_TOPIC_OR_PARTITION, `Unable to find a topic named ${name}.`);
  }
  const partition = topic.partitions.get(partitionIndex);
  if (partition === undefined) {
    const message = `Unable to find partition ${name}:${partitionIndex}.`;
    return refusal(KafkaError.UNKNOWN_TOPIC_OR_PARTITION, message);
  }
  if (replicas === null) {
    if (!isReassigning(partition)) return refusal(KafkaError.NO_REASSIGNMENT_IN_PROGRESS, null);
    return cancel(image, topic, partition);
  }
  const problem = manualProblem(image, replicas, null);
  if (problem !== null) return problem;
  const original = partition.replicas.filter((id) => !partition.addingReplicas.includes(id));
  if (!factorMayChange && replicas.length !== original.length) {
    const message = `The replication factor is changed from ${original.length} to ${replicas.length}`;
    return refusal(KafkaError.INVALID_REPLICATION_FACTOR, message);
  }
  const same = replicas.length === partition.replicas.length;
  if (same && replicas.every((id, row) => id === partition.replicas[row]) && !isReassigning(partition)) {
    return [];
  }
  return complete(image, topic, partition, replicas);
}

export function isReassigning({ addingReplicas, removingReplicas }: PartitionImage): boolean {
  return addingReplicas.length > 0 || removingReplicas.length > 0;
}

/** Back to the replicas before the move; the new ones are let go of. */
function cancel(
  image: MetadataImage,
  topic: TopicImage,
  partition: PartitionImage,
): MetadataRecordInput[] | Refusal {
  const replicas = partition.replicas.filter((id) => !partition.addingReplicas.includes(id));
  return complete(image, topic, partition, replicas);
}

/** One record sets the replicas and ends the move. Only where an in-sync replica stays: nothing is copied here. */
function complete(
  image: MetadataImage,
  topic: TopicImage,
  partition: PartitionImage,
  replicas: readonly number[],
): MetadataRecordInput[] | Refusal {
  const isr = partition.isr.filter((id) => replicas.includes(id));
  if (isr.length === 0) {
    const message = `Unable to revert partition assignment for ${topic.name}:${partition.index} because it would require an unclean leader election.`;
    return refusal(KafkaError.INVALID_REPLICA_ASSIGNMENT, message);
  }
  const leaderStays = replicas.includes(partition.leader);
  const value = {
    partitionId: partition.index,
    topicId: topic.id,
    replicas: [...replicas],
    isr,
    removingReplicas: [],
    addingReplicas: [],
    ...(leaderStays ? {} : { leader: isr[0] }),
  };
  const version = recordVersions(image.metadataVersion).partitionChange;
  return [{ type: 'PartitionChangeRecord', version, value }];
}

/** Topics with moves under way; `topics` null = all. */
export function listPartitionReassignments(
  image: MetadataImage,
  topics: ListPartitionReassignmentsRequest['topics'],
): Ongoing[] {
  const asked =
    topics === null
      ? [...image.topics.all()].map((topic) => ({ topic, indexes: [...topic.partitions.keys()] }))
      : topics.map(({ name, partitionIndexes }) => ({
          topic: image.topicByName(name),
          indexes: partitionIndexes,
        }));
  return asked.flatMap(({ topic, indexes }) => {
    if (topic === undefined) return [];
    const partitions = indexes.flatMap((index) => {
      const partition = topic.partitions.get(index);
      if (partition === undefined || !isReassigning(partition)) return [];
      const { replicas, addingReplicas, removingReplicas } = partition;
      return [
        {
          partitionIndex: index,
          replicas: [...replicas],
          addingReplicas: [...addingReplicas],
          removingReplicas: [...removingReplicas],
        },
      ];
    });
    return partitions.length === 0 ? [] : [{ name: topic.name, partitions }];
  });
}
