/**
 * Offsets committed inside of transactions that have not ended (KIP-98): by producer id, and the other way round by
 * partition, since a fetch that requires stable offsets (KIP-447) asks for one partition.
 */
import type { CommittedOffset } from './committed-offset.js';
import { OffsetMap } from './offset-map.js';

/** Partitions of one group -> producers with an open transaction on it. */
type OpenPartitions = Map<string, Map<number, Set<bigint>>>;

export class PendingOffsets {
  private readonly byProducer = new Map<bigint, OffsetMap>();
  private readonly open = new Map<string, OpenPartitions>();

  hasGroup(groupId: string): boolean {
    return this.open.has(groupId);
  }

  has(groupId: string, topic: string, partition: number): boolean {
    return this.open.get(groupId)?.get(topic)?.has(partition) === true;
  }

  /** Partitions of a group with an open transaction. */
  *partitions(groupId: string): IterableIterator<[topic: string, partition: number]> {
    for (const [topic, partitions] of this.open.get(groupId) ?? []) {
      for (const partition of partitions.keys()) yield [topic, partition];
    }
  }

  producers(): IterableIterator<OffsetMap> {
    return this.byProducer.values();
  }

  add(producerId: bigint, groupId: string, topic: string, partition: number, value: CommittedOffset): void {
    let offsets = this.byProducer.get(producerId);
    if (offsets === undefined) {
      offsets = new OffsetMap();
      this.byProducer.set(producerId, offsets);
    }
    offsets.set(groupId, topic, partition, value);
    const topics = this.open.get(groupId) ?? new Map<string, Map<number, Set<bigint>>>();
    this.open.set(groupId, topics);
    const partitions = topics.get(topic) ?? new Map<number, Set<bigint>>();
    topics.set(topic, partitions);
    const producers = partitions.get(partition) ?? new Set<bigint>();
    partitions.set(partition, producers);
    producers.add(producerId);
  }

  /** A tombstone: whoever had written the partition in a transaction has not. */
  delete(groupId: string, topic: string, partition: number): void {
    const producers = this.open.get(groupId)?.get(topic)?.get(partition);
    if (producers === undefined) return;
    for (const producerId of producers) {
      const offsets = this.byProducer.get(producerId);
      offsets?.delete(groupId, topic, partition);
      if (offsets?.size === 0) this.byProducer.delete(producerId);
    }
    this.close(groupId, topic, partition);
  }

  /** The transaction of the producer ended: its offsets, which are pending no longer. */
  end(producerId: bigint): OffsetMap | undefined {
    const offsets = this.byProducer.get(producerId);
    if (offsets === undefined) return undefined;
    this.byProducer.delete(producerId);
    for (const [groupId, topics] of offsets.entries()) {
      for (const [topic, partitions] of topics) {
        for (const partition of partitions.partitions()) {
          const producers = this.open.get(groupId)?.get(topic)?.get(partition);
          producers?.delete(producerId);
          if (producers?.size === 0) this.close(groupId, topic, partition);
        }
      }
    }
    return offsets;
  }

  private close(groupId: string, topic: string, partition: number): void {
    const topics = this.open.get(groupId);
    const partitions = topics?.get(topic);
    partitions?.delete(partition);
    if (partitions?.size === 0) topics?.delete(topic);
    if (topics?.size === 0) this.open.delete(groupId);
  }
}
