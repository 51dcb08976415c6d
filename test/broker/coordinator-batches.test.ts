/** Batches of coordinators' records: headers as Kafka's coordinators write them. */
import { describe, expect, it } from 'vitest';
import { batchOf, type Decision } from '../../src/broker/main/coordinators/decision.js';
import { BatchShape, BatchView } from '../../src/record/batch-view.js';
import { Codec } from '../../src/record/layout.js';
import { RecordCursor } from '../../src/record/record-cursor.js';
import { forEachRecord } from '../../src/record/records.js';

const decision = (nowMs: number, ...keys: readonly string[]): Decision => ({
  records: keys.map((key) => ({ key: Buffer.from(key), value: null })),
  answers: [],
  bytes: 0,
  nowMs,
});

describe('batchOf', () => {
  it('numbers the records from 0, without a producer id', () => {
    const bytes = batchOf([decision(7, 'a', 'b'), decision(9, 'c')], { bytesMax: 1000, codec: Codec.none });
    const view = new BatchView();
    expect(view.set(bytes, 0, bytes.length)).toBe(BatchShape.complete);
    expect(view.producerId).toBe(-1n);
    expect(view.producerEpoch).toBe(-1);
    expect([view.baseSequence, view.lastSequence]).toEqual([0, 2]);
    const seen: (string | number)[][] = [];
    forEachRecord(view, new RecordCursor(), (cursor) => {
      const key = Buffer.from(cursor.key() ?? []).toString();
      seen.push([key, view.timestampOf(cursor), view.sequenceOf(cursor)]);
    });
    expect(seen).toEqual([
      ['a', 7, 0],
      ['b', 7, 1],
      ['c', 9, 2],
    ]);
  });
});
