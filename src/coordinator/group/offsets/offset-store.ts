/** The offsets of a shard: committed ones and those of open transactions. Changes only by replay. */
import type { RecordPosition } from '../../framework/contract.js';
import type { OffsetCommitRecord } from '../records/classic-records.js';
import type { CommittedOffset } from './committed-offset.js';
import { OffsetMap } from './offset-map.js';
import { PendingOffsets } from './pending-offsets.js';

/** Producer id of records outside of transactions. */
const NO_PRODUCER = -1n;

export class OffsetStore {
  readonly committed = new OffsetMap();
  readonly pending = new PendingOffsets();

  replay(record: OffsetCommitRecord, position: RecordPosition): void {
    const { group, topic, partition, value } = record;
    if (value === null) {
      this.committed.delete(group, topic, partition);
      this.pending.delete(group, topic, partition);
      return;
    }
    const offset: CommittedOffset = {
      offset: value.offset,
      leaderEpoch: value.leaderEpoch,
      metadata: value.metadata,
      commitTimestampMs: value.commitTimestamp,
      expireTimestampMs: value.expireTimestamp,
      topicId: value.topicId,
      recordOffset: position.offset,
    };
    if (position.producerId === NO_PRODUCER) this.committed.set(group, topic, partition, offset);
    else this.pending.add(position.producerId, group, topic, partition, offset);
  }

  /** A transaction marker. Of two commits of a partition the one that lies later in the log stays. */
  endTransaction(producerId: bigint, committed: boolean): void {
    const offsets = this.pending.end(producerId);
    if (offsets === undefined || !committed) return;
    for (const [group, topics] of offsets.entries()) {
      for (const [topic, partitions] of topics) {
        for (const partition of partitions.partitions()) {
          const offset = partitions.get(partition);
          const present = this.committed.get(group, topic, partition);
          if (offset === undefined || (present && present.recordOffset >= offset.recordOffset)) continue;
          this.committed.set(group, topic, partition, offset);
        }
      }
    }
  }
}
