/** What decisions about share groups work with beside the shard's context. One per shard. */
import { KafkaError } from '../../../base/kafka-error.js';
import type { OutcomeBuilder } from '../../framework/outcome.js';
import { groupHash, type TopicHashes } from '../consumer/metadata-hash.js';
import { Rejection } from '../consumer/rejection.js';
import type { GroupContext } from '../group-context.js';
import type { GroupRecord } from '../records/group-record.js';
import { ShareGroup } from './share-group.js';

export type Decision = OutcomeBuilder<GroupRecord>;

export interface ShareContext extends GroupContext {
  readonly hashes: TopicHashes;
}

/** State of one share partition that the share coordinator is to begin. */
export interface StateToBegin {
  readonly topicId: string;
  readonly partition: number;
  readonly stateEpoch: number;
  /** −1: the first who reads it says where to begin. */
  readonly startOffset: number;
}

/** Partitions of share state, by topic id. */
export type StatePartitions = ReadonlyMap<string, ReadonlySet<number>>;

export function metadataHashOf(context: ShareContext, names: Iterable<string>): bigint {
  const topics = context.topics();
  const hashes = new Map<string, bigint>();
  for (const name of names) {
    const topic = topics.byName(name);
    if (topic !== undefined) hashes.set(name, context.hashes.of(topic));
  }
  return groupHash(hashes);
}

/** Throws Rejection. */
export function shareGroupNamed({ groups }: GroupContext, groupId: string): ShareGroup {
  const group = groups.get(groupId);
  if (group instanceof ShareGroup) return group;
  const text = group === undefined ? `Group ${groupId} not found.` : `Group ${groupId} is not a share group.`;
  throw new Rejection(KafkaError.GROUP_ID_NOT_FOUND, text);
}

/** The group, or the one that a first record would make. Throws Rejection for a group of another type. */
export function shareGroupOrNew({ groups }: GroupContext, groupId: string): ShareGroup {
  const group = groups.get(groupId);
  if (group === undefined) return new ShareGroup(groupId);
  if (group instanceof ShareGroup) return group;
  throw new Rejection(KafkaError.GROUP_ID_NOT_FOUND, `Group ${groupId} is not a share group.`);
}
