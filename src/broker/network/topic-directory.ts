/**
 * Topics and partitions as a network thread needs them: the metadata image replayed here, plus where each partition of
 * this broker is hosted. Also the two rare look-ups that read a small file of the partition's directory.
 */
import type { MetadataImage } from '../../metadata/image/metadata-image.js';
import type { PartitionGateway } from '../../partition/contract.js';
import { emptyState } from '../../partition/state-table.js';
import { readLeaderEpochs } from '../../storage/files/leader-epoch-file.js';
import type { Placement } from '../channel.js';
import { type Aborted, AbortedTransactions } from '../fetch/aborted-transactions.js';
import { isInternalTopic } from '../internal-topics.js';

export class TopicDirectory {
  /** slot by partition, by topic id. */
  private readonly slots = new Map<string, number[]>();
  private readonly directories = new Map<number, string>();
  private readonly state = emptyState();
  private readonly aborted = new AbortedTransactions();
  /** Grows whenever a look-up may give another result than before. */
  changes = 0;

  constructor(
    readonly image: MetadataImage,
    private readonly gateway: PartitionGateway,
  ) {}

  /** The image replayed records. */
  changed(): void {
    this.changes++;
  }

  place(placement: Placement): void {
    this.changes++;
    const slots = this.slots.get(placement.topicId) ?? [];
    slots[placement.partition] = placement.slot;
    this.slots.set(placement.topicId, slots);
    this.directories.set(placement.slot, placement.directory);
  }

  remove(slot: number): void {
    this.changes++;
    this.directories.delete(slot);
    this.gateway.forget(slot);
    this.aborted.forget(slot);
    for (const [topicId, slots] of this.slots) {
      const index = slots.indexOf(slot);
      if (index < 0) continue;
      slots[index] = -1;
      if (slots.every((other) => other === -1)) this.slots.delete(topicId);
      return;
    }
  }

  nameOf(topicId: string): string | undefined {
    return this.image.topicById(topicId)?.name;
  }

  /** -1 = no such partition on this broker. */
  slotOf(name: string, partition: number): number {
    const topic = this.image.topicByName(name);
    if (topic === undefined) return -1;
    return this.slots.get(topic.id)?.[partition] ?? -1;
  }

  isInternal(name: string): boolean {
    return isInternalTopic(name);
  }

  /** Aborted transactions that a fetch of [from, to) must name. */
  abortedTransactions(slot: number, from: number, to: number): Aborted[] {
    const directory = this.directories.get(slot);
    return directory === undefined ? [] : this.aborted.overlapping(slot, directory, from, to);
  }

  /** From leader-epoch-checkpoint. (-1, -1) = undefined (LeaderEpochFileCache.endOffsetFor). */
  endOffsetForEpoch(slot: number, epoch: number): { leaderEpoch: number; endOffset: number } {
    const directory = this.directories.get(slot);
    const entries = directory === undefined ? [] : readLeaderEpochs(directory);
    const last = entries.at(-1);
    this.gateway.readState(slot, this.state);
    if (epoch < 0 || last === undefined || epoch > last.epoch) return { leaderEpoch: -1, endOffset: -1 };
    if (epoch === last.epoch) return { leaderEpoch: epoch, endOffset: this.state.logEndOffset };
    const next = entries.findIndex((entry) => entry.epoch > epoch);
    const startOfNext = entries[next]?.startOffset ?? -1;
    if (next === 0) return { leaderEpoch: epoch, endOffset: startOfNext };
    return { leaderEpoch: entries[next - 1]?.epoch ?? -1, endOffset: startOfNext };
  }
}
