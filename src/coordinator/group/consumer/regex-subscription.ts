/**
 * What a heartbeat does to a group's regular expressions. Matching all topics takes time, so that it is not done here: the
 * resolver is asked, and the group's epoch goes up when its answer is another than before. Topics are matched again when
 * some were created, and every 10 minutes.
 */
import type { ConsumerContext, Decision } from './consumer-context.js';
import type { ConsumerGroup } from './consumer-group.js';
import { type ConsumerGroupMember, regexOf } from './member.js';
import { regexTombstone } from './records.js';
import { compileTopicRegex } from './topic-regex.js';

/** At most once in this time are the topics matched for a group, whatever its members do. */
const REFRESH_INTERVAL_MIN_MS = 10_000;
/** group.consumer.regex.refresh.interval.ms, which Kafka keeps internal. */
const REFRESH_INTERVAL_MS = 10 * 60 * 1000;

/** `updated and resolved`: what the member is subscribed to is known at once. */
export type RegexChange = 'unchanged' | 'updated' | 'updated and resolved';

/** Throws Rejection for an expression that is none. */
export function updateRegex(
  context: ConsumerContext,
  group: ConsumerGroup,
  before: ConsumerGroupMember,
  after: ConsumerGroupMember,
  nowMs: number,
  out: Decision,
): RegexChange {
  const change = applyChange(group, before, after, out);
  const [old, now] = [regexOf(before), regexOf(after)];
  const isNew = change !== 'unchanged' && now !== null && group.subscriptions.membersOf(now) === 0;
  if (!isNew && group.subscriptions.regexCount === 0) return change;
  if (context.regexes.isResolving(group.groupId)) return change;
  const { lastResolvedMs } = group.subscriptions;
  if (nowMs <= lastResolvedMs + REFRESH_INTERVAL_MIN_MS) return change;
  const regexes = regexesAfter(group, old, now);
  const isDue =
    isNew ||
    regexes.size !== group.subscriptions.resolvedCount ||
    lastResolvedMs <= context.regexes.lastNewTopicsMs ||
    nowMs > lastResolvedMs + REFRESH_INTERVAL_MS;
  if (isDue && regexes.size > 0) context.regexes.begin(context, group.groupId, [...regexes], nowMs, out);
  return change;
}

function applyChange(
  group: ConsumerGroup,
  before: ConsumerGroupMember,
  after: ConsumerGroupMember,
  out: Decision,
): RegexChange {
  if (before.subscribedTopicRegex === after.subscribedTopicRegex) return 'unchanged';
  const [old, now] = [regexOf(before), regexOf(after)];
  if (old !== null && group.subscriptions.membersOf(old) === 1)
    out.record(regexTombstone(group.groupId, old));
  if (now === null) return old === null ? 'updated' : 'updated and resolved';
  if (group.subscriptions.membersOf(now) === 0) {
    compileTopicRegex(now);
    return 'updated';
  }
  return group.subscriptions.resolved(now) === undefined ? 'updated' : 'updated and resolved';
}

/** Expressions that members use when this request is done. */
function regexesAfter(group: ConsumerGroup, old: string | null, now: string | null): Set<string> {
  const regexes = new Set(group.subscriptions.regexes());
  if (old !== null && old !== now && group.subscriptions.membersOf(old) <= 1) regexes.delete(old);
  if (now !== null) regexes.add(now);
  return regexes;
}
