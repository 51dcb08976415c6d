/**
 * Reads the batches of one file (a segment or a snapshot) front to back through a window, checking sizes and CRCs.
 * Where it stops, it tells a torn tail from corruption: every append is forced before the next one, so a good batch
 * behind a bad one proves that acknowledged bytes were damaged, and nothing may be cut.
 */
import { OperationError } from '../../base/errors.js';
import { BATCH_HEADER_BYTES } from '../../base/limits.js';
import { BatchShape, BatchView } from '../../record/batch-view.js';
import type { FileOps } from '../../storage/files/file-ops.js';

/** Read at a time. */
const WINDOW_BYTES = 4 * 1024 * 1024;
/** Kafka's own batches stay below 8 MiB (internal.metadata.max.batch.size.in.bytes). */
export const METADATA_BATCH_BYTES_MAX = 64 * 1024 * 1024;

export interface SegmentScan {
  /** Bytes of good batches. */
  readonly validBytes: number;
  readonly fileBytes: number;
  /** Why reading stopped before the end; null = every byte is part of a good batch. */
  readonly problem: string | null;
}

/** Calls `visit` for each good batch with the file position of its first byte. */
export function scanSegment(
  path: string,
  files: FileOps,
  visit: (view: BatchView, position: number) => void,
): SegmentScan {
  const fileBytes = files.stat(path)?.sizeBytes ?? 0;
  const view = new BatchView();
  let windowStart = 0;
  let window: Uint8Array = files.readAt(path, 0, Math.min(WINDOW_BYTES, fileBytes));
  let position = 0;
  while (position < fileBytes) {
    let shape = view.set(window, position - windowStart);
    if (shape === BatchShape.incomplete && windowStart + window.length < fileBytes) {
      const length = Math.min(
        fileBytes - position,
        Math.max(WINDOW_BYTES, declaredBytes(window, position - windowStart)),
      );
      windowStart = position;
      window = files.readAt(path, position, length);
      shape = view.set(window, 0);
      if (shape === BatchShape.incomplete && window.length < fileBytes - position) {
        // the header was cut by the first window: now its length is known
        window = files.readAt(path, position, Math.min(fileBytes - position, declaredBytes(window, 0)));
        shape = view.set(window, 0);
      }
    }
    const problem = problemOf(view, shape);
    if (problem !== null) return { validBytes: position, fileBytes, problem };
    visit(view, position);
    position += view.sizeBytes;
  }
  return { validBytes: position, fileBytes, problem: null };
}

/** Bytes the batch at `at` says it has, when its length field is inside and plausible. */
function declaredBytes(window: Uint8Array, at: number): number {
  if (window.length - at < 12) return WINDOW_BYTES;
  const length = new DataView(window.buffer, window.byteOffset + at + 8, 4).getInt32(0) + 12;
  return length > 0 && length <= METADATA_BATCH_BYTES_MAX ? length : WINDOW_BYTES;
}

function problemOf(view: BatchView, shape: BatchShape): string | null {
  if (shape === BatchShape.incomplete) return 'incomplete batch';
  if (shape !== BatchShape.complete) return 'no batch of magic 2';
  if (view.sizeBytes > METADATA_BATCH_BYTES_MAX) return `batch of ${view.sizeBytes} bytes`;
  return view.isCrcRight() ? null : 'wrong CRC';
}

/**
 * Whether a good batch that continues the log stands anywhere behind `from`. `expectedOffset`: the next offset due at
 * `from`. Reads at most METADATA_BATCH_BYTES_MAX bytes.
 */
export function goodBatchBehind(path: string, files: FileOps, from: number, expectedOffset: number): boolean {
  const fileBytes = files.stat(path)?.sizeBytes ?? 0;
  const bytes = files.readAt(path, from, Math.min(fileBytes - from, METADATA_BATCH_BYTES_MAX));
  const view = new BatchView();
  for (let at = 1; at + BATCH_HEADER_BYTES <= bytes.length; at++) {
    if (bytes[at + 16] !== 2 || view.set(bytes, at) !== BatchShape.complete) continue;
    const follows = view.baseOffset >= expectedOffset && view.baseOffset <= expectedOffset + bytes.length;
    if (follows && view.isCrcRight()) return true;
  }
  return false;
}

export function corrupt(path: string, what: string): OperationError {
  return new OperationError(
    'METADATA_CORRUPT',
    `${path}: ${what}. Nothing was changed; restore the file from a backup or from another node.`,
  );
}
