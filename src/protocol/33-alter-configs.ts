/**
 * AlterConfigs: replaces a resource's whole configuration (KIP-133); superseded by IncrementalAlterConfigs, but librdkafka,
 * kafkajs and others still send it. v2 flexible.
 */
import { defineMessage, type Infer, type InferInput, t } from '../wire/index.js';

export const alterConfigsRequest = defineMessage({
  name: 'AlterConfigsRequest',
  kind: 'request',
  key: 33,
  versions: [0, 2],
  flexible: 2,
  fields: {
    resources: t.array({
      resourceType: t.int8(),
      resourceName: t.string(),
      configs: t.array({
        name: t.string(),
        value: t.string({ nullable: 0 }),
      }),
    }),
    validateOnly: t.bool(),
  },
});
export type AlterConfigsRequest = Infer<typeof alterConfigsRequest>;
/** What a caller gives to encode it: everything may be left out. */
export type AlterConfigsRequestInput = InferInput<typeof alterConfigsRequest>;

export const alterConfigsResponse = defineMessage({
  name: 'AlterConfigsResponse',
  kind: 'response',
  key: 33,
  versions: [0, 2],
  flexible: 2,
  fields: {
    throttleTimeMs: t.int32(),
    responses: t.array({
      errorCode: t.int16(),
      errorMessage: t.string({ nullable: 0 }),
      resourceType: t.int8(),
      resourceName: t.string(),
    }),
  },
});
export type AlterConfigsResponse = Infer<typeof alterConfigsResponse>;
/** What a caller gives to encode it: everything may be left out. */
export type AlterConfigsResponseInput = InferInput<typeof alterConfigsResponse>;
