/**
 * DeleteRecords (key 21), versions 0-2 (KIP-107). Raises a partition's log start offset; files go with retention.
 * Main thread; the partition's worker does it.
 */
import { KafkaError } from '../../base/kafka-error.js';
import { toLogConfig } from '../../metadata/config/topic-config.js';
import {
  type DeleteRecordsRequest,
  deleteRecordsRequest,
  deleteRecordsResponse,
} from '../../protocol/21-delete-records.js';
import { isInternalTopic } from '../internal-topics.js';
import { type MainContext, mainHandler } from '../main/context.js';

type Asked = DeleteRecordsRequest['topics'][number]['partitions'][number];

interface Outcome {
  error: number;
  lowWatermark: number;
}

async function deleteUpTo(
  context: MainContext,
  topic: string,
  { partitionIndex, offset }: Asked,
): Promise<Outcome> {
  const failed = (error: number): Outcome => ({ error, lowWatermark: -1 });
  const image = context.metadata.image.topicByName(topic);
  if (image?.partitions.has(partitionIndex) !== true) return failed(KafkaError.UNKNOWN_TOPIC_OR_PARTITION);
  if (isInternalTopic(topic)) return failed(KafkaError.INVALID_TOPIC_EXCEPTION);
  const hosted = context.partitions.get(image.id, partitionIndex);
  if (hosted === undefined) return failed(KafkaError.NOT_LEADER_OR_FOLLOWER);
  if (hosted.offlineReason !== null) return failed(KafkaError.KAFKA_STORAGE_ERROR);
  const { cleanupCompact, cleanupDelete } = toLogConfig(
    context.config(),
    context.metadata.image.topicConfig(topic),
  );
  if (cleanupCompact && !cleanupDelete) return failed(KafkaError.POLICY_VIOLATION);
  return context.host.deleteRecords(hosted.slot, offset);
}

export const deleteRecordsHandler = mainHandler({
  request: deleteRecordsRequest,
  response: deleteRecordsResponse,
  versions: [0, 2],
  handle: async (context, request) => {
    const topics = request.topics.map(async ({ name, partitions }) => ({
      name,
      partitions: await Promise.all(
        partitions.map(async (asked) => {
          const { error, lowWatermark } = await deleteUpTo(context, name, asked);
          return { partitionIndex: asked.partitionIndex, lowWatermark, errorCode: error };
        }),
      ),
    }));
    return { topics: await Promise.all(topics) };
  },
});
