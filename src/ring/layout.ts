/**
 * The shared-memory layout of a ring: a header of four cache lines, then `capacity` entries of one cache line each.
 *
 * ```
 *  byte    0        4          8                                             64
 *        ┌────────┬──────────┬───────────────────────────────────────────────┐
 *     0  │ magic  │ capacity │ (unused)                                      │  written once
 *        ├────────┼──────────┴───────────────────────────────────────────────┤
 *    64  │ tail   │ next position to reserve                                 │  producers
 *        ├────────┼──────────────────────────────────────────────────────────┤
 *   128  │ head   │ next position to take                                    │  whoever holds the drain token
 *        ├────────┼──────────┬─────────┬─────────────────────────────────────┤
 *   192  │ token  │ wanted   │ control │ spaceWanted │ (unused)              │  drain-token.ts, ring.ts
 *        ├────────┼──────────┴─────────┴─────────────┴───────────────────────┤
 *   256  │ turn   │ 15 words of the ring's user                              │  entry 0
 *        ├────────┼──────────────────────────────────────────────────────────┤
 *   320  │ turn   │ …                                                        │  entry 1
 *        └────────┴──────────────────────────────────────────────────────────┘
 * ```
 *
 * Positions are 32-bit numbers that wrap; entry index = position & (capacity - 1). `turn` is Vyukov's per-entry sequence
 * number less the entry's index, so that zeroed memory is an empty ring and a ring costs only the pages it touched:
 *
 *     turn = lap              free for the producer that reserved a position of this lap   (lap = position & ~mask)
 *     turn = lap + 1          published, readable
 *     turn = lap + capacity   taken: free in the next lap
 */
export const RING_MAGIC = 0x4d52_4e31; // "MRN1"
export const CACHE_LINE_BYTES = 64;
export const HEADER_BYTES = 4 * CACHE_LINE_BYTES;
export const ENTRY_BYTES = CACHE_LINE_BYTES;
export const ENTRY_WORDS = ENTRY_BYTES / 4;
export const HEADER_WORDS = HEADER_BYTES / 4;
/** log2(ENTRY_WORDS): entry index -> word index. */
export const ENTRY_SHIFT = 4;

/** Int32 indexes of the header. */
export const RingWord = {
  magic: 0,
  capacity: 1,
  tail: 16,
  head: 32,
  token: 48,
  wanted: 49,
  control: 50,
  spaceWanted: 51,
} as const;
/** Int32 indexes inside an entry; words 1 to 15 belong to the ring's user. */
export const EntryWord = { turn: 0, first: 1 } as const;

/** A turn of lap + 1 must differ from both its neighbours, and 2^20 entries are 64 MiB. */
export const CAPACITY_MIN = 2;
export const CAPACITY_MAX = 1 << 20;

/** Bytes of a ring with `capacity` entries. */
export function ringBytes(capacity: number): number {
  return HEADER_BYTES + capacity * ENTRY_BYTES;
}
