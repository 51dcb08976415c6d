/**
 * Where new replicas go (StripedReplicaPlacer, validateManualPartitionAssignment), and the records of new partitions.
 * One broker per rack is assumed; with several, leaders and followers go round robin from a start per topic.
 */
import { KafkaError } from '../../base/kafka-error.js';
import type { MetadataRecordInput } from '../../protocol/records/metadata-record.js';
import { partitionRecordOf } from '../image/image-records.js';
import type { MetadataImage } from '../image/metadata-image.js';
import { recordVersions } from '../image/metadata-version.js';
import { type BrokerImage, DIRECTORY_LOST, DIRECTORY_UNASSIGNED, LeaderRecovery } from '../image/model.js';

export interface Refusal {
  readonly error: number;
  readonly message: string | null;
}

export function refusal(error: number, message: string | null): Refusal {
  return { error, message };
}

/** Takes replicas and may lead: unfenced and not on its way out. */
export function isActive(broker: BrokerImage): boolean {
  return !broker.fenced && !broker.inControlledShutdown;
}

function hasRoom(broker: BrokerImage): boolean {
  const cordoned = broker.cordonedDirectories ?? [];
  return broker.directories.length === 0 || broker.directories.some((id) => !cordoned.includes(id));
}

/** Replicas of `count` new partitions, or why they cannot be placed. `first`: index of the first of them. */
export function placeReplicas(
  image: MetadataImage,
  count: number,
  replicationFactor: number,
  first: number,
): number[][] | Refusal {
  const registered = [...image.brokers.all()].filter(hasRoom);
  const unfenced = registered.filter((broker) => !broker.fenced);
  const cannot = `Unable to replicate the partition ${replicationFactor} time(s): `;
  if (unfenced.length === 0) {
    const why = 'All brokers are currently fenced, or have all their log directories cordoned.';
    return refusal(KafkaError.INVALID_REPLICATION_FACTOR, cannot + why);
  }
  if (replicationFactor > registered.length) {
    const why = `The target replication factor of ${replicationFactor} cannot be reached because only ${registered.length} broker(s) are registered or some brokers have all their log directories cordoned.`;
    return refusal(KafkaError.INVALID_REPLICATION_FACTOR, cannot + why);
  }
  const ids = [...unfenced, ...registered.filter((broker) => broker.fenced)].map((broker) => broker.id);
  return Array.from({ length: count }, (_, row) => {
    const leader = (first + row) % unfenced.length;
    const rest = ids.filter((id) => id !== ids[leader]);
    return [ids[leader], ...rest.slice(0, replicationFactor - 1)];
  });
}

/** Checks one partition of a manual assignment; `replicationFactor` is that of the partitions before it, or null. */
export function manualProblem(
  image: MetadataImage,
  brokerIds: readonly number[],
  replicationFactor: number | null,
): Refusal | null {
  const refuse = (what: string): Refusal =>
    refusal(KafkaError.INVALID_REPLICA_ASSIGNMENT, `The manual partition assignment includes ${what}`);
  if (brokerIds.length === 0) return refuse('an empty replica list.');
  const sorted = [...brokerIds].sort((a, b) => a - b);
  for (const [row, id] of sorted.entries()) {
    if (image.broker(id) === undefined) return refuse(`broker ${id}, but no such broker is registered.`);
    if (row > 0 && sorted[row - 1] === id) return refuse(`the broker ${id} more than once.`);
  }
  if (replicationFactor !== null && brokerIds.length !== replicationFactor) {
    return refuse(
      `a partition with ${brokerIds.length} replica(s), but this is not consistent with previous partitions, which have ${replicationFactor} replica(s).`,
    );
  }
  return null;
}

/** Counts replicas per log directory and hands out the emptiest one. */
export class DirectoryChooser {
  readonly #counts = new Map<string, number>();

  constructor(private readonly image: MetadataImage) {
    for (const { partition } of image.topics.partitions())
      for (const id of partition.directories) this.#add(id);
  }

  #add(id: string): void {
    this.#counts.set(id, (this.#counts.get(id) ?? 0) + 1);
  }

  /** Directory for a new replica on a broker; unassigned when the broker told none. */
  choose(brokerId: number): string {
    const broker = this.image.broker(brokerId);
    const cordoned = broker?.cordonedDirectories ?? [];
    const candidates = (broker?.directories ?? []).filter(
      (id) => !cordoned.includes(id) && id !== DIRECTORY_LOST,
    );
    if (candidates.length === 0) return DIRECTORY_UNASSIGNED;
    const count = (id: string): number => this.#counts.get(id) ?? 0;
    const chosen = candidates.reduce((best, id) => (count(id) < count(best) ? id : best));
    this.#add(chosen);
    return chosen;
  }
}

/** The record of a new partition: active replicas are in sync, the first of them leads, both epochs 0. */
export function newPartitionRecord(
  image: MetadataImage,
  topicId: string,
  index: number,
  replicas: readonly number[],
  directories: DirectoryChooser,
): MetadataRecordInput | null {
  const isr = replicas.filter((id) => {
    const broker = image.broker(id);
    return broker !== undefined && isActive(broker);
  });
  if (isr.length === 0) return null;
  const partition = {
    index,
    replicas,
    directories: replicas.map((id) => directories.choose(id)),
    isr,
    removingReplicas: [],
    addingReplicas: [],
    elr: [],
    lastKnownElr: [],
    leader: isr[0],
    leaderRecoveryState: LeaderRecovery.recovered,
    leaderEpoch: 0,
    partitionEpoch: 0,
  };
  return partitionRecordOf({ id: topicId }, partition, recordVersions(image.metadataVersion));
}
