/**
 * Finds and loads the C++ addon, once per thread. Absent (not built, or switched off by MILLRACE_NATIVE=off) is an
 * answer with a reason: the portable twins take over. Present but built from other numbers than these sources is an
 * error: it would read other columns than we write.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { OperationError } from '../base/errors.js';
import { Double, ROW_BYTES, ROW_DOUBLES, ROW_WORDS, RowFlag, RowStatus, Word } from './batch-table.js';
import { assertPollerLayout, type PollerAddon } from './native-poller.js';
import { FindOut, ReadOut, ReadStatus, ScanFlag, ScanOut, ScanStop, SegmentOut } from './segment-engine.js';

/** Log options travel as five arguments: no object is taken apart in C++. */
export type OptionArguments = [
  indexIntervalBytes: number,
  indexBytesMax: number,
  segmentBytes: number,
  preallocate: boolean,
  engine: string,
];

/** The segment engine's functions as the addon exports them; meaning and units are `SegmentEngine`'s. */
export interface SegmentAddon {
  registerSlab(index: number, memory: Uint8Array): void;
  openLog(directory: string, ...options: OptionArguments): number;
  attachLog(directory: string, token: number): number;
  closeLog(log: number): void;
  setOptions(log: number, ...options: OptionArguments): void;
  addSegment(log: number, baseOffset: number, sizeBytes: number): void;
  createSegment(log: number, baseOffset: number): void;
  prepareSegment(log: number): void;
  activate(log: number): void;
  seal(log: number, baseOffset: number): void;
  segmentInfo(log: number, baseOffset: number, out: Float64Array): void;
  logSizeBytes(log: number): number;
  validate(words: Int32Array, from: number, to: number): void;
  validateRecords(words: Int32Array, row: number, records: Uint8Array): void;
  append(log: number, words: Int32Array, from: number, to: number): void;
  read(
    log: number,
    fetchOffset: number,
    endOffset: number,
    bytesMax: number,
    atLeastOne: boolean,
    out: Float64Array,
  ): number;
  readableBytes(log: number, fetchOffset: number, endOffset: number): number;
  dropRange(range: number): void;
  copyRange(range: number, from: number, target: Uint8Array): number;
  findByTimestamp(log: number, timestamp: number, fromOffset: number, out: Float64Array): boolean;
  maxTimestampBatch(log: number, out: Float64Array): boolean;
  findBatch(log: number, offset: number, out: Float64Array): boolean;
  readBytes(log: number, segmentBase: number, position: number, target: Uint8Array): number;
  scan(
    log: number,
    segmentBase: number,
    from: number,
    flags: number,
    words: Int32Array,
    out: Float64Array,
  ): number;
  findValidBatchAfter(log: number, segmentBase: number, from: number, expectedOffset: number): number;
  truncate(log: number, segmentBase: number, position: number, endOffset: number): void;
  removeSegment(log: number, segmentBase: number, suffix: string): void;
  offerRecycled(log: number, path: string): boolean;
  flush(log: number, fromOffset: number): void;
  startFlush(log: number): void;
  crc32c(bytes: Uint8Array, seed?: number): number;
  /**
   * Unpacks the LZ4 block in bytes [from, to) into [at, end) of `target`; returns the bytes written, -1 = corrupt, -2 = the
   * block holds more than fits. Bytes behind those written, up to `end`, may change too.
   */
  unpackLz4Block(
    bytes: Uint8Array,
    from: number,
    to: number,
    target: Uint8Array,
    at: number,
    end: number,
  ): number;
  /** Process-wide: [ranges held, logs open, sealed segments with open files]. */
  counts(out: Float64Array): void;
  /** "sse4.2", "armv8" or "table". */
  readonly crc32cMethod: string;
  readonly constants: Record<string, Record<string, number>>;
}
export type Addon = SegmentAddon & PollerAddon;

export type AddonResult = { addon: Addon; path: string } | { addon: undefined; reason: string };

/** What C++ must say, group by group. */
const EXPECTED: Record<string, Record<string, number>> = {
  Row: { words: ROW_WORDS, doubles: ROW_DOUBLES, bytes: ROW_BYTES },
  Word,
  Double,
  RowFlag,
  RowStatus,
  ReadStatus,
  ReadOut,
  FindOut,
  SegmentOut,
  ScanFlag,
  ScanStop,
  ScanOut,
};

let loaded: AddonResult | undefined;

/** The addon of this thread, or why there is none. Throws ADDON_MISMATCH when it does not fit these sources. */
export function loadAddon(): AddonResult {
  loaded ??= load();
  return loaded;
}

function load(): AddonResult {
  if (process.env.MILLRACE_NATIVE === 'off') return { addon: undefined, reason: 'MILLRACE_NATIVE=off' };
  const path = process.env.MILLRACE_ADDON ?? join(packageRoot(), 'build', 'Release', 'millrace.node');
  if (!existsSync(path)) return { addon: undefined, reason: whyNotBuilt() ?? `${path} is not built` };
  let found: unknown;
  try {
    found = createRequire(import.meta.url)(path);
  } catch (error) {
    // Another Node ABI or C library: the portable twin still works.
    return { addon: undefined, reason: `${path} does not load: ${String(error)}` };
  }
  checkAddon(found, path);
  return { addon: found, path };
}

/** What the set-up wrote down when it could not build the addon. */
function whyNotBuilt(): string | undefined {
  const status = join(packageRoot(), 'build', 'native-status.json');
  if (!existsSync(status)) return undefined;
  const parsed: unknown = JSON.parse(readFileSync(status, 'utf8'));
  const found =
    typeof parsed === 'object' && parsed !== null && 'reason' in parsed ? parsed.reason : undefined;
  return typeof found === 'string' ? found : undefined;
}

/** The folder of package.json; this file lies in src/io or dist/src/io below it. */
function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}

/** Throws ADDON_MISMATCH unless `found` has the numbers of src/io. */
export function checkAddon(found: unknown, path: string): asserts found is Addon {
  const mismatch = (what: string, cause?: unknown): never => {
    throw new OperationError(
      'ADDON_MISMATCH',
      `${path} does not fit these sources (${what}): build it again with npm run build`,
      { cause },
    );
  };
  if (!hasSegmentShape(found)) return mismatch('it exports no constants');
  for (const [group, numbers] of Object.entries(EXPECTED)) {
    const actual = found.constants[group] ?? {};
    for (const [name, value] of Object.entries(numbers)) {
      if (actual[name] !== value) mismatch(`${group}.${name} is ${actual[name]}, expected ${value}`);
    }
    const extra = Object.keys(actual).find((name) => !(name in numbers));
    if (extra !== undefined) mismatch(`${group}.${extra} is unknown here`);
  }
  try {
    assertPollerLayout(found);
  } catch (error) {
    mismatch('the poller', error);
  }
}

function hasSegmentShape(found: unknown): found is Addon {
  return typeof found === 'object' && found !== null && 'constants' in found && 'pollerLayout' in found;
}
