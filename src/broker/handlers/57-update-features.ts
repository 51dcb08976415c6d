/** UpdateFeatures (key 57), versions 0-2. KIP-584, KIP-778 upgrade types (v1), KIP-1022 (v2). Main thread. */
import { updateFeatures } from '../../metadata/controller/update-features.js';
import { updateFeaturesRequest, updateFeaturesResponse } from '../../protocol/57-update-features.js';
import { mainHandler } from '../main/context.js';

export const updateFeaturesHandler = mainHandler({
  request: updateFeaturesRequest,
  response: updateFeaturesResponse,
  versions: [0, 2],
  handle: (context, request, { version }) =>
    context.submit((controller) => updateFeatures(controller, request, version)),
});
