/**
 * AlterClientQuotas: sets and removes quotas of users, client ids and addresses (KIP-546, KIP-612). v1 flexible.
 */
import { defineMessage, type Infer, type InferInput, t } from '../wire/index.js';

export const alterClientQuotasRequest = defineMessage({
  name: 'AlterClientQuotasRequest',
  kind: 'request',
  key: 49,
  versions: [0, 1],
  flexible: 1,
  fields: {
    entries: t.array({
      entity: t.array({
        entityType: t.string(),
        entityName: t.string({ nullable: 0 }),
      }),
      ops: t.array({
        key: t.string(),
        value: t.float64(),
        remove: t.bool(),
      }),
    }),
    validateOnly: t.bool(),
  },
});
export type AlterClientQuotasRequest = Infer<typeof alterClientQuotasRequest>;
/** What a caller gives to encode it: everything may be left out. */
export type AlterClientQuotasRequestInput = InferInput<typeof alterClientQuotasRequest>;

export const alterClientQuotasResponse = defineMessage({
  name: 'AlterClientQuotasResponse',
  kind: 'response',
  key: 49,
  versions: [0, 1],
  flexible: 1,
  fields: {
    throttleTimeMs: t.int32(),
    entries: t.array({
      errorCode: t.int16(),
      errorMessage: t.string({ nullable: 0 }),
      entity: t.array({
        entityType: t.string(),
        entityName: t.string({ nullable: 0 }),
      }),
    }),
  },
});
export type AlterClientQuotasResponse = Infer<typeof alterClientQuotasResponse>;
/** What a caller gives to encode it: everything may be left out. */
export type AlterClientQuotasResponseInput = InferInput<typeof alterClientQuotasResponse>;
