/**
 * ListConfigResources (key 74), versions 0-1. KIP-1142; version 0 was ListClientMetricsResources (KIP-714).
 * Network thread, from its image.
 */
import { KafkaError } from '../../base/kafka-error.js';
import type { MetadataImage } from '../../metadata/image/metadata-image.js';
import { ConfigResource } from '../../metadata/image/model.js';
import {
  listConfigResourcesRequest,
  listConfigResourcesResponse,
} from '../../protocol/74-list-config-resources.js';
import { networkHandler } from '../network/context.js';

const ALL: readonly number[] = Object.values(ConfigResource);

function namesOf(image: MetadataImage, type: number): string[] {
  switch (type) {
    case ConfigResource.TOPIC:
      return [...image.topics.all()].map(({ name }) => name);
    case ConfigResource.BROKER:
    case ConfigResource.BROKER_LOGGER:
      return [...image.brokers.all()].map(({ id }) => String(id));
    default:
      return image.configs.names(type);
  }
}

export const listConfigResourcesHandler = networkHandler({
  request: listConfigResourcesRequest,
  response: listConfigResourcesResponse,
  versions: [0, 1],
  handle: (context, request, call) => {
    const asked = call.version === 0 ? [ConfigResource.CLIENT_METRICS] : request.resourceTypes;
    const types = asked.length === 0 ? ALL : [...new Set(asked)];
    if (!types.every((type) => ALL.includes(type))) {
      call.respond({ errorCode: KafkaError.UNSUPPORTED_VERSION, configResources: [] });
      return;
    }
    const { image } = context.topics;
    const configResources = types.flatMap((resourceType) =>
      namesOf(image, resourceType).map((resourceName) => ({ resourceName, resourceType })),
    );
    call.respond({ errorCode: 0, configResources });
  },
});
