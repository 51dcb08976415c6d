/**
 * Matches topic names against the regular expressions of groups (TopicRegexResolver). Kafka has threads for it; here it is
 * done in slices, one per turn of a timer, so that neither many topics nor a costly expression keep the thread from others.
 *
 *   begin ──> timer ──> slice ──> timer ──> slice ──> … ──> records: matches by expression, a new group epoch
 */
import {
  type ConsumerContext,
  type Decision,
  metadataHashOf,
  type RegexResolving,
} from './consumer-context.js';
import { ConsumerGroup } from './consumer-group.js';
import { sameNames, toNames } from './member.js';
import { epochRecord, regexRecord } from './records.js';
import { orRefuse } from './rejection.js';
import { Subscriptions } from './subscriptions.js';
import { regexTimerKey } from './timers.js';
import { compileTopicRegex, type TopicRegex } from './topic-regex.js';

/** Instructions × characters, the worst case of a name that is like no other: about 20 ms. */
const STEPS_PER_SLICE = 1_000_000;

interface Job {
  readonly regexes: readonly string[];
  readonly names: readonly string[];
  readonly startedMs: number;
  readonly matched: Map<string, readonly string[]>;
  /** Expression in work; one at a time has a compiled matcher. */
  at: number;
  compiled: TopicRegex | null;
  nextName: number;
  topics: string[];
}

export class RegexResolver implements RegexResolving {
  readonly #jobs = new Map<string, Job>();
  /** What was resolved until then is resolved again: topics were created, or the shard has just been loaded. */
  lastNewTopicsMs = Number.NEGATIVE_INFINITY;
  /** Names of which is known that no topic is newer; null: nobody has asked. */
  #knownNames: ReadonlySet<string> | null = null;

  isResolving(groupId: string): boolean {
    return this.#jobs.has(groupId);
  }

  begin(
    context: ConsumerContext,
    groupId: string,
    regexes: readonly string[],
    nowMs: number,
    out: Decision,
  ): void {
    this.#jobs.set(groupId, {
      regexes,
      names: [...context.topics().names()],
      startedMs: nowMs,
      matched: new Map(),
      at: 0,
      compiled: null,
      nextName: 0,
      topics: [],
    });
    out.setTimer(regexTimerKey(groupId), nowMs);
  }

  /** The timer's turn. */
  go(context: ConsumerContext, groupId: string, nowMs: number, out: Decision): void {
    const job = this.#jobs.get(groupId);
    if (job === undefined) return;
    const group = context.groups.get(groupId);
    if (!(group instanceof ConsumerGroup)) {
      this.#jobs.delete(groupId);
    } else if (slice(job)) {
      this.#jobs.delete(groupId);
      finish(context, group, job, out);
    } else {
      out.setTimer(regexTimerKey(groupId), nowMs);
    }
  }

  /** Whether topics were created; `isUsed`: some group of the shard has expressions. Names are looked at only then. */
  noteTopics(context: ConsumerContext, isUsed: boolean, nowMs: number): void {
    const known = this.#knownNames;
    const names = isUsed ? new Set(context.topics().names()) : null;
    this.#knownNames = names;
    if (known === null || names === null) this.lastNewTopicsMs = nowMs;
    else for (const name of names) if (!known.has(name)) this.lastNewTopicsMs = nowMs;
  }
}

/** Whether the job is done. */
function slice(job: Job): boolean {
  let steps = STEPS_PER_SLICE;
  while (job.at < job.regexes.length) {
    const regex = job.regexes[job.at];
    job.compiled ??= compileOrNull(regex);
    while (job.compiled !== null && job.nextName < job.names.length) {
      if (steps <= 0) return false;
      const name = job.names[job.nextName++];
      if (job.compiled.matches(name)) job.topics.push(name);
      steps -= job.compiled.instructions * name.length;
    }
    job.matched.set(regex, toNames(job.topics));
    job.at++;
    job.compiled = null;
    job.nextName = 0;
    job.topics = [];
  }
  return true;
}

/** An expression of the log that cannot be read any more (a limit, another syntax) matches nothing. */
function compileOrNull(regex: string): TopicRegex | null {
  return orRefuse<TopicRegex | null>(
    () => compileTopicRegex(regex),
    () => null,
  );
}

function finish(context: ConsumerContext, group: ConsumerGroup, job: Job, out: Decision): void {
  const { groupId } = group;
  const subscriptions = new Subscriptions(group.subscriptions);
  let changed = false;
  for (const [regex, topics] of job.matched) {
    if (subscriptions.membersOf(regex) === 0) continue;
    const resolved = { topics, timestampMs: job.startedMs };
    changed ||= !sameNames(subscriptions.resolved(regex)?.topics ?? [], topics);
    subscriptions.setResolved(regex, resolved);
    out.record(regexRecord(groupId, regex, resolved));
  }
  const hash = metadataHashOf(context, subscriptions.topicNames());
  if (!changed && hash === group.metadataHash) return;
  out.record(epochRecord(groupId, group.groupEpoch + 1, hash));
  group.metadataSeenEpoch = group.groupEpoch + 1;
}
