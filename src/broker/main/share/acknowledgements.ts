/** Acknowledgements of a request, checked before any share partition sees them (KafkaApis.validateAcknowledgementBatches). */
import { type AcknowledgeBatch, AcknowledgeType } from '../../../coordinator/share-partition/acknowledge.js';
import type { SessionPartition } from './share-session.js';

export interface Acknowledgement extends SessionPartition {
  readonly batches: readonly AcknowledgeBatch[];
}

interface AskedTopic {
  readonly topicId: string;
  readonly partitions: readonly {
    readonly partitionIndex: number;
    readonly acknowledgementBatches: readonly AcknowledgeBatch[];
  }[];
}

/** What a request acknowledges, partition by partition; `withEmpty`: also where it says nothing. */
export function acknowledgementsOf(topics: readonly AskedTopic[], withEmpty: boolean): Acknowledgement[] {
  return topics.flatMap(({ topicId, partitions }) =>
    partitions
      .filter(({ acknowledgementBatches }) => withEmpty || acknowledgementBatches.length > 0)
      .map(({ partitionIndex, acknowledgementBatches }) => ({
        topicId,
        partition: partitionIndex,
        batches: acknowledgementBatches,
      })),
  );
}

/** In order, without overlaps, one type for all offsets or one for each, and only types that the request may hold. */
export function isWellFormed(batches: readonly AcknowledgeBatch[], mayRenew: boolean): boolean {
  const typeMax = mayRenew ? AcknowledgeType.renew : AcknowledgeType.reject;
  let before = -1;
  for (const { firstOffset, lastOffset, acknowledgeTypes } of batches) {
    const count = lastOffset - firstOffset + 1;
    if (count <= 0 || firstOffset < before || acknowledgeTypes.length === 0) return false;
    if (acknowledgeTypes.length > 1 && acknowledgeTypes.length !== count) return false;
    if (acknowledgeTypes.some((type) => type < AcknowledgeType.gap || type > typeMax)) return false;
    before = lastOffset;
  }
  return true;
}
