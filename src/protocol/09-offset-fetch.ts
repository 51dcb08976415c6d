/**
 * OffsetFetch: the offsets that groups have committed.
 * v2 null topics = all, top-level errorCode. v5 committedLeaderEpoch (KIP-320). v6 flexible. v7 requireStable (KIP-447).
 * v8 many groups at once (KIP-709). v9 memberId and memberEpoch (KIP-848). v10 topics by id (KIP-848). v0 read from
 * ZooKeeper and does not exist since Kafka 4.
 */
import { defineMessage, type Infer, type InferInput, t } from '../wire/index.js';

export const offsetFetchRequest = defineMessage({
  name: 'OffsetFetchRequest',
  kind: 'request',
  key: 9,
  versions: [1, 10],
  flexible: 6,
  fields: {
    groupId: t.string({ until: 7 }),
    topics: t.array(
      {
        name: t.string({ until: 7 }),
        partitionIndexes: t.array(t.int32(), { until: 7 }),
      },
      { until: 7, nullable: 2 },
    ),
    groups: t.array(
      {
        groupId: t.string({ since: 8 }),
        memberId: t.string({ since: 9, nullable: 9, default: null, ignorable: true }),
        memberEpoch: t.int32({ since: 9, default: -1, ignorable: true }),
        topics: t.array(
          {
            name: t.string({ since: 8, until: 9, ignorable: true }),
            topicId: t.uuid({ since: 10, ignorable: true }),
            partitionIndexes: t.array(t.int32(), { since: 8 }),
          },
          { since: 8, nullable: 8 },
        ),
      },
      { since: 8 },
    ),
    requireStable: t.bool({ since: 7 }),
  },
});
export type OffsetFetchRequest = Infer<typeof offsetFetchRequest>;
/** What a caller gives to encode it: everything may be left out. */
export type OffsetFetchRequestInput = InferInput<typeof offsetFetchRequest>;

export const offsetFetchResponse = defineMessage({
  name: 'OffsetFetchResponse',
  kind: 'response',
  key: 9,
  versions: [1, 10],
  flexible: 6,
  fields: {
    throttleTimeMs: t.int32({ since: 3, ignorable: true }),
    topics: t.array(
      {
        name: t.string({ until: 7 }),
        partitions: t.array(
          {
            partitionIndex: t.int32({ until: 7 }),
            committedOffset: t.clampedInt64({ until: 7 }),
            committedLeaderEpoch: t.int32({ since: 5, until: 7, default: -1, ignorable: true }),
            metadata: t.string({ until: 7, nullable: 0 }),
            errorCode: t.int16({ until: 7 }),
          },
          { until: 7 },
        ),
      },
      { until: 7 },
    ),
    errorCode: t.int16({ since: 2, until: 7, ignorable: true }),
    groups: t.array(
      {
        groupId: t.string({ since: 8 }),
        topics: t.array(
          {
            name: t.string({ since: 8, until: 9, ignorable: true }),
            topicId: t.uuid({ since: 10, ignorable: true }),
            partitions: t.array(
              {
                partitionIndex: t.int32({ since: 8 }),
                committedOffset: t.clampedInt64({ since: 8 }),
                committedLeaderEpoch: t.int32({ since: 8, default: -1, ignorable: true }),
                metadata: t.string({ since: 8, nullable: 8 }),
                errorCode: t.int16({ since: 8 }),
              },
              { since: 8 },
            ),
          },
          { since: 8 },
        ),
        errorCode: t.int16({ since: 8 }),
      },
      { since: 8 },
    ),
  },
});
export type OffsetFetchResponse = Infer<typeof offsetFetchResponse>;
/** What a caller gives to encode it: everything may be left out. */
export type OffsetFetchResponseInput = InferInput<typeof offsetFetchResponse>;
