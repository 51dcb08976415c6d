/**
 * The seam between threads. Network threads append and read through `PartitionGateway`; the main thread opens, changes
 * and closes partitions through `PartitionHost`; each partition worker runs the drain loop. Nobody else touches rings,
 * shared state or worker ports.
 */
import type { LogConfig, LogSpec } from '../storage/contract.js';

/** Published state of a partition, a consistent copy read from shared memory. Reused by the caller, never allocated per read. */
export interface PartitionState {
  status: number; // PartitionStatus
  leaderEpoch: number;
  logStartOffset: number;
  highWatermark: number;
  lastStableOffset: number;
  logEndOffset: number;
  recoveryPoint: number;
  logToken: number; // writer's LogToken
  minInsyncReplicas: number;
  inSyncReplicas: number;
  sizeBytes: number;
}

export const PartitionStatus = { free: 0, loading: 1, online: 2, offline: 3, deleted: 4 } as const;

/** Appends are at most this many bytes away from being one drain; an entry refers to bytes in a registered slab. */
export interface AppendCompletion {
  request: number; // the number given to submitAppend
  slot: number;
  error: number; // KafkaError
  baseOffset: number;
  appendTime: number;
  logStartOffset: number;
  /** Set for refused batches that carry texts; null otherwise. */
  detail: { message: string | null; recordErrors: { batchIndex: number; message: string | null }[] } | null;
}

/** A network thread's (or the main thread's) side. One instance per thread. */
export interface PartitionGateway {
  /** False when the worker's ring is full: keep the request, try again after the next wake (there is one when space
   *  came free, even with nothing in flight). `flags` is the row's first Word.flags; 0. */
  submitAppend(slot: number, request: number, slabPosition: number, length: number, flags: number): boolean;
  /** Rings every worker that got entries since the last call. Once per turn. */
  flushWakes(): void;
  /** Hands over completions and fetch wake-ups that arrived; called on wake. The completion is one object, reused. */
  drain(onAppend: (completion: AppendCompletion) => void, onReadable: (slot: number) => void): number;
  /** PartitionStatus; cheaper than `readState`. */
  status(slot: number): number;
  /** Seqlock read into `out`. */
  readState(slot: number, out: PartitionState): void;
  /** Asks for `onReadable(slot)` at the next change of HW, LSO, start or status. Re-read the state after calling (lost-wake rule). */
  watch(slot: number): void;
  /** Token valid in this thread for SegmentEngine.read and friends. */
  logToken(slot: number): number;
  /** Makes the slot known in this thread (message from main). */
  learn(slot: number, directory: string, worker: number): void;
  forget(slot: number): void;
}

export interface OpenedPartition {
  slot: number;
  logStartOffset: number;
  highWatermark: number;
  logEndOffset: number;
  /** null = online; otherwise why the partition is offline. */
  offlineReason: string | null;
}

/** Commands of the main thread; each resolves when the worker has done it. */
export interface PartitionHost {
  /** Reserves a slot, assigns a worker (lazily started), opens (recovers, or creates) the log. */
  open(spec: LogSpec): Promise<OpenedPartition>;
  /** As `open` for many, in the order of `specs`; those that can share a `config` object should. */
  openAll(specs: readonly LogSpec[]): Promise<OpenedPartition[]>;
  setConfig(slot: number, config: LogConfig): Promise<void>;
  becomeLeader(slot: number, leaderEpoch: number): Promise<void>;
  deleteRecords(slot: number, offset: number): Promise<{ error: number; lowWatermark: number }>;
  flush(slot: number): Promise<void>;
  /** Closes and renames to -delete; the directory is removed after file.delete.delay.ms. */
  delete(slot: number): Promise<void>;
  describe(slot: number): Promise<{ sizeBytes: number; producers: unknown[] }>;
  /** Time and epoch look-ups that touch disk and records. */
  findByTimestamp(
    slot: number,
    timestamp: number,
  ): Promise<{ offset: number; timestamp: number; leaderEpoch: number } | null>;
  /** ListOffsets -3. */
  findMaxTimestamp(slot: number): Promise<{ offset: number; timestamp: number; leaderEpoch: number } | null>;
  endOffsetForEpoch(slot: number, leaderEpoch: number): Promise<{ leaderEpoch: number; endOffset: number }>;
  abortedTransactions(
    slot: number,
    from: number,
    to: number,
  ): Promise<{ producerId: bigint; firstOffset: number }[]>;
  /** Flushes and closes every log; resolves when all workers have exited. */
  shutdown(clean: boolean): Promise<void>;
  readState(slot: number, out: PartitionState): void;
}
