/** Walks a registered segment batch by batch through the engine; the owner's thread only. */
import { type BatchTable, Double, Word } from '../io/batch-table.js';
import { type LogToken, ScanOut, ScanStop, type SegmentEngine } from '../io/segment-engine.js';
import { BatchShape, BatchView } from '../record/batch-view.js';
import { ControlType, controlTypeOf, coordinatorEpochOf } from '../record/control.js';
import { RecordCursor } from '../record/record-cursor.js';
import type { Marker } from './producer-state.js';

export interface ScanResult {
  /** Position after the last good batch. */
  position: number;
  /** A ScanStop; tableFull only after `pauseAt`. */
  stop: number;
  /** RowStatus of a bad batch. */
  detail: number;
  /** Offset after the last good batch. */
  nextOffset: number;
  batches: number;
}

/** A marker batch is about 80 bytes. */
const MARKER_BYTES_MAX = 4096;

/** `pauseAt`: comes back with `tableFull` after the first table of rows that reaches this position. */
export function scanSegment(
  engine: SegmentEngine,
  token: LogToken,
  segmentBase: number,
  from: number,
  flags: number,
  table: BatchTable,
  visit: (row: number) => void,
  pauseAt = Number.POSITIVE_INFINITY,
): ScanResult {
  const out = new Float64Array(4);
  let position = from;
  let nextOffset = segmentBase;
  let batches = 0;
  for (;;) {
    const rows = engine.scan(token, segmentBase, position, flags, table, out);
    for (let row = 0; row < rows; row++) visit(row);
    if (rows > 0) {
      nextOffset = table.double(rows - 1, Double.baseOffset) + table.word(rows - 1, Word.lastOffsetDelta) + 1;
    }
    batches += rows;
    position = out[ScanOut.nextPosition];
    const stop = out[ScanOut.stop];
    if (stop !== ScanStop.tableFull || position >= pauseAt)
      return { position, stop, detail: out[ScanOut.detail], nextOffset, batches };
  }
}

/** The end-of-transaction marker in a scanned control batch; null when it is another kind of control record. */
export function readMarker(
  engine: SegmentEngine,
  token: LogToken,
  segmentBase: number,
  table: BatchTable,
  row: number,
): Marker | null {
  const length = table.word(row, Word.length);
  if (length > MARKER_BYTES_MAX) return null;
  const bytes = new Uint8Array(length);
  engine.readBytes(token, segmentBase, table.double(row, Double.filePosition), bytes);
  const view = new BatchView();
  if (view.set(bytes, 0) !== BatchShape.complete || view.codecId !== 0) return null;
  const cursor = new RecordCursor().reset(bytes, view.recordsPosition, length, view.count);
  if (!cursor.next()) return null;
  const type = controlTypeOf(cursor.key());
  if (type !== ControlType.abort && type !== ControlType.commit) return null;
  return { type, coordinatorEpoch: coordinatorEpochOf(cursor.value()) };
}
