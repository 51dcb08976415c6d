/**
 * What a group is subscribed to: topics by how many members name them and by how many regular expressions match them, and
 * the expressions with their last matches. Decisions work on a copy, `replay` on the group's own.
 */
import type { SubscriptionType } from '../../assignor/assignor.js';
import { type ConsumerGroupMember, regexOf } from './member.js';

export interface ResolvedRegex {
  /** Sorted. */
  readonly topics: readonly string[];
  /** When the topics were looked at, ms. */
  readonly timestampMs: number;
}

interface TopicCount {
  readonly byName: number;
  readonly byRegex: number;
}

export class Subscriptions {
  readonly #topics: Map<string, TopicCount>;
  /** Members by expression. */
  readonly #regexes: Map<string, number>;
  readonly #resolved: Map<string, ResolvedRegex>;

  constructor(from?: Subscriptions) {
    this.#topics = new Map(from === undefined ? [] : from.#topics);
    this.#regexes = new Map(from === undefined ? [] : from.#regexes);
    this.#resolved = new Map(from === undefined ? [] : from.#resolved);
  }

  topicNames(): Iterable<string> {
    return this.#topics.keys();
  }
  hasTopic(name: string): boolean {
    return this.#topics.has(name);
  }
  /** Expressions that members are subscribed to. */
  regexes(): Iterable<string> {
    return this.#regexes.keys();
  }
  get regexCount(): number {
    return this.#regexes.size;
  }
  membersOf(regex: string): number {
    return this.#regexes.get(regex) ?? 0;
  }
  get resolvedCount(): number {
    return this.#resolved.size;
  }
  resolved(regex: string): ResolvedRegex | undefined {
    return this.#resolved.get(regex);
  }
  resolvedRegexes(): Iterable<string> {
    return this.#resolved.keys();
  }
  /** All expressions are resolved together: any of them tells when. −Infinity: never. */
  get lastResolvedMs(): number {
    for (const { timestampMs } of this.#resolved.values()) return timestampMs;
    return Number.NEGATIVE_INFINITY;
  }

  /** Names of topics of one member, its expression's matches included. */
  topicsOf(member: ConsumerGroupMember): readonly string[] {
    const regex = regexOf(member);
    const matched = regex === null ? undefined : this.#resolved.get(regex);
    if (matched === undefined || matched.topics.length === 0) return member.subscribedTopicNames;
    if (member.subscribedTopicNames.length === 0) return matched.topics;
    return [...new Set([...member.subscribedTopicNames, ...matched.topics])].sort();
  }

  replaceMember(from: ConsumerGroupMember | null, to: ConsumerGroupMember | null): void {
    for (const name of from?.subscribedTopicNames ?? []) this.#count(name, -1, 0);
    for (const name of to?.subscribedTopicNames ?? []) this.#count(name, 1, 0);
    const [old, now] = [regexOf(from), regexOf(to)];
    if (old !== null) this.#countRegex(old, -1);
    if (now !== null) this.#countRegex(now, 1);
  }

  setResolved(regex: string, resolved: ResolvedRegex | null): void {
    for (const name of this.#resolved.get(regex)?.topics ?? []) this.#count(name, 0, -1);
    this.#resolved.delete(regex);
    if (resolved === null) return;
    this.#resolved.set(regex, resolved);
    for (const name of resolved.topics) this.#count(name, 0, 1);
  }

  /** What is left when expressions without members are forgotten. */
  dropUnusedRegexes(): void {
    for (const regex of [...this.#resolved.keys()]) {
      if (!this.#regexes.has(regex)) this.setResolved(regex, null);
    }
  }

  type(members: number): SubscriptionType {
    const [regex] = this.#regexes.values();
    if (regex === undefined) return this.#all(({ byName }) => byName === members);
    if (regex !== members) return 'heterogeneous';
    return this.#all(({ byName, byRegex }) => byRegex === 1 && byName === 0);
  }

  #all(holds: (count: TopicCount) => boolean): SubscriptionType {
    for (const count of this.#topics.values()) if (!holds(count)) return 'heterogeneous';
    return 'homogeneous';
  }

  #count(name: string, byNames: number, byRegexes: number): void {
    const count = this.#topics.get(name) ?? { byName: 0, byRegex: 0 };
    const byName = count.byName + byNames;
    const byRegex = count.byRegex + byRegexes;
    if (byName > 0 || byRegex > 0) this.#topics.set(name, { byName, byRegex });
    else this.#topics.delete(name);
  }

  #countRegex(regex: string, by: number): void {
    const count = (this.#regexes.get(regex) ?? 0) + by;
    if (count > 0) this.#regexes.set(regex, count);
    else this.#regexes.delete(regex);
  }
}
