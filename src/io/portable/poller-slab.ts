/**
 * Memory of the portable poller's slab: first fit with joined neighbours, one block a frame. An eighth is kept for
 * frames up to 64 KiB, so that large ones cannot lock small ones out. (The addon's allocator is another one; only the
 * promises are the same: positions stay, full means "wait", what is announced but not received costs 64 KiB.)
 */
import { assert } from '../../base/assert.js';

const ALIGNMENT = 64;
export const SMALL_FRAME_BYTES_MAX = 64 * 1024;

class Arena {
  /** Free extents, ascending. */
  readonly #free: { at: number; length: number }[];

  constructor(at: number, length: number) {
    this.#free = [{ at, length }];
  }

  allocate(length: number): number {
    const index = this.#free.findIndex((extent) => extent.length >= length);
    if (index < 0) return -1;
    const extent = this.#free[index];
    const at = extent.at;
    extent.at += length;
    extent.length -= length;
    if (extent.length === 0) this.#free.splice(index, 1);
    return at;
  }

  release(at: number, length: number): void {
    let index = this.#free.findIndex((extent) => extent.at > at);
    if (index < 0) index = this.#free.length;
    this.#free.splice(index, 0, { at, length });
    this.#join(index);
    if (index > 0) this.#join(index - 1);
  }

  #join(index: number): void {
    const left = this.#free[index];
    const right = this.#free[index + 1];
    if (right === undefined || left.at + left.length !== right.at) return;
    left.length += right.length;
    this.#free.splice(index + 1, 1);
  }
}

export class PortableSlab {
  usedBytes = 0;
  readonly frameBytesMax: number;
  readonly #small: Arena;
  readonly #large: Arena;
  readonly #smallEnd: number;
  readonly #blocks = new Map<number, number>();

  constructor(bytesTotal: number) {
    this.#smallEnd = Math.floor(bytesTotal / 8 / ALIGNMENT) * ALIGNMENT;
    this.frameBytesMax = Math.floor((bytesTotal - this.#smallEnd) / ALIGNMENT) * ALIGNMENT;
    this.#small = new Arena(0, this.#smallEnd);
    this.#large = new Arena(this.#smallEnd, this.frameBytesMax);
  }

  /** Position of a block of at least `bytes` for a frame of `frameBytes` when complete; -1 = full. */
  allocate(bytes: number, frameBytes: number): number {
    const length = Math.max(ALIGNMENT, Math.ceil(bytes / ALIGNMENT) * ALIGNMENT);
    let at = -1;
    if (frameBytes <= SMALL_FRAME_BYTES_MAX) at = this.#small.allocate(length);
    if (at < 0) at = this.#large.allocate(length);
    if (at < 0) return -1;
    assert(!this.#blocks.has(at), 'slab block handed out twice');
    this.#blocks.set(at, length);
    this.usedBytes += length;
    return at;
  }

  /** False when no block lies there. */
  release(at: number): boolean {
    const length = this.#blocks.get(at);
    if (length === undefined) return false;
    this.#blocks.delete(at);
    this.usedBytes -= length;
    (at < this.#smallEnd ? this.#small : this.#large).release(at, length);
    return true;
  }
}
