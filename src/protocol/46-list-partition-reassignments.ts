/**
 * ListPartitionReassignments: moves of replicas that are under way (KIP-455). A null list means every partition.
 */
import { defineMessage, type Infer, type InferInput, t } from '../wire/index.js';

export const listPartitionReassignmentsRequest = defineMessage({
  name: 'ListPartitionReassignmentsRequest',
  kind: 'request',
  key: 46,
  versions: [0, 0],
  flexible: 0,
  fields: {
    timeoutMs: t.int32({ default: 60_000 }),
    topics: t.array(
      {
        name: t.string(),
        partitionIndexes: t.array(t.int32()),
      },
      { nullable: 0, default: null },
    ),
  },
});
export type ListPartitionReassignmentsRequest = Infer<typeof listPartitionReassignmentsRequest>;
/** What a caller gives to encode it: everything may be left out. */
export type ListPartitionReassignmentsRequestInput = InferInput<typeof listPartitionReassignmentsRequest>;

export const listPartitionReassignmentsResponse = defineMessage({
  name: 'ListPartitionReassignmentsResponse',
  kind: 'response',
  key: 46,
  versions: [0, 0],
  flexible: 0,
  fields: {
    throttleTimeMs: t.int32(),
    errorCode: t.int16(),
    errorMessage: t.string({ nullable: 0 }),
    topics: t.array({
      name: t.string(),
      partitions: t.array({
        partitionIndex: t.int32(),
        replicas: t.array(t.int32()),
        addingReplicas: t.array(t.int32()),
        removingReplicas: t.array(t.int32()),
      }),
    }),
  },
});
export type ListPartitionReassignmentsResponse = Infer<typeof listPartitionReassignmentsResponse>;
/** What a caller gives to encode it: everything may be left out. */
export type ListPartitionReassignmentsResponseInput = InferInput<typeof listPartitionReassignmentsResponse>;
