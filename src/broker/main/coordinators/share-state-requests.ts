/**
 * Requests of the state APIs (83 to 87) hold many share partitions, each of a shard of its own; their answers are put
 * together here. A request without group, topics or partitions is answered with nothing, as Kafka does. Main thread.
 */
import type { SharePartitionKey } from '../../../coordinator/share/share-records.js';

interface AskedTopic<Partition> {
  readonly topicId: string;
  readonly partitions: readonly Partition[];
}

export async function forEachSharePartition<Partition extends { readonly partition: number }, Result>(
  request: { readonly groupId: string; readonly topics: readonly AskedTopic<Partition>[] },
  ask: (key: SharePartitionKey, partition: Partition) => Promise<Result>,
): Promise<{ results: { topicId: string; partitions: Result[] }[] }> {
  const { groupId, topics } = request;
  if (groupId === '' || topics.some(({ partitions }) => partitions.length === 0)) return { results: [] };
  const results = topics.map(async ({ topicId, partitions }) => ({
    topicId,
    partitions: await Promise.all(
      partitions.map((asked) => ask({ groupId, topicId, partition: asked.partition }, asked)),
    ),
  }));
  return { results: await Promise.all(results) };
}
