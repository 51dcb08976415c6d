/**
 * Memory of this thread for rebuilt batches, registered as a slab of the engine so that append takes them from there.
 * Filled while a run of rows is gathered, emptied after the run was appended.
 */
import type { SegmentEngine } from '../io/segment-engine.js';

const FIRST_BYTES = 1024 * 1024;
/** Rebuilt batches that wait for one append: past it the run is appended and the memory starts again. */
export const SCRATCH_BYTES_MAX = 16 * 1024 * 1024;

export class ScratchSlab {
  private memory: Uint8Array = new Uint8Array(0);
  private used = 0;

  constructor(
    private readonly engine: SegmentEngine,
    readonly index: number,
  ) {}

  /** False = append what waits, `clear`, and ask again. A batch larger than the limit gets memory of its own size. */
  hasRoom(bytes: number): boolean {
    if (this.used + bytes <= this.memory.length) return true;
    if (this.used > 0) return false;
    const size = Math.max(FIRST_BYTES, Math.min(SCRATCH_BYTES_MAX, this.memory.length * 2), bytes);
    this.memory = new Uint8Array(new SharedArrayBuffer(size));
    this.engine.registerSlab(this.index, this.memory);
    return true;
  }

  /** After hasRoom(bytes). */
  take(bytes: number): { position: number; target: Uint8Array } {
    const position = this.used;
    this.used += bytes;
    return { position, target: this.memory.subarray(position, position + bytes) };
  }

  clear(): void {
    this.used = 0;
  }
}
