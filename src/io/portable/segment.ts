/**
 * One segment: `.log`, `.index`, `.timeindex` (LogSegment). The same class serves the writer, which knows the size and
 * keeps the summary current, and readers in other threads, which know the files only. Index rows and the summary follow
 * Kafka's rules exactly, because its broker and tools open these files.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { assert } from '../../base/assert.js';
import { systemCode } from '../../base/errors.js';
import type { BatchCursor } from './batch-cursor.js';
import { type OpenMode, SharedFile } from './files.js';
import { OffsetIndex, TimeIndex } from './index-file.js';

export const SEGMENT_BYTES_MAX = 0x7fff_ffff;
export const RELATIVE_OFFSET_MAX = 0x7fff_ffff;

/** `<directory>/<20 digits><suffix>` */
export function segmentPath(directory: string, baseOffset: number, suffix: string): string {
  return join(directory, String(baseOffset).padStart(20, '0') + suffix);
}

/** The three files of a segment while they are open. An index that is missing stays null: look-ups walk the log. */
export class SegmentFiles {
  constructor(
    readonly log: SharedFile,
    readonly offsets: OffsetIndex | null,
    readonly times: TimeIndex | null,
  ) {}

  static open(directory: string, baseOffset: number, mode: 'read' | 'write'): SegmentFiles {
    const log = SharedFile.open(segmentPath(directory, baseOffset, '.log'), mode);
    let offsets: OffsetIndex | null = null;
    try {
      offsets = openIndex(OffsetIndex.open, directory, baseOffset, '.index', mode);
      return new SegmentFiles(
        log,
        offsets,
        openIndex(TimeIndex.open, directory, baseOffset, '.timeindex', mode),
      );
    } catch (error) {
      offsets?.close();
      log.release();
      throw error;
    }
  }

  close(): void {
    this.log.release();
    this.offsets?.close();
    this.times?.close();
  }
}

function openIndex<T>(
  open: (path: string, mode: OpenMode, baseOffset: number) => T,
  directory: string,
  baseOffset: number,
  suffix: string,
  mode: 'read' | 'write',
): T | null {
  const path = segmentPath(directory, baseOffset, suffix);
  try {
    return open(path, mode, baseOffset);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
    return mode === 'write' ? open(path, 'create', baseOffset) : null;
  }
}

export class Segment {
  files: SegmentFiles | null = null;
  /** Files stay open for append: the active segment, and the one before it until it is sealed. */
  writable = false;
  /** Largest batch maxTimestamp and the last offset of its first carrier; valid once `summarySize` >= 0. */
  maxTimestamp = -1;
  offsetOfMaxTimestamp: number;
  firstBatchMaxTimestamp = -1;
  /** Offset after the last batch. */
  nextOffset: number;
  bytesSinceIndexEntry = 0;
  /** Size for which the summary was made; -1 = not yet. */
  summarySize = -1;

  constructor(
    readonly directory: string,
    readonly baseOffset: number,
    /** Bytes of batches; -1 in readers, who take what the file has. */
    public sizeBytes: number,
  ) {
    this.offsetOfMaxTimestamp = baseOffset;
    this.nextOffset = baseOffset;
  }

  path(suffix: string): string {
    return segmentPath(this.directory, this.baseOffset, suffix);
  }

  /** The files behind the names are still the ones that are open (readers: the writer may have replaced them). */
  get current(): boolean {
    const status = statSync(this.path('.log'), { throwIfNoEntry: false });
    return (
      status !== undefined && this.files?.log.inode === status.ino && this.files.log.device === status.dev
    );
  }

  close(): void {
    this.files?.close();
    this.files = null;
    this.writable = false;
  }

  /** Bytes that may hold batches. */
  limit(files: SegmentFiles): number {
    return this.sizeBytes >= 0 ? this.sizeBytes : files.log.size();
  }

  /** Puts the cursor on the first batch with lastOffset >= `offset`; false = none in this segment. */
  seek(cursor: BatchCursor, files: SegmentFiles, offset: number): boolean {
    let onBatch = this.startNear(cursor, files, offset);
    if (!onBatch) {
      cursor.start(files.log, this.limit(files), 0, this.baseOffset);
      onBatch = cursor.next();
    }
    while (onBatch && cursor.lastOffset < offset) onBatch = cursor.next();
    if (!onBatch) this.checkEnd(cursor);
    return onBatch;
  }

  /** A walk that ends inside the known size met bytes that are no batch: better a dead partition than silent gaps. */
  checkEnd(cursor: BatchCursor): void {
    if (this.sizeBytes < 0 || cursor.end === this.sizeBytes) return; // readers in other threads know no size
    const path = this.path('.log');
    const error = new Error(`EBADMSG: no record batch at position ${cursor.end}, read '${path}'`);
    throw Object.assign(error, { code: 'EBADMSG', syscall: 'read', path });
  }

  /** Puts the cursor on the indexed batch nearest below `offset`, when the index has one and the batch agrees. */
  startNear(cursor: BatchCursor, files: SegmentFiles, offset: number): boolean {
    const { offsets } = files;
    const row = offsets?.floor(offset) ?? -1;
    if (offsets === null || row < 0) return false;
    cursor.start(files.log, this.limit(files), offsets.position(row), this.baseOffset);
    return cursor.next() && cursor.lastOffset === offsets.offset(row);
  }

  /** Fills the summary from the indexes and the batches behind their last rows (LogSegment.readLargestTimestamp). */
  summarize(cursor: BatchCursor, files: SegmentFiles): void {
    const size = this.limit(files);
    if (this.summarySize === size) return;
    const { times } = files;
    cursor.start(files.log, size, 0, this.baseOffset);
    this.firstBatchMaxTimestamp = cursor.next() ? cursor.maxTimestamp : -1;
    this.maxTimestamp = -1;
    this.offsetOfMaxTimestamp = this.baseOffset;
    this.nextOffset = this.baseOffset;
    if (times !== null && times.entries > 0) {
      this.maxTimestamp = times.lastTimestamp;
      this.offsetOfMaxTimestamp = times.offset(times.entries - 1);
    }
    let onBatch = this.startNear(cursor, files, this.offsetOfMaxTimestamp);
    if (!onBatch) {
      cursor.start(files.log, size, 0, this.baseOffset);
      onBatch = cursor.next();
    }
    for (; onBatch; onBatch = cursor.next()) {
      this.nextOffset = cursor.lastOffset + 1;
      if (cursor.maxTimestamp > this.maxTimestamp) {
        this.maxTimestamp = cursor.maxTimestamp;
        this.offsetOfMaxTimestamp = cursor.lastOffset;
      }
    }
    this.checkEnd(cursor);
    this.summarySize = size;
  }

  /** Books a batch into summary and indexes (LogSegment.append, per batch): a row when more than the interval has passed. */
  book(
    files: SegmentFiles,
    position: number,
    lastOffset: number,
    maxTimestamp: number,
    indexIntervalBytes: number,
    indexBytesMax: number,
  ): void {
    if (position === 0) this.firstBatchMaxTimestamp = maxTimestamp;
    if (maxTimestamp > this.maxTimestamp) {
      this.maxTimestamp = maxTimestamp;
      this.offsetOfMaxTimestamp = lastOffset;
    }
    if (this.bytesSinceIndexEntry <= indexIntervalBytes) return;
    const { offsets, times } = files;
    assert(offsets !== null && times !== null, 'a writable segment has indexes');
    // Full: the caller sees it in segmentInfo and rolls; until then look-ups walk a little further. The time index
    // keeps one row for `finish` (TimeIndex.isFull).
    if (offsets.entries >= Math.floor(indexBytesMax / OffsetIndex.rowBytes)) return;
    offsets.append(lastOffset, position);
    if (times.entries < Math.floor(indexBytesMax / TimeIndex.rowBytes) - 1) {
      times.maybeAppend(this.maxTimestamp, this.offsetOfMaxTimestamp);
    }
    this.bytesSinceIndexEntry = 0;
  }

  /** The last row of a segment that gets no more batches (LogSegment.onBecomeInactiveSegment). */
  finish(files: SegmentFiles): void {
    files.times?.maybeAppend(this.maxTimestamp, this.offsetOfMaxTimestamp);
    files.times?.trim();
    files.offsets?.trim();
  }
}
