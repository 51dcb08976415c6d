/**
 * `range`: each topic is cut into contiguous ranges, one per subscriber, the first ones a partition longer. Members stand
 * in the order of their instance ids, then of their member ids: topics with as many partitions and the same subscribers
 * are cut alike (co-partitioned), and a static member keeps its ranges over restarts. Not sticky otherwise.
 */
import {
  type Assignment,
  type Assignor,
  AssignorError,
  type GroupSpec,
  type MemberSpec,
  type PartitionCount,
} from './assignor.js';

/** What is left of a topic while its subscribers are walked. */
interface TopicRanges {
  readonly partitions: number;
  subscribers: number;
  next: number;
  longerRanges: number;
}

export const rangeAssignor: Assignor = {
  name: 'range',
  assign(spec: GroupSpec, partitionCount: PartitionCount): Map<string, Assignment> {
    const members = [...spec.members].sort(inOrder);
    const topics = new Map<string, TopicRanges>();
    for (const [, member] of members) {
      for (const topicId of member.topicIds) countSubscriber(topics, topicId, partitionCount);
    }
    for (const topic of topics.values()) topic.longerRanges = topic.partitions % topic.subscribers;
    const target = new Map<string, Assignment>();
    for (const [memberId, member] of members) target.set(memberId, takeRanges(member, topics));
    return target;
  },
};

function countSubscriber(topics: Map<string, TopicRanges>, topicId: string, partitionCount: PartitionCount) {
  const topic = topics.get(topicId);
  if (topic !== undefined) {
    topic.subscribers++;
    return;
  }
  const partitions = partitionCount(topicId);
  if (partitions === undefined) throw new AssignorError('Member is subscribed to a non-existent topic');
  topics.set(topicId, { partitions, subscribers: 1, next: 0, longerRanges: 0 });
}

function takeRanges(member: MemberSpec, topics: Map<string, TopicRanges>): Assignment {
  const assignment = new Map<string, Set<number>>();
  for (const topicId of member.topicIds) {
    const topic = topics.get(topicId)!;
    let length = Math.floor(topic.partitions / topic.subscribers);
    if (topic.longerRanges > 0) {
      topic.longerRanges--;
      length++;
    }
    if (length === 0) continue;
    const start = topic.next;
    assignment.set(topicId, new Set(Array.from({ length }, (_, index) => start + index)));
    topic.next += length;
  }
  return assignment;
}

/** Static members first. */
function inOrder([idA, a]: [string, MemberSpec], [idB, b]: [string, MemberSpec]): number {
  if (a.instanceId !== null && b.instanceId !== null) return compare(a.instanceId, b.instanceId);
  if (a.instanceId !== null) return -1;
  if (b.instanceId !== null) return 1;
  return compare(idA, idB);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
