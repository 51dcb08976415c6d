/**
 * Record of __consumer_offsets that holds a classic group: its generation, protocol and members with their assignments.
 * Values: v1 rebalance timeout, v2 time of the last state change (KIP-211), v3 static members (KIP-345), v4 flexible; Kafka
 * 4.3.1 writes v3.
 */
import { defineMessage, type Infer, type InferInput, t } from '../../wire/index.js';

export const groupMetadataKey = defineMessage({
  name: 'GroupMetadataKey',
  kind: 'coordinator-key',
  key: 2,
  versions: [0, 0],
  fields: {
    group: t.string(),
  },
});
export type GroupMetadataKey = Infer<typeof groupMetadataKey>;

export const groupMetadataValue = defineMessage({
  name: 'GroupMetadataValue',
  kind: 'coordinator-value',
  key: 2,
  versions: [0, 4],
  flexible: 4,
  fields: {
    protocolType: t.string(),
    generation: t.int32(),
    protocol: t.string({ nullable: 0 }),
    leader: t.string({ nullable: 0 }),
    currentStateTimestamp: t.int64({ since: 2, default: -1, ignorable: true }),
    members: t.array({
      memberId: t.string(),
      groupInstanceId: t.string({ since: 3, nullable: 3, default: null, ignorable: true }),
      clientId: t.string(),
      clientHost: t.string(),
      rebalanceTimeout: t.int32({ since: 1, default: -1, ignorable: true }),
      sessionTimeout: t.int32(),
      subscription: t.bytes(),
      assignment: t.bytes(),
    }),
  },
});
export type GroupMetadataValue = Infer<typeof groupMetadataValue>;
export type GroupMetadataMember = GroupMetadataValue['members'][number];
/** What a caller gives to encode it: everything may be left out. */
export type GroupMetadataValueInput = InferInput<typeof groupMetadataValue>;
