/**
 * A consumer group (KIP-848): members, subscriptions, the target of its last assignment, and who owns what now. Only
 * `replay.ts` changes what the log holds; what a restart may forget stands apart, at the end.
 */

import { KafkaError } from '../../../base/kafka-error.js';
import type { Assignment } from '../../assignor/assignor.js';
import { EMPTY_ASSIGNMENT } from '../../assignor/assignor.js';
import type { CommitIdentity, ExpirationBase, Group } from '../group.js';
import type { GroupRecord } from '../records/group-record.js';
import { type ConsumerGroupMember, isReconciledTo } from './member.js';
import { commitPartitionError, offsetCommitError, offsetFetchError } from './offset-checks.js';
import { PartitionOwners } from './partition-owners.js';
import { groupTombstones } from './records.js';
import { Subscriptions } from './subscriptions.js';
import { memberTimerKeys, regexTimerKey } from './timers.js';

/** Kafka's words. A group that is deleted is gone at once: nobody sees Dead. */
export type ConsumerGroupState = 'Empty' | 'Assigning' | 'Reconciling' | 'Stable';

/** Of a group that has never had a member, and its first assignment. */
const FIRST_EPOCH = 1;

export class ConsumerGroup implements Group {
  readonly type = 'consumer';
  readonly listedProtocolType = 'consumer';
  readonly #members = new Map<string, ConsumerGroupMember>();
  /** Member id by instance id. */
  readonly #staticMembers = new Map<string, string>();
  readonly #target = new Map<string, Assignment>();
  readonly subscriptions = new Subscriptions();
  readonly owners = new PartitionOwners();
  groupEpoch = FIRST_EPOCH;
  metadataHash = 0n;
  assignmentEpoch = FIRST_EPOCH;
  /** 0: unknown; the next assignment need not wait. */
  assignmentTimestampMs = 0;
  /** A record of Kafka 4.0 lies in the log and is to be deleted. */
  hasPartitionMetadataRecord = false;

  /**
   * The group's epoch when its topics were last looked at; −1: they changed since. A higher one than the group's: what was
   * seen has not been written down. Forgotten by a restart.
   */
  metadataSeenEpoch = -1;

  constructor(readonly groupId: string) {}

  get members(): ReadonlyMap<string, ConsumerGroupMember> {
    return this.#members;
  }
  get staticMembers(): ReadonlyMap<string, string> {
    return this.#staticMembers;
  }
  get target(): ReadonlyMap<string, Assignment> {
    return this.#target;
  }
  get isEmpty(): boolean {
    return this.#members.size === 0;
  }
  get state(): ConsumerGroupState {
    if (this.isEmpty) return 'Empty';
    if (this.groupEpoch > this.assignmentEpoch) return 'Assigning';
    for (const member of this.#members.values()) {
      if (!isReconciledTo(member, this.assignmentEpoch)) return 'Reconciling';
    }
    return 'Stable';
  }
  get stateName(): string {
    return this.state;
  }

  staticMember(instanceId: string | null): ConsumerGroupMember | undefined {
    const memberId = instanceId === null ? undefined : this.#staticMembers.get(instanceId);
    return memberId === undefined ? undefined : this.#members.get(memberId);
  }

  /** Of a static member that has just taken a new id: what its old id was to get. */
  targetOf(memberId: string, instanceId: string | null): Assignment {
    const id = instanceId === null ? memberId : this.#staticMembers.get(instanceId);
    return (id === undefined ? undefined : this.#target.get(id)) ?? EMPTY_ASSIGNMENT;
  }

  /** Most members ask for it; null: nobody asks for one. `from`, which the group holds, is counted as `to`. */
  preferredAssignor(from: ConsumerGroupMember | null, to: ConsumerGroupMember | null): string | null {
    const counts = new Map<string, number>();
    const count = (name: string | null | undefined, by: number) => {
      if (name != null) counts.set(name, (counts.get(name) ?? 0) + by);
    };
    for (const member of this.#members.values()) count(member.serverAssignorName, 1);
    count(from?.serverAssignorName, -1);
    count(to?.serverAssignorName, 1);
    let preferred: string | null = null;
    for (const [name, number] of counts) {
      if (number > 0 && number > (counts.get(preferred ?? '') ?? 0)) preferred = name;
    }
    return preferred;
  }

  putMember(member: ConsumerGroupMember): void {
    const before = this.#members.get(member.memberId);
    if (before !== undefined) this.#releaseAll(before);
    this.#members.set(member.memberId, member);
    if (member.instanceId !== null) this.#staticMembers.set(member.instanceId, member.memberId);
    this.owners.add(member.assignedPartitions, member.memberEpoch);
    this.owners.add(member.partitionsPendingRevocation, member.memberEpoch);
    this.subscriptions.replaceMember(before ?? null, member);
  }

  deleteMember(memberId: string): void {
    const member = this.#members.get(memberId);
    if (member === undefined) return;
    this.#releaseAll(member);
    this.#members.delete(memberId);
    const { instanceId } = member;
    // A static member that came back under another id owns the instance id by now.
    if (instanceId !== null && this.#staticMembers.get(instanceId) === memberId) {
      this.#staticMembers.delete(instanceId);
    }
    this.subscriptions.replaceMember(member, null);
  }

  setTarget(memberId: string, assignment: Assignment | null): void {
    if (assignment === null) this.#target.delete(memberId);
    else this.#target.set(memberId, assignment);
  }

  #releaseAll(member: ConsumerGroupMember): void {
    this.owners.remove(member.assignedPartitions, member.memberEpoch);
    this.owners.remove(member.partitionsPendingRevocation, member.memberEpoch);
  }

  /** A decision has to look at the topics. */
  get isMetadataStale(): boolean {
    return this.metadataSeenEpoch < 0 || this.groupEpoch < this.metadataSeenEpoch;
  }

  get classicMemberCount(): number {
    let count = 0;
    for (const { classic } of this.#members.values()) if (classic !== null) count++;
    return count;
  }

  validateOffsetCommit(identity: CommitIdentity): number {
    return offsetCommitError(this, identity);
  }
  validateCommitPartition(identity: CommitIdentity, topicId: string, partition: number): number {
    return commitPartitionError(this, identity, topicId, partition);
  }
  validateOffsetFetch(memberId: string | null, memberEpoch: number): number {
    return offsetFetchError(this, memberId, memberEpoch);
  }
  validateOffsetDelete(): number {
    return KafkaError.NONE;
  }
  validateDelete(): number {
    return this.isEmpty ? KafkaError.NONE : KafkaError.NON_EMPTY_GROUP;
  }
  isSubscribedTo(topic: string): boolean {
    return this.subscriptions.hasTopic(topic);
  }
  /** Offsets of topics that nobody is subscribed to age from their commit, whether the group has members or not. */
  expirationBase(): ExpirationBase {
    return (commitTimestampMs) => commitTimestampMs;
  }
  tombstones(): readonly GroupRecord[] {
    return groupTombstones(this);
  }
  *timerKeys(): Iterable<string> {
    yield regexTimerKey(this.groupId);
    for (const memberId of this.#members.keys()) yield* memberTimerKeys(this.groupId, memberId);
  }
}
