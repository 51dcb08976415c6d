/**
 * What each partition worker did, for metrics: eight doubles a worker, written by the worker only. Aligned 64-bit stores
 * do not tear on the platforms Node runs on, and a reader wants a recent number, not a consistent set.
 *
 * ```
 *  double  0       1     2      3      4          5         6      7
 *          drains  rows  bytes  wakes  overflows  failures  waits  unused
 * ```
 */
export const Counter = {
  drains: 0,
  rows: 1,
  bytes: 2,
  wakes: 3,
  overflows: 4,
  failures: 5,
  waits: 6,
} as const;
export const COUNTERS = 8;

export function counterBytes(workers: number): number {
  return workers * COUNTERS * 8;
}

/** `wakes`: bells rung for network threads; `overflows`: completions that found their ring full; `failures`: appends
 *  that the storage refused; `waits`: times the worker went to sleep. */
export type WorkerCounters = Record<keyof typeof Counter, number>;

/** View of one worker's counters. */
export function countersOf(memory: SharedArrayBuffer, worker: number): Float64Array {
  return new Float64Array(memory, worker * COUNTERS * 8, COUNTERS);
}

export function readCounters(memory: SharedArrayBuffer, worker: number): WorkerCounters {
  const view = countersOf(memory, worker);
  return {
    drains: view[Counter.drains],
    rows: view[Counter.rows],
    bytes: view[Counter.bytes],
    wakes: view[Counter.wakes],
    overflows: view[Counter.overflows],
    failures: view[Counter.failures],
    waits: view[Counter.waits],
  };
}
