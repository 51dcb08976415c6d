/** A member of a classic group: what it told in JoinGroup, its assignment, and which of its requests waits for an answer. */
import type { RequestToken } from '../../framework/contract.js';
import { type PackedBytes, pack, unpack } from './packed-bytes.js';

export interface MemberProtocol {
  readonly name: string;
  /** For protocol type "consumer": version and ConsumerProtocolSubscription. Passed on untouched. */
  readonly metadata: Uint8Array;
}

/** A request that waits; its version decides how the answer looks. */
export interface Waiting {
  readonly token: RequestToken;
  readonly version: number;
}

export const NO_ASSIGNMENT = new Uint8Array(0);

export interface MemberIdentity {
  readonly memberId: string;
  /** Static members (KIP-345) only. */
  readonly groupInstanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
}

export interface MemberTimeouts {
  readonly rebalanceTimeoutMs: number;
  readonly sessionTimeoutMs: number;
}

export class ClassicMember {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  rebalanceTimeoutMs: number;
  sessionTimeoutMs: number;
  protocols: readonly MemberProtocol[];
  private packedAssignment: PackedBytes = '';
  awaitingJoin: Waiting | null = null;
  awaitingSync: Waiting | null = null;
  /** Has never finished a join: its session counts although it waits, so that an abandoned one disappears. */
  isNew = false;

  constructor(identity: MemberIdentity, timeouts: MemberTimeouts, protocols: readonly MemberProtocol[]) {
    this.memberId = identity.memberId;
    this.groupInstanceId = identity.groupInstanceId;
    this.clientId = identity.clientId;
    this.clientHost = identity.clientHost;
    this.rebalanceTimeoutMs = timeouts.rebalanceTimeoutMs;
    this.sessionTimeoutMs = timeouts.sessionTimeoutMs;
    this.protocols = protocols;
  }

  get assignment(): Uint8Array {
    return unpack(this.packedAssignment);
  }
  set assignment(bytes: Uint8Array) {
    this.packedAssignment = pack(bytes);
  }

  get isStatic(): boolean {
    return this.groupInstanceId !== null;
  }

  /** A member whose request waits here is alive: the broker itself keeps it waiting. */
  get hasSatisfiedHeartbeat(): boolean {
    return !this.isNew && (this.awaitingJoin !== null || this.awaitingSync !== null);
  }

  /** What the member said under a protocol; undefined when it does not support it. */
  metadataOf(protocol: string): Uint8Array | undefined {
    return this.protocols.find((each) => each.name === protocol)?.metadata;
  }

  /** Same protocols, same order, same bytes: a JoinGroup that changes nothing. */
  matches(protocols: readonly MemberProtocol[]): boolean {
    return (
      protocols.length === this.protocols.length &&
      protocols.every((protocol, index) => sameProtocol(protocol, this.protocols[index]))
    );
  }
}

function sameProtocol(a: MemberProtocol, b: MemberProtocol | undefined): boolean {
  return b !== undefined && a.name === b.name && Buffer.compare(a.metadata, b.metadata) === 0;
}

/** A protocol as it is kept. */
class KeptProtocol implements MemberProtocol {
  private readonly packed: PackedBytes;
  constructor(
    readonly name: string,
    metadata: Uint8Array,
  ) {
    this.packed = pack(metadata);
  }
  get metadata(): Uint8Array {
    return unpack(this.packed);
  }
}

/** A request's protocols to keep. The first of two equal names counts. */
export function copyProtocols(protocols: readonly MemberProtocol[]): MemberProtocol[] {
  const names = new Set<string>();
  return protocols
    .filter(({ name }) => !names.has(name) && names.add(name))
    .map(({ name, metadata }) => new KeptProtocol(name, metadata));
}
