/** Error codes of coordinators (CoordinatorOperationExceptionHelper): what clients are told when the log refused. */
import { KafkaError } from '../../../base/kafka-error.js';

/** The code that clients are told for `error`, a code of an append or a load. */
export function coordinatorError(error: number): number {
  switch (error) {
    case KafkaError.UNKNOWN_TOPIC_OR_PARTITION:
    case KafkaError.NOT_ENOUGH_REPLICAS:
    case KafkaError.NOT_ENOUGH_REPLICAS_AFTER_APPEND:
    case KafkaError.REQUEST_TIMED_OUT:
      return KafkaError.COORDINATOR_NOT_AVAILABLE;
    case KafkaError.NOT_LEADER_OR_FOLLOWER:
    case KafkaError.KAFKA_STORAGE_ERROR:
      return KafkaError.NOT_COORDINATOR;
    case KafkaError.MESSAGE_TOO_LARGE:
    case KafkaError.RECORD_LIST_TOO_LARGE:
    case KafkaError.INVALID_FETCH_SIZE:
      return KafkaError.UNKNOWN_SERVER_ERROR;
    case KafkaError.NETWORK_EXCEPTION:
      return KafkaError.COORDINATOR_LOAD_IN_PROGRESS;
    default:
      return error;
  }
}
