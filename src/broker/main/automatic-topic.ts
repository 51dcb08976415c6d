/**
 * How topics are created that nobody asked for by CreateTopics, those of coordinators among them
 * (AutoTopicCreationManager.creatableTopic, GroupCoordinator.groupMetadataTopicConfigs, shareGroupStateTopicConfigs). Main thread.
 */
import type { BrokerConfig } from '../../metadata/config/broker-config.js';
import { GROUP_TOPIC, SHARE_STATE_TOPIC } from '../internal-topics.js';

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
  if (name === SHARE_STATE_TOPIC) return shareStateTopic(plain, config, brokers);
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

/** Not compacted: the coordinator deletes what its snapshots have made redundant. */
function shareStateTopic(plain: TopicCreation, config: BrokerConfig, brokers: number): TopicCreation {
  const configured = config.number('share.coordinator.state.topic.replication.factor');
  const replicationFactor = Math.min(configured, Math.max(1, brokers));
  // Kafka's default of 2 would refuse every write where there is one replica.
  const minIsr = Math.min(config.number('share.coordinator.state.topic.min.isr'), replicationFactor);
  return {
    ...plain,
    numPartitions: config.number('share.coordinator.state.topic.num.partitions'),
    replicationFactor,
    configs: [
      { name: 'cleanup.policy', value: 'delete' },
      { name: 'compression.type', value: 'producer' },
      { name: 'segment.bytes', value: String(config.number('share.coordinator.state.topic.segment.bytes')) },
      { name: 'min.insync.replicas', value: String(minIsr) },
      { name: 'retention.ms', value: '-1' },
    ],
  };
}
