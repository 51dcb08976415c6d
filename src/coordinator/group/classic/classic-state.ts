/**
 * States of a classic group.
 *
 *   Empty ──join──> PreparingRebalance ──all joined, or timeout──> CompletingRebalance ──leader's sync──> Stable
 *     ^                 │    ^   ^                                        │                                │
 *     └── nobody left ──┘    │   └────────── change of members ──────────┘                                │
 *                            └───────────────────────────── change of members ────────────────────────────┘
 *
 * Kafka also has Dead, for a group whose coordinator moved away; here that shard is gone as a whole.
 */
export type ClassicState = 'Empty' | 'PreparingRebalance' | 'CompletingRebalance' | 'Stable';

const PREDECESSORS: Record<ClassicState, readonly ClassicState[]> = {
  Empty: ['PreparingRebalance'],
  PreparingRebalance: ['Empty', 'CompletingRebalance', 'Stable'],
  CompletingRebalance: ['PreparingRebalance'],
  Stable: ['CompletingRebalance'],
};

export function mayFollow(next: ClassicState, present: ClassicState): boolean {
  return PREDECESSORS[next].includes(present);
}
