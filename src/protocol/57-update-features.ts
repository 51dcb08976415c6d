/**
 * UpdateFeatures: finalized feature levels (KIP-584). v1 upgrade types and validation alone (KIP-778); v2 answers without
 * results per feature (KIP-1022).
 */
import { defineMessage, type Infer, type InferInput, t } from '../wire/index.js';

export const updateFeaturesRequest = defineMessage({
  name: 'UpdateFeaturesRequest',
  kind: 'request',
  key: 57,
  versions: [0, 2],
  flexible: 0,
  fields: {
    timeoutMs: t.int32({ default: 60_000 }),
    featureUpdates: t.array({
      feature: t.string(),
      maxVersionLevel: t.int16(),
      allowDowngrade: t.bool({ until: 0 }),
      upgradeType: t.int8({ since: 1, default: 1 }),
    }),
    validateOnly: t.bool({ since: 1 }),
  },
});
export type UpdateFeaturesRequest = Infer<typeof updateFeaturesRequest>;
/** What a caller gives to encode it: everything may be left out. */
export type UpdateFeaturesRequestInput = InferInput<typeof updateFeaturesRequest>;

export const updateFeaturesResponse = defineMessage({
  name: 'UpdateFeaturesResponse',
  kind: 'response',
  key: 57,
  versions: [0, 2],
  flexible: 0,
  fields: {
    throttleTimeMs: t.int32(),
    errorCode: t.int16(),
    errorMessage: t.string({ nullable: 0 }),
    results: t.array(
      {
        feature: t.string(),
        errorCode: t.int16(),
        errorMessage: t.string({ nullable: 0 }),
      },
      { until: 1, ignorable: true },
    ),
  },
});
export type UpdateFeaturesResponse = Infer<typeof updateFeaturesResponse>;
/** What a caller gives to encode it: everything may be left out. */
export type UpdateFeaturesResponseInput = InferInput<typeof updateFeaturesResponse>;
