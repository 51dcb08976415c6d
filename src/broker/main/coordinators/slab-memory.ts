/**
 * Places in the main thread's slab for batches on their way to partition workers. First fit over a sorted list of free
 * ranges: a handful are in flight at a time, one a shard. Pages are touched only when used, and the lowest first.
 */
import { assert } from '../../../base/assert.js';

interface Range {
  position: number;
  length: number;
}

export class SlabMemory {
  private free: Range[];

  constructor(bytes: number) {
    this.free = [{ position: 0, length: bytes }];
  }

  /** Where `length` bytes may be written; −1 = there is no room now. */
  take(length: number): number {
    const index = this.free.findIndex((range) => range.length >= length);
    if (index < 0) return -1;
    const range = this.free[index];
    const { position } = range;
    range.position += length;
    range.length -= length;
    if (range.length === 0) this.free.splice(index, 1);
    return position;
  }

  giveBack(position: number, length: number): void {
    let index = this.free.findIndex((range) => range.position > position);
    if (index < 0) index = this.free.length;
    const before = this.free[index - 1];
    const after = this.free[index];
    assert(before === undefined || before.position + before.length <= position, 'memory given back twice');
    const joinsBefore = before !== undefined && before.position + before.length === position;
    const joinsAfter = after !== undefined && position + length === after.position;
    if (joinsBefore) before.length += length;
    if (joinsAfter) {
      after.position -= length;
      after.length += length;
    }
    if (joinsBefore && joinsAfter) {
      before.length += after.length - length;
      this.free.splice(index, 1);
    } else if (!joinsBefore && !joinsAfter) this.free.splice(index, 0, { position, length });
  }
}
