/** Batches laid over others: Kafka's own results, and what must hold for any. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { combineBatches, isBatch, type StateBatch } from '../../../src/coordinator/share/state-batches.js';

type Row = [firstOffset: number, lastOffset: number, deliveryState: number, deliveryCount: number];
type Case = [older: Row[], newer: Row[], startOffset: number, result: Row[]];

const file = join(import.meta.dirname, '../../golden/share-groups/combiner.json');
const cases: Case[] = JSON.parse(readFileSync(file, 'utf8'));
const batchOf = ([firstOffset, lastOffset, deliveryState, deliveryCount]: Row): StateBatch => ({
  firstOffset,
  lastOffset,
  deliveryState,
  deliveryCount,
});

const SPAN = 60;
const batches = fc.array(
  fc
    .tuple(fc.nat(SPAN - 10), fc.nat(9), fc.constantFrom(0, 2, 4), fc.integer({ min: 1, max: 4 }))
    .map(([first, length, state, count]) => batchOf([first, first + length, state, count])),
  { maxLength: 12 },
);

/** Of one offset: the state that counts. */
function stateAt(list: readonly StateBatch[], offset: number): string {
  const there = list.filter(({ firstOffset, lastOffset }) => firstOffset <= offset && offset <= lastOffset);
  const ranks = there.map(({ deliveryCount, deliveryState }) => 10 * deliveryCount + deliveryState);
  return ranks.length === 0 ? 'nothing' : String(Math.max(...ranks));
}

describe('combining batches', () => {
  it.each(cases.map((each, index) => ({ each, index })))('as Kafka, case $index', ({ each }) => {
    const [older, newer, startOffset, result] = each;
    const combined = combineBatches(older.map(batchOf), newer.map(batchOf), startOffset);
    expect(combined).toEqual(result.map(batchOf));
  });

  it('holds for every offset, sorted and without overlaps', () => {
    fc.assert(
      fc.property(batches, batches, fc.integer({ min: -1, max: SPAN }), (older, newer, startOffset) => {
        const combined = combineBatches(older, newer, startOffset);
        for (let offset = 0; offset < SPAN; offset++) {
          const expected = offset < startOffset ? 'nothing' : stateAt([...older, ...newer], offset);
          expect(stateAt(combined, offset)).toBe(expected);
        }
        combined.forEach((batch, index) => {
          expect(isBatch(batch)).toBe(true);
          if (index > 0) expect(batch.firstOffset).toBeGreaterThan(combined[index - 1].lastOffset);
        });
      }),
    );
  });

  it('knows what is no batch', () => {
    expect(isBatch(batchOf([5, 4, 0, 1]))).toBe(false);
    expect(isBatch(batchOf([-1, 4, 0, 1]))).toBe(false);
    expect(isBatch(batchOf([4, 4, 0, 1]))).toBe(true);
  });
});
