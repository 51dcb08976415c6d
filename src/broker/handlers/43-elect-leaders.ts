/**
 * ElectLeaders (key 43), versions 0-2. KIP-183 preferred, KIP-460 unclean (v1). Main thread.
 */
import { electLeaders } from '../../metadata/controller/elect-leaders.js';
import { electLeadersRequest, electLeadersResponse } from '../../protocol/43-elect-leaders.js';
import { mainHandler } from '../main/context.js';

/** ElectionType.UNCLEAN */
const UNCLEAN = 1;

export const electLeadersHandler = mainHandler({
  request: electLeadersRequest,
  response: electLeadersResponse,
  versions: [0, 2],
  handle: async (context, request, { version }) => {
    const { errorCode, ...response } = await context.submit((controller) =>
      electLeaders(controller, request),
    );
    // what an uncleanly elected leader has is what there is: its log is open already
    if (request.electionType === UNCLEAN) context.metadata.leadersRecovered();
    return version === 0 ? response : { ...response, errorCode };
  },
});
