/** DeleteTopics (key 20), versions 0-6: 0 for old shippers. KIP-4, KIP-516 by id (v6). Main thread. */
import { KafkaError } from '../../base/kafka-error.js';
import { deleteTopics } from '../../metadata/controller/delete-topics.js';
import {
  type DeleteTopicsRequest,
  deleteTopicsRequest,
  deleteTopicsResponse,
} from '../../protocol/20-delete-topics.js';
import { ZERO_UUID } from '../../wire/index.js';
import { mainHandler } from '../main/context.js';

/** First version whose clients understand that a quota is exceeded; older ones are only slowed down. */
const STRICT_QUOTA_VERSION_MIN = 5;
const BY_ID_VERSION_MIN = 6;
/** TOPIC_DELETION_DISABLED is known to clients from v3 on. */
const DISABLED_VERSION_MIN = 3;

function wanted(request: DeleteTopicsRequest, version: number): { name: string | null; topicId: string }[] {
  if (version >= BY_ID_VERSION_MIN) return request.topics;
  return request.topicNames.map((name) => ({ name, topicId: ZERO_UUID }));
}

export const deleteTopicsHandler = mainHandler({
  request: deleteTopicsRequest,
  response: deleteTopicsResponse,
  versions: [0, 6],
  handle: async (context, request, call) => {
    const { version } = call;
    const topics = wanted(request, version);
    const quota = context.mutations.of(call, version >= STRICT_QUOTA_VERSION_MIN);
    const responses = await context.submit((controller) => deleteTopics(controller, topics, quota));
    call.throttle(quota.throttleMs);
    if (version >= DISABLED_VERSION_MIN) return { responses };
    return {
      responses: responses.map((response) =>
        response.errorCode === KafkaError.TOPIC_DELETION_DISABLED
          ? { ...response, errorCode: KafkaError.INVALID_REQUEST }
          : response,
      ),
    };
  },
});
