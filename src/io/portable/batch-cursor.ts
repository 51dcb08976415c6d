/**
 * Walks batch headers of a `.log` file (FileLogInputStream). It ends without a word at whatever is not the next batch:
 * end of file, zero tail, half-written header, a stale batch of an older life of the file. `scan.ts` says which.
 * Fields describe the current batch until `next` is called. One instance an engine; walks are never nested.
 */
import { assert } from '../../base/assert.js';
import { BATCH_HEADER_BYTES, LOG_OVERHEAD_BYTES } from '../../base/limits.js';
import { HeaderAt, LENGTH_FIELD_MIN, MAGIC, readInt64 } from './batch-header.js';
import type { SharedFile } from './files.js';

/** One page of headers: small batches lie many to a page, large ones cost one small read each. */
const WINDOW_BYTES = 4096;

export class BatchCursor {
  position = 0;
  length = 0;
  baseOffset = 0;
  lastOffset = 0;
  maxTimestamp = 0;
  leaderEpoch = 0;

  private file: SharedFile | undefined;
  private limit = 0;
  private nextPosition = 0;
  private expectedOffset = 0;
  private readonly window = new Uint8Array(WINDOW_BYTES);
  private readonly view = new DataView(this.window.buffer);
  private windowStart = 0;
  private windowEnd = 0;

  /** Starts before the batch at `position`; batches end at or before `limit`, offsets start at `expectedOffset`. */
  start(file: SharedFile, limit: number, position: number, expectedOffset: number): void {
    this.file = file;
    this.limit = limit;
    this.nextPosition = position;
    this.expectedOffset = expectedOffset;
    this.windowStart = 0;
    this.windowEnd = 0; // bytes may have changed since the last walk
  }

  /** Where the next batch starts, or would. */
  get end(): number {
    return this.nextPosition;
  }

  /** Moves on to the next batch; false = no more. */
  next(): boolean {
    const position = this.nextPosition;
    if (position + BATCH_HEADER_BYTES > this.limit) return false;
    const at = this.load(position);
    if (at < 0) return false;
    const { view } = this;
    const lengthField = view.getInt32(at + HeaderAt.length);
    const total = lengthField + LOG_OVERHEAD_BYTES;
    if (lengthField < LENGTH_FIELD_MIN || position + total > this.limit) return false;
    if (view.getUint8(at + HeaderAt.magic) !== MAGIC) return false;
    const baseOffset = readInt64(view, at + HeaderAt.baseOffset);
    const lastOffsetDelta = view.getInt32(at + HeaderAt.lastOffsetDelta);
    if (lastOffsetDelta < 0 || baseOffset < this.expectedOffset) return false;
    this.position = position;
    this.length = total;
    this.baseOffset = baseOffset;
    this.lastOffset = baseOffset + lastOffsetDelta;
    this.maxTimestamp = readInt64(view, at + HeaderAt.maxTimestamp);
    this.leaderEpoch = view.getInt32(at + HeaderAt.leaderEpoch);
    this.nextPosition = position + total;
    this.expectedOffset = this.lastOffset + 1;
    return true;
  }

  /** Index of the header's first byte in the window; -1 when the file ends inside it. */
  private load(position: number): number {
    if (position < this.windowStart || position + BATCH_HEADER_BYTES > this.windowEnd) {
      assert(this.file !== undefined, 'a cursor is started before it moves');
      const count = this.file.read(this.window, 0, WINDOW_BYTES, position);
      this.windowStart = position;
      this.windowEnd = position + count;
      if (count < BATCH_HEADER_BYTES) return -1;
    }
    return position - this.windowStart;
  }
}
