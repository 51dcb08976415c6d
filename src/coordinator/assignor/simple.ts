/**
 * `simple`, the assignor of share groups (KIP-932): partitions may be given to several members. Every member gets about
 * equally many, every partition about equally many members, and what was given stays where it can (SimpleAssignor).
 *
 *   2 partitions, 4 members:  p0 -> a b   p1 -> c d          4 partitions, 2 members:  a -> p0 p1   b -> p2 p3
 *
 * Members that have all the same topics are balanced over all of them, others topic by topic. Only partitions are given
 * that `isAssignable`. Where members or partitions are equal, the order of the maps and sets decides.
 */
import {
  type Assignment,
  addPartition,
  existingPartitionCount,
  type GroupSpec,
  type MutableAssignment,
  type PartitionCount,
} from './assignor.js';

export const SIMPLE = 'simple';

interface Target {
  readonly topicId: string;
  readonly partition: number;
  /** Indices of members that have it. */
  readonly members: Set<number>;
}

/** Target by member id, of every member. Throws AssignorError when a topic has gone. */
export function assignSimple(
  spec: GroupSpec,
  partitionCount: PartitionCount,
  isAssignable: (topicId: string, partition: number) => boolean,
): Map<string, Assignment> {
  const ids = [...spec.members.keys()];
  const members = [...spec.members.values()];
  const topics = new Set(members.flatMap(({ topicIds }) => [...topicIds]));
  const given: MutableAssignment[] = members.map(() => new Map());
  const run = (topicIds: Iterable<string>, subscribers: readonly number[]): void => {
    const targets = targetsOf(topicIds, partitionCount, isAssignable);
    for (const index of subscribers) keepOld(targets, index, members[index].assignment);
    balance(targets, subscribers);
    for (const { topicId, partition, members: owners } of targets)
      for (const index of owners) addPartition(given[index], topicId, partition);
  };
  if (spec.subscriptionType === 'homogeneous') run(topics, [...members.keys()]);
  else {
    for (const topicId of topics) {
      const subscribers = [...members.keys()].filter((index) => members[index].topicIds.has(topicId));
      run([topicId], subscribers);
    }
  }
  return new Map(ids.map((id, index) => [id, given[index]]));
}

function targetsOf(
  topicIds: Iterable<string>,
  partitionCount: PartitionCount,
  isAssignable: (topicId: string, partition: number) => boolean,
): Target[] {
  const targets: Target[] = [];
  for (const topicId of topicIds) {
    const count = existingPartitionCount(partitionCount, topicId);
    for (let partition = 0; partition < count; partition++)
      if (isAssignable(topicId, partition)) targets.push({ topicId, partition, members: new Set() });
  }
  return targets;
}

function keepOld(targets: readonly Target[], index: number, old: Assignment): void {
  for (const { topicId, partition, members } of targets)
    if (old.get(topicId)?.has(partition) === true) members.add(index);
}

function balance(targets: readonly Target[], subscribers: readonly number[]): void {
  if (targets.length === 0 || subscribers.length === 0) return;
  const sharing = Math.ceil(subscribers.length / targets.length);
  const wanted = wantedCounts(subscribers, sharing * targets.length);
  const counts = new Map(subscribers.map((index) => [index, 0]));
  const count = (index: number, by: number): void => {
    counts.set(index, (counts.get(index) ?? 0) + by);
  };
  const room = (index: number): number => (wanted.get(index) ?? 0) - (counts.get(index) ?? 0);
  for (const { members } of targets) for (const index of members) count(index, 1);
  for (const { members } of targets) {
    for (const index of [...members]) {
      if (room(index) >= 0 && members.size <= sharing) continue;
      members.delete(index);
      count(index, -1);
    }
  }
  const unfilled = subscribers.filter((index) => room(index) > 0);
  let at = 0;
  for (const { members } of targets) {
    for (let tries = unfilled.length; members.size < sharing && tries > 0; tries--) {
      if (at >= unfilled.length) at = 0;
      const index = unfilled[at];
      if (members.has(index)) {
        at++;
        continue;
      }
      members.add(index);
      count(index, 1);
      if (room(index) > 0) at++;
      else unfilled.splice(at, 1);
    }
  }
  // Nobody with room was left that did not have it already: somebody must read it all the same.
  for (const { members } of targets) {
    if (members.size > 0) continue;
    const least = subscribers.reduce((a, b) => ((counts.get(b) ?? 0) < (counts.get(a) ?? 0) ? b : a));
    members.add(least);
    count(least, 1);
  }
}

/** How many each member shall have: `total` in shares that differ by one at most. */
function wantedCounts(subscribers: readonly number[], total: number): Map<number, number> {
  const share = total / subscribers.length;
  return new Map(
    subscribers.map((index, rank) => [index, Math.ceil(share * (rank + 1)) - Math.ceil(share * rank)]),
  );
}
