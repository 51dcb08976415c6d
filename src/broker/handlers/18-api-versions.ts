/**
 * ApiVersions (key 18), versions 0-4. KIP-35, KIP-511 client software name (v3), KIP-584 features (v3).
 * Network thread. Lists what is served here and nothing else; an unknown version is answered in version 0.
 */
import { KafkaError } from '../../base/kafka-error.js';
import { apiVersionsRequest, apiVersionsResponse } from '../../protocol/18-api-versions.js';
import { networkHandler } from '../network/context.js';

const KEY = 18;
const RANGE = [0, 4] as const;
/** ApiVersionsRequest.java */
const SOFTWARE = /^[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?$/;
const SOFTWARE_VERSION_MIN = 3;
/** KAFKA-17492: older clients choke on a supported range that begins at 0. */
const ZERO_MIN_VERSION_MIN = 4;

export const apiVersionsHandler = networkHandler({
  request: apiVersionsRequest,
  response: apiVersionsResponse,
  versions: RANGE,
  repeats: true,
  handle: (context, request, call) => {
    if (call.version < 0) {
      const apiKeys = [{ apiKey: KEY, minVersion: RANGE[0], maxVersion: RANGE[1] }];
      call.respond({ errorCode: KafkaError.UNSUPPORTED_VERSION, apiKeys });
      return;
    }
    const named = SOFTWARE.test(request.clientSoftwareName) && SOFTWARE.test(request.clientSoftwareVersion);
    if (call.version >= SOFTWARE_VERSION_MIN && !named) {
      call.respond({ errorCode: KafkaError.INVALID_REQUEST, apiKeys: [] });
      return;
    }
    const { supported, finalized, epoch } = context.features();
    call.repeatAnswer();
    call.respond({
      errorCode: 0,
      apiKeys: context.advertised,
      supportedFeatures: supported.filter(
        ({ minVersion }) => minVersion > 0 || call.version >= ZERO_MIN_VERSION_MIN,
      ),
      finalizedFeaturesEpoch: epoch,
      finalizedFeatures: finalized,
    });
  },
});
