/**
 * Brings a partition directory into the state of an open log (Kafka's LogLoader, LogSegment.recover): what the plan
 * says about files, then segment by segment the scan of what may not have been flushed, then producer state and epochs. What
 * the tail checkpoint vouches for is walked by its headers, without reading the records.
 * Can be killed at any point and run again: every step leaves a directory that it would plan the same way.
 *
 * Skipped: splitting of segments whose offsets overflow (only Kafka before 1.0 wrote them).
 */
import { basename, dirname, join } from 'node:path';
import { OperationError } from '../base/errors.js';
import { BatchTable, Double, RowStatus, Word } from '../io/batch-table.js';
import { FindOut, type LogToken, ScanFlag, ScanStop, SegmentOut } from '../io/segment-engine.js';
import { HeaderAt } from '../record/layout.js';
import { OFFSET_INDEX_ENTRY_BYTES, TIME_INDEX_ENTRY_BYTES } from './append-state.js';
import type { LogDeps, LogSpec } from './contract.js';
import { cutFileName, LogSuffix, SEGMENT_SUFFIXES, segmentFileName } from './files/file-names.js';
import type { FileOps } from './files/file-ops.js';
import type { LeaderEpochCache } from './leader-epoch-cache.js';
import { keepTail, nextOffsetOfFile, startsWithGoodBatch } from './log-files.js';
import { readMarker, type ScanResult, scanSegment } from './log-scan.js';
import type { ProducerState } from './producer-state.js';
import {
  type DirectoryPlan,
  judge,
  matters,
  offsetRowsRise,
  planDirectory,
  timeRowsRise,
} from './recovery-plan.js';
import { readTail, type TailMark } from './tail-checkpoint.js';
import { appendTransactionIndex, readTransactionIndex } from './transaction-index.js';

export interface LoadedSegments {
  bases: number[];
  logEndOffset: number;
  logStartOffset: number;
  recoveryPoint: number;
}

const SCAN_ROWS = 512;
/** One table for all logs that a thread loads, one after the other: 64 KiB each would be a thread's largest garbage. */
const scanTable = new BatchTable(SCAN_ROWS);
/** Rows at the end of each index that are looked at when a log is opened. */
const CHECKED_ROWS = 256;
const STATUS_NAMES = new Map<number, string>(Object.entries(RowStatus).map(([name, value]) => [value, name]));

export class LogLoader {
  private readonly table = scanTable;
  private readonly bases: number[] = [];
  /** Segments whose batches were read in full; their transaction indexes are made anew. */
  private readonly recovered = new Set<number>();
  private readonly recoveryPoint: number;
  private tail: ReadonlyMap<number, TailMark> = new Map();

  constructor(
    private readonly spec: LogSpec,
    private readonly deps: LogDeps,
    private readonly token: LogToken,
    private readonly files: FileOps,
    private readonly epochs: LeaderEpochCache,
    private readonly producers: ProducerState,
  ) {
    this.recoveryPoint = spec.recoveryPoint ?? spec.logStartOffset ?? 0;
  }

  /** `new`: a directory just made, with nothing to look at. */
  load(directory: 'new' | 'found'): LoadedSegments {
    const { spec } = this;
    if (directory === 'new') return this.createFirst();
    const plan = this.planAndApply();
    if (spec.sameBoot && !spec.cleanShutdown) {
      this.tail = readTail(spec.directory, this.files, (bytes) => this.deps.engine.crc32c(bytes));
    }
    let logEndOffset = this.loadSegments(plan);
    const first = this.bases[0] ?? 0;
    let logStartOffset = Math.max(spec.logStartOffset ?? first, first);
    if (spec.logStartOffset !== undefined && this.bases.length > 0 && logEndOffset < spec.logStartOffset) {
      this.dropAll(logEndOffset, spec.logStartOffset);
      logEndOffset = spec.logStartOffset;
    }
    if (this.bases.length === 0) {
      logStartOffset = spec.logStartOffset ?? 0;
      logEndOffset = logStartOffset;
      this.deps.engine.createSegment(this.token, logStartOffset);
      this.bases.push(logStartOffset);
    } else {
      this.deps.engine.activate(this.token);
    }
    if (this.recovered.size > 0 && logEndOffset < this.recoveryPoint) {
      this.deps.report(
        'warn',
        `${basename(spec.directory)} ends at offset ${logEndOffset}, below its recovery point ${this.recoveryPoint}`,
      );
    }
    this.epochs.truncateFromEnd(logEndOffset);
    this.epochs.truncateFromStart(logStartOffset);
    this.loadProducers(logStartOffset, logEndOffset);
    const scanned = this.recovered.size > 0;
    const recoveryPoint =
      spec.cleanShutdown && !scanned ? logEndOffset : Math.min(this.recoveryPoint, logEndOffset);
    return { bases: this.bases, logEndOffset, logStartOffset, recoveryPoint };
  }

  private createFirst(): LoadedSegments {
    const start = this.spec.logStartOffset ?? 0;
    this.deps.engine.createSegment(this.token, start);
    this.producers.table.removeScope(this.producers.scope);
    return {
      bases: [start],
      logEndOffset: start,
      logStartOffset: start,
      recoveryPoint: Math.min(this.recoveryPoint, start),
    };
  }

  private planAndApply(): DirectoryPlan {
    const { files, spec } = this;
    const found = files.list(spec.directory).flatMap((name) => {
      if (!matters(name)) return [];
      const stat = files.stat(join(spec.directory, name));
      return stat === null || stat.isDirectory ? [] : [{ name, sizeBytes: stat.sizeBytes }];
    });
    const plan = planDirectory(found, (name) =>
      nextOffsetOfFile(join(spec.directory, name), Number(name.slice(0, 20)), files),
    );
    for (const name of plan.remove) files.remove(join(spec.directory, name));
    for (const { from, to } of plan.rename)
      files.rename(join(spec.directory, from), join(spec.directory, to));
    if (plan.remove.length + plan.rename.length > 0) files.syncDirectory(spec.directory);
    this.producers.listed(plan.snapshots);
    return plan;
  }

  /** Registers the segments in order, recovering those that need it. Returns the log end offset. */
  private loadSegments(plan: DirectoryPlan): number {
    const { engine } = this.deps;
    const firstUnflushed = plan.segments.findLast((base) => base <= this.recoveryPoint) ?? 0;
    let end = 0;
    for (const [index, base] of plan.segments.entries()) {
      const size = this.files.stat(this.path(base, LogSuffix.log))?.sizeBytes ?? 0;
      engine.addSegment(this.token, base, size);
      this.bases.push(base);
      const unflushed = !this.spec.cleanShutdown && base >= firstUnflushed;
      const last = index === plan.segments.length - 1;
      if (
        unflushed ||
        plan.rebuild.has(base) ||
        this.indexesBroken(base, size) ||
        this.transactionIndexBroken(base)
      ) {
        const later = plan.segments.slice(index + 1);
        const { nextOffset, cutLater } = this.recoverSegment(base, later);
        end = nextOffset;
        if (cutLater) break;
      } else if (last) {
        end = this.endOfLastSegment(base);
      }
    }
    return end;
  }

  /** Looks at the last rows only: reading whole indexes would cost a clean start as much as a scan. */
  private indexesBroken(base: number, logBytes: number): boolean {
    const rows = (suffix: string, rowBytes: number): Uint8Array => {
      const path = this.path(base, suffix);
      const size = this.files.stat(path)?.sizeBytes ?? 0;
      const wanted = Math.min(size, CHECKED_ROWS * rowBytes);
      return wanted === 0 ? new Uint8Array(0) : this.files.readAt(path, size - wanted, wanted);
    };
    const good =
      offsetRowsRise(rows(LogSuffix.index, OFFSET_INDEX_ENTRY_BYTES), logBytes) &&
      timeRowsRise(rows(LogSuffix.timeIndex, TIME_INDEX_ENTRY_BYTES));
    if (!good)
      this.deps.report('warn', `Indexes of ${this.path(base, LogSuffix.log)} are damaged and made anew`);
    return !good;
  }

  private transactionIndexBroken(base: number): boolean {
    const path = this.path(base, LogSuffix.transactionIndex);
    try {
      return readTransactionIndex(path, this.files).some((entry) => entry.lastOffset < base);
    } catch (error) {
      if (!(error instanceof OperationError)) throw error;
      this.deps.report('warn', `${error.message}; the segment is read again`);
      return true;
    }
  }

  /** Reads the batches after the last indexed one. A clean log that does not end cleanly is recovered after all. */
  private endOfLastSegment(base: number): number {
    const { engine } = this.deps;
    const info = new Float64Array(8);
    engine.segmentInfo(this.token, base, info);
    const found = new Float64Array(7);
    let from = 0;
    if (engine.findBatch(this.token, info[SegmentOut.offsetOfMaxTimestamp], found)) {
      if (found[FindOut.segmentBase] === base) from = found[FindOut.position];
    }
    const scan = scanSegment(engine, this.token, base, from, 0, this.table, () => {});
    if (scan.stop === ScanStop.endOfFile) return scan.nextOffset;
    return this.recoverSegment(base, []).nextOffset;
  }

  /** Reads and checks all batches, rebuilds indexes, collects epochs; cuts or refuses what is not a batch. */
  private recoverSegment(base: number, later: readonly number[]): { nextOffset: number; cutLater: boolean } {
    this.recovered.add(base);
    this.files.remove(this.path(base, LogSuffix.transactionIndex));
    const scan = this.scanBehindMark(base) ?? this.scanAll(base);
    if (scan.stop === ScanStop.endOfFile) return { nextOffset: scan.nextOffset, cutLater: false };
    return { nextOffset: scan.nextOffset, cutLater: this.settleDamage(base, later, scan) };
  }

  private scanAll(base: number): ScanResult {
    const flags = ScanFlag.verify | ScanFlag.rebuildIndexes;
    return scanSegment(this.deps.engine, this.token, base, 0, flags, this.table, (row) => {
      const epoch = this.table.word(row, Word.leaderEpoch);
      if (epoch > this.epochs.latestEpoch)
        this.epochs.assign(epoch, this.table.double(row, Double.baseOffset));
    });
  }

  /**
   * Walks the headers up to the checkpoint's mark and checks every batch behind it. null = no mark, or anything at all
   * is not as it says: the segment is then read in full, as if there were none.
   */
  private scanBehindMark(base: number): ScanResult | null {
    const { engine } = this.deps;
    const mark = this.tail.get(base);
    const stat = this.files.stat(this.path(base, LogSuffix.log));
    if (mark === undefined || stat === null) return null;
    if (stat.inode !== mark.inode || stat.sizeBytes < mark.position) return null;
    const epochs = new Map<number, number>();
    let met = false;
    let good = true;
    const visit = (row: number): void => {
      const { table } = this;
      const from = table.double(row, Double.filePosition);
      const first = table.double(row, Double.baseOffset);
      const end = from + table.word(row, Word.length);
      const epoch = table.word(row, Word.leaderEpoch);
      if (!epochs.has(epoch)) epochs.set(epoch, first);
      if (end === mark.position) {
        const next = first + table.word(row, Word.lastOffsetDelta) + 1;
        met = next === mark.nextOffset && table.word(row, Word.crc) >>> 0 === mark.lastCrc;
      }
      // Rows that came with the last trusted ones.
      if (from >= mark.position && !this.crcMatches(base, row)) good = false;
    };
    const walked = scanSegment(
      engine,
      this.token,
      base,
      0,
      ScanFlag.rebuildIndexes,
      this.table,
      visit,
      mark.position,
    );
    if (!met || !good) return null;
    let scan = walked;
    if (walked.stop === ScanStop.tableFull) {
      const flags = ScanFlag.verify | ScanFlag.rebuildIndexes;
      scan = scanSegment(engine, this.token, base, walked.position, flags, this.table, (row) => {
        const epoch = this.table.word(row, Word.leaderEpoch);
        if (!epochs.has(epoch)) epochs.set(epoch, this.table.double(row, Double.baseOffset));
      });
      if (scan.batches === 0) scan = { ...scan, nextOffset: walked.nextOffset };
    }
    for (const [epoch, offset] of epochs)
      if (epoch > this.epochs.latestEpoch) this.epochs.assign(epoch, offset);
    return scan;
  }

  private crcMatches(base: number, row: number): boolean {
    const { table } = this;
    const { engine } = this.deps;
    const batch = new Uint8Array(table.word(row, Word.length));
    if (engine.readBytes(this.token, base, table.double(row, Double.filePosition), batch) < batch.length)
      return false;
    return engine.crc32c(batch.subarray(HeaderAt.attributes)) === table.word(row, Word.crc) >>> 0;
  }

  /** True when later segments were cut off too. */
  private settleDamage(base: number, later: readonly number[], scan: ScanResult): boolean {
    const { engine, clock, report } = this.deps;
    const path = this.path(base, LogSuffix.log);
    const unused = scan.stop === ScanStop.zeroTail || scan.stop === ScanStop.staleBatch;
    // The next segment continues exactly here: whatever stands between was never part of the log.
    const continued = later.length > 0 && later[0] === scan.nextOffset;
    const goodFollows = !continued && this.goodFollows(base, later, scan);
    const verdict = continued
      ? ({ kind: 'clean-end' } as const)
      : judge({
          found: unused ? 'unused' : 'damaged',
          nextOffset: scan.nextOffset,
          recoveryPoint: this.recoveryPoint,
          sameBoot: this.spec.sameBoot,
          goodFollows,
        });
    const what = this.describe(scan);
    const fields = { file: path, position: scan.position, offset: scan.nextOffset };
    if (verdict.kind === 'corrupt') {
      throw new OperationError(
        'LOG_CORRUPT',
        `${path} is damaged at byte ${scan.position}: after offset ${scan.nextOffset - 1} comes ${what}, and ${verdict.why}. ` +
          `Nothing was cut. Look at it with: millrace dump-log --deep-iteration --files ${path}`,
      );
    }
    const size = this.files.stat(path)?.sizeBytes ?? 0;
    if (verdict.kind === 'power-cut') {
      const root = dirname(this.spec.directory);
      const { topic, partition } = this.spec;
      const target = join(root, cutFileName(topic, partition, base, clock.now()));
      const kept = keepTail(path, scan.position, target, this.files);
      const more = this.cutLater(later);
      if (kept > 0 || more > 0) this.files.syncDirectory(root);
      report(
        'warn',
        `Power cut: ${path} ends at offset ${scan.nextOffset} (byte ${scan.position}), ${what} follows; ` +
          `${kept} bytes and ${more} later segments were cut off and kept in ${target}`,
        fields,
      );
    } else if (verdict.kind === 'torn-tail') {
      report(
        'warn',
        `${path} ends with ${what}: cut at byte ${scan.position} of ${size}, log end offset ${scan.nextOffset}`,
        fields,
      );
    }
    if (!continued) this.cutLater(later);
    engine.truncate(this.token, base, scan.position, scan.nextOffset);
    return !continued;
  }

  private goodFollows(base: number, later: readonly number[], scan: ScanResult): boolean {
    const { engine } = this.deps;
    if (engine.findValidBatchAfter(this.token, base, scan.position, scan.nextOffset) >= 0) return true;
    return later.some((next) =>
      startsWithGoodBatch(this.path(next, LogSuffix.log), scan.nextOffset, this.files, (bytes) =>
        engine.crc32c(bytes),
      ),
    );
  }

  /** Segments after a cut leave the log; their bytes are kept beside it. */
  private cutLater(later: readonly number[]): number {
    const { spec, files, deps } = this;
    const root = dirname(spec.directory);
    let kept = 0;
    for (const base of later) {
      const path = this.path(base, LogSuffix.log);
      if ((files.stat(path)?.sizeBytes ?? 0) > 0) {
        files.rename(path, join(root, cutFileName(spec.topic, spec.partition, base, deps.clock.now())));
        kept++;
      }
      for (const suffix of SEGMENT_SUFFIXES) files.remove(this.path(base, suffix));
    }
    if (later.length > 0) files.syncDirectory(spec.directory);
    return kept;
  }

  private describe(scan: ScanResult): string {
    switch (scan.stop) {
      case ScanStop.zeroTail:
        return 'an empty stretch';
      case ScanStop.staleBatch:
        return 'a batch of an older life of the file';
      case ScanStop.torn:
        return 'an incomplete batch';
      default:
        return `a bad batch (${STATUS_NAMES.get(scan.detail) ?? scan.detail})`;
    }
  }

  /** The log ends before its start: records were deleted that are gone anyway, so it begins again, empty, at the start. */
  private dropAll(logEndOffset: number, logStartOffset: number): void {
    this.deps.report(
      'warn',
      `${basename(this.spec.directory)} ends at offset ${logEndOffset}, below its start ${logStartOffset}: all segments are removed`,
    );
    while (this.bases.length > 0) {
      const base = this.bases.pop() ?? 0;
      this.deps.engine.removeSegment(this.token, base, LogSuffix.deleted);
      for (const suffix of SEGMENT_SUFFIXES) this.files.remove(this.path(base, suffix + LogSuffix.deleted));
      this.files.remove(this.path(base, LogSuffix.transactionIndex));
    }
    this.files.syncDirectory(this.spec.directory);
    this.recovered.clear();
    this.producers.removeAbove(-1);
  }

  private loadProducers(logStartOffset: number, logEndOffset: number): void {
    const { spec, deps, producers } = this;
    producers.removeAbove(logEndOffset);
    producers.removeStray(this.bases);
    const upTo = Math.min(...this.recovered, logEndOffset);
    const now = deps.clock.now();
    const loaded = producers.load(upTo, now, spec.config.producerIdExpirationMs, (why) =>
      deps.report('warn', why),
    );
    if (loaded < 0 && spec.cleanShutdown && this.recovered.size === 0) return; // nothing was ever known
    this.replayProducers(Math.max(loaded, logStartOffset), logEndOffset);
    producers.table.expire(producers.scope, now, spec.config.producerIdExpirationMs);
  }

  /** Producer state anew after a truncation, for a log whose segments are registered. */
  reloadProducers(bases: readonly number[], logStartOffset: number, logEndOffset: number): void {
    this.bases.splice(0, this.bases.length, ...bases);
    this.loadProducers(logStartOffset, logEndOffset);
  }

  /** Reads batch headers from `from` on, and markers; writes the transaction indexes of recovered segments. */
  private replayProducers(from: number, to: number): void {
    const { engine } = this.deps;
    const found = new Float64Array(7);
    if (from >= to || !engine.findBatch(this.token, from, found)) return;
    let position = found[FindOut.position];
    for (const base of this.bases.filter((base) => base >= found[FindOut.segmentBase])) {
      scanSegment(engine, this.token, base, position, 0, this.table, (row) => {
        const aborted = this.producers.replay(this.table, row, () =>
          readMarker(engine, this.token, base, this.table, row),
        );
        if (aborted === null || !this.recovered.has(base)) return;
        appendTransactionIndex(this.path(base, LogSuffix.transactionIndex), aborted, this.files);
      });
      position = 0;
    }
  }

  private path(base: number, suffix: string): string {
    return join(this.spec.directory, segmentFileName(base, suffix));
  }
}
