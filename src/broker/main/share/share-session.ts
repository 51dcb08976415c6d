/**
 * Share sessions (ShareSession, ShareSessionCache): which partitions a member of a share group fetches from, so that a request
 * names only changes. One a member; it ends with the request of epoch −1, with its connection, or with the membership.
 * Main thread.
 */
import { KafkaError } from '../../../base/kafka-error.js';

export interface SessionPartition {
  readonly topicId: string;
  readonly partition: number;
}

export interface ShareSession {
  readonly groupId: string;
  readonly memberId: string;
  /** Connection that opened it. */
  readonly connection: number;
  /** Epoch the next request must carry. */
  epoch: number;
  readonly partitions: Map<string, SessionPartition>;
}

export const INITIAL_EPOCH = 0;
export const FINAL_EPOCH = -1;

/** 2147483647 is followed by 1: 0 and −1 have meanings of their own. */
export function nextEpoch(epoch: number): number {
  return epoch >= 0x7fff_ffff ? 1 : epoch + 1;
}

export function partitionKey({ topicId, partition }: SessionPartition): string {
  return `${topicId}/${partition}`;
}

export class ShareSessions {
  /** By group, then by member. */
  private readonly groups = new Map<string, Map<string, ShareSession>>();
  private count = 0;

  /** `sessionsMax`: group.share.max.share.sessions. */
  constructor(private readonly sessionsMax: () => number) {}

  get size(): number {
    return this.count;
  }

  get(groupId: string, memberId: string): ShareSession | undefined {
    return this.groups.get(groupId)?.get(memberId);
  }

  /** Opens a session, in place of the member's earlier one; the error code where there are too many. */
  open(
    groupId: string,
    memberId: string,
    connection: number,
    partitions: readonly SessionPartition[],
  ): ShareSession | number {
    this.remove(groupId, memberId);
    if (this.count >= this.sessionsMax()) return KafkaError.SHARE_SESSION_LIMIT_REACHED;
    const session: ShareSession = {
      groupId,
      memberId,
      connection,
      epoch: nextEpoch(INITIAL_EPOCH),
      partitions: new Map(partitions.map((one) => [partitionKey(one), one])),
    };
    const members = this.groups.get(groupId) ?? new Map<string, ShareSession>();
    members.set(memberId, session);
    this.groups.set(groupId, members);
    this.count++;
    return session;
  }

  /** The session of a request that goes on with one; `epoch` −1 ends it and is always right. */
  resume(groupId: string, memberId: string, epoch: number): ShareSession | number {
    const session = this.get(groupId, memberId);
    if (session === undefined) return KafkaError.SHARE_SESSION_NOT_FOUND;
    if (epoch === FINAL_EPOCH) return session;
    if (session.epoch !== epoch) return KafkaError.INVALID_SHARE_SESSION_EPOCH;
    session.epoch = nextEpoch(epoch);
    return session;
  }

  remove(groupId: string, memberId: string): boolean {
    const members = this.groups.get(groupId);
    if (members?.delete(memberId) !== true) return false;
    this.count--;
    if (members.size === 0) this.groups.delete(groupId);
    return true;
  }

  /** Somebody of the group has a session. */
  hasGroup(groupId: string): boolean {
    return this.groups.has(groupId);
  }

  /** Sessions that this connection opened. */
  ofConnection(connection: number): ShareSession[] {
    const found: ShareSession[] = [];
    for (const members of this.groups.values()) {
      for (const session of members.values()) if (session.connection === connection) found.push(session);
    }
    return found;
  }
}

/** Applies what a request adds and forgets. */
export function updateSession(
  session: ShareSession,
  added: readonly SessionPartition[],
  forgotten: readonly SessionPartition[],
): void {
  for (const one of added) session.partitions.set(partitionKey(one), one);
  for (const one of forgotten) session.partitions.delete(partitionKey(one));
}
