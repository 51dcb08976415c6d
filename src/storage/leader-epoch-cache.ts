/**
 * Which leader epoch began at which offset (Kafka's LeaderEpochFileCache), kept in `leader-epoch-checkpoint`. Both
 * columns rise strictly. Every change is written through before it counts. Owned by the partition worker.
 */
import { assertInteger } from '../base/assert.js';
import type { EpochEntry } from './files/leader-epoch-file.js';

export const UNDEFINED_EPOCH = -1;
export const UNDEFINED_OFFSET = -1;

export class LeaderEpochCache {
  private entries: EpochEntry[];

  /** `write`: replaces the file, which held `before`; throws when it cannot. */
  constructor(
    entries: readonly EpochEntry[],
    private readonly write: (entries: readonly EpochEntry[], before: readonly EpochEntry[]) => void,
  ) {
    this.entries = [...entries];
  }

  get all(): readonly EpochEntry[] {
    return this.entries;
  }
  get latestEpoch(): number {
    return this.entries.at(-1)?.epoch ?? UNDEFINED_EPOCH;
  }
  get earliest(): EpochEntry | undefined {
    return this.entries[0];
  }

  /** Epoch `epoch` starts at `startOffset`. Entries that contradict it go: the newest knowledge wins. */
  assign(epoch: number, startOffset: number): void {
    assertInteger(epoch, 0, 2 ** 31 - 1, 'leader epoch');
    assertInteger(startOffset, 0, Number.MAX_SAFE_INTEGER, 'epoch start offset');
    const latest = this.entries.at(-1);
    if (latest && epoch === latest.epoch && startOffset >= latest.startOffset) return;
    const kept = this.entries.filter((entry) => entry.epoch < epoch && entry.startOffset < startOffset);
    this.replace([...kept, { epoch, startOffset }]);
  }

  /** End of `requested` (exclusive) as OffsetForLeaderEpoch answers it; (-1, -1) = unknown here. */
  endOffsetFor(requested: number, logEndOffset: number): { leaderEpoch: number; endOffset: number } {
    const latest = this.entries.at(-1);
    if (requested === UNDEFINED_EPOCH || !latest || requested > latest.epoch) {
      return { leaderEpoch: UNDEFINED_EPOCH, endOffset: UNDEFINED_OFFSET };
    }
    if (requested === latest.epoch) return { leaderEpoch: requested, endOffset: logEndOffset };
    const higher = this.entries.findIndex((entry) => entry.epoch > requested);
    const end = this.entries[higher];
    const floor = this.entries[higher - 1];
    return { leaderEpoch: floor?.epoch ?? requested, endOffset: end?.startOffset ?? logEndOffset };
  }

  /** Epoch that was current at `offset`; -1 = before the first entry. */
  epochAt(offset: number): number {
    return this.entries.findLast((entry) => entry.startOffset <= offset)?.epoch ?? UNDEFINED_EPOCH;
  }

  truncateFromEnd(endOffset: number): void {
    const kept = this.entries.filter((entry) => entry.startOffset < endOffset);
    if (kept.length < this.entries.length) this.replace(kept);
  }

  /** Entries before `startOffset` shrink to the last of them, raised to `startOffset`. */
  truncateFromStart(startOffset: number): void {
    const after = this.entries.filter((entry) => entry.startOffset > startOffset);
    const last = this.entries[this.entries.length - after.length - 1];
    if (!last || (last.startOffset === startOffset && after.length === this.entries.length - 1)) return;
    this.replace([{ epoch: last.epoch, startOffset }, ...after]);
  }

  private replace(entries: EpochEntry[]): void {
    this.write(entries, this.entries);
    this.entries = entries;
  }
}
