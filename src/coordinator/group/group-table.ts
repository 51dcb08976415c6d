/** All groups of one shard by id, whatever their type. Narrow with `instanceof ClassicGroup` (ConsumerGroup). */
import type { Group } from './group.js';

export class GroupTable {
  private readonly groups = new Map<string, Group>();

  get size(): number {
    return this.groups.size;
  }
  get(groupId: string): Group | undefined {
    return this.groups.get(groupId);
  }
  /** Adds the group or puts it in the place of the one with its id. */
  set(group: Group): void {
    this.groups.set(group.groupId, group);
  }
  delete(groupId: string): void {
    this.groups.delete(groupId);
  }
  values(): IterableIterator<Group> {
    return this.groups.values();
  }
}
