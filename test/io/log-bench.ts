/** A log in a directory of its own, driven through an engine, with the model of what it must contain beside it. */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { BatchTable, Double, RowFlag, RowStatus, Word } from '../../src/io/batch-table.js';
import type { LogOptions, LogToken, SegmentEngine } from '../../src/io/segment-engine.js';
import { FindOut, ReadOut, ReadStatus, SegmentOut } from '../../src/io/segment-engine.js';
import { stamped } from './batch-bytes.js';
import {
  expectedIndexes,
  LogModel,
  type ModelBatch,
  offsetIndexBytes,
  type ReadAnswer,
  timeIndexBytes,
} from './log-model.js';

export const OPTIONS: LogOptions = {
  indexIntervalBytes: 4096,
  indexBytesMax: 10 * 1024 * 1024,
  segmentBytes: 16 * 1024 * 1024,
  preallocate: false,
  engine: 'auto',
};

const SLAB = 3;
const SLAB_BYTES = 8 * 1024 * 1024;
const ROWS_MAX = 512;
const STATUS_NAMES = ['found', 'empty', 'outOfRange'] as const;

export interface AppendSpec {
  leaderEpoch?: number;
  flags?: number;
  appendTime?: number;
  /** Offset of the first batch; default: where the log ends. */
  baseOffset?: number;
}

export function name(base: number, suffix: string): string {
  return String(base).padStart(20, '0') + suffix;
}

export class LogBench {
  readonly directory: string;
  readonly table = new BatchTable(ROWS_MAX);
  readonly slab = new Uint8Array(new SharedArrayBuffer(SLAB_BYTES));
  readonly out = new Float64Array(16);
  model = new LogModel();
  token: LogToken;
  options: LogOptions;

  constructor(
    public engine: SegmentEngine,
    options: Partial<LogOptions> = {},
    parent = tmpdir(),
  ) {
    this.directory = mkdtempSync(join(parent, 'millrace-log-'));
    this.options = { ...OPTIONS, ...options };
    engine.registerSlab(SLAB, this.slab);
    this.token = engine.openLog(this.directory, this.options);
  }

  static withSegment(engine: SegmentEngine, options: Partial<LogOptions> = {}, base = 0): LogBench {
    const bench = new LogBench(engine, options);
    bench.create(base);
    return bench;
  }

  path(base: number, suffix = '.log'): string {
    return join(this.directory, name(base, suffix));
  }

  create(base: number): void {
    this.engine.createSegment(this.token, base);
    this.model.bases.push(base);
  }

  roll(): void {
    const old = this.model.bases.at(-1);
    this.create(this.model.endOffset);
    if (old !== undefined) this.engine.seal(this.token, old);
  }

  /** Fills table rows with batches and validates them. */
  load(batches: Uint8Array[], flags = 0): void {
    expect(batches.length).toBeLessThanOrEqual(ROWS_MAX);
    let at = 64; // never at 0: positions must be honoured
    batches.forEach((bytes, row) => {
      this.slab.set(bytes, at);
      this.table.words.fill(0, row * 32, row * 32 + 32);
      this.table.setWord(row, Word.slab, SLAB);
      this.table.setWord(row, Word.position, at);
      this.table.setWord(row, Word.length, bytes.length);
      this.table.setWord(row, Word.flags, flags);
      at += bytes.length + 3; // odd alignment on purpose
    });
    this.engine.validate(this.table, 0, batches.length);
  }

  /** Validates and appends in one call; books the batches into the model. */
  append(batches: Uint8Array[], spec: AppendSpec = {}): ModelBatch[] {
    const { leaderEpoch = 5, flags = 0, appendTime = -1 } = spec;
    this.load(batches, flags);
    const segmentBase = this.model.bases.at(-1) ?? 0;
    let position = this.model.segmentBytes(segmentBase).length;
    let offset = spec.baseOffset ?? this.model.endOffset;
    const added = batches.map((bytes, row): ModelBatch => {
      const status = this.table.word(row, Word.status);
      expect([RowStatus.ok, RowStatus.compressed], `row ${row}: status ${status}`).toContain(status);
      this.table.setDouble(row, Double.baseOffset, offset);
      this.table.setWord(row, Word.leaderEpoch, leaderEpoch);
      this.table.setDouble(row, Double.appendTime, appendTime);
      let maxTimestamp = this.table.double(row, Double.maxTimestamp);
      let written = stamped(bytes, offset, leaderEpoch);
      if ((flags & RowFlag.logAppendTime) !== 0) {
        maxTimestamp = appendTime;
        const time = { maxTimestamp: BigInt(appendTime), logAppendTime: true };
        written = stamped(bytes, offset, leaderEpoch, time);
      } else if ((flags & RowFlag.fixMaxTimestamp) !== 0) {
        maxTimestamp = this.table.double(row, Double.maxTimestampFound);
        const time = { maxTimestamp: BigInt(maxTimestamp), logAppendTime: false };
        written = stamped(bytes, offset, leaderEpoch, time);
      }
      const lastOffset = offset + this.table.word(row, Word.lastOffsetDelta);
      const batch = {
        segmentBase,
        position,
        baseOffset: offset,
        lastOffset,
        maxTimestamp,
        leaderEpoch,
        bytes: written,
      };
      offset = lastOffset + 1;
      position += bytes.length;
      return batch;
    });
    this.engine.append(this.token, this.table, 0, batches.length);
    added.forEach((batch, row) => {
      expect(this.table.double(row, Double.filePosition)).toBe(batch.position);
    });
    this.model.batches.push(...added);
    return added;
  }

  /** Lets go of the log and opens it again from what is on disk, as a start after a clean stop does. */
  reopen(engine: SegmentEngine, activate = true): void {
    this.engine.closeLog(this.token);
    this.engine = engine;
    engine.registerSlab(SLAB, this.slab);
    this.token = engine.openLog(this.directory, this.options);
    for (const base of this.model.bases) {
      this.engine.addSegment(this.token, base, statSync(this.path(base)).size);
    }
    if (activate) this.engine.activate(this.token);
  }

  read(fetchOffset: number, endOffset: number, bytesMax = 1 << 30, atLeastOne = true): ReadAnswer {
    return readAnswer(this.engine, this.token, fetchOffset, endOffset, bytesMax, atLeastOne);
  }

  info(base: number): { [column in keyof typeof SegmentOut]: number } {
    this.engine.segmentInfo(this.token, base, this.out);
    const entries = Object.entries(SegmentOut).map(([column, index]) => [column, this.out[index]]);
    return Object.fromEntries(entries);
  }

  /** The batch that a find function left in `out`, in the model's words; bytes are read from the segment. */
  found(): ModelBatch {
    const { out } = this;
    const bytes = new Uint8Array(out[FindOut.length]);
    const [segmentBase, position] = [out[FindOut.segmentBase], out[FindOut.position]];
    expect(this.engine.readBytes(this.token, segmentBase, position, bytes)).toBe(bytes.length);
    return {
      segmentBase,
      position,
      baseOffset: out[FindOut.baseOffset],
      lastOffset: out[FindOut.lastOffset],
      maxTimestamp: out[FindOut.maxTimestamp],
      leaderEpoch: out[FindOut.leaderEpoch],
      bytes,
    };
  }

  /** Compares a sealed segment's three files with the model, byte for byte. */
  expectSealed(base: number, reopenedAt: number[] = []): void {
    const batches = this.model.batchesOf(base);
    const rows = expectedIndexes(batches, this.options.indexIntervalBytes, true, reopenedAt);
    expect(Buffer.from(readFileSync(this.path(base))).equals(this.model.segmentBytes(base))).toBe(true);
    expect(hex(readFileSync(this.path(base, '.index')))).toBe(hex(offsetIndexBytes(rows, base)));
    expect(hex(readFileSync(this.path(base, '.timeindex')))).toBe(hex(timeIndexBytes(rows, base)));
  }

  close(): void {
    this.engine.closeLog(this.token);
    rmSync(this.directory, { recursive: true, force: true });
  }
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

export function rangeBytes(engine: SegmentEngine, range: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  const copied = engine.copyRange(range, 0, bytes);
  return bytes.subarray(0, copied);
}

export function readAnswer(
  engine: SegmentEngine,
  token: LogToken,
  fetchOffset: number,
  endOffset: number,
  bytesMax: number,
  atLeastOne: boolean,
): ReadAnswer {
  const out = new Float64Array(4);
  const status = engine.read(token, fetchOffset, endOffset, bytesMax, atLeastOne, out);
  const nothing = { segmentBase: -1, position: -1, bytes: new Uint8Array(0) };
  if (status !== ReadStatus.found) return { status: STATUS_NAMES[status], ...nothing };
  const bytes = rangeBytes(engine, out[ReadOut.range], out[ReadOut.length]);
  engine.dropRange(out[ReadOut.range]);
  expect(bytes.length).toBe(out[ReadOut.length]);
  return { status: 'found', segmentBase: out[ReadOut.segmentBase], position: out[ReadOut.position], bytes };
}
