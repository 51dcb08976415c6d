/**
 * AlterPartitionReassignments (key 45), versions 0-1. KIP-455, KIP-860 (v1). On one broker a move has nowhere to go: to the
 * same replicas it is done at once, to others it is refused. Main thread.
 */
import { alterPartitionReassignments } from '../../metadata/controller/reassignments.js';
import {
  alterPartitionReassignmentsRequest,
  alterPartitionReassignmentsResponse,
} from '../../protocol/45-alter-partition-reassignments.js';
import { mainHandler } from '../main/context.js';

export const alterPartitionReassignmentsHandler = mainHandler({
  request: alterPartitionReassignmentsRequest,
  response: alterPartitionReassignmentsResponse,
  versions: [0, 1],
  handle: (context, request) =>
    context.submit((controller) => alterPartitionReassignments(controller, request)),
});
