/**
 * Server-side assignors (KIP-848): who shall own which partitions. Pure functions over a group's members. Any thread.
 * Members are walked in the order of the map, topics and partitions in the order of the sets: give them sorted where a
 * stable answer matters.
 */

/** Partitions by topic id (22 characters of base64url). */
export type Assignment = ReadonlyMap<string, ReadonlySet<number>>;

export const EMPTY_ASSIGNMENT: Assignment = new Map();

export interface MemberSpec {
  /** Static members (KIP-345) have one. */
  readonly instanceId: string | null;
  /** Ids of the topics it is subscribed to, existing ones only. */
  readonly topicIds: ReadonlySet<string>;
  /** Its target of the last run: what a sticky assignor keeps. */
  readonly assignment: Assignment;
}

/** `homogeneous`: every member is subscribed to the same topics. */
export type SubscriptionType = 'homogeneous' | 'heterogeneous';

export interface GroupSpec {
  readonly members: ReadonlyMap<string, MemberSpec>;
  readonly subscriptionType: SubscriptionType;
}

/** Number of partitions of a topic; undefined when there is no such topic. */
export type PartitionCount = (topicId: string) => number | undefined;

export interface Assignor {
  /** Kafka's name, as in group.consumer.assignors and in requests. */
  readonly name: string;
  /** Target by member id; members without partitions may be absent. Throws AssignorError. */
  assign(spec: GroupSpec, partitionCount: PartitionCount): Map<string, Assignment>;
}

/** The group asks for something that cannot be assigned (PartitionAssignorException). */
export class AssignorError extends Error {
  override readonly name = 'AssignorError';
}

/** While it is built: sets that may still change. */
export type MutableAssignment = Map<string, Set<number>>;

export function addPartition(assignment: MutableAssignment, topicId: string, partition: number): void {
  const partitions = assignment.get(topicId);
  if (partitions === undefined) assignment.set(topicId, new Set([partition]));
  else partitions.add(partition);
}

export function removePartition(assignment: MutableAssignment, topicId: string, partition: number): void {
  const partitions = assignment.get(topicId);
  if (partitions?.delete(partition) && partitions.size === 0) assignment.delete(topicId);
}

/** Throws when `topicId` has gone: the caller must give topics that exist. */
export function existingPartitionCount(partitionCount: PartitionCount, topicId: string): number {
  const count = partitionCount(topicId);
  if (count !== undefined) return count;
  throw new AssignorError(
    `Members are subscribed to topic ${topicId} which doesn't exist in the topic metadata.`,
  );
}
