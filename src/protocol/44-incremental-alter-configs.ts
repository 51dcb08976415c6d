/**
 * IncrementalAlterConfigs: SET 0, DELETE 1, APPEND 2, SUBTRACT 3 on single keys (KIP-339). v1 flexible.
 */
import { defineMessage, type Infer, type InferInput, t } from '../wire/index.js';

export const incrementalAlterConfigsRequest = defineMessage({
  name: 'IncrementalAlterConfigsRequest',
  kind: 'request',
  key: 44,
  versions: [0, 1],
  flexible: 1,
  fields: {
    resources: t.array({
      resourceType: t.int8(),
      resourceName: t.string(),
      configs: t.array({
        name: t.string(),
        configOperation: t.int8(),
        value: t.string({ nullable: 0 }),
      }),
    }),
    validateOnly: t.bool(),
  },
});
export type IncrementalAlterConfigsRequest = Infer<typeof incrementalAlterConfigsRequest>;
/** What a caller gives to encode it: everything may be left out. */
export type IncrementalAlterConfigsRequestInput = InferInput<typeof incrementalAlterConfigsRequest>;

export const incrementalAlterConfigsResponse = defineMessage({
  name: 'IncrementalAlterConfigsResponse',
  kind: 'response',
  key: 44,
  versions: [0, 1],
  flexible: 1,
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
export type IncrementalAlterConfigsResponse = Infer<typeof incrementalAlterConfigsResponse>;
/** What a caller gives to encode it: everything may be left out. */
export type IncrementalAlterConfigsResponseInput = InferInput<typeof incrementalAlterConfigsResponse>;
