/**
 * Which leader epoch began at which offset (Kafka's LeaderEpochFileCache), kept in `leader-epoch-checkpoint`. Both
 * columns rise strictly. Owned by the partition worker.
 *
 * The file has to be right below the recovery point only: recovery reads the epochs of all batches above it, and a load
 * cuts what lies outside the log. So changes wait until the recovery point moves (`persist`): a start with a thousand
 * partitions, each led in a new epoch, writes nothing.
 */
import { assertInteger } from '../base/assert.js';
import type { EpochEntry } from './files/leader-epoch-file.js';

export const UNDEFINED_EPOCH = -1;
export const UNDEFINED_OFFSET = -1;

export class LeaderEpochCache {
  private entries: readonly EpochEntry[];
  /** What the file holds. */
  private written: readonly EpochEntry[];

  /** `entries`: those of the file. `write`: replaces the file, which held `before`; throws when it cannot. */
  constructor(
    entries: readonly EpochEntry[],
    private readonly write: (entries: readonly EpochEntry[], before: readonly EpochEntry[]) => void,
  ) {
    this.entries = [...entries];
    this.written = this.entries;
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
    const contradicted = this.entries.some(
      (entry) => entry.epoch >= epoch && entry.startOffset < startOffset,
    );
    this.entries = [...kept, { epoch, startOffset }];
    // A log has the file from its first epoch on, as Kafka's do. What says otherwise of older batches cannot wait.
    if (this.written.length === 0 || contradicted) this.writeAll();
  }

  /** Before the recovery point moves to `recoveryPoint`: the file tells the epochs of everything below it. */
  persist(recoveryPoint: number): void {
    const below = (entry: EpochEntry): boolean => entry.startOffset < recoveryPoint;
    if (!sameEntries(this.entries.filter(below), this.written.filter(below))) this.writeAll();
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
    if (kept.length < this.entries.length) this.entries = kept;
  }

  /** Entries before `startOffset` shrink to the last of them, raised to `startOffset`. */
  truncateFromStart(startOffset: number): void {
    const after = this.entries.filter((entry) => entry.startOffset > startOffset);
    const last = this.entries[this.entries.length - after.length - 1];
    if (!last || (last.startOffset === startOffset && after.length === this.entries.length - 1)) return;
    this.entries = [{ epoch: last.epoch, startOffset }, ...after];
  }

  private writeAll(): void {
    this.write(this.entries, this.written);
    this.written = this.entries;
  }
}

function sameEntries(one: readonly EpochEntry[], other: readonly EpochEntry[]): boolean {
  return (
    one.length === other.length &&
    one.every(
      ({ epoch, startOffset }, index) =>
        epoch === other[index].epoch && startOffset === other[index].startOffset,
    )
  );
}
