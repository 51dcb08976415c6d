/**
 * Which partitions of a group are owned, and since which member epoch: what keeps a partition from having two owners.
 * Changed in `replay` only.
 */
import type { OwnedPartitions } from './owned-partitions.js';

export class PartitionOwners {
  readonly #epochs = new Map<string, Map<number, number>>();

  /** −1: nobody owns it (currentPartitionEpoch). */
  epochOf(topicId: string, partition: number): number {
    return this.#epochs.get(topicId)?.get(partition) ?? -1;
  }

  /**
   * The higher epoch stays: after compaction a later owner's record may come before the tombstone of the earlier one
   * (KAFKA-19862).
   */
  add(owned: OwnedPartitions, epoch: number): void {
    for (const [topicId, partitions] of owned) {
      let epochs = this.#epochs.get(topicId);
      if (epochs === undefined) {
        epochs = new Map();
        this.#epochs.set(topicId, epochs);
      }
      for (const partition of partitions.keys()) {
        const known = epochs.get(partition);
        if (known === undefined || known < epoch) epochs.set(partition, epoch);
      }
    }
  }

  /** Only what is still owned at that epoch. */
  remove(owned: OwnedPartitions, epoch: number): void {
    for (const [topicId, partitions] of owned) {
      const epochs = this.#epochs.get(topicId);
      if (epochs === undefined) continue;
      for (const partition of partitions.keys()) {
        if (epochs.get(partition) === epoch) epochs.delete(partition);
      }
      if (epochs.size === 0) this.#epochs.delete(topicId);
    }
  }
}
