/** Every record of __share_group_state. Value null: a tombstone. */
import type { ShareSnapshotValue } from '../../protocol/share-records/share-snapshot.js';
import type { ShareUpdateValue } from '../../protocol/share-records/share-update.js';

/** Names one share partition. */
export interface SharePartitionKey {
  readonly groupId: string;
  /** 22 characters of URL-safe base64. */
  readonly topicId: string;
  readonly partition: number;
}

/** The whole state of a share partition; null forgets it. */
export interface ShareSnapshotRecord extends SharePartitionKey {
  readonly type: 'ShareSnapshot';
  readonly value: ShareSnapshotValue | null;
}

/** What changed since the snapshot before it. */
export interface ShareUpdateRecord extends SharePartitionKey {
  readonly type: 'ShareUpdate';
  readonly value: ShareUpdateValue | null;
}

export type ShareRecord = ShareSnapshotRecord | ShareUpdateRecord;

/**
 * As FindCoordinator names it (type 2), and as it is hashed to a partition of __share_group_state. Unambiguous: only the
 * group id may hold a colon.
 */
export function sharePartitionName({ groupId, topicId, partition }: SharePartitionKey): string {
  return `${groupId}:${topicId}:${partition}`;
}
