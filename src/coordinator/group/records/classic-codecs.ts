/** Bytes of the records of classic groups and offsets: what Kafka 4.3.1 writes, and everything that older ones wrote. */
import { groupMetadataKey, groupMetadataValue } from '../../../protocol/group-records/group-metadata.js';
import {
  legacyOffsetCommitKey,
  legacyOffsetCommitValue,
  offsetCommitKey,
  offsetCommitValue,
} from '../../../protocol/group-records/offset-commit.js';
import { ZERO_UUID } from '../../../wire/index.js';
import type { GroupMetadataRecord, OffsetCommitRecord } from './classic-records.js';
import { recordCodec } from './codec.js';

/** v1 is the last version that can carry an expiry; everything else goes out as v4. */
const VERSION_WITH_EXPIRY = 1;
const OFFSET_COMMIT_VERSION = 4;
const GROUP_METADATA_VERSION = 3;

export const offsetCommitCodec = recordCodec({
  type: 'OffsetCommit',
  key: offsetCommitKey,
  value: offsetCommitValue,
  keyOf: (record: OffsetCommitRecord) => record,
  valueOf: (record: OffsetCommitRecord) => record.value,
  valueVersion: ({ value }: OffsetCommitRecord) =>
    value !== null && value.expireTimestamp !== -1 ? VERSION_WITH_EXPIRY : OFFSET_COMMIT_VERSION,
  make: ({ group, topic, partition }, value): OffsetCommitRecord => ({
    type: 'OffsetCommit',
    group,
    topic,
    partition,
    value,
  }),
});

/** Key type 0: read only. Its values may be of any version of OffsetCommitValue up to 1; Kafka's loader treats both alike. */
export const legacyOffsetCommitCodec = recordCodec({
  type: 'OffsetCommit',
  key: legacyOffsetCommitKey,
  value: legacyOffsetCommitValue,
  keyOf: (record: OffsetCommitRecord) => record,
  valueOf: (record: OffsetCommitRecord) => record.value,
  valueVersion: () => 0,
  make: ({ group, topic, partition }, value): OffsetCommitRecord => ({
    type: 'OffsetCommit',
    group,
    topic,
    partition,
    value: value && { ...value, leaderEpoch: -1, expireTimestamp: -1, topicId: ZERO_UUID },
  }),
});

export const groupMetadataCodec = recordCodec({
  type: 'GroupMetadata',
  key: groupMetadataKey,
  value: groupMetadataValue,
  keyOf: (record: GroupMetadataRecord) => record,
  valueOf: (record: GroupMetadataRecord) => record.value,
  valueVersion: () => GROUP_METADATA_VERSION,
  make: ({ group }, value): GroupMetadataRecord => ({ type: 'GroupMetadata', group, value }),
});
