/** What decisions about consumer groups work with beside the shard's context. One per shard. */
import { assert } from '../../../base/assert.js';
import type { Assignor } from '../../assignor/assignor.js';
import { assignorOf } from '../../assignor/built-in.js';
import type { OutcomeBuilder } from '../../framework/outcome.js';
import type { GroupContext } from '../group-context.js';
import type { GroupRecord } from '../records/group-record.js';
import { groupHash, type TopicHashes } from './metadata-hash.js';

export type Decision = OutcomeBuilder<GroupRecord>;

/** Matching of topics in the background: regex-resolver.ts. */
export interface RegexResolving {
  readonly lastNewTopicsMs: number;
  isResolving(groupId: string): boolean;
  begin(
    context: ConsumerContext,
    groupId: string,
    regexes: readonly string[],
    nowMs: number,
    out: Decision,
  ): void;
}

export interface ConsumerContext extends GroupContext {
  readonly hashes: TopicHashes;
  readonly regexes: RegexResolving;
  /** Keys of join timers that run: they are not moved (scheduleIfAbsent). */
  readonly joinTimers: Set<string>;
}

/** Ids of the topics that exist, in the order of the names. */
export function topicIdsOf(context: GroupContext, names: Iterable<string>): Set<string> {
  const topics = context.topics();
  const ids = new Set<string>();
  for (const name of names) {
    const topic = topics.byName(name);
    if (topic !== undefined) ids.add(topic.id);
  }
  return ids;
}

export function metadataHashOf(context: ConsumerContext, names: Iterable<string>): bigint {
  const topics = context.topics();
  const hashes = new Map<string, bigint>();
  for (const name of names) {
    const topic = topics.byName(name);
    if (topic !== undefined) hashes.set(name, context.hashes.of(topic));
  }
  return groupHash(hashes);
}

/** In the order of group.consumer.assignors; the first is the default. */
export function assignorsOf({ settings }: GroupContext): readonly Assignor[] {
  return settings.consumerGroupAssignors.flatMap((name) => assignorOf(name) ?? []);
}

/** A member may have asked for one that is not configured any more. */
export function assignorNamed(context: GroupContext, name: string | null): Assignor {
  const assignors = assignorsOf(context);
  const found = assignors.find((assignor) => assignor.name === name) ?? assignors[0];
  assert(found !== undefined, 'group.consumer.assignors names an assignor');
  return found;
}

/** As Kafka makes member ids: 22 characters of base64, never with a dash in front (org.apache.kafka.common.Uuid). */
export function newMemberId({ randomUuid }: GroupContext): string {
  for (;;) {
    const id = Buffer.from(randomUuid().replaceAll('-', ''), 'hex').toString('base64url');
    if (!id.startsWith('-')) return id;
  }
}
