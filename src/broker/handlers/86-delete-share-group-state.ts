/** DeleteShareGroupState (key 86), version 0 (KIP-932). Main thread. */
import { errorText } from '../../coordinator/share/share-errors.js';
import { failed } from '../../coordinator/share/share-shard.js';
import {
  deleteShareGroupStateRequest,
  deleteShareGroupStateResponse,
} from '../../protocol/86-delete-share-group-state.js';
import { mainHandler } from '../main/context.js';
import { forEachSharePartition } from '../main/coordinators/share-state-requests.js';

export const deleteShareGroupStateHandler = mainHandler({
  request: deleteShareGroupStateRequest,
  response: deleteShareGroupStateResponse,
  versions: [0, 0],
  handle: ({ shareCoordinator }, request) =>
    forEachSharePartition(request, async (key) => {
      const answer = await shareCoordinator.ask(
        key,
        (shard, token, nowMs) => shard.delete(token, key, nowMs),
        (error) => failed(error, `Unable to delete share group state: ${errorText(error)}`),
      );
      return { partition: key.partition, errorCode: answer.error, errorMessage: answer.errorMessage };
    }),
});
