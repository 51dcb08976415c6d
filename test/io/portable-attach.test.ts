/** A portable reader knows the directory only: what the writer does behind its back, step by step, in one thread. */
import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PortableSegmentEngine } from '../../src/io/portable/segment-engine.js';
import { opaqueBatch } from './batch-bytes.js';
import { hex, LogBench, readAnswer } from './log-bench.js';

const batches = (count: number, size = 300, fill = 1): Uint8Array[] =>
  Array.from({ length: count }, (_, index) => opaqueBatch(size, 2, BigInt(index), (fill + index) & 0xff));

describe('attachLog of the portable engine', () => {
  let log: LogBench;
  let reader: PortableSegmentEngine;
  let token: number;
  beforeEach(() => {
    log = LogBench.withSegment(new PortableSegmentEngine(), { indexIntervalBytes: 500 });
    reader = new PortableSegmentEngine();
    token = reader.attachLog(log.directory, log.token);
  });
  afterEach(() => {
    reader.closeLog(token);
    log.close();
  });

  /** Reader and model agree on every offset. */
  function expectSame(endOffset = log.model.endOffset): void {
    for (let offset = log.model.bases[0]; offset <= endOffset; offset++) {
      const { bytes, ...answer } = readAnswer(reader, token, offset, endOffset, 1000, true);
      const { bytes: expected, ...rest } = log.model.read(offset, endOffset, 1000, true);
      expect({ ...answer, bytes: hex(bytes) }, `offset ${offset}`).toEqual({ ...rest, bytes: hex(expected) });
      expect(reader.readableBytes(token, offset, endOffset)).toBe(log.model.readableBytes(offset, endOffset));
    }
  }
  function forget(bases: number[]): void {
    log.model.bases.splice(
      0,
      log.model.bases.length,
      ...log.model.bases.filter((base) => !bases.includes(base)),
    );
    log.model.batches = log.model.batches.filter(({ segmentBase }) => !bases.includes(segmentBase));
  }

  it('sees appends, rolls and growing indexes, never beyond endOffset', () => {
    for (let round = 0; round < 4; round++) {
      log.append(batches(7, 200 + round));
      expectSame();
      expectSame(log.model.endOffset - 5);
      const published = log.model.endOffset;
      log.append(batches(6));
      expectSame(published);
      if (round % 2 === 1) log.roll();
      expectSame();
    }
  });

  it('uses index rows that were written after it opened the index', () => {
    log.append(batches(2, 200));
    expectSame();
    log.append(batches(40, 200));
    reader.segmentInfo(token, 0, log.out);
    expect(log.out[3]).toBe(log.info(0).offsetIndexEntries);
    expect(log.out[3]).toBeGreaterThan(10);
    expectSame();
  });

  it('sees the start move', () => {
    for (let segment = 0; segment < 3; segment++) {
      log.append(batches(5));
      log.roll();
    }
    log.append(batches(5));
    expectSame();
    log.engine.removeSegment(log.token, 0, '.deleted');
    forget([0]);
    expect(readAnswer(reader, token, 3, 40, 1000, true).status).toBe('outOfRange');
    expectSame();
  });

  it('sees a segment that was replaced by another of the same name', () => {
    log.append(batches(20, 300, 1));
    expectSame();
    log.engine.removeSegment(log.token, 0, '.deleted');
    forget([0]);
    log.create(0);
    log.append(batches(20, 250, 100));
    expectSame();
    expect(reader.maxTimestampBatch(token, log.out)).toBe(true);
  });

  it('sees a truncated segment written anew, in place and by copy', () => {
    for (const hold of [false, true]) {
      log.append(batches(20, 300, 1));
      expectSame();
      const end = log.model.endOffset;
      const [{ position, baseOffset }] = log.model.batches.splice(5);
      if (!hold) reader.closeLog(token); // lets the file be cut in place
      log.engine.truncate(log.token, 0, position, baseOffset);
      if (!hold) token = reader.attachLog(log.directory, log.token);
      log.append(batches(18, 333, 50));
      expect(log.model.endOffset).toBeLessThan(end + 100);
      expectSame();
    }
  });

  it('finds by time and offset what is on disk', () => {
    log.append([5n, 9n, 2n].map((timestamp) => opaqueBatch(300, 2, timestamp)));
    log.roll();
    log.append([7n, 11n, 3n].map((timestamp) => opaqueBatch(300, 2, timestamp)));
    const base = (found: boolean): number => (found ? log.out[3] : -1);
    const byTime = (timestamp: number, from = 0): number =>
      base(reader.findByTimestamp(token, timestamp, from, log.out));
    expect([byTime(6), byTime(10), byTime(12), byTime(0, 5), byTime(6, 4)]).toEqual([2, 8, -1, 4, 6]);
    expect(base(reader.maxTimestampBatch(token, log.out))).toBe(8);
    expect([0, 3, 11, 12].map((offset) => base(reader.findBatch(token, offset, log.out)))).toEqual([
      0, 2, 10, -1,
    ]);
    log.append([opaqueBatch(300, 2, 50n)]);
    expect(base(reader.maxTimestampBatch(token, log.out)), 'a newer maximum').toBe(12);
    expect(byTime(20)).toBe(12);
  });

  it('is the writer itself when the token is its own', () => {
    const own = log.engine.attachLog(log.directory, log.token);
    expect(own).toBe(log.token);
    log.engine.closeLog(own);
    log.append(batches(2));
    expect(log.read(0, 4).status).toBe('found');
  });

  it.each([
    ['nowhere', (position: number) => position + 13],
    ['at a later batch', (position: number) => position + 300],
  ] as const)('does not trust an index row that points %s', (_what, move) => {
    log.append(batches(40, 300));
    log.engine.seal(log.token, 0);
    const rows = readFileSync(log.path(0, '.index'));
    for (let row = 4; row < rows.length; row += 8) rows.writeInt32BE(move(rows.readInt32BE(row)), row);
    writeFileSync(log.path(0, '.index'), rows);
    expectSame();
  });
});
