/**
 * FindCoordinator (key 10), versions 0-6. KIP-699 batches (v4), KIP-932 share groups (v6).
 * Groups: this broker, at the address of the listener the client came in by; the first look-up has __consumer_offsets made.
 * Share partitions ("groupId:topicId:partition"): the same with __share_group_state. Transactions:
 * COORDINATOR_NOT_AVAILABLE, they have no coordinator yet. Network thread.
 */
import { KafkaError } from '../../base/kafka-error.js';
import { findCoordinatorRequest, findCoordinatorResponse } from '../../protocol/10-find-coordinator.js';
import { partitionOfKey } from '../coordinator-partition.js';
import type { Call } from '../handler.js';
import { GROUP_TOPIC, SHARE_STATE_TOPIC } from '../internal-topics.js';
import { type NetworkContext, networkHandler } from '../network/context.js';

const BATCH_VERSION_MIN = 4;
const SHARE_VERSION_MIN = 6;
const KeyType = { group: 0, transaction: 1, share: 2 };
/** What Kafka says to an INVALID_REQUEST that has no text of its own (Errors.java). */
const MALFORMED =
  'This most likely occurs because of a request being malformed by the client library or the message was sent to an incompatible broker. See the broker logs for more details.';

/** SharePartitionKey.validate: a group id that is not blank, the topic's id, a partition. */
const SHARE_KEY = /^.*\S.*:[A-Za-z0-9_-]{22}:-?\d{1,10}$/s;

interface Found {
  readonly errorCode: number;
  /** As version 1 tells it; batches carry a text for bad requests only. */
  readonly errorMessage: string;
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
}

function nobody(errorCode: number, errorMessage: string): Found {
  return { errorCode, errorMessage, nodeId: -1, host: '', port: -1 };
}

const UNAVAILABLE = nobody(KafkaError.COORDINATOR_NOT_AVAILABLE, 'The coordinator is not available.');

/** Who leads the partition of a coordinators' topic that looks after `key`. */
function leaderOf(context: NetworkContext, topicName: string, key: string, call: Call): Found {
  const { topics } = context;
  const topic = topics.image.topicByName(topicName);
  if (topic === undefined) {
    context.createTopics([topicName], call);
    return UNAVAILABLE;
  }
  const index = partitionOfKey(key, topic.partitions.size);
  const leader = topics.image.broker(topic.partitions.get(index)?.leader ?? -1);
  const endpoint = leader?.endpoints.find(({ name }) => name === call.listener);
  // Its log is still being opened: asked now, it would answer NOT_COORDINATOR.
  const opening = topics.slotOf(topicName, index) < 0;
  if (leader === undefined || leader.fenced || endpoint === undefined || opening) {
    return UNAVAILABLE;
  }
  return { errorCode: 0, errorMessage: 'NONE', nodeId: leader.id, host: endpoint.host, port: endpoint.port };
}

function find(context: NetworkContext, keyType: number, key: string, call: Call): Found {
  if (keyType < 0 || keyType > KeyType.share) return nobody(KafkaError.INVALID_REQUEST, MALFORMED);
  if (keyType === KeyType.share && call.version < SHARE_VERSION_MIN)
    return nobody(KafkaError.INVALID_REQUEST, '');
  if (keyType === KeyType.group) return leaderOf(context, GROUP_TOPIC, key, call);
  if (keyType === KeyType.share)
    return SHARE_KEY.test(key)
      ? leaderOf(context, SHARE_STATE_TOPIC, key, call)
      : nobody(KafkaError.INVALID_REQUEST, '');
  return UNAVAILABLE;
}

function inBatch(key: string, found: Found) {
  const isText = found.errorCode === KafkaError.INVALID_REQUEST;
  return { key, ...found, errorMessage: isText ? found.errorMessage : '' };
}

export const findCoordinatorHandler = networkHandler({
  request: findCoordinatorRequest,
  response: findCoordinatorResponse,
  versions: [0, 6],
  handle: (context, request, call) => {
    const { key, keyType, coordinatorKeys } = request;
    if (call.version < BATCH_VERSION_MIN) call.respond(find(context, keyType, key, call));
    else
      call.respond({
        coordinators: coordinatorKeys.map((one) => inBatch(one, find(context, keyType, one, call))),
      });
  },
});
