/**
 * What a single node writes when it starts and stops (ClusterControlManager, ReplicationControlManager, as seen from one
 * combined broker and controller). The sequences are those of the real Kafka, record by record.
 *
 * start   fence the registration that a crash left unfenced · clear its ELR when the stop was unclean · register ·
 *         unfence · elect leaders
 * stop    inControlledShutdown · give up leadership (the replica stays eligible) · fence
 */
import { assert } from '../../base/assert.js';
import type { MetadataRecordInput } from '../../protocol/records/metadata-record.js';
import type { MetadataImage } from '../image/metadata-image.js';
import {
  FEATURES,
  KRAFT_VERSION_FEATURE,
  KRAFT_VERSION_MAX,
  recordVersions,
} from '../image/metadata-version.js';
import {
  type BrokerImage,
  type EndpointImage,
  type FeatureRange,
  LeaderRecovery,
  NO_LEADER,
  type PartitionImage,
  type TopicImage,
} from '../image/model.js';

export interface Registration {
  readonly nodeId: number;
  readonly incarnationId: string;
  /** The broker's advertised listeners. */
  readonly endpoints: readonly EndpointImage[];
  readonly rack: string | null;
  /** Ids of the log directories that are online. */
  readonly directories: readonly string[];
}

/** Features and ranges that brokers and controllers of this program announce. */
export function supportedFeatures(): FeatureRange[] {
  const ranges = FEATURES.map(({ name, min, max }) => ({
    name,
    minSupportedVersion: min,
    maxSupportedVersion: max,
  }));
  return [
    ...ranges,
    { name: KRAFT_VERSION_FEATURE, minSupportedVersion: 0, maxSupportedVersion: KRAFT_VERSION_MAX },
  ];
}

type Located = { readonly topic: TopicImage; readonly partition: PartitionImage };

function hosted(image: MetadataImage, nodeId: number): Located[] {
  return [...image.topics.partitions()].filter(({ partition }) => partition.replicas.includes(nodeId));
}

function writesElr(image: MetadataImage): boolean {
  return image.elrEnabled && recordVersions(image.metadataVersion).eligibleLeaderReplicas;
}

function change(
  image: MetadataImage,
  { topic, partition }: Located,
  fields: Partial<Extract<MetadataRecordInput, { type: 'PartitionChangeRecord' }>['value']>,
): MetadataRecordInput {
  const version = recordVersions(image.metadataVersion).partitionChange;
  const value = { partitionId: partition.index, topicId: topic.id, ...fields };
  return { type: 'PartitionChangeRecord', version, value };
}

export function registerController(
  image: MetadataImage,
  nodeId: number,
  incarnationId: string,
  endpoints: readonly EndpointImage[],
): MetadataRecordInput[] {
  if (!recordVersions(image.metadataVersion).controllerRegistration) return [];
  const value = {
    controllerId: nodeId,
    incarnationId,
    zkMigrationReady: false,
    endPoints: endpoints,
    features: supportedFeatures(),
  };
  return [{ type: 'RegisterControllerRecord', version: 0, value }];
}

/** A registration that a crash left unfenced is fenced first; nothing otherwise. */
export function fenceLeftover(image: MetadataImage, nodeId: number): MetadataRecordInput[] {
  const broker = image.broker(nodeId);
  if (broker === undefined || broker.fenced) return [];
  return [...giveUpLeadership(image, nodeId), fence(broker)];
}

function fence(broker: BrokerImage): MetadataRecordInput {
  const value = { brokerId: broker.id, brokerEpoch: broker.epoch, fenced: 1 };
  return { type: 'BrokerRegistrationChangeRecord', version: 0, value };
}

/** The registration; `brokerEpoch` is the offset of the first record of the batch it goes into. */
export function registerBroker(
  image: MetadataImage,
  registration: Registration,
  brokerEpoch: number,
  cleanStop: boolean,
): MetadataRecordInput[] {
  const { nodeId, incarnationId, endpoints, rack, directories } = registration;
  const versions = recordVersions(image.metadataVersion);
  const value = {
    brokerId: nodeId,
    incarnationId,
    brokerEpoch,
    endPoints: endpoints,
    features: supportedFeatures(),
    rack,
    fenced: true,
    ...(versions.directories ? { logDirs: directories } : {}),
  };
  const cleared = cleanStop ? [] : clearElr(image, nodeId);
  return [...cleared, { type: 'RegisterBrokerRecord', version: versions.registerBroker, value }];
}

/** After an unclean stop a replica may have lost what it acknowledged: it is not eligible by right any more (KIP-966). */
function clearElr(image: MetadataImage, nodeId: number): MetadataRecordInput[] {
  return hosted(image, nodeId)
    .filter(({ partition }) => partition.elr.includes(nodeId))
    .map((located) =>
      change(image, located, { eligibleLeaderReplicas: located.partition.elr.filter((id) => id !== nodeId) }),
    );
}

/** Opens the broker to clients, with a leader for every partition that it can lead. */
export function unfenceAndElect(
  image: MetadataImage,
  nodeId: number,
  uncleanAllowed: UncleanRule,
): MetadataRecordInput[] {
  const broker = image.broker(nodeId);
  assert(broker !== undefined, 'the broker is registered');
  const value = { brokerId: nodeId, brokerEpoch: broker.epoch, fenced: -1 };
  const records: MetadataRecordInput[] = [{ type: 'BrokerRegistrationChangeRecord', version: 0, value }];
  for (const located of hosted(image, nodeId)) {
    if (located.partition.leader !== NO_LEADER) continue;
    const elected = elect(image, located, nodeId, uncleanAllowed);
    if (elected !== null) records.push(elected);
  }
  return records;
}

/** unclean.leader.election.enable of a topic. */
export type UncleanRule = (topic: string) => boolean;

/** In sync, else eligible, else the last one that was; an unclean choice only where the topic allows it. */
function elect(
  image: MetadataImage,
  located: Located,
  nodeId: number,
  uncleanAllowed: UncleanRule,
): MetadataRecordInput | null {
  const { partition, topic } = located;
  if (partition.isr.includes(nodeId)) return change(image, located, { leader: nodeId });
  const isr = [nodeId];
  if (partition.elr.includes(nodeId)) {
    const eligibleLeaderReplicas = partition.elr.filter((id) => id !== nodeId);
    return change(image, located, { isr, leader: nodeId, eligibleLeaderReplicas, lastKnownElr: [] });
  }
  const nobodyBetter = partition.isr.length === 0 && partition.elr.length === 0;
  const lastKnown =
    nobodyBetter && partition.lastKnownElr.length === 1 && partition.lastKnownElr[0] === nodeId;
  if (!lastKnown && !(nobodyBetter && uncleanAllowed(topic.name))) return null;
  const leaderRecoveryState = LeaderRecovery.recovering;
  const known = partition.lastKnownElr.length > 0 ? { lastKnownElr: [] } : {};
  return change(image, located, { isr, leader: nodeId, leaderRecoveryState, ...known });
}

/** Says that all log directories take new partitions, as a 4.3 broker does with its first heartbeat. */
export function nothingCordoned(image: MetadataImage, nodeId: number): MetadataRecordInput[] {
  const broker = image.broker(nodeId);
  if (!recordVersions(image.metadataVersion).cordonedDirectories || broker === undefined) return [];
  const value = { brokerId: nodeId, brokerEpoch: broker.epoch, cordonedLogDirs: [] };
  return [{ type: 'BrokerRegistrationChangeRecord', version: 3, value }];
}

/** Leaders that had to be elected uncleanly have opened their logs: nothing is left to recover. */
export function leadersRecovered(image: MetadataImage, nodeId: number): MetadataRecordInput[] {
  return hosted(image, nodeId)
    .filter(
      ({ partition }) =>
        partition.leader === nodeId && partition.leaderRecoveryState === LeaderRecovery.recovering,
    )
    .map((located) => change(image, located, { leaderRecoveryState: LeaderRecovery.recovered }));
}

/** First half of a clean stop. */
export function controlledShutdown(image: MetadataImage, nodeId: number): MetadataRecordInput[] {
  const broker = image.broker(nodeId);
  if (broker === undefined || broker.fenced) return [];
  const value = { brokerId: nodeId, brokerEpoch: broker.epoch, inControlledShutdown: 1 };
  return [{ type: 'BrokerRegistrationChangeRecord', version: 1, value }, ...giveUpLeadership(image, nodeId)];
}

/** Second half: nothing is led any more. */
export function fenceAfterShutdown(image: MetadataImage, nodeId: number): MetadataRecordInput[] {
  const broker = image.broker(nodeId);
  return broker === undefined || broker.fenced ? [] : [fence(broker)];
}

function giveUpLeadership(image: MetadataImage, nodeId: number): MetadataRecordInput[] {
  const elr = writesElr(image);
  return hosted(image, nodeId).flatMap((located) => {
    const { isr, leader } = located.partition;
    const others = isr.filter((id) => id !== nodeId);
    if (leader !== nodeId && !isr.includes(nodeId)) return [];
    if (others.length > 0) {
      return [
        change(image, located, leader === nodeId ? { isr: others, leader: others[0] } : { isr: others }),
      ];
    }
    if (leader === NO_LEADER) return [];
    // the last member: without ELR it stays in the ISR, which may not become empty
    if (!elr) return [change(image, located, { leader: NO_LEADER })];
    const alone = { isr: [], leader: NO_LEADER, eligibleLeaderReplicas: [nodeId], lastKnownElr: [nodeId] };
    return [change(image, located, alone)];
  });
}
