/**
 * The append state of one log in shared memory, so that whichever thread holds the drain token can append: 40 doubles.
 * One writer at a time; the token's compare-and-swap orders the stores. Readers of published offsets use the
 * partition's seqlock, not this.
 *
 * ```
 *  double 0       1       2         3        4            5         6         7         8          9
 *         layout  status  logStart  logEnd   leaderEpoch  recovery  unstable  lastFlush segment    segment
 *                                                         Point     Offset    Ms        Base       Size
 *  double 10              11         12          13             14             15
 *         segmentFirst    segment    rollJitter  offsetEntries  timeEntries    snapshotOffset
 *         Timestamp       CreatedMs  Ms          Bound          Bound
 *  double 16..31  the configuration numbers an append needs (ConfigColumn)
 *  double 32      trouble
 *  double 33..39  reserved
 * ```
 * `…EntriesBound`: at least the rows of that index; exact after a look at the engine.
 */
import { assert } from '../base/assert.js';
import type { LogConfig } from './contract.js';

export const APPEND_STATE_LAYOUT = 1;
export const APPEND_STATE_BYTES = 320;

export const StateColumn = {
  layout: 0,
  status: 1,
  logStartOffset: 2,
  logEndOffset: 3,
  leaderEpoch: 4,
  recoveryPoint: 5,
  /** First offset of the oldest open transaction; -1 = none. */
  unstableOffset: 6,
  lastFlushMs: 7,
  segmentBase: 8,
  segmentSizeBytes: 9,
  /** maxTimestamp of the active segment's first batch; -1 = no batch or none. */
  segmentFirstTimestamp: 10,
  segmentCreatedMs: 11,
  rollJitterMs: 12,
  offsetEntriesBound: 13,
  timeEntriesBound: 14,
  /** Offset of the newest producer snapshot written or loaded; -1 = none. */
  snapshotOffset: 15,
  /** `Trouble`. */
  trouble: 32,
} as const;

export const ConfigColumn = {
  segmentBytes: 16,
  segmentMs: 17, // bounded by max.compaction.lag.ms for compacted topics
  offsetEntriesMax: 18,
  timeEntriesMax: 19,
  messageBytesMax: 20,
  logAppendTime: 21, // 1 = LogAppendTime
  timestampBeforeMaxMs: 22,
  timestampAfterMaxMs: 23,
  keyRequired: 24, // 1 = compacted
  compression: 25, // -1 = keep the producer's
  compressionLevel: 26,
  indexIntervalBytes: 27,
  flushesInTime: 28, // 1 = log.flush.interval.messages or .ms is set
  recordsUnchecked: 29, // 1 = batches are stored without a look at their records
} as const;

/** Why a log is not to be helped with; what the owner still has to hear from a helper. */
export const Trouble = {
  none: 0,
  /** The owner repairs it before the next append. */
  ownerOnly: 1,
  /** A helper's append found the disk full. */
  helperDiskFull: 2,
  /** A helper's append failed: the log goes offline. */
  helperFailed: 3,
} as const;

export const LogStatus = { closed: 0, open: 1, failed: 2 } as const;

/** Bytes of a row in each index file. */
export const OFFSET_INDEX_ENTRY_BYTES = 8;
export const TIME_INDEX_ENTRY_BYTES = 12;

const COMPRESSION_TYPES: Record<LogConfig['compressionType'], number> = {
  producer: -1,
  uncompressed: 0,
  gzip: 1,
  snappy: 2,
  lz4: 3,
  zstd: 4,
};

function compressionLevel(config: LogConfig): number {
  switch (config.compressionType) {
    case 'gzip':
      return config.compressionGzipLevel;
    case 'lz4':
      return config.compressionLz4Level;
    case 'zstd':
      return config.compressionZstdLevel;
    default:
      return 0;
  }
}

export class AppendState {
  private readonly values: Float64Array;

  /** `offset`: a multiple of 8; APPEND_STATE_BYTES from it belong to this log. */
  constructor(memory: SharedArrayBuffer, offset: number) {
    this.values = new Float64Array(memory, offset, APPEND_STATE_BYTES / 8);
  }

  /** Puts the layout number and "nothing known" into zeroed memory. */
  initialize(): void {
    this.values.fill(0);
    this.set(StateColumn.layout, APPEND_STATE_LAYOUT);
    this.set(StateColumn.unstableOffset, -1);
    this.set(StateColumn.segmentFirstTimestamp, -1);
    this.set(StateColumn.snapshotOffset, -1);
    this.set(StateColumn.leaderEpoch, -1);
  }

  assertLayout(): void {
    assert(this.get(StateColumn.layout) === APPEND_STATE_LAYOUT, 'append state layout');
  }

  get(column: number): number {
    return this.values[column];
  }

  set(column: number, value: number): void {
    this.values[column] = value;
  }

  setConfig(config: LogConfig): void {
    const entriesMax = (bytes: number): number => Math.floor(config.segmentIndexBytes / bytes);
    this.set(ConfigColumn.segmentBytes, config.segmentBytes);
    this.set(
      ConfigColumn.segmentMs,
      config.cleanupCompact ? Math.min(config.segmentMs, config.maxCompactionLagMs) : config.segmentMs,
    );
    this.set(ConfigColumn.offsetEntriesMax, entriesMax(OFFSET_INDEX_ENTRY_BYTES));
    // One row is kept for the final entry written on roll.
    this.set(ConfigColumn.timeEntriesMax, entriesMax(TIME_INDEX_ENTRY_BYTES) - 1);
    this.set(ConfigColumn.messageBytesMax, config.maxMessageBytes);
    this.set(ConfigColumn.logAppendTime, config.messageTimestampType === 'LogAppendTime' ? 1 : 0);
    this.set(ConfigColumn.timestampBeforeMaxMs, config.messageTimestampBeforeMaxMs);
    this.set(ConfigColumn.timestampAfterMaxMs, config.messageTimestampAfterMaxMs);
    this.set(ConfigColumn.keyRequired, config.cleanupCompact ? 1 : 0);
    this.set(ConfigColumn.compression, COMPRESSION_TYPES[config.compressionType]);
    this.set(ConfigColumn.compressionLevel, compressionLevel(config));
    this.set(ConfigColumn.indexIntervalBytes, config.indexIntervalBytes);
    const never = Number.MAX_SAFE_INTEGER;
    const flushes = config.flushMessages < never || config.flushMs < never;
    this.set(ConfigColumn.flushesInTime, flushes ? 1 : 0);
    // Keys are seen only in the records, and another codec needs them unpacked: then they are checked too.
    const unseen = !config.cleanupCompact && config.compressionType === 'producer';
    this.set(ConfigColumn.recordsUnchecked, config.validation === 'header' && unseen ? 1 : 0);
  }
}
