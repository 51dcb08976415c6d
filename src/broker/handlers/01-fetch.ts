/**
 * Fetch (key 1), versions 4-18. KIP-98 isolation (v4), KIP-227 sessions (v7), KIP-320 leader epochs (v9), KIP-392
 * replica choice (v11, never used on one host), KIP-595 diverging epochs (v12), KIP-516 topic ids (v13).
 * Skipped: fetches by followers (refused: CVE-2018-1288).
 * Network thread: finds byte ranges, answers at once or parks until an append satisfies the request.
 */
import { KafkaError } from '../../base/kafka-error.js';
import {
  type FetchRequest,
  type FetchResponseInput,
  fetchRequest,
  fetchResponse,
} from '../../protocol/01-fetch.js';
import type { DelayedFetch } from '../fetch/delayed-fetches.js';
import { type FetchContext, openFetchContext } from '../fetch/fetch-context.js';
import { type FetchLimits, type FetchResult, isUnknown } from '../fetch/fetch-reader.js';
import type { FetchPartition } from '../fetch/fetch-session.js';
import type { NetworkCall } from '../handler.js';
import { type NetworkContext, networkHandler } from '../network/context.js';

type FetchCall = NetworkCall<FetchResponseInput>;
type PartitionResponse = NonNullable<
  NonNullable<FetchResponseInput['responses']>[number]['partitions']
>[number];
interface TopicResponse {
  topic: string;
  topicId: string;
  partitions: PartitionResponse[];
}

/** Replica id of a debugging consumer: reads to the log end. */
const DEBUGGING_CONSUMER = -2;
const READ_COMMITTED = 1;
const REPLICA_STATE_VERSION_MIN = 15;
/** KIP-951. The field is older (v12), but was filled for followers of the metadata log only. */
const LEADER_HINT_VERSION_MIN = 16;
const NO_EPOCH = { epoch: -1, endOffset: -1 };
const NO_LEADER = { leaderId: -1, leaderEpoch: -1 };
/** What an answer and each partition in it have besides records, about: quotas count whole answers. */
const ANSWER_BYTES = 32;
const PARTITION_BYTES = 64;
const NO_RECORDS = new Uint8Array(0);

function limitsOf(request: FetchRequest, call: FetchCall, { config, quotas }: NetworkContext): FetchLimits {
  const replicaId =
    call.version >= REPLICA_STATE_VERSION_MIN ? request.replicaState.replicaId : request.replicaId;
  const ofQuota = quotas.chargesFetch ? Math.floor(quotas.fetchBytesMax(call)) : config.fetchBytesMax;
  const bytesMax = Math.max(0, Math.min(request.maxBytes, config.fetchBytesMax, ofQuota));
  const committed = request.isolationLevel === READ_COMMITTED;
  return {
    bytesMax,
    bytesMin: Math.min(request.minBytes, bytesMax),
    upTo: replicaId === DEBUGGING_CONSUMER ? 'logEnd' : committed ? 'lastStableOffset' : 'highWatermark',
    replicaId,
  };
}

/** One fetch request, from its first look at the logs to its answer. */
class PendingFetch implements DelayedFetch {
  readonly slots: number[] = [];
  readonly deadlineMs: number;
  private readonly limits: FetchLimits;
  done?: boolean;

  constructor(
    private readonly context: NetworkContext,
    private readonly request: FetchRequest,
    private readonly call: FetchCall,
    private readonly fetchContext: FetchContext,
  ) {
    this.limits = limitsOf(request, call, context);
    this.deadlineMs = context.clock.monotonicMs() + Math.max(0, request.maxWaitMs);
  }

  start(): void {
    const { context, request } = this;
    const partitions = this.fetchContext.partitions();
    const results = this.readAll(partitions);
    if (request.maxWaitMs <= 0 || partitions.length === 0 || this.suffices(results)) {
      this.answer(partitions, results);
      return;
    }
    this.drop(results);
    for (const partition of partitions) this.slots.push(partition.slot);
    this.call.onClosed(() => {
      context.delayed.cancel(this);
      this.call.respondNothing(); // nobody reads it; lets go of the frame
    });
    for (const slot of this.slots) context.gateway.watch(slot);
    // What arrived before the watch was set would wake nobody: look once more before parking.
    if (!this.attempt(false)) context.delayed.park(this);
  }

  attempt(expired: boolean): boolean {
    const partitions = this.fetchContext.partitions();
    // The usual consumer takes anything: reading tells, and what was read is the answer.
    const takesAny = this.limits.bytesMin <= 1;
    if (!expired && !takesAny && !this.isSatisfied(partitions)) return false;
    const results = this.readAll(partitions);
    if (!expired && takesAny && !this.suffices(results)) {
      this.drop(results);
      return false;
    }
    this.answer(partitions, results);
    return true;
  }

  /** Enough bytes, or something that the client must know at once. */
  private suffices(results: readonly FetchResult[]): boolean {
    let bytes = 0;
    for (const result of results) {
      if (result.error !== 0 || result.diverging !== null) return true;
      bytes += result.length;
    }
    return bytes >= this.limits.bytesMin;
  }

  /** Looked at before anything is read: what a fetch waits for may come in many small appends. */
  private isSatisfied(partitions: FetchPartition[]): boolean {
    let bytes = 0;
    for (const partition of partitions) {
      const available = this.context.reader.available(partition, this.limits);
      if (available < 0) return true;
      bytes += available;
      if (bytes >= this.limits.bytesMin) return bytes > 0;
    }
    return false;
  }

  private readAll(partitions: FetchPartition[]): FetchResult[] {
    let bytesLeft = this.limits.bytesMax;
    let atLeastOne = true;
    return partitions.map((partition) => {
      const result = this.context.reader.read(partition, this.limits, bytesLeft, atLeastOne);
      if (partition.topic === null) result.error = KafkaError.UNKNOWN_TOPIC_ID;
      bytesLeft = Math.max(0, bytesLeft - result.length);
      if (result.length > 0) atLeastOne = false;
      return result;
    });
  }

  private drop(results: FetchResult[]): void {
    for (const result of results) if (result.range !== 0) this.context.engine.dropRange(result.range);
  }

  private answer(partitions: FetchPartition[], results: FetchResult[]): void {
    if (!this.call.isAlive()) {
      this.drop(results);
      this.call.respondNothing();
      return;
    }
    const waitMs = this.context.quotas.chargesFetch ? this.charge(results) : 0;
    if (waitMs > 0) {
      this.answerThrottled(results, waitMs);
      return;
    }
    const responses: TopicResponse[] = [];
    const order = this.fetchContext.included(partitions, results);
    for (const index of order) {
      const partition = partitions[index];
      let topic = responses.at(-1);
      if (
        topic === undefined ||
        topic.topicId !== partition.topicId ||
        topic.topic !== (partition.topic ?? '')
      ) {
        topic = { topic: partition.topic ?? '', topicId: partition.topicId, partitions: [] };
        responses.push(topic);
      }
      topic.partitions.push(this.partitionResponse(partition, results[index]));
    }
    const { sessionId, error } = this.fetchContext.close();
    this.call.respond({ throttleTimeMs: 0, errorCode: error, sessionId, responses, nodeEndpoints: [] });
  }

  private charge(results: readonly FetchResult[]): number {
    let bytes = ANSWER_BYTES;
    for (const result of results) bytes += PARTITION_BYTES + result.length;
    return this.context.quotas.fetched(this.call, bytes, this.call.workMs);
  }

  /** Over a quota: nothing is told but how long to wait; a session is neither made nor changed. */
  private answerThrottled(results: FetchResult[], throttleTimeMs: number): void {
    this.drop(results);
    const sessionId = this.fetchContext.throttled();
    this.call.throttle(throttleTimeMs);
    this.call.respond({ throttleTimeMs, errorCode: 0, sessionId, responses: [], nodeEndpoints: [] });
  }

  private partitionResponse(partition: FetchPartition, result: FetchResult): PartitionResponse {
    const committed = this.request.isolationLevel === READ_COMMITTED;
    const upper = result.lastStableOffset;
    const aborted =
      committed && result.error === 0
        ? this.context.topics.abortedTransactions(partition.slot, partition.fetchOffset, upper)
        : isUnknown(result)
          ? []
          : null;
    const unknownLeader =
      this.call.version >= LEADER_HINT_VERSION_MIN &&
      (result.error === KafkaError.NOT_LEADER_OR_FOLLOWER || result.error === KafkaError.FENCED_LEADER_EPOCH);
    return {
      partitionIndex: partition.partition,
      errorCode: result.error,
      highWatermark: result.highWatermark,
      lastStableOffset: result.lastStableOffset,
      logStartOffset: result.logStartOffset,
      divergingEpoch: result.diverging ?? NO_EPOCH,
      currentLeader: unknownLeader
        ? { leaderId: this.context.nodeId, leaderEpoch: result.leaderEpoch }
        : NO_LEADER,
      snapshotId: NO_EPOCH,
      abortedTransactions: aborted,
      preferredReadReplica: -1,
      records: result.range === 0 ? NO_RECORDS : { hole: result.range, length: result.length },
    };
  }
}

export const fetchHandler = networkHandler({
  request: fetchRequest,
  response: fetchResponse,
  versions: [4, 18],
  throttles: true,
  handle: (context, request, call) => {
    const opened = openFetchContext(context, request, call.version);
    if (typeof opened === 'number') {
      call.respond({ throttleTimeMs: 0, errorCode: opened, sessionId: 0, responses: [], nodeEndpoints: [] });
      return;
    }
    new PendingFetch(context, request, call, opened).start();
  },
});
