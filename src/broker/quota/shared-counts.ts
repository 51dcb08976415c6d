/**
 * How many connections are open, in all network threads together: in total, by listener, by address. Each thread counts in
 * a lane of its own; who wants to know adds the lanes up. Addresses beyond the rows are counted by each thread for itself.
 *
 *   names   rows × int64, see SharedNames
 *   counts  row × lane, int32
 */
import { NAME_BYTES, SharedNames } from './shared-names.js';

const ROWS = 16_384;
/** Addresses without a row, of one thread: they have open connections, so the descriptors bound them. */
const COUNT_BYTES = 4;

export function countMemory(lanes: number): SharedArrayBuffer {
  return new SharedArrayBuffer(ROWS * (NAME_BYTES + lanes * COUNT_BYTES));
}

export class SharedCounts {
  private readonly names: SharedNames;
  private readonly counts: Int32Array;
  private readonly local = new Map<string, number>();

  constructor(
    memory: SharedArrayBuffer,
    private readonly lane: number,
    private readonly lanes: number,
  ) {
    this.names = new SharedNames(memory, 0, ROWS);
    this.counts = new Int32Array(memory, ROWS * NAME_BYTES);
  }

  /** Changes this thread's part by `by`; returns the sum of all threads. */
  add(name: string, by: number): number {
    const row = this.names.row(name);
    if (row < 0) return this.addLocal(name, by);
    const from = row * this.lanes;
    Atomics.add(this.counts, from + this.lane, by);
    let sum = 0;
    for (let lane = 0; lane < this.lanes; lane++) sum += Atomics.load(this.counts, from + lane);
    return sum;
  }

  private addLocal(name: string, by: number): number {
    const count = (this.local.get(name) ?? 0) + by;
    if (count === 0) this.local.delete(name);
    else this.local.set(name, count);
    return count;
  }
}
