/**
 * Header of a record batch v2 (KIP-98), 61 bytes, big-endian:
 *
 * ```
 *  0 baseOffset i64   8 length i32      12 leaderEpoch i32   16 magic i8        17 crc u32
 * 21 attributes i16  23 lastOffsetDelta i32                  27 baseTimestamp i64
 * 35 maxTimestamp i64                   43 producerId i64    51 producerEpoch i16
 * 53 baseSequence i32                   57 count i32         61 records …
 * ```
 * The CRC covers byte 21 to the end, so baseOffset and leaderEpoch are stamped without renewing it.
 */
import { BATCH_HEADER_BYTES, LOG_OVERHEAD_BYTES } from '../../base/limits.js';
import { type BatchTable, Double, Word } from '../batch-table.js';

export const HeaderAt = {
  baseOffset: 0,
  length: 8,
  leaderEpoch: 12,
  magic: 16,
  crc: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  baseTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  producerEpoch: 51,
  baseSequence: 53,
  count: 57,
} as const;

export const MAGIC = 2;
/** Smallest legal value of the length field: a header without records. */
export const LENGTH_FIELD_MIN = BATCH_HEADER_BYTES - LOG_OVERHEAD_BYTES;
export const COMPRESSION_MASK = 0x07;
export const LOG_APPEND_TIME_BIT = 0x08;

/** An i64 as a number; exact within 2^53. */
export function readInt64(view: DataView, at: number): number {
  return view.getInt32(at) * 0x1_0000_0000 + view.getUint32(at + 4);
}

/** Writes an integer as i64; values outside the i64 range are clamped to it. */
export function writeInt64(view: DataView, at: number, value: number): void {
  if (value >= 2 ** 63) {
    view.setBigInt64(at, 2n ** 63n - 1n);
    return;
  }
  const high = Math.max(Math.floor(value / 0x1_0000_0000), -0x8000_0000);
  view.setInt32(at, high);
  view.setUint32(at + 4, value - high * 0x1_0000_0000);
}

/** Copies what the header at `at` says into the header columns of a row. */
export function fillHeaderColumns(table: BatchTable, row: number, view: DataView, at: number): void {
  table.setWord(row, Word.attributes, view.getInt16(at + HeaderAt.attributes));
  table.setWord(row, Word.lastOffsetDelta, view.getInt32(at + HeaderAt.lastOffsetDelta));
  table.setWord(row, Word.count, view.getInt32(at + HeaderAt.count));
  table.setWord(row, Word.producerEpoch, view.getInt16(at + HeaderAt.producerEpoch));
  table.setWord(row, Word.baseSequence, view.getInt32(at + HeaderAt.baseSequence));
  table.setWord(row, Word.leaderEpoch, view.getInt32(at + HeaderAt.leaderEpoch));
  table.setWord(row, Word.producerIdHigh, view.getInt32(at + HeaderAt.producerId));
  table.setWord(row, Word.producerIdLow, view.getInt32(at + HeaderAt.producerId + 4));
  table.setWord(row, Word.crc, view.getInt32(at + HeaderAt.crc));
  table.setDouble(row, Double.baseOffset, readInt64(view, at + HeaderAt.baseOffset));
  table.setDouble(row, Double.baseTimestamp, readInt64(view, at + HeaderAt.baseTimestamp));
  table.setDouble(row, Double.maxTimestamp, readInt64(view, at + HeaderAt.maxTimestamp));
}
