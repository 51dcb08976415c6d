/** CreatePartitions (key 37), versions 0-3 (KIP-195). Main thread. */
import { createPartitions } from '../../metadata/controller/create-partitions.js';
import { createPartitionsRequest, createPartitionsResponse } from '../../protocol/37-create-partitions.js';
import { mainHandler } from '../main/context.js';

export const createPartitionsHandler = mainHandler({
  request: createPartitionsRequest,
  response: createPartitionsResponse,
  versions: [0, 3],
  handle: async (context, { topics, validateOnly }) => ({
    results: await context.submit((controller) => createPartitions(controller, topics, validateOnly)),
  }),
});
