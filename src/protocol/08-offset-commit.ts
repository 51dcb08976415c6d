/**
 * OffsetCommit: a group's positions in partitions, kept in __consumer_offsets.
 * v2 retentionTimeMs (gone with v5, KIP-211). v6 committedLeaderEpoch (KIP-320). v7 groupInstanceId (KIP-345). v8 flexible.
 * v9 the generation may be a member epoch (KIP-848). v10 topics by id (KIP-848). v0, v1 do not exist since Kafka 4.
 */
import { defineMessage, type Infer, type InferInput, t } from '../wire/index.js';

export const offsetCommitRequest = defineMessage({
  name: 'OffsetCommitRequest',
  kind: 'request',
  key: 8,
  versions: [2, 10],
  flexible: 8,
  fields: {
    groupId: t.string(),
    generationIdOrMemberEpoch: t.int32({ default: -1 }),
    memberId: t.string(),
    groupInstanceId: t.string({ since: 7, nullable: 7, default: null }),
    retentionTimeMs: t.clampedInt64({ until: 4, default: -1, ignorable: true }),
    topics: t.array({
      name: t.string({ until: 9, ignorable: true }),
      topicId: t.uuid({ since: 10, ignorable: true }),
      partitions: t.array({
        partitionIndex: t.int32(),
        committedOffset: t.clampedInt64(),
        committedLeaderEpoch: t.int32({ since: 6, default: -1, ignorable: true }),
        committedMetadata: t.string({ nullable: 0 }),
      }),
    }),
  },
});
export type OffsetCommitRequest = Infer<typeof offsetCommitRequest>;
/** What a caller gives to encode it: everything may be left out. */
export type OffsetCommitRequestInput = InferInput<typeof offsetCommitRequest>;

export const offsetCommitResponse = defineMessage({
  name: 'OffsetCommitResponse',
  kind: 'response',
  key: 8,
  versions: [2, 10],
  flexible: 8,
  fields: {
    throttleTimeMs: t.int32({ since: 3, ignorable: true }),
    topics: t.array({
      name: t.string({ until: 9, ignorable: true }),
      topicId: t.uuid({ since: 10, ignorable: true }),
      partitions: t.array({
        partitionIndex: t.int32(),
        errorCode: t.int16(),
      }),
    }),
  },
});
export type OffsetCommitResponse = Infer<typeof offsetCommitResponse>;
/** What a caller gives to encode it: everything may be left out. */
export type OffsetCommitResponseInput = InferInput<typeof offsetCommitResponse>;
