/** Checks of a produce request before its worker sees it (KafkaApis.handleProduceRequest, ProduceRequest.validateRecords). */
import { KafkaError } from '../../base/kafka-error.js';
import { type PartitionGateway, PartitionStatus } from '../../partition/contract.js';
import { emptyState } from '../../partition/state-table.js';
import type { TopicDirectory } from '../network/topic-directory.js';

const LENGTH_POSITION = 8;
const MAGIC_POSITION = 16;
const ATTRIBUTES_LOW_POSITION = 22;
/** Bytes before what the length field counts. */
const LOG_OVERHEAD_BYTES = 12;
/** Smallest length field of any magic (LegacyRecord.RECORD_OVERHEAD_V0). */
const LENGTH_MIN = 14;
const MAGIC = 2;
const CODEC_MASK = 0x07;
const CODEC_ZSTD = 4;
const TRANSACTIONAL_BIT = 0x10;
/** zstd needs Produce v7 (KIP-110). */
const ZSTD_VERSION_MIN = 7;

const state = emptyState();

function lengthField(bytes: Uint8Array, position: number): number {
  const at = position + LENGTH_POSITION;
  return (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
}

/** Whether the bytes are one whole batch of magic 2 (ByteBufferLogInputStream, ProduceRequest.validateRecords). */
export function framingError(bytes: Uint8Array, position: number, bytesGiven: number): number {
  if (bytesGiven <= MAGIC_POSITION) return KafkaError.INVALID_RECORD;
  const length = lengthField(bytes, position);
  const magic = bytes[position + MAGIC_POSITION];
  if (length < LENGTH_MIN || magic > MAGIC) return KafkaError.CORRUPT_MESSAGE;
  // Nothing may follow the batch: Kafka refuses a second one, and bytes that are none would be lost.
  if (length !== bytesGiven - LOG_OVERHEAD_BYTES || magic !== MAGIC) return KafkaError.INVALID_RECORD;
  return 0;
}

export function framingText(bytes: Uint8Array, position: number): string {
  const length = lengthField(bytes, position);
  if (length < LENGTH_MIN)
    return `Record size ${length} is less than the minimum record overhead (${LENGTH_MIN})`;
  const magic = (bytes[position + MAGIC_POSITION] << 24) >> 24;
  return `Invalid magic found in record: ${magic}`;
}

/** The batch is compressed in a way that clients of this version do not know. */
export function hasUnknownCodec(bytes: Uint8Array, position: number, version: number): boolean {
  return (
    (bytes[position + ATTRIBUTES_LOW_POSITION] & CODEC_MASK) === CODEC_ZSTD && version < ZSTD_VERSION_MIN
  );
}

export function isTransactional(bytes: Uint8Array, position: number): boolean {
  return (bytes[position + ATTRIBUTES_LOW_POSITION] & TRANSACTIONAL_BIT) !== 0;
}

/** Whether the partition takes appends now. */
export function stateError(
  gateway: PartitionGateway,
  topics: TopicDirectory,
  slot: number,
  name: string,
  index: number,
  acks: number,
): number {
  const status = gateway.status(slot);
  if (status === PartitionStatus.offline) return KafkaError.KAFKA_STORAGE_ERROR;
  if (status !== PartitionStatus.online) return KafkaError.NOT_LEADER_OR_FOLLOWER;
  if (acks !== -1) return 0;
  gateway.readState(slot, state);
  if (state.inSyncReplicas >= state.minInsyncReplicas) return 0;
  // Never more than there are replicas (Partition.effectiveMinIsr).
  const replicas = topics.image.topicByName(name)?.partitions.get(index)?.replicas.length ?? 0;
  return state.inSyncReplicas < replicas ? KafkaError.NOT_ENOUGH_REPLICAS : 0;
}
