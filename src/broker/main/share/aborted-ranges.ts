/**
 * Which batches of a fetch belong to aborted transactions (SharePartition.fetchAbortedTransactionRecordBatches): a share group
 * that reads committed records only never gets them. Main thread.
 */
import { Attribute } from '../../../record/layout.js';
import { AbortedTransactions } from '../../fetch/aborted-transactions.js';
import type { LogBatch } from './share-log.js';

export class AbortedRanges {
  private readonly transactions = new AbortedTransactions();

  /** `directoryOf`: where the partition at a slot lies; undefined = not here. */
  constructor(private readonly directoryOf: (slot: number) => string | undefined) {}

  /** Batches among `batches`, which follow each other in the log, that an aborted transaction wrote. */
  among(slot: number, batches: readonly LogBatch[]): LogBatch[] {
    const directory = this.directoryOf(slot);
    const first = batches[0];
    if (directory === undefined || first === undefined) return [];
    const end = batches[batches.length - 1].lastOffset + 1;
    const aborted = this.transactions
      .overlapping(slot, directory, first.baseOffset, end)
      .sort((a, b) => a.firstOffset - b.firstOffset);
    const open = new Set<number>();
    const found: LogBatch[] = [];
    let next = 0;
    for (const batch of batches) {
      while (next < aborted.length && aborted[next].firstOffset <= batch.lastOffset)
        open.add(Number(aborted[next++].producerId));
      if ((batch.attributes & Attribute.transactional) === 0) continue;
      // A marker ends what its producer had open; the transaction index names only transactions that were aborted.
      if ((batch.attributes & Attribute.control) !== 0) open.delete(batch.producerId);
      else if (open.has(batch.producerId)) found.push(batch);
    }
    return found;
  }

  forget(slot: number): void {
    this.transactions.forget(slot);
  }
}
