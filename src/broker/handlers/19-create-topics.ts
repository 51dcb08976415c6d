/** CreateTopics (key 19), versions 0-7: 0 and 1 for old shippers. KIP-4, KIP-525 configs (v5), KIP-516 ids (v7). Main thread. */
import { createTopics } from '../../metadata/controller/create-topics.js';
import { createTopicsRequest, createTopicsResponse } from '../../protocol/19-create-topics.js';
import { mainHandler } from '../main/context.js';

export const createTopicsHandler = mainHandler({
  request: createTopicsRequest,
  response: createTopicsResponse,
  versions: [0, 7],
  handle: async (context, { topics, validateOnly }) => ({
    topics: await context.submit((controller) => createTopics(controller, topics, validateOnly)),
  }),
});
