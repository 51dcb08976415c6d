/**
 * What a heartbeat does to a group's regular expressions. Matching all topics takes time, so that it is not done here: the
 * resolver is asked, and the group's epoch goes up when its answer is another than before. Topics are matched again when
 * some were created, and every 10 minutes.
 */
import type { ConsumerContext, Decision } from './consumer-context.js';
import type { ConsumerGroup } from './consumer-group.js';
import type { MemberChange } from './group-epoch.js';
import { type ConsumerGroupMember, regexOf } from './member.js';
import { regexTombstone } from './records.js';
import type { Subscriptions } from './subscriptions.js';
import { compileTopicRegex } from './topic-regex.js';

/** At most once in this time are the topics matched for a group, whatever its members do. */
const REFRESH_INTERVAL_MIN_MS = 10_000;
/** group.consumer.regex.refresh.interval.ms, which Kafka keeps internal. */
const REFRESH_INTERVAL_MS = 10 * 60 * 1000;

/** `updated and resolved`: what the member is subscribed to is known at once. */
export type RegexChange = 'unchanged' | 'updated' | 'updated and resolved';

export interface RegexUpdate {
  readonly change: RegexChange;
  /** Expressions to be matched, by `RegexResolving.begin` when the request has been accepted; null: none. */
  readonly toResolve: readonly string[] | null;
}

/** Throws Rejection for an expression that is none. */
export function updateRegex(
  context: ConsumerContext,
  group: ConsumerGroup,
  { before, after }: MemberChange,
  nowMs: number,
  out: Decision,
): RegexUpdate {
  const change = applyChange(group, before, after, out);
  return {
    change,
    toResolve: regexesToResolve(context, group, change, regexOf(before), regexOf(after), nowMs),
  };
}

function regexesToResolve(
  context: ConsumerContext,
  { groupId, subscriptions }: ConsumerGroup,
  change: RegexChange,
  old: string | null,
  now: string | null,
  nowMs: number,
): readonly string[] | null {
  const isNew = change !== 'unchanged' && now !== null && subscriptions.membersOf(now) === 0;
  if (!isNew && subscriptions.regexCount === 0) return null;
  const { lastResolvedMs } = subscriptions;
  if (context.regexes.isResolving(groupId) || nowMs <= lastResolvedMs + REFRESH_INTERVAL_MIN_MS) return null;
  const regexes = regexesAfter(subscriptions, old, now);
  const isDue =
    isNew ||
    regexes.size !== subscriptions.resolvedCount ||
    lastResolvedMs <= context.regexes.lastNewTopicsMs ||
    nowMs > lastResolvedMs + REFRESH_INTERVAL_MS;
  return isDue && regexes.size > 0 ? [...regexes] : null;
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
function regexesAfter(subscriptions: Subscriptions, old: string | null, now: string | null): Set<string> {
  const regexes = new Set(subscriptions.regexes());
  if (old !== null && old !== now && subscriptions.membersOf(old) <= 1) regexes.delete(old);
  if (now !== null) regexes.add(now);
  return regexes;
}
