/** The one partition of a DescribeQuorum answer when this node is the only voter (KafkaRaftClient.handleDescribeQuorum). */
import type { DescribeQuorumResponse } from '../../protocol/55-describe-quorum.js';

export interface QuorumView {
  readonly nodeId: number;
  /** Zero uuid at kraft.version 0. */
  readonly directoryId: string;
  readonly leaderEpoch: number;
  readonly endOffset: number;
  /** ms */
  readonly now: number;
}

type Partition = DescribeQuorumResponse['topics'][number]['partitions'][number];

/** A single voter has committed everything it has written: its end is the high watermark. */
export function describeQuorumPartition(view: QuorumView): Partition {
  return {
    partitionIndex: 0,
    errorCode: 0,
    errorMessage: null,
    leaderId: view.nodeId,
    leaderEpoch: view.leaderEpoch,
    highWatermark: view.endOffset,
    currentVoters: [
      {
        replicaId: view.nodeId,
        replicaDirectoryId: view.directoryId,
        logEndOffset: view.endOffset,
        lastFetchTimestamp: view.now,
        lastCaughtUpTimestamp: view.now,
      },
    ],
    observers: [],
  };
}
