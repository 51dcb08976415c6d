/**
 * Metadata records of partitions: the full state, and changes to it. A change names only what differs; leader -2 = no
 * change. v1 directories (KIP-858), v2 eligible leader replicas (KIP-966).
 */
import { defineMessage, type Infer, t } from '../../wire/index.js';

export const partitionRecord = defineMessage({
  name: 'PartitionRecord',
  kind: 'metadata',
  key: 3,
  versions: [0, 2],
  flexible: 0,
  fields: {
    partitionId: t.int32({ default: -1 }),
    topicId: t.uuid(),
    replicas: t.array(t.int32()),
    isr: t.array(t.int32()),
    removingReplicas: t.array(t.int32()),
    addingReplicas: t.array(t.int32()),
    leader: t.int32({ default: -1 }),
    leaderRecoveryState: t.int8({ tag: 0 }),
    leaderEpoch: t.int32({ default: -1 }),
    partitionEpoch: t.int32({ default: -1 }),
    directories: t.array(t.uuid(), { since: 1 }),
    eligibleLeaderReplicas: t.array(t.int32(), { since: 2, nullable: 2, default: null, tag: 1 }),
    lastKnownElr: t.array(t.int32(), { since: 2, nullable: 2, default: null, tag: 2 }),
  },
});
export type PartitionRecord = Infer<typeof partitionRecord>;

export const partitionChangeRecord = defineMessage({
  name: 'PartitionChangeRecord',
  kind: 'metadata',
  key: 5,
  versions: [0, 2],
  flexible: 0,
  fields: {
    partitionId: t.int32({ default: -1 }),
    topicId: t.uuid(),
    isr: t.array(t.int32(), { nullable: 0, default: null, tag: 0 }),
    leader: t.int32({ default: -2, tag: 1 }),
    replicas: t.array(t.int32(), { nullable: 0, default: null, tag: 2 }),
    removingReplicas: t.array(t.int32(), { nullable: 0, default: null, tag: 3 }),
    addingReplicas: t.array(t.int32(), { nullable: 0, default: null, tag: 4 }),
    leaderRecoveryState: t.int8({ default: -1, tag: 5 }),
    directories: t.array(t.uuid(), { since: 1, nullable: 1, default: null, tag: 8 }),
    eligibleLeaderReplicas: t.array(t.int32(), { since: 2, nullable: 2, default: null, tag: 6 }),
    lastKnownElr: t.array(t.int32(), { since: 2, nullable: 2, default: null, tag: 7 }),
  },
});
export type PartitionChangeRecord = Infer<typeof partitionChangeRecord>;
