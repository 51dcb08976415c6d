import { assert } from '../base/assert.js';

/** The addon's limit (native/napi/environment.h). */
const SLAB_INDEXES_MAX = 4096;

/**
 * Slab indexes for the memories in which logs rebuild batches, behind those of the network threads. One a log, because
 * each log keeps the memory it registered; given back when the log goes. Owned by one worker.
 */
export class ScratchSlabs {
  private readonly bySlot = new Map<number, number>();
  private readonly free: number[] = [];

  constructor(private next: number) {}

  /** The index of the log at `slot`. */
  take(slot: number): number {
    const index = this.free.pop() ?? this.next++;
    assert(index < SLAB_INDEXES_MAX, `no slab index is left for another log in this worker`);
    this.bySlot.set(slot, index);
    return index;
  }

  giveBack(slot: number): void {
    const index = this.bySlot.get(slot);
    if (index === undefined) return;
    this.bySlot.delete(slot);
    this.free.push(index);
  }
}
