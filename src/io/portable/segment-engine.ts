/**
 * The portable twin of the addon's segment engine: the same contract in TypeScript on node:fs, for machines without a
 * compiler and for tests. Appends are positioned writes; files grow as they are written. There is no registry across
 * threads: the writer's engine owns the log's state, an engine in another thread reads the directory.
 * Not here: mappings, sendfile, growing preallocation. One instance a thread; nothing is shared between instances.
 */
import { statSync } from 'node:fs';
import { assert, assertInteger } from '../../base/assert.js';
import type { BatchTable } from '../batch-table.js';
import {
  type LogOptions,
  type LogToken,
  type RangeToken,
  ReadOut,
  ReadStatus,
  ScanFlag,
  ScanOut,
  ScanStop,
  type SegmentEngine,
  SegmentOut,
} from '../segment-engine.js';
import { Appender } from './appender.js';
import { BatchCheck } from './batch-check.js';
import { BatchCursor } from './batch-cursor.js';
import { crc32c } from './crc32c.js';
import { syncDirectory } from './files.js';
import { OffsetIndex, TimeIndex } from './index-file.js';
import { Lifecycle } from './lifecycle.js';
import { FileCache, Log } from './log.js';
import { Lookup } from './lookup.js';
import { Ranges } from './ranges.js';
import { Scanner } from './scanner.js';
import { Segment, type SegmentFiles } from './segment.js';
import { Slabs } from './slabs.js';

export class PortableSegmentEngine implements SegmentEngine {
  readonly name = 'portable';
  private readonly slabs = new Slabs();
  private readonly cursor = new BatchCursor();
  private readonly checks = new BatchCheck(this.slabs);
  private readonly appender = new Appender(this.slabs);
  private readonly lookup = new Lookup(this.cursor);
  private readonly lifecycle = new Lifecycle(this.cursor);
  private readonly cache = new FileCache();
  private readonly ranges = new Ranges();
  private scanner: Scanner | null = null; // 1 MiB, made by the threads that recover
  private readonly logs = new Map<LogToken, Log>();
  private nextToken: LogToken = 1;

  registerSlab(index: number, memory: Uint8Array): void {
    this.slabs.register(index, memory);
  }

  openLog(directory: string, options: LogOptions): LogToken {
    statSync(directory); // throws ENOENT when it is missing
    const log = new Log(directory, { ...options }, this.cache);
    this.lifecycle.clean(log);
    this.logs.set(this.nextToken, log);
    return this.nextToken++;
  }

  attachLog(directory: string, token: LogToken): LogToken {
    const own = this.logs.get(token);
    if (own?.writer && own.directory === directory) {
      own.holders++; // the writer lives in this very thread
      return token;
    }
    const log = new Log(directory, null, this.cache);
    log.relist();
    this.logs.set(this.nextToken, log);
    return this.nextToken++;
  }

  closeLog(token: LogToken): void {
    const log = this.log(token);
    if (--log.holders > 0) return;
    this.logs.delete(token);
    for (const segment of log.segments) log.close(segment);
    if (log.writer) this.lifecycle.discardSpares(log);
  }

  setOptions(token: LogToken, options: LogOptions): void {
    const log = this.log(token);
    assert(log.writer, 'only the writer has options');
    log.options = { ...options };
  }

  addSegment(token: LogToken, baseOffset: number, sizeBytes: number): void {
    assertInteger(baseOffset, 0, Number.MAX_SAFE_INTEGER, 'base offset');
    assertInteger(sizeBytes, 0, Number.MAX_SAFE_INTEGER, 'segment size');
    const log = this.log(token);
    log.add(new Segment(log.directory, baseOffset, sizeBytes));
  }

  createSegment(token: LogToken, baseOffset: number): void {
    assertInteger(baseOffset, 0, Number.MAX_SAFE_INTEGER, 'base offset');
    this.lifecycle.create(this.log(token), baseOffset);
  }

  prepareSegment(token: LogToken): void {
    this.lifecycle.prepare(this.log(token));
  }

  activate(token: LogToken): void {
    this.lifecycle.activate(this.log(token));
  }

  seal(token: LogToken, baseOffset: number): void {
    this.lifecycle.seal(this.log(token), baseOffset);
  }

  segmentInfo(token: LogToken, baseOffset: number, out: Float64Array): void {
    const { segment, files } = this.open(token, baseOffset);
    segment.summarize(this.cursor, files);
    out[SegmentOut.sizeBytes] = segment.limit(files);
    out[SegmentOut.maxTimestamp] = segment.maxTimestamp;
    out[SegmentOut.offsetOfMaxTimestamp] = segment.offsetOfMaxTimestamp;
    out[SegmentOut.offsetIndexEntries] = files.offsets?.entries ?? 0;
    out[SegmentOut.timeIndexEntries] = files.times?.entries ?? 0;
    out[SegmentOut.bytesSinceIndexEntry] = segment.bytesSinceIndexEntry;
    out[SegmentOut.modifiedMs] = files.log.modifiedMs();
    out[SegmentOut.firstBatchMaxTimestamp] = segment.firstBatchMaxTimestamp;
  }

  logSizeBytes(token: LogToken): number {
    const log = this.log(token);
    let total = 0;
    for (const segment of log.segments) {
      const files = log.files(segment);
      if (files === null) continue;
      total += segment.limit(files) + (files.offsets?.entries ?? 0) * OffsetIndex.rowBytes;
      total += (files.times?.entries ?? 0) * TimeIndex.rowBytes;
    }
    return total;
  }

  validate(table: BatchTable, from: number, to: number): void {
    this.checks.validate(table, from, to);
  }

  validateRecords(table: BatchTable, row: number, records: Uint8Array): void {
    this.checks.validateRecords(table, row, records);
  }

  append(token: LogToken, table: BatchTable, from: number, to: number): void {
    this.appender.append(this.log(token), table, from, to);
  }

  read(
    token: LogToken,
    fetchOffset: number,
    endOffset: number,
    bytesMax: number,
    atLeastOne: boolean,
    out: Float64Array,
  ): number {
    const { lookup } = this;
    const status = lookup.locate(this.log(token), fetchOffset, endOffset, Math.max(0, bytesMax));
    if (status !== ReadStatus.found) return status;
    if (lookup.firstLength > bytesMax && !atLeastOne) return ReadStatus.empty;
    const length = Math.max(lookup.firstLength, Math.min(lookup.available, bytesMax));
    assert(lookup.file !== null, 'a found batch has a file');
    out[ReadOut.range] = this.ranges.put(lookup.file, lookup.position, length);
    out[ReadOut.segmentBase] = lookup.segmentBase;
    out[ReadOut.position] = lookup.position;
    out[ReadOut.length] = length;
    return ReadStatus.found;
  }

  readableBytes(token: LogToken, fetchOffset: number, endOffset: number): number {
    const status = this.lookup.locate(this.log(token), fetchOffset, endOffset, Number.POSITIVE_INFINITY);
    return status === ReadStatus.found ? this.lookup.available : 0;
  }

  dropRange(range: RangeToken): void {
    this.ranges.drop(range);
  }

  copyRange(range: RangeToken, from: number, target: Uint8Array): number {
    return this.ranges.copy(range, from, target);
  }

  findByTimestamp(token: LogToken, timestamp: number, fromOffset: number, out: Float64Array): boolean {
    return this.found(this.lookup.seekTimestamp(this.log(token), timestamp, fromOffset), out);
  }

  maxTimestampBatch(token: LogToken, out: Float64Array): boolean {
    return this.found(this.lookup.seekMaxTimestamp(this.log(token)), out);
  }

  findBatch(token: LogToken, offset: number, out: Float64Array): boolean {
    return this.found(this.lookup.seek(this.log(token), offset), out);
  }

  readBytes(token: LogToken, segmentBase: number, position: number, target: Uint8Array): number {
    const { segment, files } = this.open(token, segmentBase);
    const length = Math.min(target.length, segment.limit(files) - position);
    return length > 0 ? files.log.read(target, 0, length, position) : 0;
  }

  scan(
    token: LogToken,
    segmentBase: number,
    from: number,
    flags: number,
    table: BatchTable,
    out: Float64Array,
  ): number {
    const rebuild = (flags & ScanFlag.rebuildIndexes) !== 0;
    const { log, segment, files } = this.open(token, segmentBase, rebuild);
    this.scanner ??= new Scanner();
    const { indexIntervalBytes, indexBytesMax } = log.options ?? { indexIntervalBytes: 0, indexBytesMax: 0 };
    const rows = this.scanner.scan(
      segment,
      files,
      from,
      flags,
      indexIntervalBytes,
      indexBytesMax,
      table,
      out,
    );
    // Recovery passes over many segments: only the active one keeps its files open.
    if (rebuild && out[ScanOut.stop] !== ScanStop.tableFull && segment !== log.active) log.close(segment);
    return rows;
  }

  findValidBatchAfter(token: LogToken, segmentBase: number, from: number, expectedOffset: number): number {
    const { segment, files } = this.open(token, segmentBase);
    this.scanner ??= new Scanner();
    return this.scanner.findValidBatchAfter(segment, files, from, expectedOffset);
  }

  truncate(token: LogToken, segmentBase: number, position: number, endOffset: number): void {
    this.lifecycle.truncate(this.log(token), segmentBase, position, endOffset);
  }

  removeSegment(token: LogToken, segmentBase: number, suffix: string): void {
    this.lifecycle.remove(this.log(token), segmentBase, suffix);
  }

  offerRecycled(token: LogToken, path: string): boolean {
    return this.lifecycle.offerRecycled(this.log(token), path);
  }

  /** Node has no call for it; `flush` does all. */
  startFlush(): void {}

  flush(token: LogToken, fromOffset: number): void {
    const log = this.log(token);
    for (let index = Math.max(0, log.floor(fromOffset)); index < log.segments.length; index++) {
      const files = log.files(log.segments[index]);
      files?.log.sync();
      files?.offsets?.sync();
      files?.times?.sync();
    }
    if (log.namesChanged) syncDirectory(log.directory);
    log.namesChanged = false;
  }

  crc32c(bytes: Uint8Array, seed = 0): number {
    return crc32c(bytes, 0, bytes.length, seed);
  }

  private log(token: LogToken): Log {
    const log = this.logs.get(token);
    assert(log !== undefined, 'no such log in this thread');
    return log;
  }

  private open(
    token: LogToken,
    baseOffset: number,
    writable = false,
  ): { log: Log; segment: Segment; files: SegmentFiles } {
    const log = this.log(token);
    if (!log.writer) log.relist();
    const segment = log.at(baseOffset);
    const files = writable ? log.writableFiles(segment) : log.files(segment);
    assert(files !== null, `segment ${baseOffset} was removed while it was read`);
    return { log, segment, files };
  }

  private found(segment: Segment | null, out: Float64Array): boolean {
    if (segment !== null) this.lookup.fill(segment, out);
    return segment !== null;
  }
}
