/**
 * Record of __consumer_offsets: the epoch of a share group and the hash of its topics (KIP-932).
 */
import { defineMessage, type Infer, type InferInput, t } from '../../wire/index.js';

export const shareGroupMetadataKey = defineMessage({
  name: 'ShareGroupMetadataKey',
  kind: 'coordinator-key',
  key: 11,
  versions: [0, 0],
  fields: {
    groupId: t.string(),
  },
});
export type ShareGroupMetadataKey = Infer<typeof shareGroupMetadataKey>;

export const shareGroupMetadataValue = defineMessage({
  name: 'ShareGroupMetadataValue',
  kind: 'coordinator-value',
  key: 11,
  versions: [0, 0],
  flexible: 0,
  fields: {
    epoch: t.int32(),
    metadataHash: t.bigint64(),
  },
});
export type ShareGroupMetadataValue = Infer<typeof shareGroupMetadataValue>;
/** What a caller gives to encode it: everything may be left out. */
export type ShareGroupMetadataValueInput = InferInput<typeof shareGroupMetadataValue>;
