/**
 * Words of the entries in the seam's two kinds of rings (word 0 is the ring's own, ring/layout.ts).
 *
 * ```
 *  submission  1     2        3         4         5       6      7..15
 *              slot  request  slab      position  length  flags  unused
 *                             = thread that asks
 *
 *  completion  1     2        3         4         5       6,7         8,9         10,11           12..15
 *              kind  slot     request   error     worker  baseOffset  appendTime  logStartOffset  unused
 *                                                         └────────────── doubles ─────────────┘
 * ```
 */
export const SubmissionWord = { slot: 1, request: 2, slab: 3, position: 4, length: 5, flags: 6 } as const;

export const CompletionWord = { kind: 1, slot: 2, request: 3, error: 4, worker: 5 } as const;
/** Indexes into `Ring.doubles`, counted from the entry's first double. */
export const CompletionDouble = { baseOffset: 3, appendTime: 4, logStartOffset: 5 } as const;

export const CompletionKind = {
  /** The outcome of one append. */
  append: 1,
  /** As append; its texts wait on the port between `worker` and this thread, posted before the entry. */
  appendWithDetail: 2,
  /** A watched slot changed. */
  readable: 3,
} as const;

/** Slot of an entry that a helper has dealt with although one before it had to stay. */
export const SLOT_STRUCK_OUT = -1;

/** Entries of a worker's submission ring: 256 KiB, of which untouched pages cost nothing. */
export const SUBMISSION_ENTRIES = 4096;
/** Entries of a network thread's completion ring. */
export const COMPLETION_ENTRIES = 4096;
