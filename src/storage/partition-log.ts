/**
 * One partition's log: its segments, epochs, producer state and files (Kafka's UnifiedLog and LocalLog). Owned by one
 * partition worker; a thread that helps while the worker sleeps appends through its own `Appender` on the same shared
 * append state. Speaks offsets and batches, never requests.
 *
 * Skipped: remote tiers, compaction (log cleaner), followers' append.
 */
import { isDiskFull, OperationError } from '../base/errors.js';
import { KafkaError } from '../base/kafka-error.js';
import type { BatchTable } from '../io/batch-table.js';
import { FindOut, type LogOptions, type LogToken } from '../io/segment-engine.js';
import { AppendState, LogStatus, StateColumn, Trouble } from './append-state.js';
import { Appender, type SlowWork } from './appender.js';
import type { AppendOutcomes, LogConfig, LogDeps, LogOffsets, LogSpec, PartitionLogApi } from './contract.js';
import { DeletedFiles } from './deleted-files.js';
import { LogSuffix } from './files/file-names.js';
import { type FileOps, systemFiles } from './files/file-ops.js';
import {
  type EpochEntry,
  readLeaderEpochs,
  writeFirstLeaderEpoch,
  writeLeaderEpochs,
} from './files/leader-epoch-file.js';
import { FullDisk } from './full-disk.js';
import { LeaderEpochCache } from './leader-epoch-cache.js';
import { logName, moveForDeletion, prepareLogDirectory, syncNames } from './log-directory.js';
import { type FoundRecord, LookUps } from './look-ups.js';
import { type ActiveProducer, ProducerState } from './producer-state.js';
import { LogLoader } from './recovery.js';
import { planRetention } from './retention-rules.js';
import { SegmentList } from './segment-list.js';
import { SlowBatches } from './slow-batches.js';
import { TailCheckpoint } from './tail-checkpoint.js';
import { truncateTransactionIndex } from './transaction-index.js';

/** producer.id.expiration.check.interval.ms */
const PRODUCER_EXPIRY_INTERVAL_MS = 600_000;
/** The next segment is prepared when the active one has this share of segment.bytes. */
const PREPARE_AT = 0.5;

/** Answers rows without trying: the disk was full a moment ago. */
function refuseAll(outcomes: AppendOutcomes, from: number, to: number): void {
  for (let row = from; row < to; row++) {
    outcomes.errors[row] = KafkaError.KAFKA_STORAGE_ERROR;
    outcomes.baseOffsets[row] = -1;
    outcomes.appendTimes[row] = -1;
  }
}

export function logOptions(config: LogConfig): LogOptions {
  return {
    indexIntervalBytes: config.indexIntervalBytes,
    indexBytesMax: config.segmentIndexBytes,
    segmentBytes: config.segmentBytes,
    preallocate: config.preallocate,
    engine: 'auto',
  };
}

export class PartitionLog implements PartitionLogApi {
  private readonly published: LogOffsets = {
    logStartOffset: 0,
    highWatermark: 0,
    lastStableOffset: 0,
    logEndOffset: 0,
  };
  private readonly state: AppendState;
  private readonly epochs: LeaderEpochCache;
  private readonly producers: ProducerState;
  private readonly appender: Appender;
  private readonly slow: SlowWork;
  private readonly deleted: DeletedFiles;
  private readonly lookUps: LookUps;
  private readonly segments: SegmentList;
  private readonly tail: TailCheckpoint;
  private config: LogConfig;
  private preparedFor = -1;
  private readonly fullDisk = new FullDisk();
  /** Between sealing a segment and having the next one. */
  private rolling = false;
  /** Offset up to which a roll asks for a flush; -1 = none. */
  private flushRequested = -1;
  private nextExpiryMs: number;
  /** The partition's small files and the name of its directory were synced by this object. */
  private namesSynced = false;

  private constructor(
    readonly spec: LogSpec,
    private readonly deps: LogDeps,
    readonly token: LogToken,
    private readonly files: FileOps,
    directory: 'new' | 'found',
  ) {
    this.config = spec.config;
    this.state = new AppendState(deps.appendState, deps.appendStateOffset);
    this.state.initialize();
    this.state.setConfig(spec.config);
    this.namesSynced = directory === 'found' && spec.cleanShutdown; // the clean stop did it
    const { engine, producers, producerScope } = deps;
    this.epochs = new LeaderEpochCache(
      directory === 'new' ? [] : readLeaderEpochs(spec.directory, files),
      (entries, before) => this.writeEpochs(entries, before),
    );
    const crc32c = (bytes: Uint8Array): number => engine.crc32c(bytes);
    this.producers = new ProducerState(producers, producerScope, spec.directory, crc32c, files);
    this.deleted = new DeletedFiles(spec.directory, engine, token, files, deps.removeElsewhere);
    this.lookUps = new LookUps(engine, token);
    const loaded = new LogLoader(spec, deps, token, files, this.epochs, this.producers).load(directory);
    this.state.set(StateColumn.logStartOffset, loaded.logStartOffset);
    this.state.set(StateColumn.logEndOffset, loaded.logEndOffset);
    this.state.set(StateColumn.recoveryPoint, loaded.recoveryPoint);
    this.state.set(StateColumn.lastFlushMs, deps.clock.now());
    this.nextExpiryMs = deps.clock.now() + PRODUCER_EXPIRY_INTERVAL_MS;
    this.segments = new SegmentList(spec.directory, engine, token, this.state, deps.random, files);
    this.segments.load(loaded.bases, this.config, deps.clock.now());
    this.afterProducersLoaded();
    this.producers.forgetListed();
    this.tail = new TailCheckpoint(spec.directory, engine, token, files);
    this.state.set(StateColumn.status, LogStatus.open);
    this.slow = this.slowWork();
    this.appender = new Appender({
      engine,
      token,
      clock: deps.clock,
      state: this.state,
      producers,
      producerScope,
      name: logName(spec),
      slab: deps.slab,
    });
    if (spec.leaderEpoch >= 0) this.becomeLeader(spec.leaderEpoch);
  }

  /** Opens, recovers or creates the log. Throws OperationError: LOG_CORRUPT (nothing was changed), STORAGE_FAILED. */
  static open(spec: LogSpec, deps: LogDeps, files: FileOps = systemFiles): PartitionLog {
    const directory = prepareLogDirectory(spec, files);
    const token = deps.engine.openLog(spec.directory, logOptions(spec.config));
    try {
      return new PartitionLog(spec, deps, token, files, directory);
    } catch (error) {
      deps.engine.closeLog(token);
      deps.producers.removeScope(deps.producerScope);
      throw error;
    }
  }

  /** The first entry of an empty file has no history that a power cut could take: it waits for the first flush. */
  private writeEpochs(entries: readonly EpochEntry[], before: readonly EpochEntry[]): void {
    const { spec, files } = this;
    if (before.length === 0 && entries.length === 1) {
      writeFirstLeaderEpoch(spec.directory, entries[0], files);
      this.namesSynced = false;
    } else {
      writeLeaderEpochs(spec.directory, entries, files);
    }
  }

  /** From the shared state: another thread may have appended for this one meanwhile. */
  get offsets(): LogOffsets {
    this.updateOffsets();
    return this.published;
  }
  get recoveryPoint(): number {
    return this.state.get(StateColumn.recoveryPoint);
  }
  get leaderEpoch(): number {
    return this.state.get(StateColumn.leaderEpoch);
  }
  private get logEndOffset(): number {
    return this.state.get(StateColumn.logEndOffset);
  }
  /** First offset of every segment, for DescribeLogDirs, checkpoints and tests. */
  get segmentBases(): readonly number[] {
    return this.segments.bases;
  }

  append(table: BatchTable, from: number, to: number, outcomes: AppendOutcomes): void {
    const nowMs = this.deps.clock.now();
    if (this.state.get(StateColumn.trouble) === Trouble.helperDiskFull) this.diskIsFull(nowMs);
    if (this.fullDisk.refuses(nowMs)) {
      refuseAll(outcomes, from, to);
      return;
    }
    try {
      this.repairAfterFullDisk(nowMs);
      this.appender.append(table, from, to, outcomes, this.slow);
    } catch (error) {
      if (isDiskFull(error)) this.diskIsFull(nowMs);
      throw error;
    }
  }

  /** The log stays open: reads go on, and a later append tries again. */
  private diskIsFull(nowMs: number): void {
    if (!this.fullDisk.needsRepair) {
      this.deps.report(
        'warn',
        `${logName(this.spec)}: the disk is full; appends are refused until there is space`,
      );
    }
    this.fullDisk.failed(nowMs, this.rolling);
    this.rolling = false;
    this.state.set(StateColumn.status, LogStatus.open);
    this.state.set(StateColumn.trouble, Trouble.ownerOnly);
  }

  private repairAfterFullDisk(nowMs: number): void {
    if (!this.fullDisk.needsRepair) return;
    const { bases } = this.segments;
    if (this.fullDisk.needsActivation) {
      this.deps.engine.activate(this.token);
      this.fullDisk.activated();
    }
    this.segments.load(bases, this.config, nowMs);
    const loader = new LogLoader(this.spec, this.deps, this.token, this.files, this.epochs, this.producers);
    loader.reloadProducers(bases, this.state.get(StateColumn.logStartOffset), this.logEndOffset);
    this.state.set(StateColumn.unstableOffset, this.producers.unstableOffset());
    this.fullDisk.repaired();
    this.state.set(StateColumn.trouble, Trouble.none);
  }

  flush(): void {
    this.assertOpen();
    const end = this.logEndOffset;
    this.diskWork('Flushing', () => {
      this.epochs.persist(end);
      if (!this.namesSynced) syncNames(this.spec.directory, this.files);
      this.namesSynced = true;
      this.deps.engine.flush(this.token, this.recoveryPoint);
    });
    this.flushRequested = -1;
    this.state.set(StateColumn.recoveryPoint, end);
    this.state.set(StateColumn.lastFlushMs, this.deps.clock.now());
  }

  startFlush(): void {
    if (this.state.get(StateColumn.status) === LogStatus.open) this.deps.engine.startFlush(this.token);
  }

  flushDue(nowMs: number): boolean {
    const unflushed = this.logEndOffset - this.recoveryPoint;
    if (unflushed <= 0) return false;
    return (
      unflushed >= this.config.flushMessages ||
      nowMs - this.state.get(StateColumn.lastFlushMs) > this.config.flushMs
    );
  }

  /** The answer to `LogDeps.flushElsewhere`: everything below `offset` is durable. */
  flushedUpTo(offset: number): void {
    if (offset <= this.recoveryPoint) return;
    this.state.set(StateColumn.recoveryPoint, Math.min(offset, this.logEndOffset));
    this.state.set(StateColumn.lastFlushMs, this.deps.clock.now());
  }

  /** A flush elsewhere failed, or the directory went offline: nothing is written any more. */
  markFailed(): void {
    if (this.state.get(StateColumn.status) === LogStatus.open)
      this.state.set(StateColumn.status, LogStatus.failed);
  }

  housekeep(nowMs: number): boolean {
    if (this.state.get(StateColumn.status) !== LogStatus.open) return false;
    const more = this.deleted.step(nowMs);
    if (nowMs >= this.nextExpiryMs) {
      this.nextExpiryMs = nowMs + PRODUCER_EXPIRY_INTERVAL_MS;
      this.producers.table.expire(this.producers.scope, nowMs, this.config.producerIdExpirationMs);
    }
    this.noteTail();
    if (this.flushRequested >= 0) {
      this.flushAfterRoll();
      return true;
    }
    const filled = this.state.get(StateColumn.segmentSizeBytes) >= this.config.segmentBytes * PREPARE_AT;
    if (filled && this.preparedFor !== this.segments.activeBase) {
      this.preparedFor = this.segments.activeBase;
      try {
        this.deps.engine.prepareSegment(this.token);
      } catch (error) {
        // Nothing is lost yet: the roll itself will meet the same trouble, or it will have passed.
        const reason = error instanceof Error ? error.message : String(error);
        this.deps.report(
          'warn',
          `The next segment of ${logName(this.spec)} could not be prepared: ${reason}`,
        );
      }
    }
    return more;
  }

  /** Its loss costs time at a start, nothing else. */
  private noteTail(): void {
    const size = this.state.get(StateColumn.segmentSizeBytes);
    try {
      this.tail.note(this.segments.bases, this.recoveryPoint, size, this.logEndOffset);
    } catch (error) {
      if (!isDiskFull(error)) throw error;
    }
  }

  roll(): void {
    this.assertOpen();
    if (this.state.get(StateColumn.segmentSizeBytes) === 0) return;
    this.diskWork('Rolling', () => this.rollSegment(this.deps.clock.now()));
  }

  becomeLeader(leaderEpoch: number): void {
    this.epochs.assign(leaderEpoch, this.logEndOffset);
    this.state.set(StateColumn.leaderEpoch, leaderEpoch);
  }

  endOffsetForEpoch(leaderEpoch: number): { leaderEpoch: number; endOffset: number } {
    return this.epochs.endOffsetFor(leaderEpoch, this.logEndOffset);
  }

  epochAt(offset: number): number {
    return this.epochs.epochAt(offset);
  }

  raiseLogStartOffset(offset: number): void {
    if (offset <= this.state.get(StateColumn.logStartOffset)) return;
    const start = Math.min(offset, this.logEndOffset);
    this.epochs.truncateFromStart(start);
    this.state.set(StateColumn.logStartOffset, start);
  }

  enforceRetention(nowMs: number): number {
    this.assertOpen();
    const start = this.state.get(StateColumn.logStartOffset);
    const end = this.logEndOffset;
    const plan = planRetention(this.segments.facts(), this.config, start, end, end, nowMs);
    if (plan.count === 0) return 0;
    this.diskWork('Retention', () => {
      if (plan.count === this.segments.bases.length) this.rollSegment(nowMs);
      for (const base of this.segments.takeFirst(plan.count)) {
        this.deleted.removeSegment(base, nowMs + this.config.fileDeleteDelayMs);
      }
    });
    const [first] = this.segments.bases;
    this.raiseLogStartOffset(first);
    this.deps.report(
      'info',
      `${logName(this.spec)}: ${plan.count} segments removed by ${plan.reason}, the first is now ${first}`,
    );
    return plan.count;
  }

  truncateTo(offset: number): void {
    this.assertOpen();
    if (offset >= this.logEndOffset) return;
    this.diskWork('Truncating', () => this.cutTo(Math.max(0, offset)));
  }

  setConfig(config: LogConfig): void {
    this.config = config;
    this.state.setConfig(config);
    this.deps.engine.setOptions(this.token, logOptions(config));
  }

  findByTimestamp(timestamp: number): FoundRecord | null {
    return this.lookUps.byTimestamp(timestamp, this.state.get(StateColumn.logStartOffset));
  }

  findMaxTimestamp(): FoundRecord | null {
    return this.lookUps.maxTimestamp();
  }

  sizeBytes(): number {
    return this.segments.sizeBytes;
  }

  abortedTransactions(
    fetchOffset: number,
    upperBound: number,
  ): { producerId: bigint; firstOffset: number }[] {
    return this.segments.abortedTransactions(fetchOffset, upperBound);
  }

  activeProducers(): ActiveProducer[] {
    return this.producers.describe();
  }

  close(clean: boolean): void {
    const status = this.state.get(StateColumn.status);
    if (status === LogStatus.closed) return;
    if (clean && status === LogStatus.open) {
      // Final time-index row and exact lengths first, so that the flush makes them durable too.
      this.diskWork('Closing', () => {
        this.tail.forget();
        this.takeSnapshot(this.logEndOffset);
        this.deps.engine.seal(this.token, this.segments.activeBase);
      });
      this.flush();
    }
    this.letGo();
  }

  markDeleted(): string {
    this.letGo();
    return moveForDeletion(this.spec, this.deps.random, this.files);
  }

  private letGo(): void {
    if (this.state.get(StateColumn.status) === LogStatus.closed) return;
    this.state.set(StateColumn.status, LogStatus.closed);
    this.deps.engine.closeLog(this.token);
    this.producers.table.removeScope(this.producers.scope);
  }

  private slowWork(): SlowWork {
    const { engine, slab, scratch } = this.deps;
    const batches = new SlowBatches(engine, this.state, slab, scratch, logName(this.spec));
    return {
      roll: (nowMs) => this.rollSegment(nowMs),
      unpack: (table, row) => batches.unpack(table, row),
      rebuild: (table, row, records, codec) => batches.rebuild(table, row, records, codec),
      runAppended: () => scratch.clear(),
    };
  }

  private rollSegment(nowMs: number): void {
    const end = this.logEndOffset;
    this.rolling = true;
    this.segments.roll(end, this.config, nowMs);
    this.rolling = false;
    this.takeSnapshot(end);
    this.flushRequested = end;
  }

  /** What Kafka gives to its scheduler after a roll. */
  private flushAfterRoll(): void {
    const upTo = this.flushRequested;
    const { flushElsewhere } = this.deps;
    if (flushElsewhere === undefined) {
      this.flush();
      return;
    }
    this.flushRequested = -1;
    this.diskWork('Flushing', () => this.epochs.persist(upTo));
    this.producers.snapshotFlushedElsewhere();
    flushElsewhere(this.recoveryPoint, upTo);
  }

  /** Not when nothing was appended since the last one. */
  private takeSnapshot(offset: number): void {
    if (offset <= this.state.get(StateColumn.snapshotOffset)) return;
    this.producers.take(offset);
    this.state.set(StateColumn.snapshotOffset, offset);
  }

  private afterProducersLoaded(): void {
    this.state.set(StateColumn.unstableOffset, this.producers.unstableOffset());
    const newest = this.producers.snapshotOffsets().at(-1) ?? this.state.get(StateColumn.logStartOffset);
    this.state.set(StateColumn.snapshotOffset, newest);
    this.takeSnapshot(this.logEndOffset);
  }

  /** LocalLog.truncateTo and UnifiedLog.truncateTo: segments, indexes, epochs, producer state. */
  private cutTo(offset: number): void {
    this.tail.forget();
    const { engine, clock } = this.deps;
    const start = this.state.get(StateColumn.logStartOffset);
    const dueMs = clock.now() + this.config.fileDeleteDelayMs;
    const found = new Float64Array(7);
    const gone = this.segments.bases.filter((base) => base >= offset);
    let bases = this.segments.bases.filter((base) => base < offset);
    const restart = bases.length === 0;
    const located = !restart && engine.findBatch(this.token, offset, found);
    for (const base of [...gone].reverse()) this.deleted.removeSegment(base, dueMs);
    if (restart) {
      engine.createSegment(this.token, offset);
      bases = [offset];
    } else {
      const last = bases[bases.length - 1];
      if (located && found[FindOut.segmentBase] === last) {
        engine.truncate(this.token, last, found[FindOut.position], offset);
      }
      truncateTransactionIndex(this.segments.path(last, LogSuffix.transactionIndex), offset, this.files);
      engine.activate(this.token);
    }
    this.epochs.truncateFromEnd(offset);
    this.state.set(StateColumn.logEndOffset, offset);
    this.state.set(StateColumn.logStartOffset, Math.min(start, offset));
    this.state.set(StateColumn.recoveryPoint, Math.min(this.recoveryPoint, offset));
    this.flushRequested = -1;
    this.segments.load(bases, this.config, clock.now());
    this.producers.removeAbove(offset);
    new LogLoader(this.spec, this.deps, this.token, this.files, this.epochs, this.producers).reloadProducers(
      bases,
      this.state.get(StateColumn.logStartOffset),
      offset,
    );
    this.afterProducersLoaded();
  }

  /** A single replica: everything appended is committed (HW = end). The LSO waits for open transactions. */
  private updateOffsets(): void {
    const end = this.logEndOffset;
    const unstable = this.state.get(StateColumn.unstableOffset);
    const { published } = this;
    published.logStartOffset = this.state.get(StateColumn.logStartOffset);
    published.logEndOffset = end;
    published.highWatermark = end;
    published.lastStableOffset = unstable >= 0 ? Math.min(unstable, end) : end;
  }

  private assertOpen(): void {
    if (this.state.get(StateColumn.status) === LogStatus.open) return;
    throw new OperationError('STORAGE_FAILED', `${logName(this.spec)} is closed or failed earlier`);
  }

  /** The first failure takes the log offline; nothing is tried again (a second fsync may claim what the first lost). */
  private diskWork(what: string, work: () => void): void {
    try {
      work();
    } catch (error) {
      // A flush that meets a full disk has lost bytes; anything else has only not been done.
      if (isDiskFull(error) && what !== 'Flushing') this.diskIsFull(this.deps.clock.now());
      else this.state.set(StateColumn.status, LogStatus.failed);
      if (error instanceof OperationError) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw new OperationError('STORAGE_FAILED', `${what} ${logName(this.spec)} failed: ${reason}`, {
        cause: error,
      });
    }
  }
}
