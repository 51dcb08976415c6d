/** What a log must contain and answer, kept as plain lists and searched by brute force. */
import { join } from './batch-bytes.js';

export interface ModelBatch {
  segmentBase: number;
  position: number;
  baseOffset: number;
  lastOffset: number;
  maxTimestamp: number;
  leaderEpoch: number;
  bytes: Uint8Array;
}

export interface ReadAnswer {
  status: 'found' | 'empty' | 'outOfRange';
  segmentBase: number;
  position: number;
  bytes: Uint8Array;
}

const NOTHING = new Uint8Array(0);

export class LogModel {
  readonly bases: number[] = [];
  batches: ModelBatch[] = [];

  batchesOf(segmentBase: number): ModelBatch[] {
    return this.batches.filter((batch) => batch.segmentBase === segmentBase);
  }

  segmentBytes(segmentBase: number): Uint8Array {
    return join(this.batchesOf(segmentBase).map(({ bytes }) => bytes));
  }

  get endOffset(): number {
    const last = this.batches.at(-1);
    return last === undefined ? (this.bases.at(-1) ?? 0) : last.lastOffset + 1;
  }

  read(fetchOffset: number, endOffset: number, bytesMax: number, atLeastOne: boolean): ReadAnswer {
    const nothing = { segmentBase: -1, position: -1, bytes: NOTHING };
    if (fetchOffset < this.bases[0]) return { status: 'outOfRange', ...nothing };
    const first = this.batches.find(({ lastOffset }) => lastOffset >= fetchOffset);
    if (fetchOffset >= endOffset || first === undefined || first.lastOffset >= endOffset) {
      return { status: 'empty', ...nothing };
    }
    if (first.bytes.length > bytesMax && !atLeastOne) return { status: 'empty', ...nothing };
    const all = this.readable(first, endOffset);
    const length = Math.max(first.bytes.length, Math.min(all.length, bytesMax));
    const { segmentBase, position } = first;
    return { status: 'found', segmentBase, position, bytes: all.subarray(0, length) };
  }

  readableBytes(fetchOffset: number, endOffset: number): number {
    const first = this.batches.find(({ lastOffset }) => lastOffset >= fetchOffset);
    if (first === undefined || first.lastOffset >= endOffset || fetchOffset < this.bases[0]) return 0;
    return this.readable(first, endOffset).length;
  }

  findByTimestamp(timestamp: number, fromOffset: number): ModelBatch | undefined {
    return this.batches.find((batch) => batch.maxTimestamp >= timestamp && batch.lastOffset >= fromOffset);
  }

  maxTimestampBatch(): ModelBatch | undefined {
    let best: ModelBatch | undefined;
    for (const batch of this.batches) {
      if (best === undefined || batch.maxTimestamp > best.maxTimestamp) best = batch;
    }
    return best;
  }

  findBatch(offset: number): ModelBatch | undefined {
    return this.batches.find(({ lastOffset }) => lastOffset >= offset);
  }

  private readable(first: ModelBatch, endOffset: number): Uint8Array {
    return join(
      this.batchesOf(first.segmentBase)
        .filter(({ position, lastOffset }) => position >= first.position && lastOffset < endOffset)
        .map(({ bytes }) => bytes),
    );
  }
}

export interface IndexRows {
  offsets: [lastOffset: number, position: number][];
  times: [timestamp: number, lastOffset: number][];
}

/**
 * Kafka's index rule, computed from the batches alone: before a batch is counted, a row is due when more than
 * `intervalBytes` have been appended since the last row (or since the segment was opened). A time row is written only
 * for a timestamp larger than the last one; a sealed segment ends with its largest timestamp.
 */
export function expectedIndexes(
  batches: ModelBatch[],
  intervalBytes: number,
  sealed: boolean,
  reopenedAt: number[] = [],
): IndexRows {
  const rows: IndexRows = { offsets: [], times: [] };
  let bytesSince = 0;
  let largest = -1;
  let carrier = 0;
  const addTime = (): void => {
    if (largest > (rows.times.at(-1)?.[0] ?? -1)) rows.times.push([largest, carrier]);
  };
  for (const batch of batches) {
    if (reopenedAt.includes(batch.position)) bytesSince = 0;
    if (batch.maxTimestamp > largest) {
      largest = batch.maxTimestamp;
      carrier = batch.lastOffset;
    }
    if (bytesSince > intervalBytes) {
      rows.offsets.push([batch.lastOffset, batch.position]);
      addTime();
      bytesSince = 0;
    }
    bytesSince += batch.bytes.length;
  }
  if (sealed) addTime();
  return rows;
}

export function offsetIndexBytes(rows: IndexRows, base: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(rows.offsets.length * 8));
  rows.offsets.forEach(([lastOffset, position], row) => {
    view.setInt32(row * 8, lastOffset - base);
    view.setInt32(row * 8 + 4, position);
  });
  return new Uint8Array(view.buffer);
}

export function timeIndexBytes(rows: IndexRows, base: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(rows.times.length * 12));
  rows.times.forEach(([timestamp, lastOffset], row) => {
    view.setBigInt64(row * 12, BigInt(timestamp));
    view.setInt32(row * 12 + 8, lastOffset - base);
  });
  return new Uint8Array(view.buffer);
}
