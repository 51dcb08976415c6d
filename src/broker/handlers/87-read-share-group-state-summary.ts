/** ReadShareGroupStateSummary (key 87), versions 0-1 (KIP-932; v1 deliveryCompleteCount, KIP-1226). Main thread. */
import { errorText } from '../../coordinator/share/share-errors.js';
import { summaryFailed } from '../../coordinator/share/share-shard.js';
import {
  readShareGroupStateSummaryRequest,
  readShareGroupStateSummaryResponse,
} from '../../protocol/87-read-share-group-state-summary.js';
import { mainHandler } from '../main/context.js';
import { forEachSharePartition } from '../main/coordinators/share-state-requests.js';

export const readShareGroupStateSummaryHandler = mainHandler({
  request: readShareGroupStateSummaryRequest,
  response: readShareGroupStateSummaryResponse,
  versions: [0, 1],
  handle: ({ shareCoordinator }, request) =>
    forEachSharePartition(request, async (key) => {
      const answer = await shareCoordinator.ask(
        key,
        (shard, token, nowMs) => shard.readSummary(token, key, nowMs),
        (error) => summaryFailed(error, `Unable to read share group state summary: ${errorText(error)}`),
      );
      return {
        partition: key.partition,
        errorCode: answer.error,
        errorMessage: answer.errorMessage,
        stateEpoch: answer.stateEpoch,
        leaderEpoch: answer.leaderEpoch,
        startOffset: answer.startOffset,
        deliveryCompleteCount: answer.deliveryCompleteCount,
      };
    }),
});
