/**
 * Uniform assignment when members have different topics (UniformHeterogeneousAssignmentBuilder of 4.3.1). Everybody keeps
 * what it is still subscribed to; free partitions go to the least loaded subscribers; then topic by topic partitions
 * move from the most to the least loaded subscriber, until a whole round changes nothing or ROUNDS_MAX is reached: an
 * optimum is not promised. Balance comes before stickiness.
 */
import {
  type Assignment,
  addPartition,
  existingPartitionCount,
  type GroupSpec,
  type MutableAssignment,
  type PartitionCount,
  removePartition,
} from './assignor.js';
import { MemberBalancer } from './member-balancer.js';

const ROUNDS_MAX = 16;
const NOBODY = -1;

interface Topic {
  readonly id: string;
  readonly partitions: number;
  /** Indexes of members, ascending. */
  readonly subscribers: number[];
  /** Member index by partition. */
  readonly owners: Int32Array;
}

export function assignHeterogeneous(
  spec: GroupSpec,
  partitionCount: PartitionCount,
): Map<string, Assignment> {
  const topics = subscribedTopics(spec, partitionCount);
  if (topics.size === 0) return new Map();
  const state = new State([...spec.members.keys()]);
  for (const [index, member] of [...spec.members.values()].entries()) {
    for (const topicId of member.topicIds) {
      for (const partition of member.assignment.get(topicId) ?? []) {
        state.move(topics.get(topicId)!, partition, index);
      }
    }
  }
  const sorted = [...topics.values()].sort(scarcestLast);
  for (const topic of sorted) state.fill(topic);
  balance(
    state,
    sorted.filter(({ subscribers }) => subscribers.length >= 2),
  );
  return state.target();
}

function balance(state: State, topics: Topic[]): void {
  let lastChanged = NOBODY;
  for (let round = 0; round < ROUNDS_MAX; round++) {
    for (const [index, topic] of topics.entries()) {
      if (index === lastChanged) return;
      if (state.balance(topic) > 0 || lastChanged === NOBODY) lastChanged = index;
    }
  }
}

function subscribedTopics(spec: GroupSpec, partitionCount: PartitionCount): Map<string, Topic> {
  const topics = new Map<string, Topic>();
  for (const [index, { topicIds }] of [...spec.members.values()].entries()) {
    for (const id of topicIds) {
      let topic = topics.get(id);
      if (topic === undefined) {
        const partitions = existingPartitionCount(partitionCount, id);
        topic = { id, partitions, subscribers: [], owners: new Int32Array(partitions).fill(NOBODY) };
        topics.set(id, topic);
      }
      topic.subscribers.push(index);
    }
  }
  return topics;
}

/** Most partitions per subscriber first, then fewest subscribers; the rest by id. */
function scarcestLast(a: Topic, b: Topic): number {
  return (
    b.partitions / b.subscribers.length - a.partitions / a.subscribers.length ||
    a.subscribers.length - b.subscribers.length ||
    compareIds(a.id, b.id)
  );
}

/** As Java compares two signed longs: the tie is broken as Kafka breaks it. */
function compareIds(a: string, b: string): number {
  const [bytesA, bytesB] = [Buffer.from(a, 'base64url'), Buffer.from(b, 'base64url')];
  for (const at of [0, 8]) {
    const [wordA, wordB] = [bytesA.readBigInt64BE(at), bytesB.readBigInt64BE(at)];
    if (wordA !== wordB) return wordA < wordB ? -1 : 1;
  }
  return 0;
}

class State {
  readonly #memberIds: readonly string[];
  readonly #assignments: readonly MutableAssignment[];
  readonly #sizes: Int32Array;
  readonly #balancer: MemberBalancer;

  constructor(memberIds: readonly string[]) {
    this.#memberIds = memberIds;
    this.#assignments = memberIds.map(() => new Map());
    this.#sizes = new Int32Array(memberIds.length);
    this.#balancer = new MemberBalancer(this.#sizes);
  }

  target(): Map<string, Assignment> {
    return new Map(this.#memberIds.map((id, index) => [id, this.#assignments[index]]));
  }

  move(topic: Topic, partition: number, to: number): void {
    const from = topic.owners[partition];
    if (from !== NOBODY) {
      removePartition(this.#assignments[from], topic.id, partition);
      this.#sizes[from]--;
    }
    addPartition(this.#assignments[to], topic.id, partition);
    this.#sizes[to]++;
    topic.owners[partition] = to;
  }

  /** Gives the topic's free partitions to the least loaded subscribers. */
  fill(topic: Topic): void {
    this.#balancer.begin(topic.subscribers);
    for (const [partition, owner] of topic.owners.entries()) {
      if (owner === NOBODY) this.move(topic, partition, this.#balancer.nextLeast());
    }
  }

  /** Number of partitions that moved. */
  balance(topic: Topic): number {
    if (this.#balancer.begin(topic.subscribers) <= 1) return 0;
    const owned = partitionsByOwner(topic);
    let moved = 0;
    while (!this.#balancer.isBalanced) {
      let from = this.#balancer.nextMost();
      while (from !== -1 && !owned.get(from)?.length) {
        this.#balancer.excludeMost();
        from = this.#balancer.nextMost();
      }
      if (from === -1) break;
      const partition = owned.get(from)!.pop()!;
      const to = this.#balancer.nextLeast();
      if (this.#balancer.isBalanced) break;
      this.move(topic, partition, to);
      moved++;
    }
    return moved;
  }
}

function partitionsByOwner(topic: Topic): Map<number, number[]> {
  const owned = new Map<number, number[]>();
  for (const [partition, owner] of topic.owners.entries()) {
    const partitions = owned.get(owner);
    if (partitions === undefined) owned.set(owner, [partition]);
    else partitions.push(partition);
  }
  return owned;
}
