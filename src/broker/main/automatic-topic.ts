/**
 * How topics are created that nobody asked for by CreateTopics, those of coordinators among them
 * (AutoTopicCreationManager.creatableTopic, GroupCoordinator.groupMetadataTopicConfigs). Main thread.
 */
import type { BrokerConfig } from '../../metadata/config/broker-config.js';
import { GROUP_TOPIC } from '../internal-topics.js';

export interface TopicCreation {
  name: string;
  /** -1 = num.partitions. */
  numPartitions: number;
  /** -1 = default.replication.factor. */
  replicationFactor: number;
  assignments: [];
  configs: { name: string; value: string }[];
}

/** What automatic creation asks the controller for. `brokers`: how many there are to hold replicas. */
export function automaticTopic(name: string, config: BrokerConfig, brokers: number): TopicCreation {
  const plain = { name, numPartitions: -1, replicationFactor: -1, assignments: [] as [], configs: [] };
  if (name !== GROUP_TOPIC) return plain;
  return {
    ...plain,
    numPartitions: config.number('offsets.topic.num.partitions'),
    // Kafka would refuse more replicas than brokers, and groups would not work without a change of its default.
    replicationFactor: Math.min(config.number('offsets.topic.replication.factor'), Math.max(1, brokers)),
    configs: [
      { name: 'cleanup.policy', value: 'compact' },
      { name: 'compression.type', value: 'producer' },
      { name: 'segment.bytes', value: String(config.number('offsets.topic.segment.bytes')) },
    ],
  };
}
