/**
 * What a client's batch with a producer id means for the state of that producer (Kafka's ProducerAppendInfo and
 * ProducerStateEntry.findDuplicateBatch). Pure: reads the table, changes nothing; `partition-log` applies the decision
 * at once, so that later batches of the same drain see it.
 *
 * Skipped: verification entries of KIP-890; a transactional batch is accepted only inside a transaction that the log
 * already knows (none can begin here before the transaction coordinator exists).
 */
import { incrementSequence } from '../record/layout.js';
import type { ProducerTable } from './producer-table.js';

const SEQUENCE_MAX = 2 ** 31 - 1;

export interface ProducerBatch {
  idLow: number;
  idHigh: number;
  epoch: number;
  baseSequence: number;
  lastOffsetDelta: number;
  transactional: boolean;
}

export type ProducerDecision =
  | 'append'
  /** Success with the offsets of the first time: `table.findBatch` gives them. */
  | 'duplicate'
  | 'stale-epoch' // 47
  | 'new-epoch-sequence' // 45: a new epoch starts with sequence 0
  | 'out-of-order' // 45
  | 'transaction-open' // 48: plain batch while this producer's transaction is open
  | 'no-transaction'; // 48: transactional batch outside a transaction

function follows(lastSequence: number, nextSequence: number): boolean {
  return nextSequence === lastSequence + 1 || (nextSequence === 0 && lastSequence === SEQUENCE_MAX);
}

/** `entry`: of this producer in the table, -1 = unknown. */
export function decideProducerAppend(
  table: ProducerTable,
  entry: number,
  batch: ProducerBatch,
): ProducerDecision {
  const knownEpoch = entry < 0 ? -1 : table.epoch(entry);
  if (entry >= 0 && knownEpoch === batch.epoch) {
    const lastSequence = incrementSequence(batch.baseSequence, batch.lastOffsetDelta);
    if (table.findBatch(entry, lastSequence, batch.lastOffsetDelta) >= 0) return 'duplicate';
  }
  const open = entry >= 0 && table.transactionFirstOffset(entry) >= 0;
  // Kafka asks the verification state before it looks at epochs and sequences.
  if (batch.transactional && !open) return 'no-transaction';
  if (knownEpoch >= 0) {
    if (batch.epoch < knownEpoch) return 'stale-epoch';
    if (batch.epoch > knownEpoch && batch.baseSequence !== 0) return 'new-epoch-sequence';
    if (batch.epoch === knownEpoch && !follows(table.lastSequence(entry), batch.baseSequence)) {
      return 'out-of-order';
    }
  }
  if (!batch.transactional && open) return 'transaction-open';
  return 'append';
}
