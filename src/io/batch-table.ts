/**
 * The table through which the addon and TypeScript talk about record batches: one row a batch, filled by `validate`
 * and `scan`, decided on by TypeScript, consumed by `append`. One crossing handles all rows of a drain.
 *
 * ```
 *  word  0        1         2       3      4       5       6           7
 *        slab     position  length  flags  status  detail  attributes  lastOffsetDelta
 *  word  8        9         10      11     12      13      14          15
 *        count    epoch     baseSeq leader producerId lo/hi  crc       maxTimestampDelta (offset delta of the record
 *                                   Epoch                              with the largest timestamp)
 *  double 8           9              10            11                 12                 13           14        15
 *         baseOffset  baseTimestamp  maxTimestamp  maxTimestampFound  minTimestampFound  appendTime   position  reserved
 * ```
 * slab: index of a memory registered with `registerSlab`; position/length: the batch in it. `double 14` is the file
 * position (out of append and scan). ints are 32-bit, doubles hold safe integers (timestamps beyond 2^53 lose low bits
 * here, never on disk). The layout is native/core/batch_table.h; the addon exports the numbers and io asserts them.
 */
export const ROW_WORDS = 32;
export const ROW_DOUBLES = 16;
export const ROW_BYTES = 128;

/** Int32 columns. */
export const Word = {
  slab: 0,
  position: 1,
  length: 2,
  flags: 3,
  status: 4,
  detail: 5,
  attributes: 6,
  lastOffsetDelta: 7,
  count: 8,
  producerEpoch: 9,
  baseSequence: 10,
  leaderEpoch: 11,
  producerIdLow: 12,
  producerIdHigh: 13,
  crc: 14,
  maxTimestampDelta: 15,
} as const;

/** Float64 columns. */
export const Double = {
  baseOffset: 8,
  baseTimestamp: 9,
  maxTimestamp: 10,
  maxTimestampFound: 11,
  minTimestampFound: 12,
  appendTime: 13,
  filePosition: 14,
  reserved: 15,
} as const;

/** `flags`, set by TypeScript before validate/append. */
export const RowFlag = {
  /** append leaves the row out. */
  skip: 1,
  /** append stamps attribute bit 3 and appendTime as maxTimestamp, and renews the CRC. */
  logAppendTime: 2,
  /** validate refuses a record without key (compacted topic). */
  keyRequired: 4,
  /** append writes maxTimestampFound into the header and renews the CRC. */
  fixMaxTimestamp: 8,
  /** validate checks CRC and header only (replication, header-only mode). */
  headerOnly: 16,
  /** validate stops behind the header of a client's batch; the timestamps found are those the header tells. */
  recordsUnchecked: 32,
} as const;

/** `status`, set by validate and scan. `detail` says more: the index of the first bad record, or -1. */
export const RowStatus = {
  ok: 0,
  /** ok so far: header and CRC are right, but the records are compressed; the caller decompresses and calls validateRecords. */
  compressed: 1,
  tooSmall: 2, // fewer bytes than a header, or length field < 49, or length field ≠ bytes given
  badMagic: 3,
  badCrc: 4,
  badOffsetRange: 5, // lastOffsetDelta < 0, "invalid offset range"
  badCount: 6, // recordsCount <= 0
  inconsistentCount: 7, // recordsCount ≠ lastOffsetDelta + 1
  badRecord: 8, // malformed record; detail = its index
  trailingBytes: 9, // bytes left after recordsCount records
  missingKey: 10, // keyRequired and a null key; detail = first index
  moreBatches: 11, // bytes follow the first batch
  offsetDeltas: 12, // (compressed) inner offset deltas are not 0..n-1: rebuild
} as const;

/** Views over one table. Allocated once per thread and reused. */
export class BatchTable {
  readonly buffer: SharedArrayBuffer;
  readonly words: Int32Array;
  readonly doubles: Float64Array;
  constructor(readonly rowsMax: number) {
    this.buffer = new SharedArrayBuffer(rowsMax * ROW_BYTES);
    this.words = new Int32Array(this.buffer);
    this.doubles = new Float64Array(this.buffer);
  }
  word(row: number, column: number): number {
    return this.words[row * ROW_WORDS + column];
  }
  setWord(row: number, column: number, value: number): void {
    this.words[row * ROW_WORDS + column] = value;
  }
  double(row: number, column: number): number {
    return this.doubles[row * ROW_DOUBLES + column];
  }
  setDouble(row: number, column: number, value: number): void {
    this.doubles[row * ROW_DOUBLES + column] = value;
  }
}
