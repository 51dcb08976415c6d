/**
 * Produce (key 0), versions 3-13; advertised from 0 because librdkafka probes v0 to learn about compression (KAFKA-18659).
 * KIP-98 (v3), KIP-467 record errors (v8), KIP-951 leader hints (v10), KIP-516 topic ids (v13).
 * Skipped: transactions (a transactional batch is answered INVALID_TXN_STATE).
 * Network thread: checks the request, hands each partition's bytes to its worker where they lie in the slab, answers when
 * all are done. Nothing here looks into records; the worker validates them.
 */
import { KafkaError } from '../../base/kafka-error.js';
import type { AppendCompletion } from '../../partition/contract.js';
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
import {
  framingError,
  framingText,
  hasUnknownCodec,
  isTransactional,
  stateError,
} from '../produce/request-checks.js';

type TopicData = ProduceRequest['topicData'][number];
type PartitionData = TopicData['partitionData'][number];
type TopicResponse = ProduceResponse['responses'][number];
type PartitionResponse = TopicResponse['partitionResponses'][number];

const TOPIC_ID_VERSION_MIN = 13;
/** Errors after which Kafka does not look at the log again: they tell no logStartOffset (ReplicaManager.appendToLocalLog). */
const WITHOUT_LOG_START: ReadonlySet<number> = new Set([
  KafkaError.CORRUPT_MESSAGE,
  KafkaError.UNKNOWN_TOPIC_OR_PARTITION,
  KafkaError.NOT_LEADER_OR_FOLLOWER,
  KafkaError.MESSAGE_TOO_LARGE,
  KafkaError.RECORD_LIST_TOO_LARGE,
  KafkaError.KAFKA_STORAGE_ERROR,
]);
/** The only client id that may write internal topics. */
const ADMIN_CLIENT = '__admin_client';

const state = emptyState();
/** Shared by all answers: never written to. */
const NO_RECORD_ERRORS: PartitionResponse['recordErrors'] = [];
const NO_LEADER: PartitionResponse['currentLeader'] = { leaderId: -1, leaderEpoch: -1 };
const NO_ENDPOINTS: ProduceResponse['nodeEndpoints'] = [];

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
      const partitionResponses: PartitionResponse[] = [];
      for (const partition of topic.partitionData) partitionResponses.push(this.submit(topic, partition));
      if (partitionResponses.length === 0) continue;
      this.responses.push({ name: topic.name, topicId: topic.topicId, partitionResponses });
    }
    this.finishOne();
  }

  /** Answers for the request's only append, which was refused. */
  answerRefused(completion: AppendCompletion): void {
    for (const { name, topicId, partitionData } of this.request.topicData) {
      const partitionResponses = partitionData.map(({ index }) => this.emptyResponse(index));
      this.partitions.push(...partitionResponses);
      this.responses.push({ name, topicId, partitionResponses });
    }
    this.appended(0, completion);
  }

  private submit(topic: TopicData, partition: PartitionData): PartitionResponse {
    const response = this.emptyResponse(partition.index);
    const { topics, appends } = this.context;
    const byId = this.call.version >= TOPIC_ID_VERSION_MIN;
    const name = byId ? topics.nameOf(topic.topicId) : topic.name;
    const slot = name === undefined ? -1 : topics.slotOf(name, partition.index);
    const error = this.check(name, partition, slot);
    if (error !== 0 || partition.records === null) {
      this.fail(response, error);
      if (error === KafkaError.CORRUPT_MESSAGE && partition.records !== null)
        response.errorMessage = framingText(partition.records.bytes, partition.records.position);
      return response;
    }
    this.outstanding++;
    const { position, length } = partition.records;
    appends.submit(this, this.partitions.push(response) - 1, slot, position, length, 0);
    return response;
  }

  private emptyResponse(index: number): PartitionResponse {
    return {
      index,
      errorCode: 0,
      baseOffset: -1,
      logAppendTimeMs: -1,
      logStartOffset: -1,
      recordErrors: NO_RECORD_ERRORS,
      errorMessage: null,
      currentLeader: NO_LEADER,
    };
  }

  /** Request-level checks in Kafka's order (KafkaApis.handleProduceRequest, ProduceRequest.validateRecords). */
  private check(name: string | undefined, { index, records }: PartitionData, slot: number): number {
    const { context, call, request } = this;
    if (name === undefined) return KafkaError.UNKNOWN_TOPIC_ID;
    if (slot < 0) return KafkaError.UNKNOWN_TOPIC_OR_PARTITION;
    if (records === null) return KafkaError.INVALID_RECORD;
    const { bytes, position } = records;
    const framing = framingError(bytes, position, records.length);
    if (framing !== 0) return framing;
    if (hasUnknownCodec(bytes, position, call.version)) return KafkaError.UNSUPPORTED_COMPRESSION_TYPE;
    if (request.acks < -1 || request.acks > 1) return KafkaError.INVALID_REQUIRED_ACKS;
    if (context.topics.isInternal(name) && call.clientId !== ADMIN_CLIENT)
      return KafkaError.INVALID_TOPIC_EXCEPTION;
    if (isTransactional(bytes, position)) {
      return request.transactionalId === null
        ? KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED
        : KafkaError.INVALID_TXN_STATE;
    }
    return stateError(context.gateway, context.topics, slot, name, index, request.acks);
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
      this.refused(response, completion);
    }
    this.finishOne();
  }

  /** Kafka tells a text only when it names records; for the rest the code has to do. */
  private refused(response: PartitionResponse, { error, slot, detail }: AppendCompletion): void {
    this.fail(response, error);
    if (!WITHOUT_LOG_START.has(error)) {
      this.context.gateway.readState(slot, state);
      response.logStartOffset = state.logStartOffset;
    }
    if (detail === null || detail.recordErrors.length === 0) return;
    response.errorMessage = detail.message;
    response.recordErrors = detail.recordErrors.map((record) => ({
      batchIndex: record.batchIndex,
      batchIndexErrorMessage: record.message,
    }));
  }

  /** Bytes of the whole request count; without an answer its handling does not (KafkaApis.handleProduceRequest). */
  private charge(): number {
    const { call, request } = this;
    const workMs = request.acks === 0 ? 0 : call.workMs;
    const waitMs = this.context.quotas.produced(call, call.requestBytes, workMs);
    call.throttle(waitMs);
    return waitMs;
  }

  private finishOne(): void {
    if (--this.outstanding > 0) return;
    const throttleTimeMs = this.context.quotas.chargesProduce ? this.charge() : 0;
    if (this.request.acks !== 0) {
      this.call.respond({ responses: this.responses, throttleTimeMs, nodeEndpoints: NO_ENDPOINTS });
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
  throttles: true,
  handle: (context, request, call) => new PendingProduce(context, request, call).start(),
  direct: {
    serve: ({ singles }, request, slab, position, length, version) =>
      singles.serve(request, slab, position, length, version),
    refused: (context, request, call, completion) =>
      new PendingProduce(context, request, call).answerRefused(completion),
  },
});
