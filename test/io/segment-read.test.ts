import { readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { ReadOut, ReadStatus, type SegmentEngine } from '../../src/io/segment-engine.js';
import { opaqueBatch } from './batch-bytes.js';
import { describeEngines } from './engines.js';
import { hex, LogBench, rangeBytes } from './log-bench.js';
import type { ModelBatch, ReadAnswer } from './log-model.js';

const benches: LogBench[] = [];
afterEach(() => {
  for (const bench of benches.splice(0)) bench.close();
});

/** Three segments of batches with different sizes and counts; the last one stays active. */
function threeSegments(engine: SegmentEngine, base = 100): LogBench {
  const log = LogBench.withSegment(engine, { indexIntervalBytes: 500 }, base);
  benches.push(log);
  for (let segment = 0; segment < 3; segment++) {
    if (segment > 0) log.roll();
    log.append(
      Array.from({ length: 25 }, (_, index) =>
        opaqueBatch(80 + ((index * 37) % 200), 1 + (index % 4), BigInt(1000 + segment * 100 + index), index),
      ),
    );
  }
  return log;
}

/** Small in a failure message, exact in comparison. */
function plain(answer: ReadAnswer): object {
  return { ...answer, bytes: hex(answer.bytes) };
}
function plainBatch(batch: ModelBatch | undefined): object | undefined {
  return batch === undefined ? undefined : { ...batch, bytes: hex(batch.bytes) };
}

function expectRead(log: LogBench, fetch: number, end: number, bytesMax: number, atLeastOne: boolean): void {
  const what = `read(${fetch}, ${end}, ${bytesMax}, ${atLeastOne})`;
  const expected = plain(log.model.read(fetch, end, bytesMax, atLeastOne));
  expect(plain(log.read(fetch, end, bytesMax, atLeastOne)), what).toEqual(expected);
}

describeEngines('read', (make) => {
  it('starts at the batch that contains the offset', () => {
    const log = threeSegments(make());
    const end = log.model.endOffset;
    for (let offset = 100; offset <= end; offset++) expectRead(log, offset, end, 1 << 30, true);
  });

  it('ends before endOffset, wherever it lies', () => {
    const log = threeSegments(make());
    for (let end = 100; end <= log.model.endOffset; end++) {
      expectRead(log, 100, end, 1 << 30, true);
      expectRead(log, 130, end, 1 << 30, false);
    }
  });

  it('cuts at bytesMax and keeps the first batch whole only when asked', () => {
    const log = threeSegments(make());
    const end = log.model.endOffset;
    for (let bytesMax = 0; bytesMax < 700; bytesMax += 3) {
      expectRead(log, 103, end, bytesMax, true);
      expectRead(log, 103, end, bytesMax, false);
    }
  });

  it('answers outOfRange below the first segment and empty at the end', () => {
    const log = threeSegments(make());
    const end = log.model.endOffset;
    expect(log.read(99, end).status).toBe('outOfRange');
    expect(log.read(0, end).status).toBe('outOfRange');
    expect(log.read(end, end).status).toBe('empty');
    expect(log.read(end, end + 10).status, 'nothing is there yet').toBe('empty');
    expect(log.read(end + 5, end + 10).status).toBe('empty');
    expect(log.read(150, 120).status, 'above the reader’s end').toBe('empty');
  });

  it('reads an empty log and an empty active segment', () => {
    const log = LogBench.withSegment(make(), {}, 8);
    benches.push(log);
    expect(log.read(8, 8).status).toBe('empty');
    expect(log.read(7, 8).status).toBe('outOfRange');
    log.append([opaqueBatch(100, 3, 1n)]);
    log.roll();
    expect(log.read(11, 11).status).toBe('empty');
    expectRead(log, 8, 11, 1000, true);
    log.append([opaqueBatch(100, 3, 1n)]);
    expectRead(log, 11, 14, 1000, true);
  });

  it('steps over gaps that compaction leaves, between batches and between segments', () => {
    const log = LogBench.withSegment(make(), { indexIntervalBytes: 200 });
    benches.push(log);
    for (const baseOffset of [3, 10, 12, 40]) log.append([opaqueBatch(150, 2, 5n)], { baseOffset });
    log.model.bases.push(60);
    log.engine.createSegment(log.token, 60);
    log.engine.seal(log.token, 0);
    for (const baseOffset of [64, 90]) log.append([opaqueBatch(150, 3, 6n)], { baseOffset });
    for (let offset = 0; offset < 95; offset++) {
      expectRead(log, offset, 93, 1 << 20, true);
      expectRead(log, offset, 64, 1 << 20, true);
    }
  });

  it('follows a log to its end as a consumer does, through every roll', () => {
    const log = threeSegments(make());
    const end = log.model.endOffset;
    let offset = 100;
    const seen: string[] = [];
    while (offset < end) {
      const answer = log.read(offset, end, 400, true);
      expect(answer.status).toBe('found');
      for (let at = 0; at + 61 <= answer.bytes.length; ) {
        const view = new DataView(answer.bytes.buffer, answer.bytes.byteOffset + at);
        const total = view.getInt32(8) + 12;
        if (at + total > answer.bytes.length) break; // cut by the limit
        seen.push(hex(answer.bytes.subarray(at, at + total)));
        offset = Number(view.getBigInt64(0)) + view.getInt32(23) + 1;
        at += total;
      }
    }
    expect(seen).toEqual(log.model.batches.map(({ bytes }) => hex(bytes)));
  });

  it('counts readable bytes on the segment of the offset', () => {
    const log = threeSegments(make());
    const end = log.model.endOffset;
    for (let offset = 100; offset <= end; offset += 2) {
      for (const upTo of [offset, offset + 1, offset + 9, offset + 60, end]) {
        const expected = log.model.readableBytes(offset, Math.min(upTo, end));
        expect(log.engine.readableBytes(log.token, offset, Math.min(upTo, end)), `${offset}..${upTo}`).toBe(
          expected,
        );
      }
    }
    expect(log.engine.readableBytes(log.token, 50, end)).toBe(0);
  });

  it('answers the same sealed, unsealed and reopened, for every mix of batches', () => {
    const logs = fc.array(
      fc.record({
        size: fc.integer({ min: 70, max: 1200 }),
        count: fc.integer({ min: 1, max: 20 }),
        gap: fc.constantFrom(0, 0, 0, 3),
        roll: fc.constantFrom(false, false, false, false, true),
        timestamp: fc.integer({ min: -1, max: 40 }),
      }),
      { minLength: 1, maxLength: 60 },
    );
    const queries = fc.array(
      fc.tuple(fc.nat(1000), fc.nat(1000), fc.integer({ min: 0, max: 5000 }), fc.boolean()),
      { minLength: 10, maxLength: 10 },
    );
    const property = fc.property(logs, queries, fc.boolean(), (items, asked, reopen) => {
      const log = LogBench.withSegment(make(), { indexIntervalBytes: 1000 }, 50);
      items.forEach(({ size, count, gap, roll, timestamp }, index) => {
        if (roll && log.model.batchesOf(log.model.bases.at(-1) ?? 0).length > 0) log.roll();
        const baseOffset = log.model.endOffset + gap;
        log.append([opaqueBatch(size, count, BigInt(timestamp), index & 0xff)], { baseOffset });
      });
      if (reopen) {
        log.engine.seal(log.token, log.model.bases.at(-1) ?? 0);
        log.reopen(make());
      }
      const end = log.model.endOffset;
      for (const [fetch, upTo, bytesMax, atLeastOne] of asked) {
        const offset = 48 + (fetch % (end - 46));
        const endOffset = Math.min(end, 50 + (upTo % (end - 48)));
        expectRead(log, offset, endOffset, bytesMax, atLeastOne);
        expectRead(log, offset, end, bytesMax, atLeastOne);
        expectFinds(log, offset, (fetch % 44) - 2);
      }
      log.close();
    });
    fc.assert(property, { numRuns: 60 });
  });
});

function expectFinds(log: LogBench, offset: number, timestamp: number): void {
  const { engine, token, model, out } = log;
  const answer = (found: boolean): object | undefined => plainBatch(found ? log.found() : undefined);
  expect(answer(engine.findBatch(token, offset, out)), `findBatch(${offset})`).toEqual(
    plainBatch(model.findBatch(offset)),
  );
  const byTime = model.findByTimestamp(timestamp, offset);
  const what = `findByTimestamp(${timestamp}, ${offset})`;
  expect(answer(engine.findByTimestamp(token, timestamp, offset, out)), what).toEqual(plainBatch(byTime));
  const largest = model.maxTimestampBatch();
  if (largest !== undefined && largest.maxTimestamp >= 0) {
    expect(answer(engine.maxTimestampBatch(token, out)), 'maxTimestampBatch').toEqual(plainBatch(largest));
  }
}

describeEngines('find', (make) => {
  it('says when there is nothing', () => {
    const log = LogBench.withSegment(make(), {}, 30);
    benches.push(log);
    const { engine, token, out } = log;
    expect(engine.maxTimestampBatch(token, out)).toBe(false);
    expect(engine.findBatch(token, 30, out)).toBe(false);
    expect(engine.findByTimestamp(token, 0, 0, out)).toBe(false);
    log.append([opaqueBatch(100, 2, 700n)]);
    expect(engine.findByTimestamp(token, 701, 0, out)).toBe(false);
    expect(engine.findByTimestamp(token, 0, 32, out)).toBe(false);
    expect(engine.findBatch(token, 32, out)).toBe(false);
    expect(engine.findByTimestamp(token, 700, 31, out)).toBe(true);
    expect(plainBatch(log.found())).toEqual(plainBatch(log.model.batches[0]));
    expect(engine.findBatch(token, 0, out), 'the first one after').toBe(true);
    expect(plainBatch(log.found())).toEqual(plainBatch(log.model.batches[0]));
  });

  it('takes the first of equals', () => {
    const log = LogBench.withSegment(make(), { indexIntervalBytes: 100 });
    benches.push(log);
    const timestamps = [5n, 9n, 9n, 3n, 9n];
    log.append(timestamps.map((timestamp) => opaqueBatch(150, 1, timestamp)));
    log.roll();
    log.append(timestamps.map((timestamp) => opaqueBatch(150, 1, timestamp)));
    expect(log.engine.maxTimestampBatch(log.token, log.out)).toBe(true);
    expect(log.found().baseOffset).toBe(1);
    const at = (timestamp: number, from: number): number => {
      return log.engine.findByTimestamp(log.token, timestamp, from, log.out) ? log.found().baseOffset : -1;
    };
    expect([at(9, 0), at(9, 2), at(9, 3), at(9, 5), at(6, 7), at(10, 0), at(0, 3)]).toEqual([
      1, 2, 4, 6, 7, -1, 3,
    ]);
  });

  it('finds in the middle of large segments', () => {
    const log = LogBench.withSegment(make(), { indexIntervalBytes: 4096 });
    benches.push(log);
    for (let call = 0; call < 20; call++) {
      log.append(Array.from({ length: 100 }, (_, i) => opaqueBatch(600, 3, BigInt(call * 100 + i) * 10n)));
    }
    for (let batch = 0; batch < 2000; batch += 61) {
      expectFinds(log, batch * 3 + 1, batch * 10 - 5);
      expectRead(log, batch * 3 + 2, 6000, 1500, false);
    }
  });
});

describeEngines('damage', (make) => {
  it('inside a segment is an error of the disk, not an end', () => {
    const log = LogBench.withSegment(make(), { indexIntervalBytes: 1 << 20 });
    benches.push(log);
    log.append(Array.from({ length: 10 }, (_, index) => opaqueBatch(300, 2, BigInt(index))));
    log.engine.seal(log.token, 0);
    const bytes = readFileSync(log.path(0));
    bytes[5 * 300 + 16] = 77; // magic of the sixth batch
    writeFileSync(log.path(0), bytes);
    log.reopen(make(), false);
    expect(log.read(3, 8).status).toBe('found');
    const { engine, token, out } = log;
    for (const call of [() => log.read(15, 20), () => engine.findBatch(token, 15, out)]) {
      let thrown: unknown;
      try {
        call();
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toMatchObject({ code: 'EBADMSG', path: log.path(0) });
    }
  });
});

describeEngines('ranges', (make) => {
  it('are copied from any place', () => {
    const log = threeSegments(make());
    const { engine, out } = log;
    expect(engine.read(log.token, 100, log.model.endOffset, 1000, true, out)).toBe(ReadStatus.found);
    const [range, length] = [out[ReadOut.range], out[ReadOut.length]];
    expect(range).toBeGreaterThan(0);
    const whole = rangeBytes(engine, range, length);
    for (const from of [0, 1, 60, length - 1]) {
      const target = new Uint8Array(100).fill(0xee);
      const count = Math.min(100, length - from);
      expect(engine.copyRange(range, from, target)).toBe(count);
      expect(hex(target.subarray(0, count))).toBe(hex(whole.subarray(from, from + count)));
      expect(target.subarray(count).every((byte) => byte === 0xee)).toBe(true);
    }
    expect(engine.copyRange(range, length, new Uint8Array(10)), 'nothing behind the end').toBe(0);
    const shared = new Uint8Array(new SharedArrayBuffer(length));
    expect(engine.copyRange(range, 0, shared)).toBe(length);
    expect(hex(shared)).toBe(hex(whole));
    engine.dropRange(range);
  });

  describe('stay readable', () => {
    const held = (log: LogBench): { range: number; bytes: Uint8Array } => {
      expect(log.engine.read(log.token, 100, log.model.endOffset, 1 << 20, true, log.out)).toBe(
        ReadStatus.found,
      );
      const range = log.out[ReadOut.range];
      return { range, bytes: rangeBytes(log.engine, range, log.out[ReadOut.length]) };
    };
    it('when the segment is sealed, then removed', () => {
      const log = threeSegments(make());
      const { range, bytes } = held(log);
      log.engine.removeSegment(log.token, 100, '.deleted');
      expect(hex(rangeBytes(log.engine, range, bytes.length))).toBe(hex(bytes));
      log.engine.dropRange(range);
    });
    it('when the log is closed', () => {
      const log = threeSegments(make());
      const { range, bytes } = held(log);
      log.reopen(log.engine, false);
      expect(hex(rangeBytes(log.engine, range, bytes.length))).toBe(hex(bytes));
      log.engine.dropRange(range);
    });
    it('when the segment is truncated and written again', () => {
      const log = LogBench.withSegment(make(), {}, 100);
      benches.push(log);
      log.append(Array.from({ length: 10 }, () => opaqueBatch(300, 1, 1n, 0xaa)));
      const { range, bytes } = held(log);
      log.engine.truncate(log.token, 100, 600, 102);
      log.model.batches.length = 2;
      log.append(Array.from({ length: 20 }, () => opaqueBatch(300, 1, 1n, 0xbb)));
      expect(hex(rangeBytes(log.engine, range, bytes.length))).toBe(hex(bytes));
      log.engine.dropRange(range);
      expectRead(log, 100, 122, 1 << 20, true);
    });
  });
});
