/**
 * DescribeCluster: brokers and authorized operations (KIP-700). v1 endpoint type: 1 brokers, 2 controllers (KIP-919). v2
 * fenced brokers (KIP-1073).
 */
import { defineMessage, type Infer, type InferInput, t } from '../wire/index.js';

export const describeClusterRequest = defineMessage({
  name: 'DescribeClusterRequest',
  kind: 'request',
  key: 60,
  versions: [0, 2],
  flexible: 0,
  fields: {
    includeClusterAuthorizedOperations: t.bool(),
    endpointType: t.int8({ since: 1, default: 1 }),
    includeFencedBrokers: t.bool({ since: 2 }),
  },
});
export type DescribeClusterRequest = Infer<typeof describeClusterRequest>;
/** What a caller gives to encode it: everything may be left out. */
export type DescribeClusterRequestInput = InferInput<typeof describeClusterRequest>;

export const describeClusterResponse = defineMessage({
  name: 'DescribeClusterResponse',
  kind: 'response',
  key: 60,
  versions: [0, 2],
  flexible: 0,
  fields: {
    throttleTimeMs: t.int32(),
    errorCode: t.int16(),
    errorMessage: t.string({ nullable: 0, default: null }),
    endpointType: t.int8({ since: 1, default: 1 }),
    clusterId: t.string(),
    controllerId: t.int32({ default: -1 }),
    brokers: t.array({
      brokerId: t.int32(),
      host: t.string(),
      port: t.int32(),
      rack: t.string({ nullable: 0, default: null }),
      isFenced: t.bool({ since: 2 }),
    }),
    clusterAuthorizedOperations: t.int32({ default: -2147483648 }),
  },
});
export type DescribeClusterResponse = Infer<typeof describeClusterResponse>;
/** What a caller gives to encode it: everything may be left out. */
export type DescribeClusterResponseInput = InferInput<typeof describeClusterResponse>;
