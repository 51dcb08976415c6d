/**
 * The shared memory of the seam, made once by the main thread and attached by every other: rings for all workers that
 * may ever be started (so that nothing is renegotiated when one is), a completion ring per network thread, the state
 * table, and where to ring each network thread.
 */
import { assert, assertInteger } from '../base/assert.js';
import { Ring } from '../ring/ring.js';
import { counterBytes } from './counters.js';
import { COMPLETION_ENTRIES, SUBMISSION_ENTRIES } from './entries.js';
import { SLOTS_FIRST, SLOTS_MAX, THREADS_MAX } from './state-layout.js';
import { StateTable } from './state-table.js';

/** More workers than this help nobody: 256 × 256 KiB of address space for their rings. */
export const WORKERS_MAX = 256;
/** Bytes kept for one log's append state; storage/append-state.ts draws it and needs 320. In shared memory, by slot, so
 *  that whoever holds a drain token can append. At most 64 MiB of address space. */
export const APPEND_STATE_STRIDE = 512;

/** Structured-clonable. */
export interface SeamMemory {
  readonly state: SharedArrayBuffer;
  /** APPEND_STATE_STRIDE bytes a slot, grown together with `state`. */
  readonly appendStates: SharedArrayBuffer;
  /** By worker index. */
  readonly submissions: readonly SharedArrayBuffer[];
  /** By thread index. */
  readonly completions: readonly SharedArrayBuffer[];
  /** By thread index: the memory its frames land in; slab index = thread index. */
  readonly slabs: readonly SharedArrayBuffer[];
  /** Int32 by thread index: id of the thread's native wake handle + 1; 0 = wake it through the port. */
  readonly wakeIds: SharedArrayBuffer;
  readonly counters: SharedArrayBuffer;
}

export function createSeamMemory(slabs: readonly SharedArrayBuffer[], workersMax: number): SeamMemory {
  assertInteger(workersMax, 1, WORKERS_MAX, 'partition workers');
  assert(slabs.length >= 1 && slabs.length <= THREADS_MAX, `${slabs.length} threads at the seam`);
  return {
    state: StateTable.create(),
    appendStates: new SharedArrayBuffer(SLOTS_FIRST * APPEND_STATE_STRIDE, {
      maxByteLength: SLOTS_MAX * APPEND_STATE_STRIDE,
    }),
    submissions: Array.from({ length: workersMax }, () => Ring.create(SUBMISSION_ENTRIES)),
    completions: slabs.map(() => Ring.create(COMPLETION_ENTRIES)),
    slabs: [...slabs],
    wakeIds: new SharedArrayBuffer(4 * THREADS_MAX),
    counters: new SharedArrayBuffer(counterBytes(workersMax)),
  };
}

/** Main thread only: the next slot, with memory for its state and its append state. -1 = SLOTS_MAX handed out. */
export function allocateSlot(memory: SeamMemory, table: StateTable): number {
  const slot = table.allocate();
  const { appendStates } = memory;
  if (slot >= 0 && (slot + 1) * APPEND_STATE_STRIDE > appendStates.byteLength) {
    appendStates.grow(Math.min(appendStates.maxByteLength, appendStates.byteLength * 2));
  }
  return slot;
}
