/** Where a share group stands in its topics, and how far it is behind (DescribeShareGroupOffsets). Main thread. */
import { KafkaError } from '../../../base/kafka-error.js';
import type { StatePartitions } from '../../../coordinator/group/share/share-context.js';
import { errorText } from '../../../coordinator/share/share-errors.js';
import { PartitionStatus } from '../../../partition/contract.js';
import { emptyState } from '../../../partition/state-table.js';
import type {
  DescribeShareGroupOffsetsRequest,
  DescribeShareGroupOffsetsResponse,
} from '../../../protocol/90-describe-share-group-offsets.js';
import { ZERO_UUID } from '../../../wire/index.js';
import type { Call } from '../../handler.js';
import type { MainContext } from '../context.js';

type AskedGroup = DescribeShareGroupOffsetsRequest['groups'][number];
type Group = DescribeShareGroupOffsetsResponse['groups'][number];
type Topic = Group['topics'][number];
type Partition = Topic['partitions'][number];

/** Nothing is known of it: an absence, not an error. */
function unknown(partitionIndex: number): Partition {
  return { partitionIndex, startOffset: -1, leaderEpoch: 0, lag: -1, errorCode: 0, errorMessage: null };
}

export function describedGroup(groupId: string, errorCode: number, topics: Topic[] = []): Group {
  return { groupId, errorCode, errorMessage: errorCode === 0 ? null : errorText(errorCode), topics };
}

/** Topics null: all that the group has state of. */
export async function describeShareGroupOffsets(
  context: MainContext,
  { groupId, topics }: AskedGroup,
  call: Call,
): Promise<Group> {
  if (topics !== null) {
    const known = topics.map(({ topicName, partitions }) =>
      describeTopic(context, groupId, topicName, partitions),
    );
    const described = await Promise.all(known);
    const exists = ({ topicId }: Topic): boolean => topicId !== ZERO_UUID;
    return describedGroup(groupId, 0, [
      ...described.filter(exists),
      ...described.filter((topic) => !exists(topic)),
    ]);
  }
  const initialized = await context.groups.ask<StatePartitions | number>(
    call,
    groupId,
    (shard, groupCall, nowMs) => shard.initializedSharePartitions(groupCall, groupId, nowMs),
    (error) => error,
  );
  if (typeof initialized === 'number') return describedGroup(groupId, initialized);
  const described: Promise<Topic>[] = [];
  for (const [topicId, partitions] of initialized) {
    const name = context.metadata.image.topicById(topicId)?.name;
    if (name !== undefined) described.push(describeTopic(context, groupId, name, [...partitions]));
  }
  return describedGroup(groupId, 0, await Promise.all(described));
}

async function describeTopic(
  context: MainContext,
  groupId: string,
  topicName: string,
  partitions: readonly number[],
): Promise<Topic> {
  const topicId = context.metadata.image.topicByName(topicName)?.id;
  if (topicId === undefined) {
    return { topicName, topicId: ZERO_UUID, partitions: partitions.map(unknown) };
  }
  const described = partitions.map((partition) => describePartition(context, groupId, topicId, partition));
  return { topicName, topicId, partitions: await Promise.all(described) };
}

async function describePartition(
  context: MainContext,
  groupId: string,
  topicId: string,
  partition: number,
): Promise<Partition> {
  const summary = await context.shareStates.readSummary({ groupId, topicId, partition }, -1);
  const { error, startOffset, leaderEpoch, deliveryCompleteCount } = summary;
  if (error !== KafkaError.NONE) return unknown(partition);
  const told = { ...unknown(partition), startOffset, leaderEpoch };
  if (startOffset === -1 || deliveryCompleteCount === -1) return told;
  const end = endOffset(context, topicId, partition);
  if (end === null) {
    const errorCode = KafkaError.NOT_LEADER_OR_FOLLOWER;
    return { ...unknown(partition), startOffset: 0, lag: -1, errorCode, errorMessage: errorText(errorCode) };
  }
  return { ...told, lag: end - startOffset - deliveryCompleteCount };
}

/** null: the partition's log is not open. */
function endOffset(context: MainContext, topicId: string, partition: number): number | null {
  const hosted = context.partitions.get(topicId, partition);
  if (hosted === undefined) return null;
  const state = emptyState();
  context.host.readState(hosted.slot, state);
  return state.status === PartitionStatus.online ? state.highWatermark : null;
}
