import { readFileSync, statSync } from 'node:fs';
import fc from 'fast-check';
import { afterEach, expect, it } from 'vitest';
import type { LogOptions, SegmentEngine } from '../../src/io/segment-engine.js';
import { opaqueBatch } from './batch-bytes.js';
import { describeEngines } from './engines.js';
import { hex, LogBench } from './log-bench.js';
import { expectedIndexes, offsetIndexBytes, timeIndexBytes } from './log-model.js';

const benches: LogBench[] = [];
afterEach(() => {
  for (const bench of benches.splice(0)) bench.close();
});
function bench(engine: SegmentEngine, options: Partial<LogOptions> = {}, base = 0): LogBench {
  const made = LogBench.withSegment(engine, options, base);
  benches.push(made);
  return made;
}
/** Sizes and timestamps of a random log; sizes lie around what the index interval of the test makes interesting. */
const shapes = (sizeMax: number, lengthMax: number) =>
  fc.array(
    fc.record({
      size: fc.integer({ min: 70, max: sizeMax }),
      count: fc.integer({ min: 1, max: 9 }),
      timestamp: fc.oneof(fc.constant(-1), fc.integer({ min: 0, max: 60 })),
    }),
    { minLength: 1, maxLength: lengthMax },
  );
const build = (items: { size: number; count: number; timestamp: number }[]): Uint8Array[] =>
  items.map(({ size, count, timestamp }, index) => opaqueBatch(size, count, BigInt(timestamp), index & 0xff));

describeEngines('indexes', (make) => {
  it('follow the rule of Kafka for every mix of sizes', () => {
    fc.assert(
      fc.property(
        shapes(700, 120),
        fc.constantFrom(0, 100, 1000, 4096),
        fc.integer({ min: 1, max: 40 }),
        (items, indexIntervalBytes, perCall) => {
          const log = LogBench.withSegment(make(), { indexIntervalBytes }, 1000);
          const batches = build(items);
          for (let at = 0; at < batches.length; at += perCall) log.append(batches.slice(at, at + perCall));
          const live = expectedIndexes(log.model.batches, indexIntervalBytes, false);
          const info = log.info(1000);
          expect([info.offsetIndexEntries, info.timeIndexEntries]).toEqual([
            live.offsets.length,
            live.times.length,
          ]);
          const sinceRow = log.model.batches.slice(
            live.offsets.length === 0
              ? 0
              : log.model.batches.findIndex(({ position }) => position === live.offsets.at(-1)?.[1]),
          );
          expect(info.bytesSinceIndexEntry).toBe(sinceRow.reduce((sum, { bytes }) => sum + bytes.length, 0));
          log.engine.seal(log.token, 1000);
          log.expectSealed(1000);
          log.close();
        },
      ),
      { numRuns: 60 },
    );
  });

  it('end a sealed segment with its largest timestamp, unless it is there or there is none', () => {
    const cases: [bigint[], number][] = [
      [[-1n, -1n], 0],
      [[5n], 1],
      [[9n, 3n], 1],
      [[0n], 1],
    ];
    for (const [timestamps, rows] of cases) {
      const log = bench(make());
      log.append(timestamps.map((timestamp) => opaqueBatch(100, 2, timestamp)));
      log.engine.seal(log.token, 0);
      expect(statSync(log.path(0, '.timeindex')).size).toBe(rows * 12);
      log.expectSealed(0);
    }
  });

  it('go on after a reopen: old rows stay, the interval counts from 0', () => {
    fc.assert(
      fc.property(shapes(900, 60), shapes(900, 60), fc.boolean(), (before, after, sealFirst) => {
        const log = LogBench.withSegment(make(), { indexIntervalBytes: 1000 }, 7);
        log.append(build(before));
        const position = log.model.segmentBytes(7).length;
        // A clean stop seals. Without it rows are lost or not, but what is there must be usable.
        log.engine.seal(log.token, 7);
        const sealedRows = {
          offsets: readFileSync(log.path(7, '.index')),
          times: readFileSync(log.path(7, '.timeindex')),
        };
        log.reopen(make());
        expect(log.info(7).bytesSinceIndexEntry).toBe(0);
        expect(log.info(7).offsetIndexEntries).toBe(sealedRows.offsets.length / 8);
        expect(log.info(7).timeIndexEntries).toBe(sealedRows.times.length / 12);
        log.append(build(after));
        if (!sealFirst) log.roll();
        else log.engine.seal(log.token, 7);
        // Independent of how many rows the first life wrote: its bytes are a prefix, the rest follows the rule.
        const rows = expectedIndexes(log.model.batchesOf(7), 1000, true, [position]);
        expect(hex(readFileSync(log.path(7, '.index')))).toBe(hex(offsetIndexBytes(rows, 7)));
        const times = readFileSync(log.path(7, '.timeindex'));
        expect(hex(times.subarray(0, sealedRows.times.length))).toBe(hex(sealedRows.times));
        const firstLife = expectedIndexes(
          log.model.batchesOf(7).filter((batch) => batch.position < position),
          1000,
          true,
        );
        const merged = firstLife.times.concat(
          rows.times.filter(([timestamp]) => timestamp > (firstLife.times.at(-1)?.[0] ?? -1)),
        );
        expect(hex(times)).toBe(hex(timeIndexBytes({ offsets: [], times: merged }, 7)));
        expect(Buffer.from(readFileSync(log.path(7))).equals(log.model.segmentBytes(7))).toBe(true);
        log.close();
      }),
      { numRuns: 30 },
    );
  });

  it('never outgrow indexBytesMax and say when they are full', () => {
    const log = bench(make(), { indexIntervalBytes: 0, indexBytesMax: 50 });
    let calls = 0;
    // The caller rolls as soon as either index is full: 6 offset rows, or 4 time rows but one.
    while (log.info(0).offsetIndexEntries < 6 && log.info(0).timeIndexEntries < 3) {
      log.append([opaqueBatch(80, 1, BigInt(calls))]);
      expect(++calls).toBeLessThan(20);
    }
    log.engine.seal(log.token, 0);
    expect(statSync(log.path(0, '.index')).size).toBeLessThanOrEqual(48);
    expect(statSync(log.path(0, '.timeindex')).size).toBeLessThanOrEqual(48);
    log.expectSealed(0);
  });

  it('do not outgrow indexBytesMax inside one call either', () => {
    const log = bench(make(), { indexIntervalBytes: 0, indexBytesMax: 50 });
    log.append(Array.from({ length: 40 }, (_, index) => opaqueBatch(80, 1, BigInt(index))));
    expect(log.info(0).offsetIndexEntries).toBeLessThanOrEqual(6);
    expect(log.info(0).timeIndexEntries).toBeLessThanOrEqual(3);
    for (let offset = 0; offset < 40; offset++) {
      expect(hex(log.read(offset, offset + 1).bytes)).toBe(hex(log.model.batches[offset].bytes));
    }
    log.engine.seal(log.token, 0);
    expect(statSync(log.path(0, '.timeindex')).size).toBeLessThanOrEqual(48);
  });

  it('take new options on a live log', () => {
    const log = bench(make(), { indexIntervalBytes: 1 << 20 });
    const batches = (): Uint8Array[] => Array.from({ length: 10 }, () => opaqueBatch(500, 1, 1n));
    log.append(batches());
    expect(log.info(0).offsetIndexEntries).toBe(0);
    log.options = { ...log.options, indexIntervalBytes: 400 };
    log.engine.setOptions(log.token, log.options);
    log.append(batches());
    expect(log.info(0).offsetIndexEntries).toBe(10);
  });
});
