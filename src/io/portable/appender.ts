/**
 * Puts batches behind the tail of the active segment: copies them out of their slabs into one buffer, stamps offset,
 * epoch and timestamps on the copy (a frame's bytes are never touched), writes, then books index rows. Readers see
 * nothing of it until the caller publishes the new end offset.
 */
import { assert } from '../../base/assert.js';
import { BATCH_HEADER_BYTES } from '../../base/limits.js';
import { type BatchTable, Double, RowFlag, Word } from '../batch-table.js';
import { HeaderAt, LOG_APPEND_TIME_BIT, readInt64, writeInt64 } from './batch-header.js';
import { crc32c } from './crc32c.js';
import type { Log } from './log.js';
import { RELATIVE_OFFSET_MAX, SEGMENT_BYTES_MAX, type Segment, type SegmentFiles } from './segment.js';
import type { Slab, Slabs } from './slabs.js';

/** Batches smaller than this share a write. */
const OUTBOX_BYTES = 256 * 1024;
const ZEROES = new Uint8Array(BATCH_HEADER_BYTES);

export class Appender {
  private readonly outbox = new Uint8Array(OUTBOX_BYTES);
  private outboxUsed = 0;
  private readonly header = new Uint8Array(BATCH_HEADER_BYTES);
  private readonly headerView = new DataView(this.header.buffer);
  private filePosition = 0;

  constructor(private readonly slabs: Slabs) {}

  append(log: Log, table: BatchTable, from: number, to: number): void {
    const segment = log.active;
    const { files, writable } = segment ?? {};
    assert(segment !== null && files != null && writable === true, 'append needs an active segment');
    const { offsets, times } = files;
    assert(offsets !== null && times !== null && log.options !== null, 'append needs indexes');
    const before = {
      offsetRows: offsets.entries,
      timeRows: times.entries,
      bytesSinceIndexEntry: segment.bytesSinceIndexEntry,
      maxTimestamp: segment.maxTimestamp,
      offsetOfMaxTimestamp: segment.offsetOfMaxTimestamp,
      firstBatchMaxTimestamp: segment.firstBatchMaxTimestamp,
      nextOffset: segment.nextOffset,
      sizeBytes: segment.sizeBytes,
    };
    try {
      this.writeRows(segment, files, table, from, to);
      this.bookRows(log, segment, files, table, from, to);
      offsets.write();
      times.write();
    } catch (error) {
      this.undo(segment, files, before);
      throw error;
    }
    segment.summarySize = segment.sizeBytes;
  }

  private writeRows(
    segment: Segment,
    files: SegmentFiles,
    table: BatchTable,
    from: number,
    to: number,
  ): void {
    this.outboxUsed = 0;
    this.filePosition = segment.sizeBytes;
    let nextOffset = segment.nextOffset;
    for (let row = from; row < to; row++) {
      if ((table.word(row, Word.flags) & RowFlag.skip) !== 0) continue;
      const slab = this.slabs.at(table.word(row, Word.slab));
      const position = table.word(row, Word.position);
      const length = table.word(row, Word.length);
      assert(position >= 0 && length >= BATCH_HEADER_BYTES, 'only checked batches are appended');
      assert(position + length <= slab.bytes.length, 'batch outside its slab');
      this.stamp(table, row, slab, position, length);
      const baseOffset = table.double(row, Double.baseOffset);
      assert(baseOffset >= nextOffset, `offset ${baseOffset} given twice`);
      nextOffset = baseOffset + this.headerView.getInt32(HeaderAt.lastOffsetDelta) + 1;
      assert(nextOffset - 1 - segment.baseOffset <= RELATIVE_OFFSET_MAX, 'offset beyond the segment');
      const start = this.filePosition + this.outboxUsed;
      assert(start + length <= SEGMENT_BYTES_MAX, 'segment would exceed 2 GiB');
      table.setDouble(row, Double.filePosition, start);
      this.put(files, this.header, 0, BATCH_HEADER_BYTES);
      this.put(files, slab.bytes, position + BATCH_HEADER_BYTES, length - BATCH_HEADER_BYTES);
    }
    // In a recycled file an older life's batches follow: Kafka's recovery needs a zero header between them and ours.
    const end = this.filePosition + this.outboxUsed;
    const behind = Math.min(BATCH_HEADER_BYTES, files.log.size() - end);
    if (behind > 0) this.put(files, ZEROES, 0, behind);
    this.flushOutbox(files);
  }

  /** Makes `header` the header that goes to disk. */
  private stamp(table: BatchTable, row: number, slab: Slab, position: number, length: number): void {
    const { header, headerView } = this;
    const flags = table.word(row, Word.flags);
    for (let at = 0; at < BATCH_HEADER_BYTES; at++) header[at] = slab.bytes[position + at];
    writeInt64(headerView, HeaderAt.baseOffset, table.double(row, Double.baseOffset));
    headerView.setInt32(HeaderAt.leaderEpoch, table.word(row, Word.leaderEpoch));
    if ((flags & RowFlag.logAppendTime) !== 0) {
      const attributes = headerView.getInt16(HeaderAt.attributes) | LOG_APPEND_TIME_BIT;
      headerView.setInt16(HeaderAt.attributes, attributes);
      writeInt64(headerView, HeaderAt.maxTimestamp, table.double(row, Double.appendTime));
    } else if ((flags & RowFlag.fixMaxTimestamp) !== 0) {
      writeInt64(headerView, HeaderAt.maxTimestamp, table.double(row, Double.maxTimestampFound));
    } else {
      return;
    }
    const ofHeader = crc32c(header, HeaderAt.attributes, BATCH_HEADER_BYTES);
    const crc = crc32c(slab.bytes, position + BATCH_HEADER_BYTES, position + length, ofHeader);
    headerView.setUint32(HeaderAt.crc, crc);
  }

  private put(files: SegmentFiles, bytes: Uint8Array, from: number, length: number): void {
    if (this.outboxUsed + length > OUTBOX_BYTES) this.flushOutbox(files);
    if (length > OUTBOX_BYTES) {
      files.log.write(bytes, from, length, this.filePosition);
      this.filePosition += length;
      return;
    }
    this.outbox.set(bytes.subarray(from, from + length), this.outboxUsed);
    this.outboxUsed += length;
  }

  private flushOutbox(files: SegmentFiles): void {
    if (this.outboxUsed === 0) return;
    files.log.write(this.outbox, 0, this.outboxUsed, this.filePosition);
    this.filePosition += this.outboxUsed;
    this.outboxUsed = 0;
  }

  /** Counts the written rows into segment and indexes, batch by batch as Kafka does. */
  private bookRows(
    log: Log,
    segment: Segment,
    files: SegmentFiles,
    table: BatchTable,
    from: number,
    to: number,
  ): void {
    const { options } = log;
    assert(options !== null, 'only the writer appends');
    for (let row = from; row < to; row++) {
      const flags = table.word(row, Word.flags);
      if ((flags & RowFlag.skip) !== 0) continue;
      const slab = this.slabs.at(table.word(row, Word.slab));
      const position = table.word(row, Word.position);
      const length = table.word(row, Word.length);
      let maxTimestamp = readInt64(slab.view, position + HeaderAt.maxTimestamp);
      if ((flags & RowFlag.logAppendTime) !== 0) maxTimestamp = table.double(row, Double.appendTime);
      else if ((flags & RowFlag.fixMaxTimestamp) !== 0)
        maxTimestamp = table.double(row, Double.maxTimestampFound);
      const lastOffsetDelta = slab.view.getInt32(position + HeaderAt.lastOffsetDelta);
      const lastOffset = table.double(row, Double.baseOffset) + lastOffsetDelta;
      const start = table.double(row, Double.filePosition);
      segment.book(files, start, lastOffset, maxTimestamp, options.indexIntervalBytes, options.indexBytesMax);
      segment.bytesSinceIndexEntry += length;
      segment.sizeBytes = start + length;
      segment.nextOffset = lastOffset + 1;
    }
  }

  /** Back to what was before: nothing of the failed rows stays visible, and on disk as little as the disk allows. */
  private undo(segment: Segment, files: SegmentFiles, before: SegmentState): void {
    const { offsetRows, timeRows, ...state } = before;
    Object.assign(segment, state);
    try {
      files.offsets?.cut(offsetRows, false);
      files.times?.cut(timeRows, false);
      files.log.setSize(before.sizeBytes);
    } catch {
      // The disk is failing: the first error is the one to report, and recovery cuts what could not be cut here.
    }
  }
}

interface SegmentState {
  offsetRows: number;
  timeRows: number;
  bytesSinceIndexEntry: number;
  maxTimestamp: number;
  offsetOfMaxTimestamp: number;
  firstBatchMaxTimestamp: number;
  nextOffset: number;
  sizeBytes: number;
}
