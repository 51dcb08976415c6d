/**
 * A classic group: members, state, generation. It keeps the books (who waits, which protocols all support, who is static)
 * and answers questions about itself; what happens when is decided in join.ts, sync.ts, rebalance.ts, …
 * Kafka's counterpart: ClassicGroup.
 */
import { AssertionError, assert } from '../../../base/assert.js';
import { KafkaError } from '../../../base/kafka-error.js';
import type { CommitIdentity, ExpirationBase, Group } from '../group.js';
import type { GroupRecord } from '../records/group-record.js';
import type { ClassicMember, MemberProtocol, MemberTimeouts, Waiting } from './classic-member.js';
import { type ClassicState, mayFollow } from './classic-state.js';
import { IdSet } from './id-set.js';
import { ProtocolCounts, selectProtocol } from './protocol-vote.js';
import { includesTopic, type SubscribedTopics, subscribedTopics } from './subscription.js';
import { joinTimerKey, sessionTimerKey, syncTimerKey } from './timers.js';

/** The protocol type of consumers; other types (Connect: "connect") are opaque. */
export const CONSUMER_PROTOCOL_TYPE = 'consumer';

const NO_MEMBERS: ReadonlyMap<string, ClassicMember> = new Map();

/** What a record says of a group, and what a new group starts with. */
export interface ClassicGroupStart {
  readonly groupId: string;
  readonly generation: number;
  readonly protocolType: string | null;
  readonly protocolName: string | null;
  readonly leaderId: string | null;
  /** null: written before Kafka kept it. */
  readonly stateTimestampMs: number | null;
}

/** The wait of an Empty group's first members for others (group.initial.rebalance.delay.ms). */
export interface InitialDelay {
  delayMs: number;
  remainingMs: number;
}

export class ClassicGroup implements Group {
  readonly type = 'classic';
  readonly groupId: string;
  state: ClassicState = 'Empty';
  private previous: ClassicState | null = null;
  generation: number;
  protocolType: string | null;
  protocolName: string | null;
  leaderId: string | null;
  stateTimestampMs: number | null;
  initialDelay: InitialDelay | null = null;
  /** A member came during the initial delay: it is prolonged. */
  newMemberAdded = false;
  /** Ids that were given out (MEMBER_ID_REQUIRED, KIP-394) and have not come back yet. */
  readonly pendingJoin = new IdSet();
  /** Members of this generation that have not sent SyncGroup. */
  readonly pendingSync = new IdSet();
  /** The three are null while a group does not need them: most groups of a broker are idle (see id-set.ts). */
  private byId: Map<string, ClassicMember> | null = null;
  /** Instance id -> member id. */
  private staticMembers: Map<string, string> | null = null;
  /** Made by the first question, dropped when the group comes to rest. */
  private protocolCounts: ProtocolCounts | null = null;
  private awaitingJoinCount = 0;
  /** null: not known. */
  private subscribed: SubscribedTopics | null = null;

  constructor(start: ClassicGroupStart) {
    this.groupId = start.groupId;
    this.generation = start.generation;
    this.protocolType = start.protocolType;
    this.protocolName = start.protocolName;
    this.leaderId = start.leaderId;
    this.stateTimestampMs = start.stateTimestampMs;
  }

  static empty(groupId: string, nowMs: number): ClassicGroup {
    return new ClassicGroup({
      groupId,
      generation: 0,
      protocolType: null,
      protocolName: null,
      leaderId: null,
      stateTimestampMs: nowMs,
    });
  }

  // States.

  get stateName(): string {
    return this.state;
  }
  get isEmpty(): boolean {
    return this.state === 'Empty';
  }
  /** The rebalance that runs is the first one of an Empty group. */
  get isInitialRebalance(): boolean {
    return this.state === 'PreparingRebalance' && this.previous === 'Empty';
  }

  transitionTo(next: ClassicState, nowMs: number): void {
    assert(mayFollow(next, this.state), `group ${this.groupId} from ${this.state} to ${next}`);
    this.previous = this.state;
    this.state = next;
    if (next === 'Stable' || next === 'Empty') this.protocolCounts = null;
    this.stateTimestampMs = nowMs;
  }

  /** Everybody who waits has been answered: the next generation, with the protocol most members want. */
  startNextGeneration(nowMs: number): void {
    this.generation++;
    this.pendingSync.clear();
    this.protocolName = this.members.size === 0 ? null : this.selectProtocol();
    this.refreshSubscribed();
    this.transitionTo(this.members.size === 0 ? 'Empty' : 'CompletingRebalance', nowMs);
  }

  // Members.

  get members(): ReadonlyMap<string, ClassicMember> {
    return this.byId ?? NO_MEMBERS;
  }

  add(member: ClassicMember, waiting: Waiting | null): void {
    assert(!this.members.has(member.memberId), `${member.memberId} is in the group`);
    if (member.groupInstanceId !== null) {
      this.staticMembers ??= new Map();
      assert(!this.staticMembers.has(member.groupInstanceId), `${member.groupInstanceId} is in the group`);
      this.staticMembers.set(member.groupInstanceId, member.memberId);
    }
    // One string for both: a loaded leader id is another copy.
    if (this.leaderId === null || this.leaderId === member.memberId) this.leaderId = member.memberId;
    this.byId ??= new Map();
    this.byId.set(member.memberId, member);
    this.protocolCounts?.add(member.protocols);
    this.setAwaitingJoin(member, waiting);
    this.pendingJoin.delete(member.memberId);
  }

  /** Forgets a member or a pending id. Requests of it that wait must have been answered. */
  remove(memberId: string): void {
    const member = this.members.get(memberId);
    if (member !== undefined) {
      this.byId?.delete(memberId);
      this.protocolCounts?.remove(member.protocols);
      this.setAwaitingJoin(member, null);
      if (member.groupInstanceId !== null) this.staticMembers?.delete(member.groupInstanceId);
    }
    if (this.leaderId === memberId) this.leaderId = this.members.keys().next().value ?? null;
    this.pendingJoin.delete(memberId);
    this.pendingSync.delete(memberId);
  }

  /** A static member came back under a new id: it takes the old one's place, leadership included. */
  replace(old: ClassicMember, successor: ClassicMember): void {
    const { memberId, groupInstanceId } = successor;
    this.byId?.delete(old.memberId);
    this.byId?.set(memberId, successor);
    this.protocolCounts?.remove(old.protocols);
    this.protocolCounts?.add(successor.protocols);
    this.setAwaitingJoin(old, null);
    successor.assignment = old.assignment;
    if (this.leaderId === old.memberId) this.leaderId = memberId;
    if (this.pendingSync.delete(old.memberId)) this.pendingSync.add(memberId);
    if (groupInstanceId !== null) this.staticMembers?.set(groupInstanceId, memberId);
  }

  update(member: ClassicMember, protocols: readonly MemberProtocol[], timeouts: MemberTimeouts): void {
    this.protocolCounts?.remove(member.protocols);
    member.protocols = protocols;
    this.protocolCounts?.add(protocols);
    member.rebalanceTimeoutMs = timeouts.rebalanceTimeoutMs;
    member.sessionTimeoutMs = timeouts.sessionTimeoutMs;
  }

  setAwaitingJoin(member: ClassicMember, waiting: Waiting | null): void {
    if (member.awaitingJoin !== null) this.awaitingJoinCount--;
    if (waiting !== null) this.awaitingJoinCount++;
    member.awaitingJoin = waiting;
  }

  get numAwaitingJoin(): number {
    return this.awaitingJoinCount;
  }
  get hasAllMembersJoined(): boolean {
    return this.members.size === this.awaitingJoinCount && this.pendingJoin.size === 0;
  }
  /** The longest rebalance timeout of all members. */
  get rebalanceTimeoutMs(): number {
    let longest = 0;
    for (const member of this.members.values()) longest = Math.max(longest, member.rebalanceTimeoutMs);
    return longest;
  }

  memberIdOf(groupInstanceId: string): string | undefined {
    return this.staticMembers?.get(groupInstanceId);
  }

  member(memberId: string): ClassicMember {
    const member = this.members.get(memberId);
    if (member === undefined) throw new AssertionError(`no member ${memberId} in ${this.groupId}`);
    return member;
  }

  /** KafkaError of a request that names a member: NONE, UNKNOWN_MEMBER_ID or FENCED_INSTANCE_ID. */
  validateMember(memberId: string, groupInstanceId: string | null): number {
    if (groupInstanceId !== null) {
      const owner = this.staticMembers?.get(groupInstanceId);
      if (owner === undefined) return KafkaError.UNKNOWN_MEMBER_ID;
      if (owner !== memberId) return KafkaError.FENCED_INSTANCE_ID;
    }
    return this.members.has(memberId) ? KafkaError.NONE : KafkaError.UNKNOWN_MEMBER_ID;
  }

  // Protocols.

  /** Whether a member with these protocols can be in the group beside those that are. */
  supports(protocolType: string, protocols: readonly { readonly name: string }[]): boolean {
    if (this.isEmpty) return protocolType !== '' && protocols.length > 0;
    return this.protocolType === protocolType && protocols.some(({ name }) => this.isSupportedByAll(name));
  }

  selectProtocol(): string {
    return selectProtocol(this.members.values(), (name) => this.isSupportedByAll(name));
  }

  private isSupportedByAll(name: string): boolean {
    this.protocolCounts ??= new ProtocolCounts(this.members.values());
    return this.protocolCounts.supportedByAll(name, this.members.size);
  }

  /** What the member said under the chosen protocol. */
  metadataOf(member: ClassicMember): Uint8Array {
    const metadata = member.metadataOf(this.protocolName ?? '');
    if (metadata === undefined) throw new AssertionError(`${member.memberId} lacks ${this.protocolName}`);
    return metadata;
  }

  get usesConsumerProtocol(): boolean {
    return this.protocolType === CONSUMER_PROTOCOL_TYPE;
  }

  /** Reads the members' subscriptions anew; unknown unless all of them can be read. */
  refreshSubscribed(): void {
    const { protocolName } = this;
    if (!this.usesConsumerProtocol) this.subscribed = null;
    else if (this.members.size === 0) this.subscribed = [];
    else if (protocolName === null) this.subscribed = null;
    else
      this.subscribed = subscribedTopics([...this.members.values()].map((m) => m.metadataOf(protocolName)));
  }

  // Offsets, listing, deletion: see Group.

  get listedProtocolType(): string {
    return this.protocolType ?? '';
  }

  validateOffsetCommit(identity: CommitIdentity): number {
    const { generationIdOrMemberEpoch: generation, memberId, groupInstanceId, transactional } = identity;
    if (generation < 0 && this.isEmpty) return KafkaError.NONE;
    if (generation >= 0 || memberId !== '' || groupInstanceId !== null) {
      const error = this.validateMember(memberId, groupInstanceId);
      if (error !== KafkaError.NONE) return error;
      if (generation !== this.generation) return KafkaError.ILLEGAL_GENERATION;
    } else if (!transactional && !this.isEmpty) {
      return KafkaError.UNKNOWN_MEMBER_ID;
    }
    // The assignment is not known yet: who owns the partition is open.
    if (!transactional && this.state === 'CompletingRebalance') return KafkaError.REBALANCE_IN_PROGRESS;
    return KafkaError.NONE;
  }

  validateCommitPartition(): number {
    return KafkaError.NONE;
  }

  validateOffsetFetch(): number {
    return KafkaError.NONE;
  }

  validateOffsetDelete(): number {
    return this.isEmpty || this.usesConsumerProtocol ? KafkaError.NONE : KafkaError.NON_EMPTY_GROUP;
  }

  validateDelete(): number {
    return this.isEmpty ? KafkaError.NONE : KafkaError.NON_EMPTY_GROUP;
  }

  /** A consumer group whose subscriptions cannot be read counts as subscribed to everything. */
  isSubscribedTo(topic: string): boolean {
    return this.subscribed === null ? this.usesConsumerProtocol : includesTopic(this.subscribed, topic);
  }

  expirationBase(): ExpirationBase | null {
    if (this.protocolType === null) return (commitTimestampMs) => commitTimestampMs;
    if (this.isEmpty) return (commitTimestampMs) => this.stateTimestampMs ?? commitTimestampMs;
    if (this.state === 'Stable' && this.usesConsumerProtocol && this.subscribed !== null)
      return (commitTimestampMs) => commitTimestampMs;
    return null;
  }

  tombstones(): GroupRecord[] {
    return [{ type: 'GroupMetadata', group: this.groupId, value: null }];
  }

  *timerKeys(): IterableIterator<string> {
    yield joinTimerKey(this.groupId);
    yield syncTimerKey(this.groupId);
    for (const memberId of this.members.keys()) yield sessionTimerKey(this.groupId, memberId);
    for (const memberId of this.pendingJoin) yield sessionTimerKey(this.groupId, memberId);
  }
}
