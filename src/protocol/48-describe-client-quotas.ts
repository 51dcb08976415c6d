/**
 * DescribeClientQuotas: quotas of users, client ids and addresses by a filter (KIP-546). v1 flexible.
 */
import { defineMessage, type Infer, type InferInput, t } from '../wire/index.js';

export const describeClientQuotasRequest = defineMessage({
  name: 'DescribeClientQuotasRequest',
  kind: 'request',
  key: 48,
  versions: [0, 1],
  flexible: 1,
  fields: {
    components: t.array({
      entityType: t.string(),
      matchType: t.int8(),
      match: t.string({ nullable: 0 }),
    }),
    strict: t.bool(),
  },
});
export type DescribeClientQuotasRequest = Infer<typeof describeClientQuotasRequest>;
/** What a caller gives to encode it: everything may be left out. */
export type DescribeClientQuotasRequestInput = InferInput<typeof describeClientQuotasRequest>;

export const describeClientQuotasResponse = defineMessage({
  name: 'DescribeClientQuotasResponse',
  kind: 'response',
  key: 48,
  versions: [0, 1],
  flexible: 1,
  fields: {
    throttleTimeMs: t.int32(),
    errorCode: t.int16(),
    errorMessage: t.string({ nullable: 0 }),
    entries: t.array(
      {
        entity: t.array({
          entityType: t.string(),
          entityName: t.string({ nullable: 0 }),
        }),
        values: t.array({
          key: t.string(),
          value: t.float64(),
        }),
      },
      { nullable: 0 },
    ),
  },
});
export type DescribeClientQuotasResponse = Infer<typeof describeClientQuotasResponse>;
/** What a caller gives to encode it: everything may be left out. */
export type DescribeClientQuotasResponseInput = InferInput<typeof describeClientQuotasResponse>;
