/** What a ConsumerGroupHeartbeat must look like, and what is answered (texts are Kafka's; GroupCoordinatorService). */
import { KafkaError } from '../../../base/kafka-error.js';
import type {
  ConsumerGroupHeartbeatRequest,
  ConsumerGroupHeartbeatResponse,
} from '../../../protocol/68-consumer-group-heartbeat.js';
import { JOIN_EPOCH, LEAVE_EPOCH, LEAVE_STATIC_EPOCH } from './member.js';
import { Rejection } from './rejection.js';

/** v1: the client makes its member id (KIP-1082). */
const CLIENT_MAKES_ID_VERSION = 1;

/** Throws Rejection. `assignors`: names of those that may be asked for. */
export function checkHeartbeat(
  request: ConsumerGroupHeartbeatRequest,
  version: number,
  assignors: readonly string[],
): void {
  const { memberEpoch, serverAssignor } = request;
  if (version >= CLIENT_MAKES_ID_VERSION || memberEpoch > 0 || memberEpoch === LEAVE_EPOCH) {
    notBlank(request.memberId, "MemberId can't be empty.");
  }
  notBlank(request.groupId, "GroupId can't be empty.");
  notBlank(request.instanceId, "InstanceId can't be empty.");
  notBlank(request.rackId, "RackId can't be empty.");
  if (memberEpoch === JOIN_EPOCH) checkJoin(request);
  if (memberEpoch === LEAVE_STATIC_EPOCH && request.instanceId === null) invalid("InstanceId can't be null.");
  if (memberEpoch < LEAVE_STATIC_EPOCH) invalid('MemberEpoch is invalid.');
  if (serverAssignor !== null && !assignors.includes(serverAssignor)) {
    const supported = assignors.join(', ');
    throw new Rejection(
      KafkaError.UNSUPPORTED_ASSIGNOR,
      `ServerAssignor ${serverAssignor} is not supported. Supported assignors: ${supported}.`,
    );
  }
}

function checkJoin(request: ConsumerGroupHeartbeatRequest): void {
  if (request.rebalanceTimeoutMs === -1) invalid('RebalanceTimeoutMs must be provided in first request.');
  if (request.topicPartitions === null || request.topicPartitions.length > 0) {
    invalid('TopicPartitions must be empty when (re-)joining.');
  }
  if (request.subscribedTopicNames === null && request.subscribedTopicRegex === null) {
    invalid('Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when (re-)joining.');
  }
}

function invalid(message: string): never {
  throw new Rejection(KafkaError.INVALID_REQUEST, message);
}

/** Java's trim(): everything up to the space goes. */
function notBlank(value: string | null, message: string): void {
  if (value === null) return;
  for (let at = 0; at < value.length; at++) if (value.charCodeAt(at) > 0x20) return;
  invalid(message);
}

const NO_ERROR: ConsumerGroupHeartbeatResponse = {
  throttleTimeMs: 0,
  errorCode: KafkaError.NONE,
  errorMessage: null,
  memberId: null,
  memberEpoch: 0,
  heartbeatIntervalMs: 0,
  assignment: null,
};

export function heartbeatAnswer(
  fields: Partial<ConsumerGroupHeartbeatResponse>,
): ConsumerGroupHeartbeatResponse {
  return { ...NO_ERROR, ...fields };
}

export function heartbeatFailure(
  errorCode: number,
  errorMessage: string | null = null,
): ConsumerGroupHeartbeatResponse {
  return { ...NO_ERROR, errorCode, errorMessage };
}
