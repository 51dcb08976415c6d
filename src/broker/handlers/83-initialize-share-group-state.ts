/** InitializeShareGroupState (key 83), version 0 (KIP-932). Main thread. */
import { errorText } from '../../coordinator/share/share-errors.js';
import { failed } from '../../coordinator/share/share-shard.js';
import {
  initializeShareGroupStateRequest,
  initializeShareGroupStateResponse,
} from '../../protocol/83-initialize-share-group-state.js';
import { mainHandler } from '../main/context.js';
import { forEachSharePartition } from '../main/coordinators/share-state-requests.js';

export const initializeShareGroupStateHandler = mainHandler({
  request: initializeShareGroupStateRequest,
  response: initializeShareGroupStateResponse,
  versions: [0, 0],
  handle: ({ shareCoordinator }, request) =>
    forEachSharePartition(request, async (key, asked) => {
      const answer = await shareCoordinator.ask(
        key,
        (shard, token, nowMs) => shard.initialize(token, key, asked.stateEpoch, asked.startOffset, nowMs),
        (error) => failed(error, `Unable to initialize share group state: ${errorText(error)}`),
      );
      return { partition: key.partition, errorCode: answer.error, errorMessage: answer.errorMessage };
    }),
});
