/**
 * Who may commit and fetch offsets of a consumer group (ConsumerGroup.validateOffsetCommit, validateOffsetFetch; partitions
 * one by one since KIP-1251). A member that is behind may commit what it has owned since before.
 */
import { KafkaError } from '../../../base/kafka-error.js';
import type { CommitIdentity } from '../group.js';
import type { ConsumerGroupMember } from './member.js';
import { ownedOf } from './owned-partitions.js';

/** First OffsetCommit version with member epochs. */
const MEMBER_EPOCH_VERSION = 9;

interface Members {
  readonly members: ReadonlyMap<string, ConsumerGroupMember>;
}

/** A commit that no member stands behind: an idle group's, or a transaction's without a group identity. */
function isAnonymous({ members }: Members, identity: CommitIdentity): boolean {
  const { memberId, groupInstanceId, generationIdOrMemberEpoch: epoch, transactional } = identity;
  if (epoch < 0 && members.size === 0) return true;
  return transactional && epoch === -1 && memberId === '' && groupInstanceId === null;
}

function staleError(member: ConsumerGroupMember): number {
  return member.classic === null ? KafkaError.STALE_MEMBER_EPOCH : KafkaError.ILLEGAL_GENERATION;
}

export function offsetCommitError(group: Members, identity: CommitIdentity): number {
  if (isAnonymous(group, identity)) return KafkaError.NONE;
  const member = group.members.get(identity.memberId);
  if (member === undefined) return KafkaError.UNKNOWN_MEMBER_ID;
  if (!identity.transactional && member.classic === null && identity.version < MEMBER_EPOCH_VERSION) {
    return KafkaError.UNSUPPORTED_VERSION;
  }
  if (identity.generationIdOrMemberEpoch <= member.memberEpoch) return KafkaError.NONE;
  return transactionalError(identity, staleError(member));
}

/** To be asked after `offsetCommitError` said NONE. */
export function commitPartitionError(
  group: Members,
  identity: CommitIdentity,
  topicId: string,
  partition: number,
): number {
  if (isAnonymous(group, identity)) return KafkaError.NONE;
  const member = group.members.get(identity.memberId);
  if (member === undefined) return KafkaError.UNKNOWN_MEMBER_ID;
  if (identity.generationIdOrMemberEpoch === member.memberEpoch) return KafkaError.NONE;
  const since =
    ownedOf(member.assignedPartitions, topicId).get(partition) ??
    ownedOf(member.partitionsPendingRevocation, topicId).get(partition);
  if (since !== undefined && identity.generationIdOrMemberEpoch >= since) return KafkaError.NONE;
  return transactionalError(identity, staleError(member));
}

/** TxnOffsetCommit knows no stale epochs. */
function transactionalError({ transactional }: CommitIdentity, error: number): number {
  return transactional ? KafkaError.ILLEGAL_GENERATION : error;
}

export function offsetFetchError({ members }: Members, memberId: string | null, memberEpoch: number): number {
  if (memberId === null && memberEpoch < 0) return KafkaError.NONE;
  const member = members.get(memberId ?? '');
  if (member === undefined) return KafkaError.UNKNOWN_MEMBER_ID;
  return memberEpoch === member.memberEpoch ? KafkaError.NONE : staleError(member);
}
