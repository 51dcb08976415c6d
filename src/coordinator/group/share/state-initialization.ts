/** Beginning of share state: which partitions are missing, and what the share coordinator answered. */
import { stateTopicsRecord } from './records.js';
import type { Decision, ShareContext, StatePartitions, StateToBegin } from './share-context.js';
import type { ShareGroup } from './share-group.js';
import {
  joinTopics,
  type StateTopic,
  type StateTopicMap,
  topicNameOf,
  withInitialized,
  withInitializing,
  withoutTopics,
} from './state-topics.js';

/** The first who reads the partition says where to begin. */
const START_UNKNOWN = -1;

/** Subscribed topics whose state is not kept, nor being begun for less than the retry interval, are begun. */
export function beginState(
  context: ShareContext,
  group: ShareGroup,
  groupEpoch: number,
  names: Iterable<string>,
  nowMs: number,
  out: Decision,
): StateToBegin[] {
  const missing = missingState(context, group, names, nowMs);
  if (missing.size === 0) return [];
  recordInitializing(context, group, missing, nowMs, out);
  return [...missing].flatMap(([topicId, { partitions }]) =>
    [...partitions].map((partition) => ({
      topicId,
      partition,
      stateEpoch: groupEpoch,
      startOffset: START_UNKNOWN,
    })),
  );
}

export function recordInitializing(
  context: ShareContext,
  group: ShareGroup,
  topics: StateTopicMap,
  nowMs: number,
  out: Decision,
): void {
  // A group that this request makes: replay finds it, and with it what the log does not hold.
  if (context.groups.get(group.groupId) === undefined) context.groups.set(group);
  for (const topicId of topics.keys()) group.initializingSinceMs.set(topicId, nowMs);
  out.record(stateTopicsRecord(group.groupId, withInitializing(group.state, topics), context.topics()));
}

function missingState(
  context: ShareContext,
  group: ShareGroup,
  names: Iterable<string>,
  nowMs: number,
): Map<string, StateTopic> {
  const retryMs = context.settings.shareGroupInitializeRetryIntervalMs;
  const { initializing, initialized } = group.state;
  const fresh = new Map(
    [...initializing].filter(([topicId]) => {
      const sinceMs = group.initializingSinceMs.get(topicId);
      return sinceMs !== undefined && nowMs - sinceMs < retryMs;
    }),
  );
  const known = joinTopics(initialized, fresh);
  const missing = new Map<string, StateTopic>();
  for (const name of names) {
    const topic = context.topics().byName(name);
    if (topic === undefined) continue;
    const kept = known.get(topic.id)?.partitions;
    if (kept !== undefined && kept.size >= topic.partitions) continue;
    const partitions = new Set<number>();
    for (let partition = 0; partition < topic.partitions; partition++)
      if (kept?.has(partition) !== true) partitions.add(partition);
    missing.set(topic.id, { name, partitions });
  }
  return missing;
}

/** The share coordinator has begun the state of these. */
export function stateBegun(
  context: ShareContext,
  group: ShareGroup,
  begun: StatePartitions,
  out: Decision,
): void {
  const topics = context.topics();
  const done = new Map<string, StateTopic>();
  for (const [topicId, partitions] of begun) {
    done.set(topicId, { name: topicNameOf(topics, topicId), partitions });
    group.initializingSinceMs.delete(topicId);
  }
  out.record(stateTopicsRecord(group.groupId, withInitialized(group.state, done), topics));
}

/** It could not: the next heartbeat tries again. */
export function stateNotBegun(
  context: ShareContext,
  group: ShareGroup,
  wanted: StatePartitions,
  out: Decision,
): void {
  const { state } = group;
  if (state.initializing.size === 0) return;
  const gone = new Map([...wanted].map(([topicId, partitions]) => [topicId, { name: '', partitions }]));
  const initializing = withoutTopics(state.initializing, gone);
  out.record(stateTopicsRecord(group.groupId, { ...state, initializing }, context.topics()));
}
