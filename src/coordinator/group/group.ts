/** What every type of group (classic, consumer, share) tells the code that keeps offsets, lists and deletes groups. */
import type { GroupRecord } from './records/group-record.js';

export type GroupType = 'classic' | 'consumer' | 'share';

/** A commit that asks to be accepted: the identity in OffsetCommit (or TxnOffsetCommit). */
export interface CommitIdentity {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly generationIdOrMemberEpoch: number;
  /** Version of OffsetCommit. */
  readonly version: number;
  readonly transactional: boolean;
}

/** From when an offset's retention counts; null: offsets of the group do not expire now. */
export type ExpirationBase = (commitTimestampMs: number) => number;

export interface Group {
  readonly groupId: string;
  readonly type: GroupType;
  /** Kafka's word for the state: Empty, PreparingRebalance, Assigning, … */
  readonly stateName: string;
  /** Protocol type as ListGroups tells it; "" without one. */
  readonly listedProtocolType: string;
  readonly isEmpty: boolean;

  /** KafkaError: NONE when the commit may be written. */
  validateOffsetCommit(identity: CommitIdentity): number;
  /** Whether this partition may be committed; an error other than NONE fails the whole request, as in Kafka. */
  validateCommitPartition(identity: CommitIdentity, topicId: string, partition: number): number;
  validateOffsetFetch(memberId: string | null, memberEpoch: number): number;
  validateOffsetDelete(): number;
  validateDelete(): number;

  isSubscribedTo(topic: string): boolean;
  expirationBase(): ExpirationBase | null;
  /** Records that remove the group, without its offsets. */
  tombstones(): readonly GroupRecord[];
  /** Keys of all timers that the group may have set. */
  timerKeys(): Iterable<string>;
}
