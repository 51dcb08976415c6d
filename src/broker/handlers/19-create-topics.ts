/** CreateTopics (key 19), versions 0-7: 0 and 1 for old shippers. KIP-4, KIP-525 configs (v5), KIP-516 ids (v7). THROTTLING_QUOTA_EXCEEDED from v6 on (KIP-599). Main thread. */
import { createTopics } from '../../metadata/controller/create-topics.js';
import { createTopicsRequest, createTopicsResponse } from '../../protocol/19-create-topics.js';
import { mainHandler } from '../main/context.js';

/** First version whose clients understand that a quota is exceeded; older ones are only slowed down. */
const STRICT_QUOTA_VERSION_MIN = 6;

export const createTopicsHandler = mainHandler({
  request: createTopicsRequest,
  response: createTopicsResponse,
  versions: [0, 7],
  handle: async (context, { topics, validateOnly }, call) => {
    const quota = context.mutations.of(call, call.version >= STRICT_QUOTA_VERSION_MIN);
    const made = await context.submit((controller) => createTopics(controller, topics, validateOnly, quota));
    call.throttle(quota.throttleMs);
    return { topics: made };
  },
});
