/**
 * The table of published partition states: a header of 128 bytes, then 128 bytes a slot, all Int32 words.
 *
 * ```
 *  header word  0 magic │ 1 slots handed out │ 2..31 unused
 *
 *  slot word  0          1         2        3              4       6       8       10      12         14
 *           ┌──────────┬─────────┬────────┬─────────────┬───────┬───────┬───────┬───────┬──────────┬───────┐
 *           │ sequence │ waiters │ status │ leaderEpoch │ start │ HW    │ LSO   │ end   │ recovery │ size  │
 *           ├──────────┼─────────┼────────┼─────────────┼───────┴───────┴───────┴───────┴──────────┴───────┤
 *           │ 16       │ 17      │ 18     │ 19          │ 20..31                                            │
 *           │ logToken │ minIsr  │ isr    │ worker      │ unused                                            │
 *           └──────────┴─────────┴────────┴─────────────┴───────────────────────────────────────────────────┘
 * ```
 * start, HW, LSO, end, recovery and size take two words, low then high: value = high × 2^32 + (low unsigned), which also
 * holds -1. `sequence` is odd while the writer is at it. `waiters` has a bit per network thread, outside the sequence.
 */
export const STATE_MAGIC = 0x4d52_5331; // "MRS1"
export const SLOT_BYTES = 128;
export const SLOT_WORDS = SLOT_BYTES / 4;

export const StateHeaderWord = { magic: 0, slots: 1 } as const;
export const StateWord = {
  sequence: 0,
  waiters: 1,
  status: 2,
  leaderEpoch: 3,
  logStartOffset: 4,
  highWatermark: 6,
  lastStableOffset: 8,
  logEndOffset: 10,
  recoveryPoint: 12,
  sizeBytes: 14,
  logToken: 16,
  minInsyncReplicas: 17,
  inSyncReplicas: 18,
  worker: 19,
} as const;

/** Slots are never reused while the process lives: 131,072 partitions created, 16 MiB of address space. */
export const SLOTS_MAX = 1 << 17;
/** Slots there is memory for at first; doubled when they run out. */
export const SLOTS_FIRST = 256;
/** Bits of `waiters`. */
export const THREADS_MAX = 32;

/** Bytes of a table with `slots` slots. */
export function stateBytes(slots: number): number {
  return (1 + slots) * SLOT_BYTES;
}
