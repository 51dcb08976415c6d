/** A committed offset as the coordinator remembers it (Kafka: OffsetAndMetadata). */
export interface CommittedOffset {
  readonly offset: number;
  /** −1: unknown. */
  readonly leaderEpoch: number;
  readonly metadata: string;
  readonly commitTimestampMs: number;
  /** −1: the group's retention decides; else a retention time given by OffsetCommit v2-4. */
  readonly expireTimestampMs: number;
  /** Of the topic that was meant; the zero uuid when the commit did not say. */
  readonly topicId: string;
  /** Where the record lies in __consumer_offsets. */
  readonly recordOffset: number;
}
