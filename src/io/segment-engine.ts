/**
 * The bytes of partition logs, behind one interface with two implementations: the C++ addon (mmap/pwrite, sendfile
 * ranges, process-wide registry) and the portable TypeScript twin. Functions speak of logs, segments, batches and
 * byte ranges; they know nothing of requests. All are synchronous. One writer per log at a time (whoever holds its
 * drain token); `read`, `findByTimestamp`, `readBytes` and `segmentInfo` may be called from any thread meanwhile.
 *
 * Failures of the system throw an Error with Node's `code` (ENOSPC, EIO, …), `path` and `syscall`; bad input is a status.
 */
import type { BatchTable } from './batch-table.js';

/** A log opened in this thread. In the addon the same number names the log in every thread of the process. */
export type LogToken = number;
/** A byte range of a segment that stays readable until it is sent (Poller) or dropped, whatever happens to the file. */
export type RangeToken = number;

export interface LogOptions {
  /** index.interval.bytes */
  indexIntervalBytes: number;
  /** segment.index.bytes: limit of each index; a full index is reported by `segmentInfo`, the caller rolls. */
  indexBytesMax: number;
  /** segment.bytes: the mapping and the largest preallocation are derived from it. */
  segmentBytes: number;
  /** preallocate: allocate segmentBytes at once instead of in growing steps. */
  preallocate: boolean;
  engine: 'auto' | 'mmap' | 'pwrite';
}

/** `read` result status. */
export const ReadStatus = {
  /** `out` holds a range. */
  found: 0,
  /** Nothing between fetchOffset and endOffset, or the first batch exceeds bytesMax and was not guaranteed. */
  empty: 1,
  /** fetchOffset below the first segment: the caller answers OFFSET_OUT_OF_RANGE. */
  outOfRange: 2,
} as const;

/** Columns of `read`'s out (Float64Array of at least 4). */
export const ReadOut = { range: 0, segmentBase: 1, position: 2, length: 3 } as const;

/** Columns of `findByTimestamp` / `maxTimestampBatch`'s out (Float64Array of at least 7). */
export const FindOut = {
  segmentBase: 0,
  position: 1,
  length: 2, // bytes of the whole batch
  baseOffset: 3,
  lastOffset: 4,
  maxTimestamp: 5,
  leaderEpoch: 6,
} as const;

/** Columns of `segmentInfo`'s out (Float64Array of at least 8). */
export const SegmentOut = {
  sizeBytes: 0, // bytes of batches, without preallocated tail
  maxTimestamp: 1, // largest batch maxTimestamp seen; -1 none
  offsetOfMaxTimestamp: 2, // last offset of the batch that has it
  offsetIndexEntries: 3,
  timeIndexEntries: 4,
  bytesSinceIndexEntry: 5,
  modifiedMs: 6, // file mtime
  firstBatchMaxTimestamp: 7, // maxTimestamp of the first batch; -1 when empty
} as const;

/** Flags of `scan`. */
export const ScanFlag = {
  /** Verify CRC and header sanity of every batch (recovery); without it only headers are read (producer state replay). */
  verify: 1,
  /** Start from empty indexes and rebuild them from what is scanned (recovery of a segment; `from` must be 0). */
  rebuildIndexes: 2,
} as const;

/** Why `scan` returned; column 1 of out. */
export const ScanStop = {
  tableFull: 0, // call again from nextPosition
  endOfFile: 1, // the last batch ended exactly at the end of the file
  zeroTail: 2, // an all-zero header: preallocated or recycled space begins
  torn: 3, // an incomplete header or batch at the end of the file
  badBatch: 4, // size, magic, CRC or offsets wrong; `out` column 2 says which RowStatus
  staleBatch: 5, // a batch whose offset lies below the segment's base or does not follow: an older life of the file
} as const;

/** Columns of `scan`'s out (Float64Array of at least 4). */
export const ScanOut = { nextPosition: 0, stop: 1, detail: 2, nextValidPosition: 3 } as const;

export interface SegmentEngine {
  readonly name: 'native' | 'portable';

  /** Makes memory (a network thread's slab, a worker's scratch) usable as `slab` in batch tables of this thread. */
  registerSlab(index: number, memory: Uint8Array): void;

  /** Opens (creates in the registry) the log in `directory`; the directory must exist. The caller becomes its writer. */
  openLog(directory: string, options: LogOptions): LogToken;
  /** Makes a log that another thread opened readable here; returns the token to use in this thread. */
  attachLog(directory: string, token: LogToken): LogToken;
  /** Lets go of the log in this thread. Ranges already handed out stay readable. */
  closeLog(log: LogToken): void;
  /** New values of a live log; the active segment keeps the file it has. */
  setOptions(log: LogToken, options: LogOptions): void;

  /** Registers an existing `.log` (sealed; files are opened on demand). `sizeBytes` = its length without stale tail. */
  addSegment(log: LogToken, baseOffset: number, sizeBytes: number): void;
  /** Creates `.log`, `.index`, `.timeindex` (replacing left-over files of that name) and makes the segment active.
   *  A recyclable file handed in by `offerRecycled` is used when there is one; its tail header is zeroed first. */
  createSegment(log: LogToken, baseOffset: number): void;
  /** Does ahead of time, off the hot path, what the next createSegment will need (file, allocation, mapping). */
  prepareSegment(log: LogToken): void;
  /** Makes the last registered segment active: indexes opened for append, space allocated ahead of `sizeBytes`. */
  activate(log: LogToken): void;
  /** Final time-index row, indexes written out and trimmed, `.log` trimmed to its exact size, mapping dropped. */
  seal(log: LogToken, baseOffset: number): void;
  segmentInfo(log: LogToken, baseOffset: number, out: Float64Array): void;
  /** Bytes on disk of all live segments and indexes (what DescribeLogDirs calls size is the sum of `.log` sizes). */
  logSizeBytes(log: LogToken): number;

  /** Checks rows [from, to): header, CRC-32C and, unless compressed, every record; fills the columns of batch-table.ts. */
  validate(table: BatchTable, from: number, to: number): void;
  /** Checks decompressed records of one row against its header columns; same statuses. */
  validateRecords(table: BatchTable, row: number, records: Uint8Array): void;
  /** Appends rows [from, to) that are not flagged skip to the active segment, in order, stamping baseOffset,
   *  leaderEpoch and (flags) timestamps; adds index entries; sets filePosition. All rows or, on a throw, none visible. */
  append(log: LogToken, table: BatchTable, from: number, to: number): void;

  /** Finds the bytes to answer a fetch: starts at the batch containing fetchOffset, ends before endOffset (HW, LSO or
   *  end of log; exclusive), at most bytesMax, never past the segment's end. With `atLeastOne` the first batch is
   *  whole even if larger than bytesMax; otherwise a first batch that does not fit gives `empty`. */
  read(
    log: LogToken,
    fetchOffset: number,
    endOffset: number,
    bytesMax: number,
    atLeastOne: boolean,
    out: Float64Array,
  ): number;
  /** Bytes between fetchOffset's batch and endOffset on the same segment, without making a range (delayed fetch). */
  readableBytes(log: LogToken, fetchOffset: number, endOffset: number): number;
  dropRange(range: RangeToken): void;
  /** Copies a range (TLS, tests, the portable network). Does not drop it. */
  copyRange(range: RangeToken, from: number, target: Uint8Array): number;
  /** First batch with maxTimestamp >= timestamp and lastOffset >= fromOffset. false = none. */
  findByTimestamp(log: LogToken, timestamp: number, fromOffset: number, out: Float64Array): boolean;
  /** First batch of the log that carries its largest maxTimestamp. false = empty log. */
  maxTimestampBatch(log: LogToken, out: Float64Array): boolean;
  /** The batch that contains `offset` (or the first after it). false = beyond the end. */
  findBatch(log: LogToken, offset: number, out: Float64Array): boolean;
  /** pread of a segment's bytes; returns how many. */
  readBytes(log: LogToken, segmentBase: number, position: number, target: Uint8Array): number;

  /** Walks batches of a segment from `from`; fills rows (header columns, baseOffset, filePosition, length). Returns rows. */
  scan(
    log: LogToken,
    segmentBase: number,
    from: number,
    flags: number,
    table: BatchTable,
    out: Float64Array,
  ): number;
  /** After a stop: position of the next intact batch behind `from` that could follow `expectedOffset`, or -1. Tells
   *  corruption in the middle (something good follows) from a torn tail (nothing does). */
  findValidBatchAfter(log: LogToken, segmentBase: number, from: number, expectedOffset: number): number;

  /** Cuts the segment at `position`; index entries at or above `endOffset` go. Later segments must be removed before. */
  truncate(log: LogToken, segmentBase: number, position: number, endOffset: number): void;
  /** Takes a segment out of the log; its files are renamed with `suffix` (".deleted"). Readers keep their ranges. */
  removeSegment(log: LogToken, segmentBase: number, suffix: string): void;
  /** A removed segment's file may serve as the next segment when no reader can still see its pages. */
  offerRecycled(log: LogToken, path: string): boolean;
  /** fdatasync of the `.log` (and of sealed segments' indexes) of segments that hold offsets >= fromOffset. Throws on the first failure. */
  flush(log: LogToken, fromOffset: number): void;
  /** Starts writing the active `.log` to the disk and does not wait: several logs' flushes then overlap. Never throws for
   *  the disk: what fails is reported by `flush`. */
  startFlush(log: LogToken): void;

  /** CRC-32C (Castagnoli), unsigned. */
  crc32c(bytes: Uint8Array, seed?: number): number;
}
