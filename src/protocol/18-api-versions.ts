/**
 * ApiVersions: what the broker speaks. The response header is always v0, so that a client can read it before it knows anything.
 * An unknown version is answered in v0 with UNSUPPORTED_VERSION and this API's own range. v3 flexible; client software name
 * and version (KIP-511), features (KIP-584). v4 features with min version 0 may appear (KAFKA-17011).
 */
import { defineMessage, type Infer, type InferInput, t } from '../wire/index.js';

export const apiVersionsRequest = defineMessage({
  name: 'ApiVersionsRequest',
  kind: 'request',
  key: 18,
  versions: [0, 4],
  flexible: 3,
  fields: {
    clientSoftwareName: t.string({ since: 3, ignorable: true }),
    clientSoftwareVersion: t.string({ since: 3, ignorable: true }),
  },
});
export type ApiVersionsRequest = Infer<typeof apiVersionsRequest>;
/** What a caller gives to encode it: everything may be left out. */
export type ApiVersionsRequestInput = InferInput<typeof apiVersionsRequest>;

export const apiVersionsResponse = defineMessage({
  name: 'ApiVersionsResponse',
  kind: 'response',
  key: 18,
  versions: [0, 4],
  flexible: 3,
  fields: {
    errorCode: t.int16(),
    apiKeys: t.array({
      apiKey: t.int16(),
      minVersion: t.int16(),
      maxVersion: t.int16(),
    }),
    throttleTimeMs: t.int32({ since: 1, ignorable: true }),
    supportedFeatures: t.array(
      {
        name: t.string(),
        minVersion: t.int16(),
        maxVersion: t.int16(),
      },
      { since: 3, tag: 0, ignorable: true },
    ),
    finalizedFeaturesEpoch: t.int64({ since: 3, default: -1, tag: 1, ignorable: true }),
    finalizedFeatures: t.array(
      {
        name: t.string(),
        maxVersionLevel: t.int16(),
        minVersionLevel: t.int16(),
      },
      { since: 3, tag: 2, ignorable: true },
    ),
    zkMigrationReady: t.bool({ since: 3, tag: 3, ignorable: true }),
  },
});
export type ApiVersionsResponse = Infer<typeof apiVersionsResponse>;
/** What a caller gives to encode it: everything may be left out. */
export type ApiVersionsResponseInput = InferInput<typeof apiVersionsResponse>;
