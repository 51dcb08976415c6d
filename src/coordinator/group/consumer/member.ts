/** A member of a consumer group: a value, replaced as a whole when anything about it changes (ConsumerGroupMember). */
import { NO_PARTITIONS, type OwnedPartitions, sameOwned } from './owned-partitions.js';

/** Numbers of the record. */
export const MemberState = {
  /** Owns its target. */
  STABLE: 0,
  /** Was asked to give partitions up and has not said yet that it did: its epoch stays behind. */
  UNREVOKED_PARTITIONS: 1,
  /** Has its epoch, and waits for partitions that others still own. */
  UNRELEASED_PARTITIONS: 2,
  /** Written by a newer version: the member has to rejoin. */
  UNKNOWN: 127,
} as const;
export type MemberState = (typeof MemberState)[keyof typeof MemberState];

const STATES: ReadonlySet<number> = new Set(Object.values(MemberState));
export function memberStateOf(value: number): MemberState {
  return STATES.has(value) ? (value as MemberState) : MemberState.UNKNOWN;
}

/** Epochs in requests that are none. */
export const JOIN_EPOCH = 0;
export const LEAVE_EPOCH = -1;
export const LEAVE_STATIC_EPOCH = -2;

/** What a member that speaks the classic protocol joined with. */
export interface ClassicMetadata {
  readonly sessionTimeoutMs: number;
  readonly supportedProtocols: readonly { readonly name: string; readonly metadata: Uint8Array }[];
}

export interface ConsumerGroupMember {
  readonly memberId: string;
  readonly memberEpoch: number;
  readonly previousMemberEpoch: number;
  readonly state: MemberState;
  readonly instanceId: string | null;
  readonly rackId: string | null;
  readonly rebalanceTimeoutMs: number;
  readonly clientId: string;
  readonly clientHost: string;
  /** Sorted, without duplicates. */
  readonly subscribedTopicNames: readonly string[];
  /** null and "" mean none. */
  readonly subscribedTopicRegex: string | null;
  readonly serverAssignorName: string | null;
  readonly assignedPartitions: OwnedPartitions;
  readonly partitionsPendingRevocation: OwnedPartitions;
  /** null: the member speaks the consumer protocol. */
  readonly classic: ClassicMetadata | null;
}

export function newMember(memberId: string): ConsumerGroupMember {
  return {
    memberId,
    memberEpoch: 0,
    previousMemberEpoch: -1,
    state: MemberState.STABLE,
    instanceId: null,
    rackId: null,
    rebalanceTimeoutMs: -1,
    clientId: '',
    clientHost: '',
    subscribedTopicNames: [],
    subscribedTopicRegex: '',
    serverAssignorName: null,
    assignedPartitions: NO_PARTITIONS,
    partitionsPendingRevocation: NO_PARTITIONS,
    classic: null,
  };
}

export function isReconciledTo(member: ConsumerGroupMember, epoch: number): boolean {
  return member.state === MemberState.STABLE && member.memberEpoch === epoch;
}

/** Names as a member keeps them. */
export function toNames(names: Iterable<string>): readonly string[] {
  return [...new Set(names)].sort();
}

export function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return a === b || (a.length === b.length && a.every((name, index) => name === b[index]));
}

/** "" and null are the same to everybody but the record. */
export function regexOf(member: ConsumerGroupMember | null): string | null {
  return member?.subscribedTopicRegex || null;
}

function sameClassic(a: ClassicMetadata | null, b: ClassicMetadata | null): boolean {
  if (a === b) return true;
  if (a === null || b === null || a.sessionTimeoutMs !== b.sessionTimeoutMs) return false;
  return (
    a.supportedProtocols.length === b.supportedProtocols.length &&
    a.supportedProtocols.every(({ name, metadata }, index) => {
      const other = b.supportedProtocols[index];
      return name === other.name && Buffer.compare(metadata, other.metadata) === 0;
    })
  );
}

export function sameMember(a: ConsumerGroupMember, b: ConsumerGroupMember): boolean {
  return (
    a.memberId === b.memberId &&
    a.memberEpoch === b.memberEpoch &&
    a.previousMemberEpoch === b.previousMemberEpoch &&
    a.state === b.state &&
    a.instanceId === b.instanceId &&
    a.rackId === b.rackId &&
    a.rebalanceTimeoutMs === b.rebalanceTimeoutMs &&
    a.clientId === b.clientId &&
    a.clientHost === b.clientHost &&
    sameNames(a.subscribedTopicNames, b.subscribedTopicNames) &&
    a.subscribedTopicRegex === b.subscribedTopicRegex &&
    a.serverAssignorName === b.serverAssignorName &&
    sameOwned(a.assignedPartitions, b.assignedPartitions) &&
    sameOwned(a.partitionsPendingRevocation, b.partitionsPendingRevocation) &&
    sameClassic(a.classic, b.classic)
  );
}
