/** CreatePartitions (key 37), versions 0-3 (KIP-195). Main thread. */
import { createPartitions } from '../../metadata/controller/create-partitions.js';
import { createPartitionsRequest, createPartitionsResponse } from '../../protocol/37-create-partitions.js';
import { mainHandler } from '../main/context.js';

/** First version whose clients understand that a quota is exceeded; older ones are only slowed down. */
const STRICT_QUOTA_VERSION_MIN = 3;

export const createPartitionsHandler = mainHandler({
  request: createPartitionsRequest,
  response: createPartitionsResponse,
  versions: [0, 3],
  handle: async (context, { topics, validateOnly }, call) => {
    const quota = context.mutations.of(call, call.version >= STRICT_QUOTA_VERSION_MIN);
    const results = await context.submit((controller) =>
      createPartitions(controller, topics, validateOnly, quota),
    );
    call.throttle(quota.throttleMs);
    return { results };
  },
});
