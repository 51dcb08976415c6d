/**
 * Record of __consumer_offsets: what a member of a share group said of itself (KIP-932).
 */
import { defineMessage, type Infer, type InferInput, t } from '../../wire/index.js';

export const shareGroupMemberMetadataKey = defineMessage({
  name: 'ShareGroupMemberMetadataKey',
  kind: 'coordinator-key',
  key: 10,
  versions: [0, 0],
  fields: {
    groupId: t.string(),
    memberId: t.string(),
  },
});
export type ShareGroupMemberMetadataKey = Infer<typeof shareGroupMemberMetadataKey>;

export const shareGroupMemberMetadataValue = defineMessage({
  name: 'ShareGroupMemberMetadataValue',
  kind: 'coordinator-value',
  key: 10,
  versions: [0, 0],
  flexible: 0,
  fields: {
    rackId: t.string({ nullable: 0 }),
    clientId: t.string(),
    clientHost: t.string(),
    subscribedTopicNames: t.array(t.string()),
  },
});
export type ShareGroupMemberMetadataValue = Infer<typeof shareGroupMemberMetadataValue>;
/** What a caller gives to encode it: everything may be left out. */
export type ShareGroupMemberMetadataValueInput = InferInput<typeof shareGroupMemberMetadataValue>;
