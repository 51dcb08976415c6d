/**
 * Record of __share_group_state: the whole state of one share partition (KIP-932); null forgets it.
 * deliveryCompleteCount is KIP-1226's.
 */
import { defineMessage, type Infer, type InferInput, t } from '../../wire/index.js';

export const shareSnapshotKey = defineMessage({
  name: 'ShareSnapshotKey',
  kind: 'coordinator-key',
  key: 0,
  versions: [0, 0],
  fields: {
    groupId: t.string(),
    topicId: t.uuid(),
    partition: t.int32(),
  },
});
export type ShareSnapshotKey = Infer<typeof shareSnapshotKey>;

export const shareSnapshotValue = defineMessage({
  name: 'ShareSnapshotValue',
  kind: 'coordinator-value',
  key: 0,
  versions: [0, 0],
  flexible: 0,
  fields: {
    snapshotEpoch: t.int32(),
    stateEpoch: t.int32(),
    leaderEpoch: t.int32(),
    startOffset: t.clampedInt64(),
    deliveryCompleteCount: t.int32({ default: -1, tag: 0 }),
    createTimestamp: t.clampedInt64(),
    writeTimestamp: t.clampedInt64(),
    stateBatches: t.array({
      firstOffset: t.clampedInt64(),
      lastOffset: t.clampedInt64(),
      deliveryState: t.int8(),
      deliveryCount: t.int16(),
    }),
  },
});
export type ShareSnapshotValue = Infer<typeof shareSnapshotValue>;
/** What a caller gives to encode it: everything may be left out. */
export type ShareSnapshotValueInput = InferInput<typeof shareSnapshotValue>;
