/**
 * The aborted transactions that a read_committed fetch must name, from the `.txnindex` files of a partition. Read once per
 * partition and kept: this broker appends no transactional data, so what a directory brought along only shrinks.
 */
import { join } from 'node:path';
import { LogSuffix, parseSegmentFileName } from '../../storage/files/file-names.js';
import { systemFiles } from '../../storage/files/file-ops.js';
import {
  type AbortedTransaction,
  collectAborted,
  readTransactionIndex,
} from '../../storage/transaction-index.js';

export interface Aborted {
  producerId: bigint;
  firstOffset: number;
}

export class AbortedTransactions {
  private readonly bySlot = new Map<number, AbortedTransaction[][]>();

  /** Transactions overlapping [from, to), in the order of the index files. */
  overlapping(slot: number, directory: string, from: number, to: number): Aborted[] {
    const found: Aborted[] = [];
    for (const entries of this.segments(slot, directory)) if (collectAborted(entries, from, to, found)) break;
    return found;
  }

  forget(slot: number): void {
    this.bySlot.delete(slot);
  }

  private segments(slot: number, directory: string): AbortedTransaction[][] {
    const known = this.bySlot.get(slot);
    if (known !== undefined) return known;
    const names = systemFiles.list(directory).filter((name) => {
      const parsed = parseSegmentFileName(name);
      return parsed?.kind === LogSuffix.transactionIndex && parsed.state === '';
    });
    const read = names.sort().map((name) => readTransactionIndex(join(directory, name)));
    this.bySlot.set(slot, read);
    return read;
  }
}
