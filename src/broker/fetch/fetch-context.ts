/**
 * What one fetch request asks for, with or without a session (FetchManager.newContext): which partitions to read and
 * which of the results the answer must name.
 */
import { KafkaError } from '../../base/kafka-error.js';
import type { FetchRequest } from '../../protocol/01-fetch.js';
import type { NetworkContext } from '../network/context.js';
import { type FetchResult, isUnknown } from './fetch-reader.js';
import {
  type FetchPartition,
  type FetchSession,
  FINAL_EPOCH,
  INITIAL_EPOCH,
  nextEpoch,
  partitionKey,
} from './fetch-session.js';

export interface FetchContext {
  partitions(): FetchPartition[];
  /** Indexes of results that the answer names; moves partitions with news to the end of a session. */
  included(partitions: FetchPartition[], results: FetchResult[]): number[];
  /** Session id and error for the answer. */
  close(): { sessionId: number; error: number };
  /** Session id for an answer that tells nothing because of a quota. */
  throttled(): number;
}

const TOPIC_ID_VERSION_MIN = 13;
type Asked = FetchRequest['topics'][number];

/** The request's partitions, resolved against the metadata of this thread. */
function resolve(
  context: NetworkContext,
  topics: readonly Asked[],
  byId: boolean,
): Map<string, FetchPartition> {
  const partitions = new Map<string, FetchPartition>();
  for (const topic of topics) {
    const name = byId ? context.topics.nameOf(topic.topicId) : topic.topic;
    for (const asked of topic.partitions) {
      partitions.set(partitionKey(byId ? topic.topicId : topic.topic, asked.partition), {
        topic: name ?? null,
        topicId: topic.topicId,
        partition: asked.partition,
        slot: name === undefined ? -1 : context.topics.slotOf(name, asked.partition),
        fetchOffset: asked.fetchOffset,
        bytesMax: asked.partitionMaxBytes,
        currentLeaderEpoch: asked.currentLeaderEpoch,
        lastFetchedEpoch: asked.lastFetchedEpoch,
        toldHighWatermark: -1,
        toldLogStartOffset: -1,
      });
    }
  }
  return partitions;
}

/** Full fetch: everything asked is answered; a session may be created for the next ones. */
class FullFetch implements FetchContext {
  private readonly list: FetchPartition[];

  constructor(
    private readonly context: NetworkContext,
    private readonly asked: Map<string, FetchPartition>,
    private readonly byId: boolean,
    private readonly createSession: boolean,
  ) {
    this.list = [...asked.values()];
  }

  partitions(): FetchPartition[] {
    for (const partition of this.list) {
      // While the fetch waited its topic may have been deleted, and the slot may be another partition's by now.
      const { topic, slot } = partition;
      const still = topic !== null && this.context.topics.slotOf(topic, partition.partition) === slot;
      if (!still) partition.slot = -1;
    }
    return this.list;
  }

  included(partitions: FetchPartition[], results: FetchResult[]): number[] {
    for (const [index, partition] of partitions.entries()) tell(partition, results[index]);
    const order = results.map((_, index) => index);
    if (!results.some(isUnknown)) return order;
    return [
      ...order.filter((index) => !isUnknown(results[index])),
      ...order.filter((index) => isUnknown(results[index])),
    ];
  }

  close(): { sessionId: number; error: number } {
    if (!this.createSession) return { sessionId: 0, error: 0 };
    const session = this.context.sessions.create(this.byId, this.asked, this.context.clock.monotonicMs());
    return { sessionId: session?.id ?? 0, error: 0 };
  }

  throttled(): number {
    return 0;
  }
}

/** Incremental fetch: only news is answered. */
class IncrementalFetch implements FetchContext {
  constructor(
    private readonly session: FetchSession,
    private readonly context: NetworkContext,
  ) {}

  partitions(): FetchPartition[] {
    const list = [...this.session.partitions.values()];
    for (const partition of list) {
      // A topic may have been created, deleted or re-created since the session learned of it (KAFKA-13111).
      if (this.session.usesTopicIds) partition.topic = this.context.topics.nameOf(partition.topicId) ?? null;
      partition.slot =
        partition.topic === null ? -1 : this.context.topics.slotOf(partition.topic, partition.partition);
    }
    return list;
  }

  included(partitions: FetchPartition[], results: FetchResult[]): number[] {
    const news: number[] = [];
    partitions.forEach((partition, index) => {
      const result = results[index];
      const changed =
        result.length > 0 ||
        result.error !== 0 ||
        result.diverging !== null ||
        result.highWatermark !== partition.toldHighWatermark ||
        result.logStartOffset !== partition.toldLogStartOffset;
      if (!changed) return;
      news.push(index);
      tell(partition, result);
      if (result.length > 0 || result.error !== 0) this.moveToEnd(partition);
    });
    return news;
  }

  private moveToEnd(partition: FetchPartition): void {
    const topicKey = this.session.usesTopicIds ? partition.topicId : (partition.topic ?? '');
    const key = partitionKey(topicKey, partition.partition);
    if (this.session.partitions.delete(key)) this.session.partitions.set(key, partition);
  }

  close(): { sessionId: number; error: number } {
    return { sessionId: this.session.id, error: 0 };
  }

  throttled(): number {
    return this.session.id;
  }
}

/** Remembers what the client learns; after an error the next answer names the partition again. */
function tell(partition: FetchPartition, result: FetchResult): void {
  partition.toldHighWatermark = result.error === 0 ? result.highWatermark : -1;
  partition.toldLogStartOffset = result.logStartOffset;
}

/** Applies an incremental request to its session: changed partitions keep what the client was told. */
function update(session: FetchSession, request: FetchRequest, asked: Map<string, FetchPartition>): void {
  for (const [key, partition] of asked) {
    const known = session.partitions.get(key);
    if (known === undefined) session.partitions.set(key, partition);
    else {
      const { toldHighWatermark, toldLogStartOffset } = known;
      Object.assign(known, partition, { toldHighWatermark, toldLogStartOffset });
    }
  }
  for (const topic of request.forgottenTopicsData) {
    for (const partition of topic.partitions) {
      session.partitions.delete(partitionKey(session.usesTopicIds ? topic.topicId : topic.topic, partition));
    }
  }
}

/** The context of a request, or the error code that answers it. */
export function openFetchContext(
  context: NetworkContext,
  request: FetchRequest,
  version: number,
): FetchContext | number {
  const byId = version >= TOPIC_ID_VERSION_MIN;
  const { sessionId, sessionEpoch } = request;
  if (sessionEpoch === INITIAL_EPOCH || sessionEpoch === FINAL_EPOCH) {
    if (sessionId !== 0) context.sessions.remove(sessionId);
    const asked = resolve(context, request.topics, byId);
    return new FullFetch(context, asked, byId, sessionEpoch === INITIAL_EPOCH);
  }
  const session = context.sessions.get(sessionId, context.clock.monotonicMs());
  if (session === undefined) return KafkaError.FETCH_SESSION_ID_NOT_FOUND;
  if (session.epoch !== sessionEpoch) return KafkaError.INVALID_FETCH_SESSION_EPOCH;
  if (session.usesTopicIds !== byId) return KafkaError.FETCH_SESSION_TOPIC_ID_ERROR;
  update(session, request, resolve(context, request.topics, byId));
  if (session.partitions.size === 0) {
    context.sessions.remove(sessionId);
    return new FullFetch(context, session.partitions, byId, false);
  }
  session.epoch = nextEpoch(session.epoch);
  return new IncrementalFetch(session, context);
}
