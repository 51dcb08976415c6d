/** A records field as plain values that can be compared: batch headers, and the records without their compression. */
import { createHash } from 'node:crypto';
import { BatchShape, BatchView } from '../../../src/record/batch-view.js';
import { RecordCursor } from '../../../src/record/record-cursor.js';
import { openRecords } from '../../../src/record/records.js';

export interface DescribedBatch {
  baseOffset: number;
  sizeBytes: number;
  leaderEpoch: number;
  crcIsRight: boolean;
  attributes: number;
  lastOffsetDelta: number;
  baseTimestamp: number;
  maxTimestamp: number;
  producerId: bigint;
  producerEpoch: number;
  baseSequence: number;
  count: number;
  /** offset delta, timestamp delta, and a digest of everything behind them. */
  records: string[];
}

export type Described = DescribedBatch | { incompleteBytes: number };

export function describeRecords(bytes: Uint8Array): Described[] {
  const view = new BatchView();
  const found: Described[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (view.set(bytes, at) !== BatchShape.complete) {
      found.push({ incompleteBytes: bytes.length - at });
      break;
    }
    found.push(describeBatch(view));
    at = view.nextPosition;
  }
  return found;
}

function describeBatch(view: BatchView): DescribedBatch {
  const cursor = openRecords(view, new RecordCursor());
  const records: string[] = [];
  while (cursor.next()) {
    const body = cursor.bytes.subarray(cursor.bodyPosition, cursor.position + cursor.sizeBytes);
    const digest = createHash('sha1').update(body).digest('hex').slice(0, 12);
    records.push(`${cursor.offsetDelta} ${cursor.timestampDelta} ${digest}`);
  }
  if (cursor.problem !== 0) records.push(`problem ${cursor.problem}`);
  return {
    baseOffset: view.baseOffset,
    sizeBytes: view.sizeBytes,
    leaderEpoch: view.leaderEpoch,
    crcIsRight: view.isCrcRight(),
    attributes: view.attributes,
    lastOffsetDelta: view.lastOffsetDelta,
    baseTimestamp: view.baseTimestamp,
    maxTimestamp: view.maxTimestamp,
    producerId: view.producerId,
    producerEpoch: view.producerEpoch,
    baseSequence: view.baseSequence,
    count: view.count,
    records,
  };
}
