/** Committed offsets by group, topic and partition. Empty topics and groups disappear. */
import type { CommittedOffset } from './committed-offset.js';
import { TopicOffsets } from './topic-offsets.js';

/** Topics of one group. */
export type GroupOffsets = ReadonlyMap<string, TopicOffsets>;

export class OffsetMap {
  private readonly groups = new Map<string, Map<string, TopicOffsets>>();
  private count = 0;

  /** All committed offsets. */
  get size(): number {
    return this.count;
  }

  group(groupId: string): GroupOffsets | undefined {
    return this.groups.get(groupId);
  }

  entries(): IterableIterator<[string, GroupOffsets]> {
    return this.groups.entries();
  }

  get(groupId: string, topic: string, partition: number): CommittedOffset | undefined {
    return this.groups.get(groupId)?.get(topic)?.get(partition);
  }

  has(groupId: string, topic: string, partition: number): boolean {
    return this.groups.get(groupId)?.get(topic)?.has(partition) === true;
  }

  set(groupId: string, topic: string, partition: number, value: CommittedOffset): void {
    let topics = this.groups.get(groupId);
    if (topics === undefined) {
      topics = new Map();
      this.groups.set(groupId, topics);
    }
    let offsets = topics.get(topic);
    if (offsets === undefined) {
      offsets = new TopicOffsets();
      topics.set(topic, offsets);
    }
    if (offsets.set(partition, value)) this.count++;
  }

  delete(groupId: string, topic: string, partition: number): void {
    const topics = this.groups.get(groupId);
    const offsets = topics?.get(topic);
    if (topics === undefined || offsets === undefined || !offsets.delete(partition)) return;
    this.count--;
    if (offsets.size === 0) topics.delete(topic);
    if (topics.size === 0) this.groups.delete(groupId);
  }
}
