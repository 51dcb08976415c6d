/** Reading `.log` files directly, for the few moments before a segment is registered with the engine. */
import { BATCH_HEADER_BYTES, LOG_OVERHEAD_BYTES } from '../base/limits.js';
import { BatchShape, BatchView } from '../record/batch-view.js';
import { HeaderAt, MAGIC_V2 } from '../record/layout.js';
import type { FileOps } from './files/file-ops.js';

const CHUNK_BYTES = 1024 * 1024;
const PAGE_BYTES = 4096;

/** Offset after the last whole batch header found by walking the file; `baseOffset` when there is none. */
export function nextOffsetOfFile(path: string, baseOffset: number, files: FileOps): number {
  const size = files.stat(path)?.sizeBytes ?? 0;
  let chunk = new Uint8Array(0);
  let chunkFrom = 0;
  let next = baseOffset;
  for (let at = 0; at + BATCH_HEADER_BYTES <= size; ) {
    if (at < chunkFrom || at + BATCH_HEADER_BYTES > chunkFrom + chunk.length) {
      chunk = new Uint8Array(files.readAt(path, at, Math.min(CHUNK_BYTES, size - at)));
      chunkFrom = at;
    }
    const view = new DataView(chunk.buffer, chunk.byteOffset + at - chunkFrom, BATCH_HEADER_BYTES);
    const length = view.getInt32(HeaderAt.length) + LOG_OVERHEAD_BYTES;
    const base = Number(view.getBigInt64(HeaderAt.baseOffset));
    if (length < BATCH_HEADER_BYTES || view.getInt8(HeaderAt.magic) !== MAGIC_V2 || base < next) break;
    if (at + length > size) break;
    next = base + view.getInt32(HeaderAt.lastOffsetDelta) + 1;
    at += length;
  }
  return next;
}

/** Does the file start with an intact batch at or above `offset`? */
export function startsWithGoodBatch(
  path: string,
  offset: number,
  files: FileOps,
  crc32c: (bytes: Uint8Array) => number,
): boolean {
  const size = files.stat(path)?.sizeBytes ?? 0;
  if (size < BATCH_HEADER_BYTES) return false;
  const view = new BatchView();
  const header = files.readAt(path, 0, BATCH_HEADER_BYTES);
  const shape = view.set(header, 0);
  if (shape !== BatchShape.complete && shape !== BatchShape.incomplete) return false;
  if (view.magic !== MAGIC_V2 || view.sizeBytes > size || view.baseOffset < offset) return false;
  const batch = files.readAt(path, 0, view.sizeBytes);
  return (
    view.set(batch, 0) === BatchShape.complete && crc32c(batch.subarray(HeaderAt.attributes)) === view.crc
  );
}

/**
 * Copies bytes [from, end of file) of `source` to `target`, without whole pages of zeros at the end, and makes the copy durable.
 * Returns how many bytes were kept; with 0 no file is made.
 */
export function keepTail(source: string, from: number, target: string, files: FileOps): number {
  const size = files.stat(source)?.sizeBytes ?? 0;
  const used = lastNonZero(source, from, size, files);
  const end = used > from ? Math.min(size, Math.ceil(used / PAGE_BYTES) * PAGE_BYTES) : from;
  if (end <= from) return 0;
  files.write(target, new Uint8Array(0));
  for (let at = from; at < end; at += CHUNK_BYTES) {
    files.append(target, files.readAt(source, at, Math.min(CHUNK_BYTES, end - at)));
  }
  files.sync(target);
  return end - from;
}

function lastNonZero(path: string, from: number, size: number, files: FileOps): number {
  for (let end = size; end > from; end -= CHUNK_BYTES) {
    const start = Math.max(from, end - CHUNK_BYTES);
    const chunk = files.readAt(path, start, end - start);
    for (let index = chunk.length - 1; index >= 0; index--) if (chunk[index] !== 0) return start + index + 1;
  }
  return from;
}
