/** Partitions of a member, each with the epoch at which it was assigned: topic id -> partition -> epoch. Never changed in place. */
import type { Assignment } from '../../assignor/assignor.js';

export type OwnedPartitions = ReadonlyMap<string, ReadonlyMap<number, number>>;

export const NO_PARTITIONS: OwnedPartitions = new Map();

const NONE_OF_TOPIC: ReadonlyMap<number, number> = new Map();

/** What requests and records carry. */
export interface TopicPartitions {
  readonly topicId: string;
  readonly partitions: readonly number[];
}

export function ownedOf(owned: OwnedPartitions, topicId: string): ReadonlyMap<number, number> {
  return owned.get(topicId) ?? NONE_OF_TOPIC;
}

export function toOwned(assignment: Assignment, epoch: number): OwnedPartitions {
  return new Map(
    [...assignment].map(([topicId, partitions]) => [
      topicId,
      new Map([...partitions].map((partition) => [partition, epoch])),
    ]),
  );
}

export function withEpoch(owned: OwnedPartitions, epoch: number): OwnedPartitions {
  return new Map(
    [...owned].map(([topicId, partitions]) => [
      topicId,
      new Map([...partitions.keys()].map((partition) => [partition, epoch])),
    ]),
  );
}

export function toTopicPartitions(
  assignment: ReadonlyMap<string, ReadonlySet<number> | ReadonlyMap<number, number>>,
): { topicId: string; partitions: number[] }[] {
  return [...assignment].map(([topicId, partitions]) => ({ topicId, partitions: [...partitions.keys()] }));
}

/** Every reported partition is one of `owned`; an absent report proves nothing. */
export function isSubset(reported: readonly TopicPartitions[] | null, owned: OwnedPartitions): boolean {
  if (reported === null) return false;
  return reported.every(({ topicId, partitions }) => {
    const known = owned.get(topicId);
    return known !== undefined && partitions.every((partition) => known.has(partition));
  });
}

export function sameOwned(a: OwnedPartitions, b: OwnedPartitions): boolean {
  if (a === b) return true;
  if (a.size !== b.size) return false;
  for (const [topicId, partitions] of a) {
    const others = b.get(topicId);
    if (others === undefined || others.size !== partitions.size) return false;
    for (const [partition, epoch] of partitions) if (others.get(partition) !== epoch) return false;
  }
  return true;
}

export function sameAssignment(a: Assignment, b: Assignment): boolean {
  if (a === b) return true;
  if (a.size !== b.size) return false;
  for (const [topicId, partitions] of a) {
    const others = b.get(topicId);
    if (others === undefined || others.size !== partitions.size) return false;
    for (const partition of partitions) if (!others.has(partition)) return false;
  }
  return true;
}
