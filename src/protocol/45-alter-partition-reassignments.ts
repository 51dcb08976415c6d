/**
 * AlterPartitionReassignments: moves replicas, or cancels a move with null replicas (KIP-455). v1 may forbid changes of the
 * replication factor (KIP-860).
 */
import { defineMessage, type Infer, type InferInput, t } from '../wire/index.js';

export const alterPartitionReassignmentsRequest = defineMessage({
  name: 'AlterPartitionReassignmentsRequest',
  kind: 'request',
  key: 45,
  versions: [0, 1],
  flexible: 0,
  fields: {
    timeoutMs: t.int32({ default: 60_000 }),
    allowReplicationFactorChange: t.bool({ since: 1, default: true }),
    topics: t.array({
      name: t.string(),
      partitions: t.array({
        partitionIndex: t.int32(),
        replicas: t.array(t.int32(), { nullable: 0, default: null }),
      }),
    }),
  },
});
export type AlterPartitionReassignmentsRequest = Infer<typeof alterPartitionReassignmentsRequest>;
/** What a caller gives to encode it: everything may be left out. */
export type AlterPartitionReassignmentsRequestInput = InferInput<typeof alterPartitionReassignmentsRequest>;

export const alterPartitionReassignmentsResponse = defineMessage({
  name: 'AlterPartitionReassignmentsResponse',
  kind: 'response',
  key: 45,
  versions: [0, 1],
  flexible: 0,
  fields: {
    throttleTimeMs: t.int32(),
    allowReplicationFactorChange: t.bool({ since: 1, default: true, ignorable: true }),
    errorCode: t.int16(),
    errorMessage: t.string({ nullable: 0 }),
    responses: t.array({
      name: t.string(),
      partitions: t.array({
        partitionIndex: t.int32(),
        errorCode: t.int16(),
        errorMessage: t.string({ nullable: 0 }),
      }),
    }),
  },
});
export type AlterPartitionReassignmentsResponse = Infer<typeof alterPartitionReassignmentsResponse>;
/** What a caller gives to encode it: everything may be left out. */
export type AlterPartitionReassignmentsResponseInput = InferInput<typeof alterPartitionReassignmentsResponse>;
