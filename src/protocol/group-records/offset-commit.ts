/**
 * Records of __consumer_offsets that hold a committed offset. Key type 1; type 0 is the same key as Kafka before 0.9 wrote
 * it. Values: v1 explicit expiry (retention time of OffsetCommit 2-4), v2 none, v3 leader epoch (KIP-320), v4 flexible with
 * the topic id as a tag (KIP-848).
 */
import { defineMessage, type Infer, type InferInput, t } from '../../wire/index.js';

export const offsetCommitKey = defineMessage({
  name: 'OffsetCommitKey',
  kind: 'coordinator-key',
  key: 1,
  versions: [0, 0],
  fields: {
    group: t.string(),
    topic: t.string(),
    partition: t.int32(),
  },
});
export type OffsetCommitKey = Infer<typeof offsetCommitKey>;

export const offsetCommitValue = defineMessage({
  name: 'OffsetCommitValue',
  kind: 'coordinator-value',
  key: 1,
  versions: [0, 4],
  flexible: 4,
  fields: {
    offset: t.clampedInt64(),
    leaderEpoch: t.int32({ since: 3, default: -1, ignorable: true }),
    metadata: t.string(),
    commitTimestamp: t.int64(),
    expireTimestamp: t.clampedInt64({ since: 1, until: 1, default: -1, ignorable: true }),
    topicId: t.uuid({ since: 4, tag: 0, ignorable: true }),
  },
});
export type OffsetCommitValue = Infer<typeof offsetCommitValue>;
/** What a caller gives to encode it: everything may be left out. */
export type OffsetCommitValueInput = InferInput<typeof offsetCommitValue>;

export const legacyOffsetCommitKey = defineMessage({
  name: 'LegacyOffsetCommitKey',
  kind: 'coordinator-key',
  key: 0,
  versions: [0, 0],
  fields: {
    group: t.string(),
    topic: t.string(),
    partition: t.int32(),
  },
});
export type LegacyOffsetCommitKey = Infer<typeof legacyOffsetCommitKey>;

export const legacyOffsetCommitValue = defineMessage({
  name: 'LegacyOffsetCommitValue',
  kind: 'coordinator-value',
  key: 0,
  versions: [0, 0],
  fields: {
    offset: t.clampedInt64(),
    metadata: t.string(),
    commitTimestamp: t.int64(),
  },
});
export type LegacyOffsetCommitValue = Infer<typeof legacyOffsetCommitValue>;
