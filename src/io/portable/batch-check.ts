/**
 * Checks batches that clients sent (LogValidator, DefaultRecordBatch.ensureValid): framing, magic, CRC, offset range,
 * and the records unless they are compressed. Refusals are statuses in the table, never exceptions.
 */
import { assert } from '../../base/assert.js';
import { BATCH_HEADER_BYTES, LOG_OVERHEAD_BYTES } from '../../base/limits.js';
import { type BatchTable, Double, RowFlag, RowStatus, Word } from '../batch-table.js';
import { COMPRESSION_MASK, fillHeaderColumns, HeaderAt, LENGTH_FIELD_MIN, MAGIC } from './batch-header.js';
import { crc32c } from './crc32c.js';
import { RecordCheck } from './record-check.js';
import type { Slabs } from './slabs.js';

/** zstd. */
const CODEC_MAX = 4;

export class BatchCheck {
  private readonly records = new RecordCheck();
  constructor(private readonly slabs: Slabs) {}

  validate(table: BatchTable, from: number, to: number): void {
    for (let row = from; row < to; row++) {
      table.setWord(row, Word.detail, -1);
      table.setWord(row, Word.status, this.row(table, row));
    }
  }

  /** Decompressed records of one row whose header columns are filled. */
  validateRecords(table: BatchTable, row: number, bytes: Uint8Array): void {
    const status = this.checkRecords(table, row, bytes, 0, bytes.length, true);
    table.setWord(row, Word.status, status);
  }

  private row(table: BatchTable, row: number): number {
    const slab = this.slabs.at(table.word(row, Word.slab));
    const position = table.word(row, Word.position);
    const length = table.word(row, Word.length);
    assert(position >= 0 && length >= 0 && position + length <= slab.bytes.length, 'batch outside its slab');
    if (length < BATCH_HEADER_BYTES) return RowStatus.tooSmall;
    const { view, bytes } = slab;
    fillHeaderColumns(table, row, view, position);
    const declared = view.getInt32(position + HeaderAt.length);
    if (declared < LENGTH_FIELD_MIN || declared > length - LOG_OVERHEAD_BYTES) return RowStatus.tooSmall;
    if (declared < length - LOG_OVERHEAD_BYTES) return RowStatus.moreBatches;
    if (bytes[position + HeaderAt.magic] !== MAGIC) return RowStatus.badMagic;
    const crc = crc32c(bytes, position + HeaderAt.attributes, position + length);
    if (crc !== view.getUint32(position + HeaderAt.crc)) return RowStatus.badCrc;
    return this.header(table, row, bytes, position, length);
  }

  private header(
    table: BatchTable,
    row: number,
    bytes: Uint8Array,
    position: number,
    length: number,
  ): number {
    const lastOffsetDelta = table.word(row, Word.lastOffsetDelta);
    const count = table.word(row, Word.count);
    const flags = table.word(row, Word.flags);
    if (lastOffsetDelta < 0) return RowStatus.badOffsetRange;
    table.setDouble(row, Double.maxTimestampFound, table.double(row, Double.maxTimestamp));
    table.setDouble(row, Double.minTimestampFound, table.double(row, Double.baseTimestamp));
    table.setWord(row, Word.maxTimestampDelta, lastOffsetDelta);
    if ((flags & RowFlag.headerOnly) !== 0) {
      // A replicated batch may be compacted: fewer records than offsets, even none.
      return count < 0 ? RowStatus.badCount : RowStatus.ok;
    }
    if (count <= 0) return RowStatus.badCount;
    if (count !== lastOffsetDelta + 1) return RowStatus.inconsistentCount;
    const codec = table.word(row, Word.attributes) & COMPRESSION_MASK;
    // A codec nobody knows is refused by those who unpack.
    if ((flags & RowFlag.recordsUnchecked) !== 0 && codec <= CODEC_MAX) return RowStatus.ok;
    if (codec !== 0) return RowStatus.compressed;
    return this.checkRecords(table, row, bytes, position + BATCH_HEADER_BYTES, position + length, false);
  }

  private checkRecords(
    table: BatchTable,
    row: number,
    bytes: Uint8Array,
    from: number,
    to: number,
    ordered: boolean,
  ): number {
    const { records } = this;
    const status = records.check(
      bytes,
      from,
      to,
      table.word(row, Word.count),
      table.double(row, Double.baseTimestamp),
      (table.word(row, Word.flags) & RowFlag.keyRequired) !== 0,
      ordered,
    );
    table.setWord(row, Word.detail, records.detail);
    table.setDouble(row, Double.maxTimestampFound, records.maxTimestamp);
    table.setDouble(row, Double.minTimestampFound, records.minTimestamp);
    table.setWord(row, Word.maxTimestampDelta, records.maxTimestampIndex);
    return status;
  }
}
