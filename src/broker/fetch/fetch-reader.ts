/**
 * Reads what one fetch may see (ReplicaManager.readFromLog, UnifiedLog.read): checks per partition, then byte ranges of
 * segments found natively. Makes no copy: records leave as `range` holes of the answer. Owned by a network thread.
 */
import { KafkaError } from '../../base/kafka-error.js';
import { ReadOut, ReadStatus, type SegmentEngine } from '../../io/segment-engine.js';
import { type PartitionGateway, PartitionStatus } from '../../partition/contract.js';
import { emptyState } from '../../partition/state-table.js';
import type { FetchPartition } from './fetch-session.js';

export interface FetchLimits {
  /** min(request maxBytes, fetch.max.bytes). */
  bytesMax: number;
  /** Bytes that satisfy the wait; already min(request.minBytes, bytesMax). */
  bytesMin: number;
  /** 0 = consumer up to HW, 1 = consumer up to LSO, 2 = debugging consumer (replica id -2) up to the log end. */
  upTo: 'highWatermark' | 'lastStableOffset' | 'logEnd';
  /** A follower id >= 0: refused on a single broker (CVE-2018-1288). */
  replicaId: number;
}

/** Answer of one partition; `range` 0 = no records. */
export interface FetchResult {
  error: number;
  highWatermark: number;
  lastStableOffset: number;
  logStartOffset: number;
  leaderEpoch: number;
  range: number;
  length: number;
  /** Where the client's history and ours part (KIP-595); it truncates and asks again. */
  diverging: { epoch: number; endOffset: number } | null;
}

/** Nothing is known of such a partition; Kafka answers these before it reads, behind all others. */
export function isUnknown({ error }: FetchResult): boolean {
  return error === KafkaError.UNKNOWN_TOPIC_OR_PARTITION || error === KafkaError.UNKNOWN_TOPIC_ID;
}

export interface EpochLookup {
  /** Epoch cache answer for an epoch older than the current one; (-1, -1) = unknown. */
  endOffsetForEpoch(slot: number, epoch: number): { leaderEpoch: number; endOffset: number };
}

export class FetchReader {
  private readonly state = emptyState();
  private readonly out = new Float64Array(4);

  constructor(
    private readonly gateway: PartitionGateway,
    private readonly engine: SegmentEngine,
    private readonly epochs: EpochLookup,
  ) {}

  /** Result without records; also the answer for partitions that cannot be read. */
  private failed(error: number): FetchResult {
    return {
      error,
      highWatermark: -1,
      lastStableOffset: -1,
      logStartOffset: -1,
      leaderEpoch: -1,
      range: 0,
      length: 0,
      diverging: null,
    };
  }

  /** Checks that do not depend on data: identity, leadership, epoch fencing. 0 = fine; fills `this.state`. */
  private check(partition: FetchPartition, limits: FetchLimits): number {
    if (partition.slot < 0) return KafkaError.UNKNOWN_TOPIC_OR_PARTITION;
    this.gateway.readState(partition.slot, this.state);
    const { status, leaderEpoch } = this.state;
    if (status === PartitionStatus.offline) return KafkaError.KAFKA_STORAGE_ERROR;
    if (status !== PartitionStatus.online) return KafkaError.NOT_LEADER_OR_FOLLOWER;
    if (partition.currentLeaderEpoch >= 0) {
      if (partition.currentLeaderEpoch < leaderEpoch) return KafkaError.FENCED_LEADER_EPOCH;
      if (partition.currentLeaderEpoch > leaderEpoch) return KafkaError.UNKNOWN_LEADER_EPOCH;
    }
    if (limits.replicaId >= 0) {
      // Partition.followerReplicaOrThrow: a follower that is not in the assignment.
      return partition.currentLeaderEpoch >= 0
        ? KafkaError.UNKNOWN_LEADER_EPOCH
        : KafkaError.NOT_LEADER_OR_FOLLOWER;
    }
    return 0;
  }

  private endFor(limits: FetchLimits): number {
    if (limits.upTo === 'logEnd') return this.state.logEndOffset;
    return limits.upTo === 'lastStableOffset' ? this.state.lastStableOffset : this.state.highWatermark;
  }

  /** Reads one partition. `bytesLeft` limits it; `atLeastOne` = nothing was returned yet, so the first batch comes whole. */
  read(partition: FetchPartition, limits: FetchLimits, bytesLeft: number, atLeastOne: boolean): FetchResult {
    const error = this.check(partition, limits);
    if (error !== 0) {
      const refused = this.failed(error);
      if (partition.slot >= 0) refused.leaderEpoch = this.state.leaderEpoch;
      return refused;
    }
    const result = this.failed(0);
    result.leaderEpoch = this.state.leaderEpoch;
    const diverging = this.divergence(partition);
    if (diverging?.epoch === -1 || (diverging === null && this.isOutOfRange(partition.fetchOffset))) {
      return this.failed(KafkaError.OFFSET_OUT_OF_RANGE);
    }
    result.highWatermark = this.state.highWatermark;
    result.lastStableOffset = this.state.lastStableOffset;
    result.logStartOffset = this.state.logStartOffset;
    result.diverging = diverging;
    if (diverging !== null) return result;
    const bytesMax = Math.min(partition.bytesMax, bytesLeft);
    const end = this.endFor(limits);
    if (partition.fetchOffset >= end || (bytesMax <= 0 && !atLeastOne)) return result;
    const token = this.gateway.logToken(partition.slot);
    const status = this.engine.read(
      token,
      partition.fetchOffset,
      end,
      Math.max(0, bytesMax),
      atLeastOne,
      this.out,
    );
    if (status === ReadStatus.outOfRange) return this.failed(KafkaError.OFFSET_OUT_OF_RANGE);
    if (status === ReadStatus.found) {
      result.range = this.out[ReadOut.range];
      result.length = this.out[ReadOut.length];
    }
    return result;
  }

  /** Bytes a parked fetch could get from this partition now; -1 = something changed that must be answered at once. */
  available(partition: FetchPartition, limits: FetchLimits): number {
    if (this.check(partition, limits) !== 0 || this.isOutOfRange(partition.fetchOffset)) return -1;
    const end = this.endFor(limits);
    if (partition.fetchOffset >= end) return 0;
    const token = this.gateway.logToken(partition.slot);
    return Math.min(partition.bytesMax, this.engine.readableBytes(token, partition.fetchOffset, end));
  }

  private isOutOfRange(fetchOffset: number): boolean {
    return fetchOffset < this.state.logStartOffset || fetchOffset > this.state.logEndOffset;
  }

  /** KIP-595: the client's last epoch ended earlier here than where it wants to go on. */
  private divergence(partition: FetchPartition): FetchResult['diverging'] {
    if (partition.lastFetchedEpoch < 0) return null;
    const { leaderEpoch, logEndOffset } = this.state;
    const answer =
      partition.lastFetchedEpoch === leaderEpoch
        ? { leaderEpoch, endOffset: logEndOffset }
        : this.epochs.endOffsetForEpoch(partition.slot, partition.lastFetchedEpoch);
    if (answer.leaderEpoch < partition.lastFetchedEpoch || answer.endOffset < partition.fetchOffset) {
      return { epoch: answer.leaderEpoch, endOffset: answer.endOffset };
    }
    return null;
  }
}
