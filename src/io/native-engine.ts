/**
 * `SegmentEngine` on the addon (native/core/log.h). Thin: it unfolds options and tables into what C++ takes and
 * allocates nothing per call. One instance a thread; logs and ranges live in the process-wide registry and what this
 * thread holds is released when its environment ends.
 */
import { assert } from '../base/assert.js';
import { loadAddon, type OptionArguments, type SegmentAddon } from './addon.js';
import type { BatchTable } from './batch-table.js';
import type { LogOptions, LogToken, RangeToken, SegmentEngine } from './segment-engine.js';

function unfold(options: LogOptions): OptionArguments {
  const { indexIntervalBytes, indexBytesMax, segmentBytes, preallocate, engine } = options;
  return [indexIntervalBytes, indexBytesMax, segmentBytes, preallocate, engine];
}

export class NativeSegmentEngine implements SegmentEngine {
  readonly name = 'native';
  private readonly addon: SegmentAddon;

  /** Without an argument it loads the addon, which must be there (`openEngine` asks first). */
  constructor(addon?: SegmentAddon) {
    const found = addon ?? loadAddon().addon;
    assert(found !== undefined, 'the native engine needs the addon');
    this.addon = found;
  }

  registerSlab(index: number, memory: Uint8Array): void {
    this.addon.registerSlab(index, memory);
  }

  openLog(directory: string, options: LogOptions): LogToken {
    return this.addon.openLog(directory, ...unfold(options));
  }

  attachLog(directory: string, token: LogToken): LogToken {
    return this.addon.attachLog(directory, token);
  }

  closeLog(log: LogToken): void {
    this.addon.closeLog(log);
  }

  setOptions(log: LogToken, options: LogOptions): void {
    this.addon.setOptions(log, ...unfold(options));
  }

  addSegment(log: LogToken, baseOffset: number, sizeBytes: number): void {
    this.addon.addSegment(log, baseOffset, sizeBytes);
  }

  createSegment(log: LogToken, baseOffset: number): void {
    this.addon.createSegment(log, baseOffset);
  }

  prepareSegment(log: LogToken): void {
    this.addon.prepareSegment(log);
  }

  activate(log: LogToken): void {
    this.addon.activate(log);
  }

  seal(log: LogToken, baseOffset: number): void {
    this.addon.seal(log, baseOffset);
  }

  segmentInfo(log: LogToken, baseOffset: number, out: Float64Array): void {
    this.addon.segmentInfo(log, baseOffset, out);
  }

  logSizeBytes(log: LogToken): number {
    return this.addon.logSizeBytes(log);
  }

  validate(table: BatchTable, from: number, to: number): void {
    this.addon.validate(table.words, from, to);
  }

  validateRecords(table: BatchTable, row: number, records: Uint8Array): void {
    this.addon.validateRecords(table.words, row, records);
  }

  append(log: LogToken, table: BatchTable, from: number, to: number): void {
    this.addon.append(log, table.words, from, to);
  }

  read(
    log: LogToken,
    fetchOffset: number,
    endOffset: number,
    bytesMax: number,
    atLeastOne: boolean,
    out: Float64Array,
  ): number {
    return this.addon.read(log, fetchOffset, endOffset, bytesMax, atLeastOne, out);
  }

  readableBytes(log: LogToken, fetchOffset: number, endOffset: number): number {
    return this.addon.readableBytes(log, fetchOffset, endOffset);
  }

  dropRange(range: RangeToken): void {
    this.addon.dropRange(range);
  }

  copyRange(range: RangeToken, from: number, target: Uint8Array): number {
    return this.addon.copyRange(range, from, target);
  }

  findByTimestamp(log: LogToken, timestamp: number, fromOffset: number, out: Float64Array): boolean {
    return this.addon.findByTimestamp(log, timestamp, fromOffset, out);
  }

  maxTimestampBatch(log: LogToken, out: Float64Array): boolean {
    return this.addon.maxTimestampBatch(log, out);
  }

  findBatch(log: LogToken, offset: number, out: Float64Array): boolean {
    return this.addon.findBatch(log, offset, out);
  }

  readBytes(log: LogToken, segmentBase: number, position: number, target: Uint8Array): number {
    return this.addon.readBytes(log, segmentBase, position, target);
  }

  scan(
    log: LogToken,
    segmentBase: number,
    from: number,
    flags: number,
    table: BatchTable,
    out: Float64Array,
  ): number {
    return this.addon.scan(log, segmentBase, from, flags, table.words, out);
  }

  findValidBatchAfter(log: LogToken, segmentBase: number, from: number, expectedOffset: number): number {
    return this.addon.findValidBatchAfter(log, segmentBase, from, expectedOffset);
  }

  truncate(log: LogToken, segmentBase: number, position: number, endOffset: number): void {
    this.addon.truncate(log, segmentBase, position, endOffset);
  }

  removeSegment(log: LogToken, segmentBase: number, suffix: string): void {
    this.addon.removeSegment(log, segmentBase, suffix);
  }

  offerRecycled(log: LogToken, path: string): boolean {
    return this.addon.offerRecycled(log, path);
  }

  flush(log: LogToken, fromOffset: number): void {
    this.addon.flush(log, fromOffset);
  }

  startFlush(log: LogToken): void {
    this.addon.startFlush(log);
  }

  crc32c(bytes: Uint8Array, seed = 0): number {
    return this.addon.crc32c(bytes, seed);
  }
}
