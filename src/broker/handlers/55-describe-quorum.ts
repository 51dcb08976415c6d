/** DescribeQuorum (key 55), versions 0-2. KIP-595, KIP-836 (v1), KIP-853 directories and nodes (v2). Main thread. */
import { KafkaError } from '../../base/kafka-error.js';
import { METADATA_TOPIC } from '../../metadata/log/metadata-log.js';
import {
  type DescribeQuorumRequest,
  describeQuorumRequest,
  describeQuorumResponse,
} from '../../protocol/55-describe-quorum.js';
import { type MainContext, mainHandler } from '../main/context.js';

const DIRECTORIES_VERSION_MIN = 2;
const TEXT_VERSION_MIN = 2;
const UNKNOWN_PARTITION = 'This server does not host this topic-partition.';

/** Only the metadata partition has a quorum. */
function asksMetadataPartition({ topics }: DescribeQuorumRequest): boolean {
  const [topic] = topics;
  const [partition] = topic?.partitions ?? [];
  return (
    topics.length === 1 &&
    topic?.topicName === METADATA_TOPIC &&
    topic.partitions.length === 1 &&
    partition?.partitionIndex === 0
  );
}

function nodes(context: MainContext) {
  return [...context.metadata.image.controllers.values()].map(({ controllerId, endPoints }) => ({
    nodeId: controllerId,
    listeners: endPoints.map(({ name, host, port }) => ({ name, host, port })),
  }));
}

export const describeQuorumHandler = mainHandler({
  request: describeQuorumRequest,
  response: describeQuorumResponse,
  versions: [0, 2],
  handle: (context, request, { version }) => {
    if (!asksMetadataPartition(request)) {
      const topics = request.topics.map(({ topicName, partitions }) => ({
        topicName,
        partitions: partitions.map(({ partitionIndex }) => ({
          partitionIndex,
          errorCode: KafkaError.UNKNOWN_TOPIC_OR_PARTITION,
          ...(version >= TEXT_VERSION_MIN ? { errorMessage: UNKNOWN_PARTITION } : {}),
        })),
      }));
      return { topics };
    }
    const partition = { ...context.metadata.describeQuorum(), errorMessage: '' };
    if (version < DIRECTORIES_VERSION_MIN) {
      const currentVoters = partition.currentVoters.map(({ replicaDirectoryId: _, ...voter }) => voter);
      return { topics: [{ topicName: METADATA_TOPIC, partitions: [{ ...partition, currentVoters }] }] };
    }
    return { topics: [{ topicName: METADATA_TOPIC, partitions: [partition] }], nodes: nodes(context) };
  },
});
