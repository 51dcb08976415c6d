/** WriteShareGroupState (key 85), versions 0-1 (KIP-932; v1 deliveryCompleteCount, KIP-1226). Main thread. */
import { errorText } from '../../coordinator/share/share-errors.js';
import { failed } from '../../coordinator/share/share-shard.js';
import {
  writeShareGroupStateRequest,
  writeShareGroupStateResponse,
} from '../../protocol/85-write-share-group-state.js';
import { mainHandler } from '../main/context.js';
import { forEachSharePartition } from '../main/coordinators/share-state-requests.js';

export const writeShareGroupStateHandler = mainHandler({
  request: writeShareGroupStateRequest,
  response: writeShareGroupStateResponse,
  versions: [0, 1],
  handle: ({ shareCoordinator }, request) =>
    forEachSharePartition(request, async (key, asked) => {
      const answer = await shareCoordinator.ask(
        key,
        (shard, token, nowMs) => shard.write(token, key, asked.stateEpoch, asked.leaderEpoch, asked, nowMs),
        (error) => failed(error, `Unable to write share group state: ${errorText(error)}`),
      );
      return { partition: key.partition, errorCode: answer.error, errorMessage: answer.errorMessage };
    }),
});
