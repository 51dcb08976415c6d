/** IncrementalAlterConfigs (key 44), versions 0-1 (KIP-339): changes single keys. Main thread. */
import { incrementalAlterConfigs } from '../../metadata/controller/alter-configs.js';
import {
  incrementalAlterConfigsRequest,
  incrementalAlterConfigsResponse,
} from '../../protocol/44-incremental-alter-configs.js';
import { mainHandler } from '../main/context.js';

export const incrementalAlterConfigsHandler = mainHandler({
  request: incrementalAlterConfigsRequest,
  response: incrementalAlterConfigsResponse,
  versions: [0, 1],
  handle: async (context, { resources, validateOnly }) => ({
    responses: await context.submit((controller) =>
      incrementalAlterConfigs(controller, resources, validateOnly),
    ),
  }),
});
