/** AlterConfigs (key 33), versions 0-2 (KIP-133): replaces the whole set of each resource. Main thread. */
import { alterConfigs } from '../../metadata/controller/alter-configs.js';
import { alterConfigsRequest, alterConfigsResponse } from '../../protocol/33-alter-configs.js';
import { mainHandler } from '../main/context.js';

export const alterConfigsHandler = mainHandler({
  request: alterConfigsRequest,
  response: alterConfigsResponse,
  versions: [0, 2],
  handle: async (context, { resources, validateOnly }) => ({
    responses: await context.submit((controller) => alterConfigs(controller, resources, validateOnly)),
  }),
});
