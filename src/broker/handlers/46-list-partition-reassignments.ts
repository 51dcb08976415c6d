/** ListPartitionReassignments (key 46), version 0 (KIP-455). Network thread, from its image. */
import { listPartitionReassignments } from '../../metadata/controller/reassignments.js';
import {
  listPartitionReassignmentsRequest,
  listPartitionReassignmentsResponse,
} from '../../protocol/46-list-partition-reassignments.js';
import { networkHandler } from '../network/context.js';

export const listPartitionReassignmentsHandler = networkHandler({
  request: listPartitionReassignmentsRequest,
  response: listPartitionReassignmentsResponse,
  versions: [0, 0],
  handle: (context, { topics }, call) => {
    const ongoing = listPartitionReassignments(context.topics.image, topics);
    call.respond({ errorCode: 0, errorMessage: null, topics: ongoing });
  },
});
