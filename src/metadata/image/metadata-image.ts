/**
 * The cluster's metadata as of some offset of the metadata log: the records replayed in order. Every thread keeps its
 * own, fed with the same records. Follows Kafka's MetadataImage and MetadataDelta, but in place: maps change, the values
 * in them are replaced. What Millrace does not act on (quotas, ACLs, SCRAM, tokens) is kept as it came.
 *
 * A metadata transaction (Begin … End) shows nothing until its end; Abort forgets it (KIP-868).
 */

import { unreachable } from '../../base/assert.js';
import { OperationError } from '../../base/errors.js';
import type { MetadataRecord } from '../../protocol/records/metadata-record.js';
import { BrokerTable } from './broker-table.js';
import { ConfigTable } from './config-table.js';
import { checkMetadataVersion, METADATA_VERSION_FEATURE } from './metadata-version.js';
import { type BrokerImage, ConfigResource, type PartitionImage, type TopicImage } from './model.js';
import { SecurityTable } from './security-table.js';
import { TopicTable } from './topic-table.js';

type ControllerRecord = Extract<MetadataRecord, { type: 'RegisterControllerRecord' }>['value'];

export class MetadataImage {
  readonly brokers = new BrokerTable();
  readonly topics = new TopicTable();
  readonly configs = new ConfigTable();
  readonly security = new SecurityTable();
  /** Finalized level by feature name; absent = 0. */
  readonly features = new Map<string, number>();
  readonly controllers = new Map<number, ControllerRecord>();
  /** First producer id of the next block. */
  nextProducerId = 0n;
  #transaction: MetadataRecord[] | null = null;

  topicByName(name: string): TopicImage | undefined {
    return this.topics.byName(name);
  }
  topicById(id: string): TopicImage | undefined {
    return this.topics.byId(id);
  }
  partition(topicId: string, index: number): PartitionImage | undefined {
    return this.topics.byId(topicId)?.partitions.get(index);
  }
  broker(id: number): BrokerImage | undefined {
    return this.brokers.get(id);
  }
  /** Overrides of a topic; empty when there are none. */
  topicConfig(name: string): ReadonlyMap<string, string> {
    return this.configs.of(ConfigResource.TOPIC, name);
  }
  /** Dynamic settings of one broker, or of all with the name "". */
  brokerConfig(name: string): ReadonlyMap<string, string> {
    return this.configs.of(ConfigResource.BROKER, name);
  }
  featureLevel(name: string): number {
    return this.features.get(name) ?? 0;
  }
  /** 0 before the first FeatureLevelRecord. */
  get metadataVersion(): number {
    return this.featureLevel(METADATA_VERSION_FEATURE);
  }
  /** eligible.leader.replicas.version >= 1. */
  get elrEnabled(): boolean {
    return this.featureLevel('eligible.leader.replicas.version') >= 1;
  }
  /** Nothing has been replayed that a bootstrap would write. */
  get isEmpty(): boolean {
    return this.features.size === 0;
  }
  /** A transaction was begun and not ended. */
  get inTransaction(): boolean {
    return this.#transaction !== null;
  }

  /**
   * Applies one record. Throws OperationError METADATA_CORRUPT when it contradicts what stands before it, and
   * METADATA_VERSION_UNSUPPORTED for a metadata.version out of range.
   */
  replay(record: MetadataRecord): void {
    switch (record.type) {
      case 'BeginTransactionRecord':
        if (this.#transaction) throw corrupt('a metadata transaction begins inside another');
        this.#transaction = [];
        return;
      case 'EndTransactionRecord':
      case 'AbortTransactionRecord': {
        const pending = this.#transaction;
        if (!pending) throw corrupt(`${record.type} without a transaction`);
        this.#transaction = null;
        if (record.type === 'EndTransactionRecord') for (const one of pending) this.#apply(one);
        return;
      }
      default:
        if (this.#transaction) this.#transaction.push(record);
        else this.#apply(record);
    }
  }

  #apply(record: MetadataRecord): void {
    switch (record.type) {
      case 'TopicRecord':
      case 'PartitionRecord':
      case 'PartitionChangeRecord':
      case 'ClearElrRecord':
        this.topics.replay(record);
        return;
      case 'RemoveTopicRecord': {
        const name = this.topics.remove(record.value.topicId);
        this.configs.removeAll(ConfigResource.TOPIC, name);
        return;
      }
      case 'RegisterBrokerRecord':
      case 'UnregisterBrokerRecord':
      case 'FenceBrokerRecord':
      case 'UnfenceBrokerRecord':
      case 'BrokerRegistrationChangeRecord':
        this.brokers.replay(record);
        return;
      case 'ConfigRecord':
        this.configs.replay(record.value);
        return;
      case 'ClientQuotaRecord':
      case 'AccessControlEntryRecord':
      case 'RemoveAccessControlEntryRecord':
      case 'UserScramCredentialRecord':
      case 'RemoveUserScramCredentialRecord':
      case 'DelegationTokenRecord':
      case 'RemoveDelegationTokenRecord':
        this.security.replay(record);
        return;
      case 'FeatureLevelRecord':
        this.#setFeature(record.value.name, record.value.featureLevel);
        return;
      case 'ProducerIdsRecord':
        this.nextProducerId = record.value.nextProducerId;
        return;
      case 'RegisterControllerRecord':
        this.controllers.set(record.value.controllerId, record.value);
        return;
      case 'NoOpRecord':
      case 'ZkMigrationStateRecord': // ZooKeeper is gone in 4.x; the record says only that it once was there
      case 'BeginTransactionRecord':
      case 'EndTransactionRecord':
      case 'AbortTransactionRecord':
        return;
      default:
        unreachable(record);
    }
  }

  #setFeature(name: string, level: number): void {
    if (name === METADATA_VERSION_FEATURE) checkMetadataVersion(level);
    if (level === 0) this.features.delete(name);
    else this.features.set(name, level);
  }
}

function corrupt(what: string): OperationError {
  return new OperationError('METADATA_CORRUPT', `Metadata log: ${what}`);
}
