/**
 * A segment engine whose disk fails on plan: the n-th append, flush, createSegment, … throws as the system would
 * (code, syscall, path), without having done anything. From then on the disk is dead: every operation that writes
 * throws the same and is counted, reads go on. `recovers` makes it a passing fault (a full disk that was cleared).
 */
import type { BatchTable } from '../../src/io/batch-table.js';
import type { LogOptions, LogToken, RangeToken, SegmentEngine } from '../../src/io/segment-engine.js';

const SYSCALLS = {
  append: 'write',
  flush: 'fdatasync',
  createSegment: 'open',
  prepareSegment: 'fallocate',
  activate: 'open',
  seal: 'ftruncate',
  truncate: 'ftruncate',
  removeSegment: 'rename',
} as const;
export type FaultyOperation = keyof typeof SYSCALLS;

export interface FaultPlan {
  operation: FaultyOperation;
  /** 1 = the first call fails. Counted over all logs of the engine. */
  at: number;
  code: 'EIO' | 'ENOSPC';
  /** Only that one call fails. Default: the disk stays dead. */
  recovers?: boolean;
}

export class FaultError extends Error {
  override readonly name = 'FaultError';
  constructor(
    readonly code: FaultPlan['code'],
    readonly syscall: string,
    readonly path: string,
  ) {
    super(`${code}: injected, ${syscall} '${path}'`);
  }
}

export class FaultEngine implements SegmentEngine {
  /** Calls so far, failed ones included. */
  readonly calls: Record<FaultyOperation, number> = {
    append: 0,
    flush: 0,
    createSegment: 0,
    prepareSegment: 0,
    activate: 0,
    seal: 0,
    truncate: 0,
    removeSegment: 0,
  };
  /** Operations that were tried on the dead disk after the first failure: a caller that gives up leaves it at 0. */
  triesAfterFailure = 0;
  failed = false;
  private readonly directories = new Map<LogToken, string>();

  constructor(
    private readonly inner: SegmentEngine,
    private plan: FaultPlan | null,
  ) {}

  get name(): 'native' | 'portable' {
    return this.inner.name;
  }

  /** Puts a new plan in place of the old one and revives the disk. Counts start again. */
  arm(plan: FaultPlan | null): void {
    this.plan = plan;
    this.failed = false;
    this.triesAfterFailure = 0;
    for (const operation of Object.keys(SYSCALLS) as FaultyOperation[]) this.calls[operation] = 0;
  }

  private pass(operation: FaultyOperation, log: LogToken): void {
    this.calls[operation]++;
    const { plan } = this;
    if (plan === null) return;
    const dead = this.failed && plan.recovers !== true;
    if (dead) this.triesAfterFailure++;
    else if (this.failed || operation !== plan.operation || this.calls[operation] !== plan.at) return;
    this.failed = true;
    throw new FaultError(plan.code, SYSCALLS[operation], this.directories.get(log) ?? '');
  }

  openLog(directory: string, options: LogOptions): LogToken {
    const log = this.inner.openLog(directory, options);
    this.directories.set(log, directory);
    return log;
  }
  closeLog(log: LogToken): void {
    this.inner.closeLog(log);
  }
  createSegment(log: LogToken, baseOffset: number): void {
    this.pass('createSegment', log);
    this.inner.createSegment(log, baseOffset);
  }
  prepareSegment(log: LogToken): void {
    this.pass('prepareSegment', log);
    this.inner.prepareSegment(log);
  }
  activate(log: LogToken): void {
    this.pass('activate', log);
    this.inner.activate(log);
  }
  seal(log: LogToken, baseOffset: number): void {
    this.pass('seal', log);
    this.inner.seal(log, baseOffset);
  }
  append(log: LogToken, table: BatchTable, from: number, to: number): void {
    this.pass('append', log);
    this.inner.append(log, table, from, to);
  }
  truncate(log: LogToken, segmentBase: number, position: number, endOffset: number): void {
    this.pass('truncate', log);
    this.inner.truncate(log, segmentBase, position, endOffset);
  }
  removeSegment(log: LogToken, segmentBase: number, suffix: string): void {
    this.pass('removeSegment', log);
    this.inner.removeSegment(log, segmentBase, suffix);
  }
  startFlush(log: LogToken): void {
    this.inner.startFlush(log);
  }
  flush(log: LogToken, fromOffset: number): void {
    this.pass('flush', log);
    this.inner.flush(log, fromOffset);
  }

  // What only reads or only touches memory passes through.
  registerSlab(index: number, memory: Uint8Array): void {
    this.inner.registerSlab(index, memory);
  }
  attachLog(directory: string, log: LogToken): LogToken {
    return this.inner.attachLog(directory, log);
  }
  setOptions(log: LogToken, options: LogOptions): void {
    this.inner.setOptions(log, options);
  }
  addSegment(log: LogToken, baseOffset: number, sizeBytes: number): void {
    this.inner.addSegment(log, baseOffset, sizeBytes);
  }
  segmentInfo(log: LogToken, baseOffset: number, out: Float64Array): void {
    this.inner.segmentInfo(log, baseOffset, out);
  }
  logSizeBytes(log: LogToken): number {
    return this.inner.logSizeBytes(log);
  }
  validate(table: BatchTable, from: number, to: number): void {
    this.inner.validate(table, from, to);
  }
  validateRecords(table: BatchTable, row: number, records: Uint8Array): void {
    this.inner.validateRecords(table, row, records);
  }
  read(
    log: LogToken,
    fetchOffset: number,
    endOffset: number,
    bytesMax: number,
    atLeastOne: boolean,
    out: Float64Array,
  ): number {
    return this.inner.read(log, fetchOffset, endOffset, bytesMax, atLeastOne, out);
  }
  readableBytes(log: LogToken, fetchOffset: number, endOffset: number): number {
    return this.inner.readableBytes(log, fetchOffset, endOffset);
  }
  dropRange(range: RangeToken): void {
    this.inner.dropRange(range);
  }
  copyRange(range: RangeToken, from: number, target: Uint8Array): number {
    return this.inner.copyRange(range, from, target);
  }
  findByTimestamp(log: LogToken, timestamp: number, fromOffset: number, out: Float64Array): boolean {
    return this.inner.findByTimestamp(log, timestamp, fromOffset, out);
  }
  maxTimestampBatch(log: LogToken, out: Float64Array): boolean {
    return this.inner.maxTimestampBatch(log, out);
  }
  findBatch(log: LogToken, offset: number, out: Float64Array): boolean {
    return this.inner.findBatch(log, offset, out);
  }
  readBytes(log: LogToken, segmentBase: number, position: number, target: Uint8Array): number {
    return this.inner.readBytes(log, segmentBase, position, target);
  }
  scan(
    log: LogToken,
    segmentBase: number,
    from: number,
    flags: number,
    table: BatchTable,
    out: Float64Array,
  ): number {
    return this.inner.scan(log, segmentBase, from, flags, table, out);
  }
  findValidBatchAfter(log: LogToken, segmentBase: number, from: number, expectedOffset: number): number {
    return this.inner.findValidBatchAfter(log, segmentBase, from, expectedOffset);
  }
  offerRecycled(log: LogToken, path: string): boolean {
    return this.inner.offerRecycled(log, path);
  }
  crc32c(bytes: Uint8Array, seed?: number): number {
    return seed === undefined ? this.inner.crc32c(bytes) : this.inner.crc32c(bytes, seed);
  }
}
