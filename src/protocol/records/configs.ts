/**
 * Metadata records of configuration, feature levels (KIP-584) and client quotas (KIP-546). A null value removes a key.
 */
import { defineMessage, type Infer, t } from '../../wire/index.js';

export const configRecord = defineMessage({
  name: 'ConfigRecord',
  kind: 'metadata',
  key: 4,
  versions: [0, 0],
  flexible: 0,
  fields: {
    resourceType: t.int8(),
    resourceName: t.string(),
    name: t.string(),
    value: t.string({ nullable: 0 }),
  },
});
export type ConfigRecord = Infer<typeof configRecord>;

export const featureLevelRecord = defineMessage({
  name: 'FeatureLevelRecord',
  kind: 'metadata',
  key: 12,
  versions: [0, 0],
  flexible: 0,
  fields: {
    name: t.string(),
    featureLevel: t.int16(),
  },
});
export type FeatureLevelRecord = Infer<typeof featureLevelRecord>;

export const clientQuotaRecord = defineMessage({
  name: 'ClientQuotaRecord',
  kind: 'metadata',
  key: 14,
  versions: [0, 0],
  flexible: 0,
  fields: {
    entity: t.array({
      entityType: t.string(),
      entityName: t.string({ nullable: 0 }),
    }),
    key: t.string(),
    value: t.float64(),
    remove: t.bool(),
  },
});
export type ClientQuotaRecord = Infer<typeof clientQuotaRecord>;
