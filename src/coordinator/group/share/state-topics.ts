/**
 * For which partitions a share group has state with the share coordinator (ShareGroupStatePartitionMetadata):
 *
 *   subscribed ──> initializing ──(begun)──> initialized ──(offsets or group deleted)──> deleting ──> forgotten
 *
 * Only initialized partitions are assigned. Values: a change makes a new one, which a record carries.
 */
import type { TopicView } from '../topic-view.js';

export interface StateTopic {
  readonly name: string;
  readonly partitions: ReadonlySet<number>;
}

/** By topic id. */
export type StateTopicMap = ReadonlyMap<string, StateTopic>;

export interface StateTopics {
  readonly initializing: StateTopicMap;
  readonly initialized: StateTopicMap;
  readonly deleting: ReadonlySet<string>;
}

export const NO_STATE: StateTopics = { initializing: new Map(), initialized: new Map(), deleting: new Set() };

const UNKNOWN_NAME = '<UNKNOWN>';

export function topicNameOf(topics: TopicView, topicId: string): string {
  return topics.byId(topicId)?.name ?? UNKNOWN_NAME;
}

/** Everything of both; where both know a topic, the name is that of `b`. */
export function joinTopics(a: StateTopicMap, b: StateTopicMap): Map<string, StateTopic> {
  const joined = new Map(a);
  for (const [topicId, { name, partitions }] of b) {
    const before = a.get(topicId);
    joined.set(topicId, { name, partitions: new Set([...(before?.partitions ?? []), ...partitions]) });
  }
  return joined;
}

/** `topics` without partitions of `gone`. */
export function withoutTopics(topics: StateTopicMap, gone: StateTopicMap): Map<string, StateTopic> {
  const left = new Map<string, StateTopic>();
  for (const [topicId, topic] of topics) {
    const removed = gone.get(topicId)?.partitions;
    const partitions = new Set([...topic.partitions].filter((partition) => removed?.has(partition) !== true));
    if (partitions.size > 0) left.set(topicId, { ...topic, partitions });
  }
  return left;
}

/** State of `begun` is being begun; what is begun is not deleted any more. */
export function withInitializing(state: StateTopics, begun: StateTopicMap): StateTopics {
  const initializing = joinTopics(state.initializing, begun);
  const deleting = new Set([...state.deleting].filter((topicId) => !initializing.has(topicId)));
  return { initializing, initialized: state.initialized, deleting };
}

export function withInitialized(state: StateTopics, done: StateTopicMap): StateTopics {
  return {
    initializing: withoutTopics(state.initializing, done),
    initialized: joinTopics(state.initialized, done),
    deleting: state.deleting,
  };
}

/** Without topics that do not exist any more; null: it knows none of them. */
export function withoutDeleted(state: StateTopics, deleted: ReadonlySet<string>): StateTopics | null {
  const isKnown = (topicId: string): boolean =>
    state.initializing.has(topicId) || state.initialized.has(topicId) || state.deleting.has(topicId);
  if (![...deleted].some(isKnown)) return null;
  const living = (topics: StateTopicMap) => new Map([...topics].filter(([topicId]) => !deleted.has(topicId)));
  return {
    initializing: living(state.initializing),
    initialized: living(state.initialized),
    deleting: new Set([...state.deleting].filter((topicId) => !deleted.has(topicId))),
  };
}
