/** The compact table against a plain Map. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CommittedOffset } from '../../../src/coordinator/group/offsets/committed-offset.js';
import { TopicOffsets } from '../../../src/coordinator/group/offsets/topic-offsets.js';

const partition = fc.integer({ min: 0, max: 12 });
const offset: fc.Arbitrary<CommittedOffset> = fc.record({
  offset: fc.maxSafeNat(),
  leaderEpoch: fc.integer({ min: -1, max: 9 }),
  metadata: fc.constantFrom('', '', 'm', 'n'),
  commitTimestampMs: fc.integer({ min: 0, max: 2_000_000_000_000 }),
  expireTimestampMs: fc.constantFrom(-1, 5),
  topicId: fc.constantFrom('AAAAAAAAAAAAAAAAAAAAAA', 'AAAAAAAAAAAAAAAAAAAAAQ', 'AAAAAAAAAAAAAAAAAAAAAg'),
  recordOffset: fc.nat(),
});
const change = fc.oneof(
  { weight: 3, arbitrary: fc.record({ partition, offset }) },
  { weight: 1, arbitrary: fc.record({ partition, offset: fc.constant(null) }) },
);

describe('offsets of a topic', () => {
  it('behave as a map', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 60, size: 'max' }), (changes) => {
        const table = new TopicOffsets();
        const model = new Map<number, CommittedOffset>();
        for (const each of changes) {
          if (each.offset === null) {
            expect(table.delete(each.partition)).toBe(model.delete(each.partition));
          } else {
            expect(table.set(each.partition, each.offset)).toBe(!model.has(each.partition));
            model.set(each.partition, each.offset);
          }
          expect(table.size).toBe(model.size);
        }
        for (let index = 0; index <= 13; index++) expect(table.get(index)).toEqual(model.get(index));
        expect([...table.partitions()].sort((a, b) => a - b)).toEqual(
          [...model.keys()].sort((a, b) => a - b),
        );
        table.forEachTime((index, commitTimestampMs, expireTimestampMs) => {
          expect(model.get(index)).toMatchObject({ commitTimestampMs, expireTimestampMs });
        });
      }),
    );
  });
});
