/**
 * Record of __share_group_state: what changed of a share partition since its last snapshot (KIP-932).
 * deliveryCompleteCount is KIP-1226's.
 */
import { defineMessage, type Infer, type InferInput, t } from '../../wire/index.js';

export const shareUpdateKey = defineMessage({
  name: 'ShareUpdateKey',
  kind: 'coordinator-key',
  key: 1,
  versions: [0, 0],
  fields: {
    groupId: t.string(),
    topicId: t.uuid(),
    partition: t.int32(),
  },
});
export type ShareUpdateKey = Infer<typeof shareUpdateKey>;

export const shareUpdateValue = defineMessage({
  name: 'ShareUpdateValue',
  kind: 'coordinator-value',
  key: 1,
  versions: [0, 0],
  flexible: 0,
  fields: {
    snapshotEpoch: t.int32(),
    leaderEpoch: t.int32(),
    startOffset: t.clampedInt64(),
    deliveryCompleteCount: t.int32({ default: -1, tag: 0 }),
    stateBatches: t.array({
      firstOffset: t.clampedInt64(),
      lastOffset: t.clampedInt64(),
      deliveryState: t.int8(),
      deliveryCount: t.int16(),
    }),
  },
});
export type ShareUpdateValue = Infer<typeof shareUpdateValue>;
/** What a caller gives to encode it: everything may be left out. */
export type ShareUpdateValueInput = InferInput<typeof shareUpdateValue>;
