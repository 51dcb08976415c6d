/** Memories that batch tables refer to by index, with one DataView each. One instance a thread. */
import { assert, assertInteger } from '../../base/assert.js';

/** Network threads, workers and scratches of one process stay far below. */
const SLABS_MAX = 65_536;

export interface Slab {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

export class Slabs {
  private readonly slabs: (Slab | undefined)[] = [];

  register(index: number, bytes: Uint8Array): void {
    assertInteger(index, 0, SLABS_MAX - 1, 'slab index');
    this.slabs[index] = { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
  }

  at(index: number): Slab {
    const slab = this.slabs[index];
    assert(slab !== undefined, 'slab was not registered in this thread');
    return slab;
  }
}
