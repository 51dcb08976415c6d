/**
 * ListConfigResources: v0 was ListClientMetricsResources (KIP-714); v1 any type, empty = all (KIP-1142).
 */
import { defineMessage, type Infer, type InferInput, t } from '../wire/index.js';

export const listConfigResourcesRequest = defineMessage({
  name: 'ListConfigResourcesRequest',
  kind: 'request',
  key: 74,
  versions: [0, 1],
  flexible: 0,
  fields: {
    resourceTypes: t.array(t.int8(), { since: 1 }),
  },
});
export type ListConfigResourcesRequest = Infer<typeof listConfigResourcesRequest>;
/** What a caller gives to encode it: everything may be left out. */
export type ListConfigResourcesRequestInput = InferInput<typeof listConfigResourcesRequest>;

export const listConfigResourcesResponse = defineMessage({
  name: 'ListConfigResourcesResponse',
  kind: 'response',
  key: 74,
  versions: [0, 1],
  flexible: 0,
  fields: {
    throttleTimeMs: t.int32(),
    errorCode: t.int16(),
    configResources: t.array({
      resourceName: t.string(),
      resourceType: t.int8({ since: 1, default: 16, ignorable: true }),
    }),
  },
});
export type ListConfigResourcesResponse = Infer<typeof listConfigResourcesResponse>;
/** What a caller gives to encode it: everything may be left out. */
export type ListConfigResourcesResponseInput = InferInput<typeof listConfigResourcesResponse>;
