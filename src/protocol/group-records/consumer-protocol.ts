/**
 * What classic consumers embed in JoinGroup and SyncGroup, opaque to the coordinator but for the topics' names: subscriptions
 * and assignments of protocol type "consumer". On the wire an int16 version stands in front. v1 owned partitions (KIP-429),
 * v2 generation (KIP-792), v3 rack (KIP-881). A version newer than known is read as the newest known one, as Kafka does.
 */
import { defineMessage, type Infer, type InferInput, t } from '../../wire/index.js';

export const consumerProtocolSubscription = defineMessage({
  name: 'ConsumerProtocolSubscription',
  kind: 'data',
  versions: [0, 3],
  fields: {
    topics: t.array(t.string()),
    userData: t.bytes({ nullable: 0, default: null }),
    ownedPartitions: t.array(
      {
        topic: t.string({ since: 1 }),
        partitions: t.array(t.int32(), { since: 1 }),
      },
      { since: 1, ignorable: true },
    ),
    generationId: t.int32({ since: 2, default: -1, ignorable: true }),
    rackId: t.string({ since: 3, nullable: 3, default: null, ignorable: true }),
  },
});
export type ConsumerProtocolSubscription = Infer<typeof consumerProtocolSubscription>;
/** What a caller gives to encode it: everything may be left out. */
export type ConsumerProtocolSubscriptionInput = InferInput<typeof consumerProtocolSubscription>;

export const consumerProtocolAssignment = defineMessage({
  name: 'ConsumerProtocolAssignment',
  kind: 'data',
  versions: [0, 3],
  fields: {
    assignedPartitions: t.array({
      topic: t.string(),
      partitions: t.array(t.int32()),
    }),
    userData: t.bytes({ nullable: 0, default: null }),
  },
});
export type ConsumerProtocolAssignment = Infer<typeof consumerProtocolAssignment>;
/** What a caller gives to encode it: everything may be left out. */
export type ConsumerProtocolAssignmentInput = InferInput<typeof consumerProtocolAssignment>;
