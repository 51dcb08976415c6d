/** Records of classic groups and of offsets. Value null: a tombstone. */
import type { GroupMetadataValue } from '../../../protocol/group-records/group-metadata.js';
import type { OffsetCommitValue } from '../../../protocol/group-records/offset-commit.js';

export interface OffsetCommitRecord {
  readonly type: 'OffsetCommit';
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly value: OffsetCommitValue | null;
}

export interface GroupMetadataRecord {
  readonly type: 'GroupMetadata';
  readonly group: string;
  readonly value: GroupMetadataValue | null;
}

export type ClassicRecord = OffsetCommitRecord | GroupMetadataRecord;
