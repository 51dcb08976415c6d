/**
 * Look-ups that end inside a batch: by timestamp, and the record with the largest timestamp (UnifiedLog
 * .fetchOffsetByTimestamp, LogSegment.findOffsetByTimestamp). The engine finds the batch, the records are walked here.
 */
import { FindOut, type LogToken, type SegmentEngine } from '../io/segment-engine.js';
import { BatchShape, BatchView } from '../record/batch-view.js';
import { RecordCursor } from '../record/record-cursor.js';
import { openRecords } from '../record/records.js';

export interface FoundRecord {
  offset: number;
  timestamp: number;
  leaderEpoch: number;
}

/** Scratch of this thread: no look-up outlives its call. */
const out = new Float64Array(7);
const view = new BatchView();
const recordCursor = new RecordCursor();

export class LookUps {
  constructor(
    private readonly engine: SegmentEngine,
    private readonly token: LogToken,
  ) {}

  /** First record at or after `fromOffset` with timestamp >= `timestamp`. */
  byTimestamp(timestamp: number, fromOffset: number): FoundRecord | null {
    for (let from = fromOffset; ; from = out[FindOut.lastOffset] + 1) {
      if (!this.engine.findByTimestamp(this.token, timestamp, from, out)) return null;
      const found = this.firstRecord(timestamp, from);
      // A batch whose maxTimestamp belongs to records below `from`, or was compacted away: go on behind it.
      if (found !== null) return found;
    }
  }

  /** First record that carries the largest timestamp of the log. */
  maxTimestamp(): FoundRecord | null {
    if (!this.engine.maxTimestampBatch(this.token, out)) return null;
    return this.firstRecord(out[FindOut.maxTimestamp], 0);
  }

  private firstRecord(timestamp: number, fromOffset: number): FoundRecord | null {
    const bytes = new Uint8Array(out[FindOut.length]);
    const got = this.engine.readBytes(this.token, out[FindOut.segmentBase], out[FindOut.position], bytes);
    if (view.set(bytes, 0, got) !== BatchShape.complete) return null;
    const cursor = openRecords(view, recordCursor);
    while (cursor.next()) {
      const offset = view.baseOffset + cursor.offsetDelta;
      const at = view.timestampOf(cursor);
      if (at >= timestamp && offset >= fromOffset) {
        return { offset, timestamp: at, leaderEpoch: view.leaderEpoch };
      }
    }
    return null;
  }
}
