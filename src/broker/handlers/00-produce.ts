/**
 * Produce (key 0), versions 3-13; advertised from 0 because librdkafka probes v0 to learn about compression (KAFKA-18659).
 * KIP-98 (v3), KIP-467 record errors (v8), KIP-951 leader hints (v10), KIP-516 topic ids (v13).
 * Skipped: transactions (a transactional batch is answered INVALID_TXN_STATE), quotas.
 * Network thread: checks the request, hands each partition's bytes to its worker where they lie in the slab, answers when
 * all are done. Nothing here looks into records; the worker validates them.
 */
import { KafkaError } from '../../base/kafka-error.js';
import { type AppendCompletion, PartitionStatus } from '../../partition/contract.js';
import { emptyState } from '../../partition/state-table.js';
import {
  type ProduceRequest,
  type ProduceResponse,
  produceRequest,
  produceResponse,
} from '../../protocol/00-produce.js';
import type { NetworkCall } from '../handler.js';
import { type NetworkContext, networkHandler } from '../network/context.js';
import type { AppendOwner } from '../produce/pending-appends.js';

type TopicData = ProduceRequest['topicData'][number];
type PartitionData = TopicData['partitionData'][number];
type TopicResponse = ProduceResponse['responses'][number];
type PartitionResponse = TopicResponse['partitionResponses'][number];

/** A batch shorter than this has no magic to look at; the worker's checks decide on the rest. */
const MAGIC_POSITION = 16;
const ATTRIBUTES_LOW_POSITION = 22;
const CODEC_MASK = 0x07;
const CODEC_ZSTD = 4;
const TRANSACTIONAL_BIT = 0x10;
/** zstd needs Produce v7 (KIP-110). */
const ZSTD_VERSION_MIN = 7;
const TOPIC_ID_VERSION_MIN = 13;
/** The only client id that may write internal topics. */
const ADMIN_CLIENT = '__admin_client';

const state = emptyState();

/** One produce request between its first append and its answer. */
class PendingProduce implements AppendOwner {
  private readonly responses: TopicResponse[] = [];
  private readonly partitions: PartitionResponse[] = [];
  private outstanding = 1; // the walk over the request itself
  private failed = false;

  constructor(
    private readonly context: NetworkContext,
    private readonly request: ProduceRequest,
    private readonly call: NetworkCall<ProduceResponse>,
  ) {}

  start(): void {
    for (const topic of this.request.topicData) {
      const partitionResponses = topic.partitionData.map((partition) => this.submit(topic, partition));
      this.responses.push({ name: topic.name, topicId: topic.topicId, partitionResponses });
    }
    this.finishOne();
  }

  private submit(topic: TopicData, partition: PartitionData): PartitionResponse {
    const response: PartitionResponse = {
      index: partition.index,
      errorCode: 0,
      baseOffset: -1,
      logAppendTimeMs: -1,
      logStartOffset: -1,
      recordErrors: [],
      errorMessage: null,
      currentLeader: { leaderId: -1, leaderEpoch: -1 },
    };
    const { topics, appends } = this.context;
    const byId = this.call.version >= TOPIC_ID_VERSION_MIN;
    const name = byId ? topics.nameOf(topic.topicId) : topic.name;
    const slot = name === undefined ? -1 : topics.slotOf(name, partition.index);
    const error = this.check(name, partition, slot);
    if (error !== 0 || partition.records === null) {
      this.fail(response, error);
      return response;
    }
    this.outstanding++;
    const { position, length } = partition.records;
    appends.submit(this, this.partitions.push(response) - 1, slot, position, length, 0);
    return response;
  }

  /** Request-level checks in Kafka's order (KafkaApis.handleProduceRequest, ProduceRequest.validateRecords). */
  private check(name: string | undefined, { records }: PartitionData, slot: number): number {
    const { context, call, request } = this;
    if (name === undefined) return KafkaError.UNKNOWN_TOPIC_ID;
    if (slot < 0) return KafkaError.UNKNOWN_TOPIC_OR_PARTITION;
    if (records === null || records.length === 0) return KafkaError.INVALID_RECORD;
    if (records.length <= ATTRIBUTES_LOW_POSITION) return KafkaError.CORRUPT_MESSAGE;
    const { bytes, position } = records;
    const attributes = bytes[position + ATTRIBUTES_LOW_POSITION];
    if (bytes[position + MAGIC_POSITION] !== 2) return KafkaError.INVALID_RECORD;
    if ((attributes & CODEC_MASK) === CODEC_ZSTD && call.version < ZSTD_VERSION_MIN) {
      return KafkaError.UNSUPPORTED_COMPRESSION_TYPE;
    }
    if (request.acks < -1 || request.acks > 1) return KafkaError.INVALID_REQUIRED_ACKS;
    if (context.topics.isInternal(name) && call.clientId !== ADMIN_CLIENT)
      return KafkaError.INVALID_TOPIC_EXCEPTION;
    if ((attributes & TRANSACTIONAL_BIT) !== 0) return KafkaError.INVALID_TXN_STATE;
    return this.checkState(slot);
  }

  private checkState(slot: number): number {
    this.context.gateway.readState(slot, state);
    if (state.status === PartitionStatus.offline) return KafkaError.KAFKA_STORAGE_ERROR;
    if (state.status !== PartitionStatus.online) return KafkaError.NOT_LEADER_OR_FOLLOWER;
    const tooFew = this.request.acks === -1 && state.inSyncReplicas < state.minInsyncReplicas;
    return tooFew ? KafkaError.NOT_ENOUGH_REPLICAS : 0;
  }

  private fail(response: PartitionResponse, error: number): void {
    this.failed = true;
    response.errorCode = error;
  }

  appended(index: number, completion: AppendCompletion): void {
    const response = this.partitions[index];
    if (completion.error === 0) {
      response.baseOffset = completion.baseOffset;
      response.logAppendTimeMs = completion.appendTime;
      response.logStartOffset = completion.logStartOffset;
    } else {
      this.fail(response, completion.error);
      response.errorMessage = completion.detail?.message ?? null;
      response.recordErrors = (completion.detail?.recordErrors ?? []).map((record) => ({
        batchIndex: record.batchIndex,
        batchIndexErrorMessage: record.message,
      }));
    }
    this.finishOne();
  }

  private finishOne(): void {
    if (--this.outstanding > 0) return;
    if (this.request.acks !== 0) {
      this.call.respond({ responses: this.responses, throttleTimeMs: 0, nodeEndpoints: [] });
    } else if (this.failed) {
      // acks=0 gets no answer; closing tells the client to refresh its metadata.
      this.call.close();
    } else {
      this.call.respondNothing();
    }
  }
}

export const produceHandler = networkHandler({
  request: produceRequest,
  response: produceResponse,
  versions: [3, 13],
  advertised: [0, 13],
  overlaps: true,
  handle: (context, request, call) => new PendingProduce(context, request, call).start(),
});
