/**
 * Walks a segment batch by batch for recovery and for rebuilding producer state, and tells why it stopped
 * (LogSegment.recover, LogLoader). Reads through one large window; batches beyond it are summed piece by piece.
 */
import { BATCH_HEADER_BYTES, LOG_OVERHEAD_BYTES } from '../../base/limits.js';
import { type BatchTable, Double, RowStatus, Word } from '../batch-table.js';
import { ScanFlag, ScanOut, ScanStop } from '../segment-engine.js';
import { fillHeaderColumns, HeaderAt, LENGTH_FIELD_MIN, MAGIC, readInt64 } from './batch-header.js';
import { crc32c } from './crc32c.js';
import type { SharedFile } from './files.js';
import { RELATIVE_OFFSET_MAX, type Segment, type SegmentFiles } from './segment.js';

const WINDOW_BYTES = 1024 * 1024;
/**
 * Look-alike headers inside hostile payloads could each ask for a CRC over the rest of the file. After summing this
 * many times the file's size, the search gives up and calls the candidate good: an offline partition is repaired,
 * cut records are not.
 */
const SUMMED_FILE_SIZES_MAX = 16;

export class Scanner {
  private readonly window = new Uint8Array(WINDOW_BYTES);
  private readonly view = new DataView(this.window.buffer);
  private windowStart = 0;
  private windowEnd = 0;
  private file: SharedFile | null = null;
  private limit = 0;
  private stop = 0;
  private detail = 0;

  /** See SegmentEngine.scan. `intervalBytes`/`indexBytesMax` matter with `rebuildIndexes` only. */
  scan(
    segment: Segment,
    files: SegmentFiles,
    from: number,
    flags: number,
    intervalBytes: number,
    indexBytesMax: number,
    table: BatchTable,
    out: Float64Array,
  ): number {
    this.open(files.log, Math.min(segment.limit(files), files.log.size()));
    const rebuild = (flags & ScanFlag.rebuildIndexes) !== 0;
    if (rebuild && from === 0) startRebuild(segment, files);
    let position = from;
    let expectedOffset = rebuild && from > 0 ? segment.nextOffset : segment.baseOffset;
    let rows = 0;
    this.stop = ScanStop.tableFull;
    this.detail = RowStatus.ok;
    while (rows < table.rowsMax) {
      const at = this.batch(position, expectedOffset, segment.baseOffset, (flags & ScanFlag.verify) !== 0);
      if (at < 0) break;
      this.fillRow(table, rows, position, at);
      const lastOffset = table.double(rows, Double.baseOffset) + table.word(rows, Word.lastOffsetDelta);
      const length = table.word(rows, Word.length);
      if (rebuild) {
        const maxTimestamp = table.double(rows, Double.maxTimestamp);
        segment.book(files, position, lastOffset, maxTimestamp, intervalBytes, indexBytesMax);
        segment.bytesSinceIndexEntry += length;
        segment.nextOffset = lastOffset + 1;
      }
      expectedOffset = lastOffset + 1;
      position += length;
      rows++;
    }
    if (rebuild && this.stop !== ScanStop.tableFull) {
      // Kafka's recovery ends as a roll does, and a segment it has just opened counts its interval from 0.
      segment.finish(files);
      segment.bytesSinceIndexEntry = 0;
    }
    out[ScanOut.nextPosition] = position;
    out[ScanOut.stop] = this.stop;
    out[ScanOut.detail] = this.detail;
    out[ScanOut.nextValidPosition] = -1; // findValidBatchAfter is a search of its own
    return rows;
  }

  /** See SegmentEngine.findValidBatchAfter. */
  findValidBatchAfter(segment: Segment, files: SegmentFiles, from: number, expectedOffset: number): number {
    this.open(files.log, Math.min(segment.limit(files), files.log.size()));
    let budgetBytes = SUMMED_FILE_SIZES_MAX * this.limit;
    for (let position = from + 1; position + BATCH_HEADER_BYTES <= this.limit; position++) {
      const at = this.load(position);
      if (at < 0) return -1;
      const { view } = this;
      if (this.window[at + HeaderAt.magic] !== MAGIC) continue;
      const total = view.getInt32(at + HeaderAt.length) + LOG_OVERHEAD_BYTES;
      if (total < BATCH_HEADER_BYTES || position + total > this.limit) continue;
      const baseOffset = readInt64(view, at);
      const lastOffsetDelta = view.getInt32(at + HeaderAt.lastOffsetDelta);
      if (baseOffset < expectedOffset || lastOffsetDelta < 0) continue;
      if (baseOffset + lastOffsetDelta - segment.baseOffset > RELATIVE_OFFSET_MAX) continue;
      if (view.getInt32(at + HeaderAt.count) < 0) continue;
      budgetBytes -= total;
      if (budgetBytes < 0 || this.crcGood(position, total)) return position;
    }
    return -1;
  }

  private open(file: SharedFile, limit: number): void {
    this.file = file;
    this.limit = limit;
    this.windowStart = 0;
    this.windowEnd = 0;
  }

  /** Judges what stands at `position`: index of the header in the window, or -1 with `stop` and `detail` set. */
  private batch(position: number, expectedOffset: number, segmentBase: number, verify: boolean): number {
    if (position >= this.limit) return this.end(ScanStop.endOfFile);
    const at = this.load(position);
    const headerBytes = Math.min(BATCH_HEADER_BYTES, this.limit - position);
    if (this.zero(Math.max(at, 0), headerBytes)) return this.end(ScanStop.zeroTail);
    if (at < 0 || headerBytes < BATCH_HEADER_BYTES) return this.end(ScanStop.torn);
    const { view } = this;
    const lengthField = view.getInt32(at + HeaderAt.length);
    const baseOffset = readInt64(view, at);
    const lastOffsetDelta = view.getInt32(at + HeaderAt.lastOffsetDelta);
    if (lengthField < LENGTH_FIELD_MIN) return this.end(ScanStop.badBatch, RowStatus.tooSmall);
    if (this.window[at + HeaderAt.magic] !== MAGIC) return this.end(ScanStop.badBatch, RowStatus.badMagic);
    if (baseOffset < expectedOffset) return this.end(ScanStop.staleBatch);
    if (position + lengthField + LOG_OVERHEAD_BYTES > this.limit) return this.end(ScanStop.torn);
    if (lastOffsetDelta < 0 || baseOffset + lastOffsetDelta - segmentBase > RELATIVE_OFFSET_MAX) {
      return this.end(ScanStop.badBatch, RowStatus.badOffsetRange);
    }
    if (view.getInt32(at + HeaderAt.count) < 0) return this.end(ScanStop.badBatch, RowStatus.badCount);
    if (verify && !this.crcGood(position, lengthField + LOG_OVERHEAD_BYTES)) {
      return this.end(ScanStop.badBatch, RowStatus.badCrc);
    }
    return this.load(position); // the sum may have moved the window
  }

  private end(stop: number, detail: number = RowStatus.ok): -1 {
    this.stop = stop;
    this.detail = detail;
    return -1;
  }

  private zero(at: number, bytes: number): boolean {
    for (let index = at; index < at + bytes; index++) if (this.window[index] !== 0) return false;
    return true;
  }

  private fillRow(table: BatchTable, row: number, position: number, at: number): void {
    fillHeaderColumns(table, row, this.view, at);
    table.setWord(row, Word.slab, 0);
    table.setWord(row, Word.position, 0);
    table.setWord(row, Word.length, this.view.getInt32(at + HeaderAt.length) + LOG_OVERHEAD_BYTES);
    table.setWord(row, Word.flags, 0);
    table.setWord(row, Word.status, RowStatus.ok);
    table.setWord(row, Word.detail, -1);
    table.setDouble(row, Double.filePosition, position);
  }

  private crcGood(position: number, total: number): boolean {
    const stored = this.view.getUint32(this.load(position) + HeaderAt.crc);
    const end = position + total;
    let crc = 0;
    for (let next = position + HeaderAt.attributes; next < end; ) {
      const at = this.load(next, Math.min(end - next, WINDOW_BYTES));
      const stopAt = Math.min(at + (end - next), this.windowEnd - this.windowStart);
      if (at < 0 || stopAt <= at) return false; // the file got shorter
      crc = crc32c(this.window, at, stopAt, crc);
      next += stopAt - at;
    }
    return crc === stored;
  }

  /** Index in the window of `position`, with at least `bytes` behind it; -1 (window starts there) when the file ends before. */
  private load(position: number, bytes: number = BATCH_HEADER_BYTES): number {
    if (position < this.windowStart || position + bytes > this.windowEnd) {
      const wanted = Math.min(WINDOW_BYTES, this.limit - position);
      const count = this.file?.read(this.window, 0, Math.max(0, wanted), position) ?? 0;
      this.windowStart = position;
      this.windowEnd = position + count;
      if (count < bytes) return -1;
    }
    return position - this.windowStart;
  }
}

function startRebuild(segment: Segment, files: SegmentFiles): void {
  files.offsets?.cut(0, true);
  files.times?.cut(0, true);
  segment.maxTimestamp = -1;
  segment.offsetOfMaxTimestamp = segment.baseOffset;
  segment.firstBatchMaxTimestamp = -1;
  segment.nextOffset = segment.baseOffset;
  segment.bytesSinceIndexEntry = 0;
  segment.summarySize = -1;
}
