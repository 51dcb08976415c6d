/**
 * Incremental fetch sessions (KIP-227; FetchSession.java). A session remembers the partitions of a consumer and what it
 * was last told, so that a request names only changes and an answer holds only news. Owned by one network thread: a
 * client that reconnects to another thread gets FETCH_SESSION_ID_NOT_FOUND and starts over, as after an eviction.
 */

/** A partition as one fetch sees it; in a session it lives from request to request. */
export interface FetchPartition {
  topic: string | null; // null = topic id not known here
  topicId: string;
  partition: number;
  slot: number; // -1 = not hosted
  fetchOffset: number;
  bytesMax: number;
  currentLeaderEpoch: number;
  lastFetchedEpoch: number;
  /** What the client was last told; -1 = nothing yet, so the next answer includes the partition. */
  toldHighWatermark: number;
  toldLogStartOffset: number;
}

export interface FetchSession {
  readonly id: number;
  /** Epoch the next incremental request must carry. */
  epoch: number;
  readonly usesTopicIds: boolean;
  /** Insertion order is answer order; partitions that got data move to the end (fairness). */
  readonly partitions: Map<string, FetchPartition>;
  lastUsedMs: number;
  createdMs: number;
}

export const FINAL_EPOCH = -1;
export const INITIAL_EPOCH = 0;

/** MAX_INT is followed by 1: 0 and -1 have meanings of their own. */
export function nextEpoch(epoch: number): number {
  return epoch >= 0x7fff_ffff ? 1 : epoch + 1;
}

export function partitionKey(topicKey: string, partition: number): string {
  return `${topicKey}/${partition}`;
}

/** A session may be evicted for another after this idle time (MIN_INCREMENTAL_FETCH_SESSION_EVICTION_MS). */
const EVICTION_MS = 120_000;

export class FetchSessionCache {
  private readonly sessions = new Map<number, FetchSession>();

  /** `slotsMax`: max.incremental.fetch.session.cache.slots. `randomInt`: uniform in [1, 2^31). */
  constructor(
    private readonly slotsMax: number,
    private readonly randomInt: () => number,
  ) {}

  get size(): number {
    return this.sessions.size;
  }

  /** Marks the session used; sessions stay in least-recently-used order. */
  get(id: number, nowMs: number): FetchSession | undefined {
    const session = this.sessions.get(id);
    if (session !== undefined) {
      session.lastUsedMs = nowMs;
      this.sessions.delete(id);
      this.sessions.set(id, session);
    }
    return session;
  }

  remove(id: number): void {
    this.sessions.delete(id);
  }

  /** Undefined when the cache is full of sessions in use: the client then fetches without a session, which is legal. */
  create(
    usesTopicIds: boolean,
    partitions: Map<string, FetchPartition>,
    nowMs: number,
  ): FetchSession | undefined {
    if (this.sessions.size >= this.slotsMax && !this.evict(partitions.size, nowMs)) return undefined;
    let id = this.randomInt();
    while (this.sessions.has(id)) id = this.randomInt();
    const session: FetchSession = {
      id,
      epoch: nextEpoch(INITIAL_EPOCH),
      usesTopicIds,
      partitions,
      lastUsedMs: nowMs,
      createdMs: nowMs,
    };
    this.sessions.set(id, session);
    return session;
  }

  /** Makes room: the least recently used session goes if it has idled, or if it is smaller and has lived long enough. */
  private evict(size: number, nowMs: number): boolean {
    const oldest = this.sessions.values().next().value;
    if (oldest === undefined) return false;
    const idle = nowMs - oldest.lastUsedMs > EVICTION_MS;
    const smaller = oldest.partitions.size < size && nowMs - oldest.createdMs > EVICTION_MS;
    if (idle || smaller) this.sessions.delete(oldest.id);
    return idle || smaller;
  }
}
