/**
 * A share group (KIP-932): members, subscriptions, the target of the last assignment, and the topics whose state is kept.
 * Only `replay.ts` changes what the log holds; what a restart may forget stands apart, at the end.
 */
import { KafkaError } from '../../../base/kafka-error.js';
import { type Assignment, EMPTY_ASSIGNMENT, type SubscriptionType } from '../../assignor/assignor.js';
import type { ExpirationBase, Group } from '../group.js';
import type { GroupRecord } from '../records/group-record.js';
import { groupTombstones } from './records.js';
import type { ShareGroupMember } from './share-member.js';
import { NO_STATE, type StateTopics } from './state-topics.js';
import { shareSessionKey } from './timers.js';

/** Of a group that has never had a member, and its first assignment. */
const FIRST_EPOCH = 1;

/** Topics by how many members name them. */
export type TopicCounts = ReadonlyMap<string, number>;

export class ShareGroup implements Group {
  readonly type = 'share';
  readonly listedProtocolType = 'share';
  readonly #members = new Map<string, ShareGroupMember>();
  readonly #target = new Map<string, Assignment>();
  #topics: TopicCounts = new Map();
  groupEpoch = FIRST_EPOCH;
  metadataHash = 0n;
  assignmentEpoch = FIRST_EPOCH;
  /** 0: unknown; the next assignment need not wait. */
  assignmentTimestampMs = 0;
  /** null: no record of it lies in the log. */
  stateTopics: StateTopics | null = null;

  /** The topics were hashed since they last changed. Forgotten by a restart. */
  isMetadataSeen = false;
  /** When the share coordinator was last asked to begin the state of a topic, by topic id. Forgotten by a restart. */
  readonly initializingSinceMs = new Map<string, number>();

  constructor(readonly groupId: string) {}

  get members(): ReadonlyMap<string, ShareGroupMember> {
    return this.#members;
  }
  get target(): ReadonlyMap<string, Assignment> {
    return this.#target;
  }
  get topics(): TopicCounts {
    return this.#topics;
  }
  get state(): StateTopics {
    return this.stateTopics ?? NO_STATE;
  }
  get isEmpty(): boolean {
    return this.#members.size === 0;
  }
  get stateName(): string {
    return this.isEmpty ? 'Empty' : 'Stable';
  }

  targetOf(memberId: string): Assignment {
    return this.#target.get(memberId) ?? EMPTY_ASSIGNMENT;
  }

  /** What the group would be subscribed to with `after` in the place of `before`. */
  topicsAfter(before: ShareGroupMember | null, after: ShareGroupMember | null): TopicCounts {
    const counts = new Map(this.#topics);
    for (const name of before?.subscribedTopicNames ?? []) {
      const left = (counts.get(name) ?? 0) - 1;
      if (left > 0) counts.set(name, left);
      else counts.delete(name);
    }
    for (const name of after?.subscribedTopicNames ?? []) counts.set(name, (counts.get(name) ?? 0) + 1);
    return counts;
  }

  putMember(member: ShareGroupMember): void {
    this.#topics = this.topicsAfter(this.#members.get(member.memberId) ?? null, member);
    this.#members.set(member.memberId, member);
  }

  deleteMember(memberId: string): void {
    this.#topics = this.topicsAfter(this.#members.get(memberId) ?? null, null);
    this.#members.delete(memberId);
  }

  setTarget(memberId: string, assignment: Assignment | null): void {
    if (assignment === null) this.#target.delete(memberId);
    else this.#target.set(memberId, assignment);
  }

  // Share groups commit nothing: to requests about offsets of consumers they are no group, as one that has no offsets.

  validateOffsetCommit(): number {
    return KafkaError.GROUP_ID_NOT_FOUND;
  }
  validateCommitPartition(): number {
    return KafkaError.GROUP_ID_NOT_FOUND;
  }
  validateOffsetFetch(): number {
    return KafkaError.NONE;
  }
  validateOffsetDelete(): number {
    return KafkaError.GROUP_ID_NOT_FOUND;
  }
  validateDelete(): number {
    return this.isEmpty ? KafkaError.NONE : KafkaError.NON_EMPTY_GROUP;
  }
  isSubscribedTo(topic: string): boolean {
    return this.#topics.has(topic);
  }
  expirationBase(): ExpirationBase | null {
    return null;
  }
  tombstones(): readonly GroupRecord[] {
    return groupTombstones(this.groupId, [...this.#members.keys()]);
  }
  *timerKeys(): Iterable<string> {
    for (const memberId of this.#members.keys()) yield shareSessionKey(this.groupId, memberId);
  }
}

export function subscriptionTypeOf(topics: TopicCounts, members: number): SubscriptionType {
  for (const count of topics.values()) if (count !== members) return 'heterogeneous';
  return 'homogeneous';
}
