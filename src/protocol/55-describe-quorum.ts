/**
 * DescribeQuorum: state of the metadata quorum (KIP-595, KIP-836 from v1: fetch times). v2 directory ids, error messages and
 * nodes (KIP-853).
 */
import { defineMessage, type Infer, type InferInput, t } from '../wire/index.js';

export const describeQuorumRequest = defineMessage({
  name: 'DescribeQuorumRequest',
  kind: 'request',
  key: 55,
  versions: [0, 2],
  flexible: 0,
  fields: {
    topics: t.array({
      topicName: t.string(),
      partitions: t.array({
        partitionIndex: t.int32(),
      }),
    }),
  },
});
export type DescribeQuorumRequest = Infer<typeof describeQuorumRequest>;
/** What a caller gives to encode it: everything may be left out. */
export type DescribeQuorumRequestInput = InferInput<typeof describeQuorumRequest>;

const replicaState = {
  replicaId: t.int32(),
  replicaDirectoryId: t.uuid({ since: 2 }),
  logEndOffset: t.int64(),
  lastFetchTimestamp: t.int64({ since: 1, default: -1, ignorable: true }),
  lastCaughtUpTimestamp: t.int64({ since: 1, default: -1, ignorable: true }),
} as const;

export const describeQuorumResponse = defineMessage({
  name: 'DescribeQuorumResponse',
  kind: 'response',
  key: 55,
  versions: [0, 2],
  flexible: 0,
  fields: {
    errorCode: t.int16(),
    errorMessage: t.string({ since: 2, nullable: 2, ignorable: true }),
    topics: t.array({
      topicName: t.string(),
      partitions: t.array({
        partitionIndex: t.int32(),
        errorCode: t.int16(),
        errorMessage: t.string({ since: 2, nullable: 2, ignorable: true }),
        leaderId: t.int32(),
        leaderEpoch: t.int32(),
        highWatermark: t.int64(),
        currentVoters: t.array(replicaState),
        observers: t.array(replicaState),
      }),
    }),
    nodes: t.array(
      {
        nodeId: t.int32(),
        listeners: t.array({
          name: t.string(),
          host: t.string(),
          port: t.uint16(),
        }),
      },
      { since: 2 },
    ),
  },
});
export type DescribeQuorumResponse = Infer<typeof describeQuorumResponse>;
/** What a caller gives to encode it: everything may be left out. */
export type DescribeQuorumResponseInput = InferInput<typeof describeQuorumResponse>;
