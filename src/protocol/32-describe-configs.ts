/**
 * DescribeConfigs (KIP-133). v1 sources and synonyms (KIP-226). v3 type and documentation (KIP-569). v4 flexible.
 * Kafka 4 starts at v1; in v0 the response has isDefault in place of the source.
 */
import { defineMessage, type Infer, type InferInput, t } from '../wire/index.js';

export const describeConfigsRequest = defineMessage({
  name: 'DescribeConfigsRequest',
  kind: 'request',
  key: 32,
  versions: [0, 4],
  flexible: 4,
  fields: {
    resources: t.array({
      resourceType: t.int8(),
      resourceName: t.string(),
      configurationKeys: t.array(t.string(), { nullable: 0 }),
    }),
    includeSynonyms: t.bool({ since: 1 }),
    includeDocumentation: t.bool({ since: 3 }),
  },
});
export type DescribeConfigsRequest = Infer<typeof describeConfigsRequest>;
/** What a caller gives to encode it: everything may be left out. */
export type DescribeConfigsRequestInput = InferInput<typeof describeConfigsRequest>;

export const describeConfigsResponse = defineMessage({
  name: 'DescribeConfigsResponse',
  kind: 'response',
  key: 32,
  versions: [0, 4],
  flexible: 4,
  fields: {
    throttleTimeMs: t.int32(),
    results: t.array({
      errorCode: t.int16(),
      errorMessage: t.string({ nullable: 0 }),
      resourceType: t.int8(),
      resourceName: t.string(),
      configs: t.array({
        name: t.string(),
        value: t.string({ nullable: 0 }),
        readOnly: t.bool(),
        isDefault: t.bool({ until: 0 }),
        configSource: t.int8({ since: 1, default: -1, ignorable: true }),
        isSensitive: t.bool(),
        synonyms: t.array(
          {
            name: t.string(),
            value: t.string({ nullable: 1 }),
            source: t.int8(),
          },
          { since: 1, ignorable: true },
        ),
        configType: t.int8({ since: 3, ignorable: true }),
        documentation: t.string({ since: 3, nullable: 3, ignorable: true }),
      }),
    }),
  },
});
export type DescribeConfigsResponse = Infer<typeof describeConfigsResponse>;
/** What a caller gives to encode it: everything may be left out. */
export type DescribeConfigsResponseInput = InferInput<typeof describeConfigsResponse>;
