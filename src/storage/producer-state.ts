/**
 * Producer state of one log as its owner keeps it: snapshots, replay after a restart, expiry, open transactions
 * (Kafka's ProducerStateManager). The entries themselves lie in the shared `ProducerTable`.
 */
import { join } from 'node:path';
import { type BatchTable, Double, Word } from '../io/batch-table.js';
import { ControlType } from '../record/control.js';
import { Attribute, incrementSequence } from '../record/layout.js';
import { LogSuffix, parseSegmentFileName, segmentFileName } from './files/file-names.js';
import type { FileOps } from './files/file-ops.js';
import { checkProducerSnapshot, encodeProducerSnapshot, loadProducerSnapshot } from './producer-snapshot.js';
import type { ProducerTable } from './producer-table.js';
import type { AbortedTransaction } from './transaction-index.js';

/** An end-of-transaction marker (record/control.ts). */
export interface Marker {
  type: number;
  coordinatorEpoch: number;
}

export interface ActiveProducer {
  producerId: bigint;
  epoch: number;
  lastSequence: number;
  lastTimestamp: number;
  coordinatorEpoch: number;
  /** -1 = no open transaction. */
  currentTransactionFirstOffset: number;
}

export class ProducerState {
  /** A snapshot that was written but not yet made durable; -1 = none. */
  private unsynced = -1;
  /** Snapshots in the directory, rising; null = not known: others remove some. */
  private known: number[] | null = null;

  constructor(
    readonly table: ProducerTable,
    readonly scope: number,
    private readonly directory: string,
    private readonly crc32c: (bytes: Uint8Array) => number,
    private readonly files: FileOps,
  ) {}

  /**
   * Loads the newest good snapshot at or below `offset`; broken ones are deleted and the next older is tried
   * (KAFKA-9892). Returns the offset to replay from, or -1 when there is none.
   */
  load(offset: number, nowMs: number, expirationMs: number, onBroken: (why: string) => void): number {
    this.table.removeScope(this.scope);
    const offsets = this.snapshotOffsets().filter((found) => found <= offset);
    for (const found of offsets.reverse()) {
      const path = this.path(found);
      const bytes = this.files.read(path) ?? new Uint8Array(0);
      const wrong = checkProducerSnapshot(bytes, this.crc32c);
      if (wrong === null) {
        loadProducerSnapshot(bytes, this.table, this.scope, nowMs, expirationMs);
        return found;
      }
      onBroken(`Producer snapshot ${path} is unusable (${wrong}); it is deleted`);
      this.remove(found);
    }
    return -1;
  }

  /** Writes the state of all offsets below `offset`. Not yet durable: `syncSnapshot`. */
  take(offset: number): void {
    this.syncSnapshot();
    this.files.write(this.path(offset), encodeProducerSnapshot(this.table, this.scope, this.crc32c));
    this.unsynced = offset;
  }

  syncSnapshot(): void {
    const offset = this.unsynced;
    this.unsynced = -1;
    if (offset >= 0 && this.files.stat(this.path(offset)) !== null) this.files.sync(this.path(offset));
  }

  /** Whoever flushes the segments makes the newest snapshot durable with them. */
  snapshotFlushedElsewhere(): void {
    this.unsynced = -1;
  }

  /** For DescribeProducers. */
  describe(): ActiveProducer[] {
    const found: ActiveProducer[] = [];
    this.table.forEach(this.scope, (entry) =>
      found.push({
        producerId: this.table.producerId(entry),
        epoch: this.table.epoch(entry),
        lastSequence: this.table.lastSequence(entry),
        lastTimestamp: this.table.lastTimestamp(entry),
        coordinatorEpoch: this.table.coordinatorEpoch(entry),
        currentTransactionFirstOffset: this.table.transactionFirstOffset(entry),
      }),
    );
    return found;
  }

  /** Says which snapshots a directory holds that was just listed: loading a log asks several times. */
  listed(offsets: readonly number[]): void {
    this.known = [...offsets];
  }

  /** The log is loaded: from now on the directory is asked. */
  forgetListed(): void {
    this.known = null;
  }

  snapshotOffsets(): number[] {
    if (this.known !== null) return [...this.known];
    return this.files
      .list(this.directory)
      .map(parseSegmentFileName)
      .filter((file) => file !== null)
      .filter((file) => file.kind === LogSuffix.snapshot && file.state === '')
      .map((file) => file.offset)
      .sort((a, b) => a - b);
  }

  /** Snapshots stand at segment bases; of the others only the newest stays, and only beyond all bases. */
  removeStray(bases: readonly number[]): void {
    const known = new Set(bases);
    const stray = this.snapshotOffsets().filter((offset) => !known.has(offset));
    const newest = stray.at(-1) ?? -1;
    const kept = newest > (bases.at(-1) ?? -1) ? newest : -1;
    for (const offset of stray) if (offset !== kept) this.remove(offset);
  }

  removeAbove(offset: number): void {
    for (const found of this.snapshotOffsets()) if (found > offset) this.remove(found);
  }

  /**
   * Takes a batch of the log into account (ProducerAppendInfo for replication: nothing is refused). A marker that
   * aborts an open transaction returns its row for the transaction index.
   */
  replay(table: BatchTable, row: number, readMarker: () => Marker | null): AbortedTransaction | null {
    if (table.word(row, Word.producerIdHigh) < 0) return null;
    const low = table.word(row, Word.producerIdLow);
    const entry = this.table.obtain(this.scope, low, table.word(row, Word.producerIdHigh));
    if (entry < 0) return null;
    const attributes = table.word(row, Word.attributes);
    const epoch = table.word(row, Word.producerEpoch);
    const firstOffset = table.double(row, Double.baseOffset);
    const delta = table.word(row, Word.lastOffsetDelta);
    const timestamp = table.double(row, Double.maxTimestamp);
    if ((attributes & Attribute.control) !== 0) {
      const marker = readMarker();
      return marker === null ? null : this.endTransaction(entry, epoch, firstOffset, timestamp, marker);
    }
    const lastSequence = incrementSequence(table.word(row, Word.baseSequence), delta);
    this.table.addBatch(entry, epoch, lastSequence, firstOffset + delta, delta, timestamp);
    if ((attributes & Attribute.transactional) !== 0 && this.table.transactionFirstOffset(entry) < 0) {
      this.table.setTransactionFirstOffset(entry, firstOffset);
    }
    return null;
  }

  private endTransaction(
    entry: number,
    epoch: number,
    offset: number,
    timestamp: number,
    marker: Marker,
  ): AbortedTransaction | null {
    const firstOffset = this.table.transactionFirstOffset(entry);
    this.table.setEpoch(entry, epoch);
    this.table.setTransactionFirstOffset(entry, -1);
    this.table.setCoordinatorEpoch(entry, marker.coordinatorEpoch);
    this.table.setLastTimestamp(entry, timestamp);
    if (firstOffset < 0 || marker.type !== ControlType.abort) return null;
    const unstable = this.unstableOffset();
    return {
      producerId: this.table.producerId(entry),
      firstOffset,
      lastOffset: offset,
      lastStableOffset: unstable >= 0 ? unstable : offset + 1,
    };
  }

  /** First offset of the oldest open transaction; -1 = none. */
  unstableOffset(): number {
    let first = -1;
    this.table.forEach(this.scope, (entry) => {
      const offset = this.table.transactionFirstOffset(entry);
      if (offset >= 0 && (first < 0 || offset < first)) first = offset;
    });
    return first;
  }

  private remove(offset: number): void {
    this.files.remove(this.path(offset));
    this.known = this.known?.filter((found) => found !== offset) ?? null;
  }

  private path(offset: number): string {
    return join(this.directory, segmentFileName(offset, LogSuffix.snapshot));
  }
}
