/** ReadShareGroupState (key 84), version 0 (KIP-932). Main thread. */
import { errorText } from '../../coordinator/share/share-errors.js';
import { readFailed } from '../../coordinator/share/share-shard.js';
import {
  readShareGroupStateRequest,
  readShareGroupStateResponse,
} from '../../protocol/84-read-share-group-state.js';
import { mainHandler } from '../main/context.js';
import { forEachSharePartition } from '../main/coordinators/share-state-requests.js';

export const readShareGroupStateHandler = mainHandler({
  request: readShareGroupStateRequest,
  response: readShareGroupStateResponse,
  versions: [0, 0],
  handle: ({ shareCoordinator }, request) =>
    forEachSharePartition(request, async (key, asked) => {
      const answer = await shareCoordinator.ask(
        key,
        (shard, token, nowMs) => shard.read(token, key, asked.leaderEpoch, nowMs),
        (error) => readFailed(error, `Unable to read share group state: ${errorText(error)}`),
      );
      return {
        partition: key.partition,
        errorCode: answer.error,
        errorMessage: answer.errorMessage,
        stateEpoch: answer.stateEpoch,
        startOffset: answer.startOffset,
        stateBatches: [...answer.batches],
      };
    }),
});
