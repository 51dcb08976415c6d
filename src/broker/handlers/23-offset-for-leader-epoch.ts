/**
 * OffsetForLeaderEpoch (key 23), versions 2-4. KIP-101, KIP-320 (v2 fencing, v3 replica id).
 * Network thread; reads the partition's small epoch file (a consumer asks once after a leader change).
 */
import { KafkaError } from '../../base/kafka-error.js';
import { PartitionStatus } from '../../partition/contract.js';
import { emptyState } from '../../partition/state-table.js';
import {
  offsetForLeaderEpochRequest,
  offsetForLeaderEpochResponse,
} from '../../protocol/23-offset-for-leader-epoch.js';
import { type NetworkContext, networkHandler } from '../network/context.js';

const state = emptyState();

interface Asked {
  partition: number;
  currentLeaderEpoch: number;
  leaderEpoch: number;
}
interface Answered {
  errorCode: number;
  partition: number;
  leaderEpoch: number;
  endOffset: number;
}

function lookUp(context: NetworkContext, topic: string, asked: Asked): Answered {
  const { partition, currentLeaderEpoch, leaderEpoch } = asked;
  const failed = (errorCode: number): Answered => ({ errorCode, partition, leaderEpoch: -1, endOffset: -1 });
  const slot = context.topics.slotOf(topic, partition);
  if (slot < 0) return failed(KafkaError.UNKNOWN_TOPIC_OR_PARTITION);
  context.gateway.readState(slot, state);
  if (state.status === PartitionStatus.offline) return failed(KafkaError.KAFKA_STORAGE_ERROR);
  if (state.status !== PartitionStatus.online) return failed(KafkaError.NOT_LEADER_OR_FOLLOWER);
  if (currentLeaderEpoch >= 0 && currentLeaderEpoch < state.leaderEpoch)
    return failed(KafkaError.FENCED_LEADER_EPOCH);
  if (currentLeaderEpoch > state.leaderEpoch) return failed(KafkaError.UNKNOWN_LEADER_EPOCH);
  return { errorCode: 0, partition, ...context.topics.endOffsetForEpoch(slot, leaderEpoch) };
}

export const offsetForLeaderEpochHandler = networkHandler({
  request: offsetForLeaderEpochRequest,
  response: offsetForLeaderEpochResponse,
  versions: [2, 4],
  handle: (context, request, call) =>
    call.respond({
      topics: request.topics.map(({ topic, partitions }) => ({
        topic,
        partitions: partitions.map((asked) => lookUp(context, topic, asked)),
      })),
    }),
});
