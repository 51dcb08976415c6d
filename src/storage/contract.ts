/**
 * What one partition's log offers to the partition worker that owns it. Speaks offsets, batches and segments; knows
 * no request, no topic metadata beyond its own id, no other partition. Single-threaded: the caller holds the drain token.
 */
import type { BatchTable } from '../io/batch-table.js';
import type { Clock } from '../io/clock.js';
import type { LogToken, SegmentEngine } from '../io/segment-engine.js';

/** Effective topic configuration as numbers; `metadata/config` makes it from topic keys and their broker synonyms. */
export interface LogConfig {
  segmentBytes: number;
  segmentMs: number;
  segmentJitterMs: number;
  segmentIndexBytes: number;
  indexIntervalBytes: number;
  maxMessageBytes: number;
  messageTimestampType: 'CreateTime' | 'LogAppendTime';
  messageTimestampBeforeMaxMs: number;
  messageTimestampAfterMaxMs: number;
  cleanupCompact: boolean;
  cleanupDelete: boolean;
  compressionType: 'producer' | 'uncompressed' | 'gzip' | 'snappy' | 'lz4' | 'zstd';
  compressionGzipLevel: number;
  compressionLz4Level: number;
  compressionZstdLevel: number;
  flushMessages: number; // Number.MAX_SAFE_INTEGER = never
  flushMs: number; // Number.MAX_SAFE_INTEGER = never
  retentionMs: number;
  retentionBytes: number;
  preallocate: boolean;
  fileDeleteDelayMs: number;
  maxCompactionLagMs: number;
  minCompactionLagMs: number;
  deleteRetentionMs: number;
  minCleanableDirtyRatio: number;
  minInsyncReplicas: number;
  producerIdExpirationMs: number;
  /** `header`: records of a batch are looked into only where something else asks for it (log.validation). */
  validation: 'full' | 'header';
}

/** What opening a log needs to know from the outside. */
export interface LogSpec {
  directory: string; // …/<topic>-<partition>
  topic: string;
  partition: number;
  topicId: string; // 22-character base64
  config: LogConfig;
  /** From the directory's checkpoints; undefined = absent. */
  recoveryPoint: number | undefined;
  logStartOffset: number | undefined;
  highWatermark: number | undefined;
  /** .kafka_cleanshutdown was there when this directory was opened. */
  cleanShutdown: boolean;
  /** The machine has not rebooted since this directory was last written (same boot id): the page cache survived. */
  sameBoot: boolean;
  /** Leader epoch to lead with from now on. */
  leaderEpoch: number;
}

/** Injected world. */
export interface LogDeps {
  engine: SegmentEngine;
  clock: Clock;
  /** Uniform in [0, 1). */
  random: () => number;
  /** One line for people: recovery, cuts, rolls worth knowing. */
  report: (level: 'info' | 'warn' | 'error', message: string, fields?: Record<string, unknown>) => void;
  /** Memory for the append state of this log (storage/append-state.ts draws the layout); zeroed by the caller. */
  appendState: SharedArrayBuffer;
  appendStateOffset: number;
  /** Producer table shared by the logs of one worker (storage/producer-table.ts). */
  producers: import('./producer-table.js').ProducerTable;
  /** Key of this log in the producer table: the partition's slot. */
  producerScope: number;
  /** Memory registered with this thread's engine as slab `index`: compressed and refused batches are read from it. */
  slab: (index: number) => Uint8Array;
  /** Memory of this thread for rebuilt batches; its logs share it, one appends at a time. */
  scratch: import('./scratch-slab.js').ScratchSlab;
  /** Asked after a roll, from `housekeep`: make [fromOffset, upTo), and the producer snapshot at `upTo`, durable on another
   *  thread and tell the log by `flushedUpTo` or `markFailed`. Absent: housekeep flushes itself, which holds up this worker. */
  flushElsewhere?: (fromOffset: number, upTo: number) => void;
  /** Deletes a file on another thread: a large one takes tens of milliseconds. Absent: housekeep deletes it. What is not
   *  deleted goes at the next start, by its suffix. */
  removeElsewhere?: (path: string) => void;
}

/** Outcome of one row of an append, filled into reusable arrays indexed by row. */
export interface AppendOutcomes {
  /** KafkaError number; 0 = kept. */
  errors: Int16Array;
  /** Base offset given (or the original one of a duplicate); -1 on error. */
  baseOffsets: Float64Array;
  /** LogAppendTime in ms or -1. */
  appendTimes: Float64Array;
  /** Texts and per-record errors of refused rows only; sparse. */
  details: Map<
    number,
    { message: string | null; recordErrors: { batchIndex: number; message: string | null }[] }
  >;
}

/** Offsets a reader may rely on after an append; the worker publishes them in one step. */
export interface LogOffsets {
  logStartOffset: number;
  highWatermark: number;
  lastStableOffset: number;
  logEndOffset: number;
}

export interface PartitionLogApi {
  readonly spec: LogSpec;
  readonly token: LogToken;
  readonly offsets: LogOffsets;
  readonly recoveryPoint: number;
  readonly leaderEpoch: number;
  /** Appends rows [from, to) of one drain in order as the leader: validation (LogValidator), idempotence, roll, native
   *  append, producer state, epoch cache. Never throws for bad input; throws OperationError('STORAGE_FAILED') when the
   *  disk fails: rows already marked kept stay kept, the rest must be answered KAFKA_STORAGE_ERROR. */
  append(table: BatchTable, from: number, to: number, outcomes: AppendOutcomes): void;
  /** log.flush.interval.messages reached, or a flush-before-ack drain: fdatasync up to the log end, recovery point follows. */
  flush(): void;
  /** Ahead of the flushes of several logs: the disk starts on this one's bytes, nothing is waited for. */
  startFlush(): void;
  flushDue(nowMs: number): boolean;
  /** Everything below `offset` was made durable elsewhere. */
  flushedUpTo(offset: number): void;
  /** The log's disk failed elsewhere: appends are refused from now on, nothing is written on close. */
  markFailed(): void;
  /** Work moved off the append path: prepare the next segment, snapshots, deletes. Returns true when more is left. */
  housekeep(nowMs: number): boolean;
  roll(): void;
  becomeLeader(leaderEpoch: number): void;
  /** (leaderEpoch, endOffset) by the epoch cache rules; (-1, -1) undefined. */
  endOffsetForEpoch(leaderEpoch: number): { leaderEpoch: number; endOffset: number };
  /** Epoch that was current at `offset`, -1 unknown. */
  epochAt(offset: number): number;
  /** DeleteRecords and retention. */
  raiseLogStartOffset(offset: number): void;
  truncateTo(offset: number): void;
  setConfig(config: LogConfig): void;
  /** Record offset and timestamp of the first record with timestamp >= target at or after the log start, null = none. */
  findByTimestamp(timestamp: number): { offset: number; timestamp: number; leaderEpoch: number } | null;
  /** ListOffsets -3. */
  findMaxTimestamp(): { offset: number; timestamp: number; leaderEpoch: number } | null;
  sizeBytes(): number;
  /** Removes segments by age, size and log start; returns how many. The caller runs it every log.retention.check.interval.ms. */
  enforceRetention(nowMs: number): number;
  /** Aborted transactions overlapping [fetchOffset, upperBound). */
  abortedTransactions(fetchOffset: number, upperBound: number): { producerId: bigint; firstOffset: number }[];
  activeProducers(): {
    producerId: bigint;
    epoch: number;
    lastSequence: number;
    lastTimestamp: number;
    coordinatorEpoch: number;
    currentTransactionFirstOffset: number;
  }[];
  /** Flush, snapshot, final index rows, exact file lengths. `clean` = part of a clean stop. */
  close(clean: boolean): void;
  /** Renames the directory to `<topic>-<partition>.<uuid>-delete` and closes; returns the new path for later removal. */
  markDeleted(): string;
}
