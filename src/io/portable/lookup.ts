/**
 * Finds batches: by offset for fetches (LocalLog.read, LogSegment.read), by timestamp for ListOffsets
 * (LogSegment.findOffsetByTimestamp). The result stays in fields until the next call. Works for the writer and, because
 * every step is checked against the batch it leads to, beside a writer in another thread.
 */
import { FindOut, ReadStatus } from '../segment-engine.js';
import type { BatchCursor } from './batch-cursor.js';
import type { SharedFile } from './files.js';
import type { Log } from './log.js';
import type { Segment, SegmentFiles } from './segment.js';

/** A reader that loses a race with roll or removal lists the directory again, at most this often a call. */
const RELISTS_MAX = 4;
/** Internal status: the files of a known segment are gone. */
const GONE = -1;

export class Lookup {
  file: SharedFile | null = null;
  segmentBase = 0;
  position = 0;
  /** Bytes of the first batch. */
  firstLength = 0;
  /** Bytes from `position` to the end offset, counted no further than asked for. */
  available = 0;

  constructor(private readonly cursor: BatchCursor) {}

  /** Finds the batch of `fetchOffset` and how many bytes before `endOffset` follow on its segment. */
  locate(log: Log, fetchOffset: number, endOffset: number, bytesWanted: number): number {
    for (let attempt = 0; ; attempt++) {
      const status = this.tryLocate(log, fetchOffset, endOffset, bytesWanted);
      if (status === ReadStatus.found) return status;
      const settled = log.writer || (status === ReadStatus.empty && fetchOffset >= endOffset);
      if (settled || attempt === RELISTS_MAX || (!log.relist() && status !== GONE)) {
        return status === GONE ? ReadStatus.empty : status;
      }
    }
  }

  /** Puts the cursor on the batch that contains `offset` or the first after it; null = beyond the end. */
  seek(log: Log, offset: number): Segment | null {
    if (!log.writer) log.relist();
    for (let index = Math.max(0, log.floor(offset)); index < log.segments.length; index++) {
      const segment = log.segments[index];
      const files = log.files(segment);
      if (files !== null && segment.seek(this.cursor, files, offset)) return segment;
    }
    return null;
  }

  /** Puts the cursor on the first batch with maxTimestamp >= `timestamp` and lastOffset >= `fromOffset`. */
  seekTimestamp(log: Log, timestamp: number, fromOffset: number): Segment | null {
    const { cursor } = this;
    if (!log.writer) log.relist();
    for (let index = Math.max(0, log.floor(fromOffset)); index < log.segments.length; index++) {
      const segment = log.segments[index];
      const files = log.files(segment);
      if (files === null) continue;
      segment.summarize(cursor, files);
      if (segment.maxTimestamp < timestamp) continue;
      const row = files.times?.floorOfTimestamp(timestamp) ?? -1;
      const indexed = files.times !== null && row >= 0 ? files.times.offset(row) : segment.baseOffset;
      let onBatch = segment.seek(cursor, files, Math.max(indexed, fromOffset));
      while (onBatch && cursor.maxTimestamp < timestamp) onBatch = cursor.next();
      if (onBatch) return segment;
      segment.checkEnd(cursor);
    }
    return null;
  }

  /** Puts the cursor on the first batch with the largest maxTimestamp of the log; null = no batch. */
  seekMaxTimestamp(log: Log): Segment | null {
    const { cursor } = this;
    if (!log.writer) log.relist();
    let best: Segment | null = null;
    for (const segment of log.segments) {
      const files = log.files(segment);
      if (files === null) continue;
      segment.summarize(cursor, files);
      if (segment.nextOffset === segment.baseOffset) continue; // no batch
      if (best === null || segment.maxTimestamp > best.maxTimestamp) best = segment;
    }
    const files = best === null ? null : log.files(best);
    if (best === null || files === null) return null;
    return best.seek(cursor, files, best.offsetOfMaxTimestamp) ? best : null;
  }

  /** Writes the cursor's batch into `out` (FindOut). */
  fill(segment: Segment, out: Float64Array): void {
    const { cursor } = this;
    out[FindOut.segmentBase] = segment.baseOffset;
    out[FindOut.position] = cursor.position;
    out[FindOut.length] = cursor.length;
    out[FindOut.baseOffset] = cursor.baseOffset;
    out[FindOut.lastOffset] = cursor.lastOffset;
    out[FindOut.maxTimestamp] = cursor.maxTimestamp;
    out[FindOut.leaderEpoch] = cursor.leaderEpoch;
  }

  private tryLocate(log: Log, fetchOffset: number, endOffset: number, bytesWanted: number): number {
    const { segments } = log;
    let index = log.floor(fetchOffset);
    if (index < 0)
      return segments.length > 0 || fetchOffset < endOffset ? ReadStatus.outOfRange : ReadStatus.empty;
    if (fetchOffset >= endOffset) return ReadStatus.empty;
    for (; index < segments.length && segments[index].baseOffset < endOffset; index++) {
      const segment = segments[index];
      const files = log.files(segment);
      if (files === null) return GONE;
      if (!segment.seek(this.cursor, files, fetchOffset)) continue;
      if (this.cursor.lastOffset >= endOffset) return ReadStatus.empty;
      this.measure(segment, files, endOffset, bytesWanted);
      return ReadStatus.found;
    }
    return ReadStatus.empty;
  }

  private measure(segment: Segment, files: SegmentFiles, endOffset: number, bytesWanted: number): void {
    const { cursor } = this;
    this.file = files.log;
    this.segmentBase = segment.baseOffset;
    this.position = cursor.position;
    this.firstLength = cursor.length;
    const wantedEnd = cursor.position + bytesWanted;
    let end = cursor.position + cursor.length;
    let onBatch = true;
    if (end < wantedEnd) {
      // The index may skip most of the way to the end offset.
      const row = files.offsets?.floor(endOffset - 1) ?? -1;
      const indexed = files.offsets !== null && row >= 0 ? files.offsets.position(row) : -1;
      if (indexed > this.position) {
        onBatch = segment.startNear(cursor, files, endOffset - 1);
        if (onBatch) {
          end = cursor.position + cursor.length;
        } else {
          cursor.start(files.log, segment.limit(files), this.position, segment.baseOffset);
          onBatch = cursor.next();
        }
      }
    }
    while (end < wantedEnd && onBatch) {
      onBatch = cursor.next() && cursor.lastOffset < endOffset;
      if (onBatch) end = Math.max(end, cursor.position + cursor.length);
    }
    this.available = end - this.position;
  }
}
