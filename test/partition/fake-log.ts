import { OperationError } from '../../src/base/errors.js';
import { type BatchTable, Word } from '../../src/io/batch-table.js';
import type {
  AppendOutcomes,
  LogConfig,
  LogOffsets,
  LogSpec,
  PartitionLogApi,
} from '../../src/storage/contract.js';

export const NEVER = Number.MAX_SAFE_INTEGER;

export function fakeConfig(changes: Partial<LogConfig> = {}): LogConfig {
  return {
    segmentBytes: 1 << 30,
    segmentMs: 604_800_000,
    segmentJitterMs: 0,
    segmentIndexBytes: 10 << 20,
    indexIntervalBytes: 4096,
    maxMessageBytes: 1_048_588,
    messageTimestampType: 'CreateTime',
    messageTimestampBeforeMaxMs: NEVER,
    messageTimestampAfterMaxMs: 3_600_000,
    cleanupCompact: false,
    cleanupDelete: true,
    compressionType: 'producer',
    compressionGzipLevel: -1,
    compressionLz4Level: 9,
    compressionZstdLevel: 3,
    flushMessages: NEVER,
    flushMs: NEVER,
    retentionMs: 604_800_000,
    retentionBytes: -1,
    preallocate: false,
    fileDeleteDelayMs: 60_000,
    maxCompactionLagMs: NEVER,
    minCompactionLagMs: 0,
    deleteRetentionMs: 86_400_000,
    minCleanableDirtyRatio: 0.5,
    minInsyncReplicas: 1,
    producerIdExpirationMs: 86_400_000,
    validation: 'full',
    ...changes,
  };
}

export function fakeSpec(directory: string, config: Partial<LogConfig> = {}): LogSpec {
  return {
    directory,
    topic: 'orders',
    partition: 0,
    topicId: 'AAAAAAAAAAAAAAAAAAAAAQ',
    config: fakeConfig(config),
    recoveryPoint: undefined,
    logStartOffset: undefined,
    highWatermark: undefined,
    cleanShutdown: true,
    sameBoot: true,
    leaderEpoch: 3,
  };
}

/** Row flags that make the fake fail, so that a test can ask for it from another thread. */
export const Trouble = { refuse: 0x100, diskFull: 0x200, ioError: 0x400, bug: 0x800 } as const;

/** A log in memory: every row is one batch of `length` bytes and one record. */
export class FakeLog implements PartitionLogApi {
  spec: LogSpec;
  readonly token = 42;
  offsets: LogOffsets = { logStartOffset: 0, highWatermark: 0, lastStableOffset: 0, logEndOffset: 0 };
  recoveryPoint = 0;
  leaderEpoch: number;
  bytes = 0;
  /** [from, to) of each append. */
  readonly appends: [number, number][] = [];
  /** Slab positions kept, in order. */
  readonly positions: number[] = [];
  flushes = 0;
  housekeepings = 0;
  housekeepMore = 0;
  failFlush = false;
  closed: boolean | null = null;

  constructor(spec: LogSpec) {
    this.spec = spec;
    this.leaderEpoch = spec.leaderEpoch;
    if (spec.directory.endsWith('-corrupt')) throw new OperationError('LOG_CORRUPT', 'a hole in the middle');
  }

  append(table: BatchTable, from: number, to: number, outcomes: AppendOutcomes): void {
    this.appends.push([from, to]);
    for (let row = from; row < to; row++) {
      const flags = table.word(row, Word.flags);
      if ((flags & Trouble.diskFull) !== 0) {
        throw new OperationError('STORAGE_FAILED', 'no space', {
          cause: Object.assign(new Error(), { code: 'ENOSPC' }),
        });
      }
      if ((flags & Trouble.ioError) !== 0) throw new OperationError('STORAGE_FAILED', 'EIO');
      if ((flags & Trouble.bug) !== 0) throw new TypeError('not a function');
      if ((flags & Trouble.refuse) !== 0) {
        outcomes.errors[row] = 87;
        outcomes.details.set(row, {
          message: `bad batch at ${table.word(row, Word.position)}`,
          recordErrors: [{ batchIndex: 0, message: 'bad record' }],
        });
        continue;
      }
      const offset = this.offsets.logEndOffset;
      outcomes.errors[row] = 0;
      outcomes.baseOffsets[row] = offset;
      this.positions.push(table.word(row, Word.position));
      this.bytes += table.word(row, Word.length);
      this.moveEnd(offset + 1);
    }
  }

  private moveEnd(end: number): void {
    this.offsets = { ...this.offsets, highWatermark: end, lastStableOffset: end, logEndOffset: end };
  }

  flushesStarted = 0;
  startFlush(): void {
    this.flushesStarted++;
  }
  flush(): void {
    if (this.failFlush) throw new OperationError('STORAGE_FAILED', 'fsync failed');
    this.flushes++;
    this.recoveryPoint = this.offsets.logEndOffset;
  }
  flushDue(): boolean {
    return this.offsets.logEndOffset - this.recoveryPoint >= this.spec.config.flushMessages;
  }
  housekeep(): boolean {
    this.housekeepings++;
    return this.housekeepMore-- > 0;
  }
  retentions = 0;
  enforceRetention(): number {
    this.retentions++;
    return 0;
  }
  flushedUpTo(): void {}
  failed = false;
  markFailed(): void {
    this.failed = true;
  }
  roll(): void {}
  becomeLeader(leaderEpoch: number): void {
    this.leaderEpoch = leaderEpoch;
  }
  endOffsetForEpoch(leaderEpoch: number): { leaderEpoch: number; endOffset: number } {
    return { leaderEpoch, endOffset: this.offsets.logEndOffset };
  }
  epochAt(): number {
    return this.leaderEpoch;
  }
  raiseLogStartOffset(offset: number): void {
    this.offsets = { ...this.offsets, logStartOffset: offset };
  }
  truncateTo(offset: number): void {
    this.moveEnd(offset);
  }
  setConfig(config: LogConfig): void {
    this.spec = { ...this.spec, config };
  }
  findByTimestamp(timestamp: number): { offset: number; timestamp: number; leaderEpoch: number } | null {
    return timestamp > 1000 ? null : { offset: 7, timestamp, leaderEpoch: this.leaderEpoch };
  }
  findMaxTimestamp(): { offset: number; timestamp: number; leaderEpoch: number } | null {
    return { offset: 9, timestamp: 1000, leaderEpoch: this.leaderEpoch };
  }
  sizeBytes(): number {
    return this.bytes;
  }
  abortedTransactions(from: number): { producerId: bigint; firstOffset: number }[] {
    return [{ producerId: 9_007_199_254_740_993n, firstOffset: from }];
  }
  activeProducers(): [] {
    return [];
  }
  close(clean: boolean): void {
    this.closed = clean;
  }
  markDeleted(): string {
    return `${this.spec.directory}.0-delete`;
  }
}
