/**
 * ElectLeaders (ReplicationControlManager.electLeaders) as one broker that is its own controller sees it: the preferred
 * leader is the first replica, an unclean election may take any live one. What was elected is written as changes.
 */
import { KafkaError } from '../../base/kafka-error.js';
import type { ElectLeadersRequest, ElectLeadersResponse } from '../../protocol/43-elect-leaders.js';
import type { MetadataRecordInput } from '../../protocol/records/metadata-record.js';
import { recordVersions } from '../image/metadata-version.js';
import { LeaderRecovery, NO_LEADER, type PartitionImage, type TopicImage } from '../image/model.js';
import { isActive, type Refusal, refusal } from './placement.js';
import type { ControllerContext, Plan } from './plan.js';

const ElectionType = { PREFERRED: 0, UNCLEAN: 1 } as const;
type Result = ElectLeadersResponse['replicaElectionResults'][number];
type PartitionResult = Result['partitionResult'][number];

const NOT_NEEDED = 'Leader election not needed for topic partition.';
const PREFERRED_NOT_AVAILABLE = 'The preferred leader was not available.';
const ELIGIBLE_NOT_AVAILABLE = 'Eligible topic partition leaders are not available.';

/** Partitions that already have the wanted leader are left out when all were asked for. */
export function electLeaders(
  context: ControllerContext,
  { electionType, topicPartitions }: Pick<ElectLeadersRequest, 'electionType' | 'topicPartitions'>,
): Plan<ElectLeadersResponse> {
  const nothing = { throttleTimeMs: 0, errorCode: KafkaError.NONE, replicaElectionResults: [] };
  if (topicPartitions !== null && topicPartitions.length === 0) return { records: [], response: nothing };
  if (electionType !== ElectionType.PREFERRED && electionType !== ElectionType.UNCLEAN) {
    const error = refusal(KafkaError.INVALID_REQUEST, `Unknown election type ${electionType}`);
    return { records: [], response: refusedAll(error, topicPartitions) };
  }
  const records: MetadataRecordInput[] = [];
  const elected = (topic: string, partition: number): PartitionResult => {
    const outcome = electLeader(context, topic, partition, electionType);
    if (!('error' in outcome)) {
      records.push(outcome);
      return { partitionId: partition, errorCode: KafkaError.NONE, errorMessage: null };
    }
    return { partitionId: partition, errorCode: outcome.error, errorMessage: outcome.message };
  };
  const replicaElectionResults =
    topicPartitions === null
      ? [...context.image.topics.all()].map(({ name, partitions }) => ({
          topic: name,
          partitionResult: [...partitions.keys()]
            .map((partition) => elected(name, partition))
            .filter(({ errorCode }) => errorCode !== KafkaError.ELECTION_NOT_NEEDED),
        }))
      : topicPartitions.map(({ topic, partitions }) => ({
          topic,
          partitionResult: partitions.map((partition) => elected(topic, partition)),
        }));
  return { records, response: { ...nothing, replicaElectionResults } };
}

/** A whole request is refused: the code at the top, and for each partition that was named. */
function refusedAll(
  { error, message }: Refusal,
  topicPartitions: ElectLeadersRequest['topicPartitions'],
): ElectLeadersResponse {
  const replicaElectionResults = (topicPartitions ?? []).map(({ topic, partitions }) => ({
    topic,
    partitionResult: partitions.map((partitionId) => ({
      partitionId,
      errorCode: error,
      errorMessage: message,
    })),
  }));
  return { throttleTimeMs: 0, errorCode: error, replicaElectionResults };
}

function electLeader(
  context: ControllerContext,
  name: string,
  index: number,
  electionType: number,
): MetadataRecordInput | Refusal {
  const topic = context.image.topicByName(name);
  if (topic === undefined) {
    return refusal(KafkaError.UNKNOWN_TOPIC_OR_PARTITION, `No such topic as ${name}`);
  }
  const partition = topic.partitions.get(index);
  if (partition === undefined) {
    return refusal(KafkaError.UNKNOWN_TOPIC_OR_PARTITION, `No such partition as ${name}-${index}`);
  }
  const preferred = electionType === ElectionType.PREFERRED;
  const has = preferred ? partition.leader === partition.replicas[0] : partition.leader !== NO_LEADER;
  if (has) return refusal(KafkaError.ELECTION_NOT_NEEDED, NOT_NEEDED);
  const leader = candidate(context, partition, preferred);
  if (leader !== undefined) return leaderChange(context, topic, partition, leader);
  return preferred
    ? refusal(KafkaError.PREFERRED_LEADER_NOT_AVAILABLE, PREFERRED_NOT_AVAILABLE)
    : refusal(KafkaError.ELIGIBLE_LEADERS_NOT_AVAILABLE, ELIGIBLE_NOT_AVAILABLE);
}

/** Preferred: the first replica, if it is in sync. Unclean: an eligible one, else whoever is alive. */
function candidate(
  { image }: ControllerContext,
  { replicas, isr, elr }: PartitionImage,
  preferred: boolean,
): number | undefined {
  const alive = replicas.filter((id) => {
    const broker = image.broker(id);
    return broker !== undefined && isActive(broker);
  });
  const eligible = alive.filter((id) => isr.includes(id) || elr.includes(id));
  if (preferred) return eligible.find((id) => id === replicas[0]);
  return eligible[0] ?? alive[0];
}

function leaderChange(
  { image }: ControllerContext,
  topic: TopicImage,
  partition: PartitionImage,
  leader: number,
): MetadataRecordInput {
  const { index, isr, elr } = partition;
  const clean = isr.includes(leader) || elr.includes(leader);
  const value = {
    partitionId: index,
    topicId: topic.id,
    leader,
    ...(isr.includes(leader) ? {} : { isr: clean ? [...isr, leader] : [leader] }),
    ...(elr.includes(leader) ? { eligibleLeaderReplicas: elr.filter((id) => id !== leader) } : {}),
    ...(clean ? {} : { leaderRecoveryState: LeaderRecovery.recovering }),
  };
  const version = recordVersions(image.metadataVersion).partitionChange;
  return { type: 'PartitionChangeRecord', version, value };
}
