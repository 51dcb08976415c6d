/**
 * ListOffsets (key 2), versions 0-11. KIP-79 timestamps (v1), KIP-98 isolation (v2), KIP-320 epochs (v4), KIP-734 maximum
 * timestamp (v7), KIP-405 and KIP-1005 local and tiered (v8, v9), KIP-1023 pending upload (v11).
 * Skipped: tiered storage (its special timestamps answer -1, as on a topic without it). Main thread; look-ups by time run in
 * the partition's worker.
 */
import { join } from 'node:path';
import { KafkaError } from '../../base/kafka-error.js';
import { type PartitionState, PartitionStatus } from '../../partition/contract.js';
import { emptyState } from '../../partition/state-table.js';
import {
  type ListOffsetsRequest,
  listOffsetsRequest,
  listOffsetsResponse,
} from '../../protocol/02-list-offsets.js';
import { partitionDirectoryName } from '../../storage/files/file-names.js';
import { readLeaderEpochs } from '../../storage/files/leader-epoch-file.js';
import { type MainContext, mainHandler } from '../main/context.js';
import type { HostedPartition } from '../main/partitions.js';

type Asked = ListOffsetsRequest['topics'][number]['partitions'][number];
interface Answered {
  partitionIndex: number;
  errorCode: number;
  timestamp: number;
  offset: number;
  leaderEpoch: number;
}

/** Special timestamps (ListOffsetsRequest.java) and the version that brought each. */
const Special = {
  latest: -1,
  earliest: -2,
  maxTimestamp: -3,
  earliestLocal: -4,
  latestTiered: -5,
  pendingUpload: -6,
};
const SINCE = new Map([
  [Special.latest, 0],
  [Special.earliest, 0],
  [Special.maxTimestamp, 7],
  [Special.earliestLocal, 8],
  [Special.latestTiered, 9],
  [Special.pendingUpload, 11],
]);
const LEADER_EPOCH_VERSION_MIN = 4;
const READ_COMMITTED = 1;
const CONSUMER = -1;

function failed(partitionIndex: number, errorCode: number): Answered {
  return { partitionIndex, errorCode, timestamp: -1, offset: -1, leaderEpoch: -1 };
}

/** A partition as it was when its look-up began. */
interface Readable {
  readonly hosted: HostedPartition;
  readonly state: PartitionState;
  /** End of what this reader may see. */
  readonly end: number;
}

function check({ status, leaderEpoch }: PartitionState, currentLeaderEpoch: number): number {
  if (status === PartitionStatus.offline) return KafkaError.KAFKA_STORAGE_ERROR;
  if (status !== PartitionStatus.online) return KafkaError.NOT_LEADER_OR_FOLLOWER;
  if (currentLeaderEpoch >= 0 && currentLeaderEpoch < leaderEpoch) return KafkaError.FENCED_LEADER_EPOCH;
  if (currentLeaderEpoch > leaderEpoch) return KafkaError.UNKNOWN_LEADER_EPOCH;
  return 0;
}

/** The partition, or the error code that answers for it. */
function open(
  context: MainContext,
  request: ListOffsetsRequest,
  topic: string,
  asked: Asked,
): Readable | number {
  const image = context.metadata.image.topicByName(topic);
  if (image?.partitions.has(asked.partitionIndex) !== true) return KafkaError.UNKNOWN_TOPIC_OR_PARTITION;
  const hosted = context.partitions.get(image.id, asked.partitionIndex);
  if (hosted === undefined) return KafkaError.NOT_LEADER_OR_FOLLOWER;
  const state = emptyState();
  context.host.readState(hosted.slot, state);
  const error = check(state, asked.currentLeaderEpoch);
  if (error !== 0) return error;
  const committed = request.isolationLevel === READ_COMMITTED;
  const forConsumer = committed ? state.lastStableOffset : state.highWatermark;
  return { hosted, state, end: request.replicaId === CONSUMER ? forConsumer : state.logEndOffset };
}

/** Epoch of the log start: the first cached epoch when it begins at or below it, else -1 (UnifiedLog). */
function epochAtStart({ hosted, state }: Readable): number {
  const name = partitionDirectoryName(hosted.topic, hosted.partition);
  const first = readLeaderEpochs(join(hosted.directory.path, name))[0];
  return first !== undefined && first.startOffset <= state.logStartOffset ? first.epoch : -1;
}

async function find(
  context: MainContext,
  readable: Readable,
  { partitionIndex, timestamp }: Asked,
): Promise<Answered> {
  const { hosted, state, end } = readable;
  const at = (offset: number, leaderEpoch: number, time = -1): Answered => ({
    partitionIndex,
    errorCode: 0,
    timestamp: time,
    offset,
    leaderEpoch,
  });
  switch (timestamp) {
    case Special.latest:
      return at(end, state.leaderEpoch);
    case Special.earliest:
    case Special.earliestLocal:
      return at(state.logStartOffset, epochAtStart(readable));
    case Special.latestTiered:
    case Special.pendingUpload:
      return at(-1, -1);
    default: {
      const found =
        timestamp === Special.maxTimestamp
          ? await context.host.findMaxTimestamp(hosted.slot)
          : await context.host.findByTimestamp(hosted.slot, timestamp);
      if (found === null || found.offset >= end) return at(-1, -1);
      return at(found.offset, found.leaderEpoch, found.timestamp);
    }
  }
}

/** Partitions named more than once: each mention is answered INVALID_REQUEST. */
function duplicates(request: ListOffsetsRequest): Set<string> {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const { name, partitions } of request.topics) {
    for (const { partitionIndex } of partitions) {
      const key = `${name}/${partitionIndex}`;
      (seen.has(key) ? twice : seen).add(key);
    }
  }
  return twice;
}

/** Version 0 answers a list of offsets, newest first, at most maxNumOffsets. */
function oldStyle(
  answer: Answered,
  readable: Readable | number,
  { timestamp, maxNumOffsets }: Asked,
): number[] {
  if (answer.errorCode !== 0 || typeof readable === 'number') return [];
  const all = timestamp === Special.latest ? [readable.end, readable.state.logStartOffset] : [answer.offset];
  return [...new Set(all)].filter((offset) => offset >= 0).slice(0, Math.max(0, maxNumOffsets));
}

async function lookUp(
  context: MainContext,
  request: ListOffsetsRequest,
  topic: string,
  asked: Asked,
  version: number,
) {
  const newer = asked.timestamp < 0 && version < (SINCE.get(asked.timestamp) ?? Number.POSITIVE_INFINITY);
  const readable = newer ? KafkaError.UNSUPPORTED_VERSION : open(context, request, topic, asked);
  const answer =
    typeof readable === 'number'
      ? failed(asked.partitionIndex, readable)
      : await find(context, readable, asked);
  if (version >= LEADER_EPOCH_VERSION_MIN) return answer;
  const { partitionIndex, errorCode, timestamp, offset } = answer;
  if (version > 0) return { partitionIndex, errorCode, timestamp, offset };
  return { partitionIndex, errorCode, oldStyleOffsets: oldStyle(answer, readable, asked) };
}

export const listOffsetsHandler = mainHandler({
  request: listOffsetsRequest,
  response: listOffsetsResponse,
  versions: [0, 11],
  handle: async (context, request, call) => {
    const twice = duplicates(request);
    const topics = request.topics.map(async ({ name, partitions }) => ({
      name,
      partitions: await Promise.all(
        partitions.map((asked) =>
          twice.has(`${name}/${asked.partitionIndex}`)
            ? failed(asked.partitionIndex, KafkaError.INVALID_REQUEST)
            : lookUp(context, request, name, asked, call.version),
        ),
      ),
    }));
    return { topics: await Promise.all(topics) };
  },
});
