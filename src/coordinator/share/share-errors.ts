/** Texts of errors as Kafka's coordinators send them with a code (Errors.java). */
import { KafkaError } from '../../base/kafka-error.js';

const TEXTS = new Map<number, string>([
  [
    KafkaError.UNKNOWN_SERVER_ERROR,
    'The server experienced an unexpected error when processing the request.',
  ],
  [KafkaError.UNKNOWN_TOPIC_OR_PARTITION, 'This server does not host this topic-partition.'],
  [KafkaError.COORDINATOR_LOAD_IN_PROGRESS, "The coordinator is loading and hence can't process requests."],
  [KafkaError.COORDINATOR_NOT_AVAILABLE, 'The coordinator is not available.'],
  [
    KafkaError.NOT_LEADER_OR_FOLLOWER,
    'For requests intended only for the leader, this error indicates that the broker is not the current leader. For requests intended for any replica, this error indicates that the broker is not a replica of the topic partition.',
  ],
  [KafkaError.NON_EMPTY_GROUP, 'The group is not empty.'],
  [KafkaError.UNSUPPORTED_VERSION, 'The version of API is not supported.'],
  [KafkaError.INVALID_GROUP_ID, 'The group id is invalid.'],
  [KafkaError.NOT_COORDINATOR, 'This is not the correct coordinator.'],
  [KafkaError.FENCED_LEADER_EPOCH, 'The leader epoch in the request is older than the epoch on the broker.'],
  [
    KafkaError.FENCED_STATE_EPOCH,
    'The share coordinator rejected the request because the share-group state epoch did not match.',
  ],
]);

export function errorText(code: number): string | null {
  return TEXTS.get(code) ?? null;
}
