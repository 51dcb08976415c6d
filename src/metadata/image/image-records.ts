/**
 * An image as the records that rebuild it, in the order of Kafka's snapshots (MetadataImage.write): features, brokers,
 * controllers, topics, configuration, quotas, producer ids, ACLs, SCRAM, tokens.
 */
import type { MetadataRecordInput } from '../../protocol/records/metadata-record.js';
import type { MetadataImage } from './metadata-image.js';
import { METADATA_VERSION_FEATURE, type RecordVersions, recordVersions } from './metadata-version.js';
import type { BrokerImage, PartitionImage, TopicImage } from './model.js';

export function* imageRecords(image: MetadataImage): IterableIterator<MetadataRecordInput> {
  const versions = recordVersions(image.metadataVersion);
  yield* featureRecords(image);
  for (const broker of image.brokers.all()) yield registerBroker(broker, versions);
  if (versions.controllerRegistration) {
    for (const value of image.controllers.values())
      yield { type: 'RegisterControllerRecord', version: 0, value };
  }
  for (const topic of image.topics.all()) {
    yield { type: 'TopicRecord', version: 0, value: { name: topic.name, topicId: topic.id } };
    for (const partition of topic.partitions.values()) yield partitionRecordOf(topic, partition, versions);
  }
  for (const { type, name, settings } of image.configs.all()) {
    for (const [key, value] of settings) {
      const record = { resourceType: type, resourceName: name, name: key, value };
      yield { type: 'ConfigRecord', version: 0, value: record };
    }
  }
  yield* securityRecords(image);
}

/** metadata.version comes first: it says how to read the rest. */
function* featureRecords(image: MetadataImage): IterableIterator<MetadataRecordInput> {
  const names = [...image.features.keys()].filter((name) => name !== METADATA_VERSION_FEATURE);
  for (const name of [METADATA_VERSION_FEATURE, ...names]) {
    const featureLevel = image.featureLevel(name);
    if (featureLevel > 0) yield { type: 'FeatureLevelRecord', version: 0, value: { name, featureLevel } };
  }
}

function* securityRecords(image: MetadataImage): IterableIterator<MetadataRecordInput> {
  for (const value of image.security.quotas()) yield { type: 'ClientQuotaRecord', version: 0, value };
  if (image.nextProducerId > 0n) {
    // the block's owner does not matter to a reader: only the next id does
    const value = { brokerId: -1, brokerEpoch: -1, nextProducerId: image.nextProducerId };
    yield { type: 'ProducerIdsRecord', version: 0, value };
  }
  for (const value of image.security.acls()) yield { type: 'AccessControlEntryRecord', version: 0, value };
  for (const value of image.security.scramCredentials()) {
    yield { type: 'UserScramCredentialRecord', version: 0, value };
  }
  for (const value of image.security.delegationTokens()) {
    yield { type: 'DelegationTokenRecord', version: 0, value };
  }
}

function registerBroker(broker: BrokerImage, versions: RecordVersions): MetadataRecordInput {
  return {
    type: 'RegisterBrokerRecord',
    version: versions.registerBroker,
    value: {
      brokerId: broker.id,
      incarnationId: broker.incarnationId,
      brokerEpoch: broker.epoch,
      endPoints: broker.endpoints,
      features: broker.features,
      rack: broker.rack,
      fenced: broker.fenced,
      inControlledShutdown: broker.inControlledShutdown,
      ...(versions.directories ? { logDirs: broker.directories } : {}),
      ...(versions.cordonedDirectories ? { cordonedLogDirs: broker.cordonedDirectories } : {}),
    },
  };
}

/** A partition's whole state as one record. */
export function partitionRecordOf(
  topic: Pick<TopicImage, 'id'>,
  partition: PartitionImage,
  versions: RecordVersions,
): MetadataRecordInput {
  const { elr, lastKnownElr } = partition;
  return {
    type: 'PartitionRecord',
    version: versions.partition,
    value: {
      partitionId: partition.index,
      topicId: topic.id,
      replicas: partition.replicas,
      isr: partition.isr,
      removingReplicas: partition.removingReplicas,
      addingReplicas: partition.addingReplicas,
      leader: partition.leader,
      leaderRecoveryState: partition.leaderRecoveryState,
      leaderEpoch: partition.leaderEpoch,
      partitionEpoch: partition.partitionEpoch,
      ...(versions.directories ? { directories: partition.directories } : {}),
      ...(versions.eligibleLeaderReplicas && elr.length > 0 ? { eligibleLeaderReplicas: elr } : {}),
      ...(versions.eligibleLeaderReplicas && lastKnownElr.length > 0 ? { lastKnownElr } : {}),
    },
  };
}
