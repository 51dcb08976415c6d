/** What an append as the leader answers and stores: LogValidator's decisions, offsets, timestamps, rolls. */
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { crc32c } from '../../src/io/portable/crc32c.js';
import { BatchView } from '../../src/record/batch-view.js';
import { RecordCursor } from '../../src/record/record-cursor.js';
import { forEachRecord } from '../../src/record/records.js';
import type { LogConfig } from '../../src/storage/contract.js';
import { FaultEngine } from '../support/fault-engine.js';
import { batchesOf, batchOf, logFiles, read, specOf, TestLog, type World, world } from './helpers.js';

const NOW = 1_700_000_000_000;

function open(config: Partial<LogConfig> = {}, w: World = world(NOW)): TestLog {
  return new TestLog(w, specOf(w, {}, config));
}

/** Changes bytes of a batch and makes its CRC right again. */
function patched(batch: Uint8Array, change: (view: DataView) => void): Uint8Array {
  const copy = batch.slice();
  const view = new DataView(copy.buffer);
  change(view);
  view.setUint32(17, crc32c(copy, 21, copy.length));
  return copy;
}

function stored(test: TestLog): Uint8Array[] {
  return logFiles(test.spec.directory).flatMap((name) => batchesOf(read(test.spec.directory, name)));
}

function firstDetail(test: TestLog) {
  return test.outcomes.details.get(0);
}

describe('refusals', () => {
  const good = batchOf(3, NOW);
  it.each<[string, Uint8Array, Partial<LogConfig>, number, string]>([
    [
      'a base offset',
      patched(good, (v) => v.setBigInt64(0, 7n)),
      {},
      87,
      'The baseOffset of the record batch in the append to t-0 should be 0, but it is 7',
    ],
    [
      'max.message.bytes',
      good,
      { maxMessageBytes: 60 },
      10,
      `The record batch size in the append to t-0 is ${good.length} bytes which exceeds the maximum configured value of 60).`,
    ],
    [
      'segment.bytes',
      good,
      { segmentBytes: 100 },
      18,
      `Message batch size is ${good.length} bytes in append to partition t-0, which exceeds the maximum configured segment size of 100.`,
    ],
    [
      'the CRC',
      Uint8Array.from(good, (byte, at) => (at === 70 ? byte ^ 1 : byte)),
      {},
      2,
      `Record is corrupt (stored crc = ${new DataView(good.buffer).getUint32(17)}) in topic partition t-0.`,
    ],
    [
      'a short batch',
      good.subarray(0, 40),
      {},
      2,
      'Cannot append record batch with illegal length 40 to log for t-0. A possible cause is a corrupted produce request.',
    ],
    [
      'magic 1',
      Uint8Array.from(good, (byte, at) => (at === 16 ? 1 : byte)),
      {},
      87,
      'Produce requests are only allowed to contain record batches with magic version 2',
    ],
    [
      'an offset range',
      patched(good, (v) => v.setInt32(23, -1)),
      {},
      87,
      'Batch has an invalid offset range: [0, -1] in topic partition t-0',
    ],
    [
      'no records',
      patched(good, (v) => v.setInt32(57, 0)),
      {},
      87,
      'Invalid reported count for record batch: 0 in topic partition t-0',
    ],
    [
      'a wrong count',
      patched(good, (v) => v.setInt32(57, 2)),
      {},
      87,
      'Inconsistent batch offset range [0, 2] and count of records 2 in topic partition t-0',
    ],
    [
      'a control batch',
      patched(good, (v) => v.setInt16(21, 0x20)),
      {},
      87,
      'Clients are not allowed to write control records in topic partition t-0',
    ],
    [
      'no sequence',
      patched(good, (v) => v.setBigInt64(43, 9n)),
      {},
      87,
      'Invalid sequence number -1 in record batch with producerId 9 in topic partition t-0',
    ],
    [
      'a broken record',
      patched(good, (v) => v.setInt8(61, 0x7f)),
      {},
      87,
      'Found invalid record structure at index 0 in topic partition t-0',
    ],
    [
      'an unknown codec',
      patched(good, (v) => v.setInt16(21, 6)),
      {},
      76,
      'Unknown compression type in topic partition t-0',
    ],
    [
      'a transaction nobody began',
      batchOf(1, NOW, { producerId: 3n, producerEpoch: 0, baseSequence: 0, transactional: true }),
      {},
      48,
      'Record was not part of an ongoing transaction',
    ],
  ])('%s', (_, batch, config, error, message) => {
    const test = open(config);
    expect(test.append(batch)).toEqual([error]);
    expect(firstDetail(test)).toEqual({ message, recordErrors: [] });
    expect(test.log.offsets.logEndOffset).toBe(0);
    expect([...test.outcomes.baseOffsets.subarray(0, 1)]).toEqual([-1]);
  });

  it('two batches in one partition', () => {
    const test = open();
    const two = new Uint8Array(good.length * 2);
    two.set(good);
    two.set(good, good.length);
    expect(test.append(two)).toEqual([87]);
    expect(firstDetail(test)?.message).toContain('exactly one record batch');
  });

  it('names records without key on a compacted topic, compressed or not', () => {
    for (const codec of [0, 4] as const) {
      const test = open({ cleanupCompact: true });
      expect(test.append(batchOf(2, NOW, { key: null, codec }))).toEqual([87]);
      const text = 'Compacted topic cannot accept message without key in topic partition t-0';
      expect(firstDetail(test)).toEqual({
        message: `One or more records have been rejected due to 2 record errors in total, and only showing the first three errors at most: [RecordError(batchIndex=0, message='${text}'), RecordError(batchIndex=1, message='${text}')]`,
        recordErrors: [
          { batchIndex: 0, message: text },
          { batchIndex: 1, message: text },
        ],
      });
      expect(test.append(batchOf(2, NOW, { codec }))).toEqual([0]);
    }
  });

  it('timestamps outside the window name the records; -1 passes', () => {
    const config = { messageTimestampBeforeMaxMs: 1000, messageTimestampAfterMaxMs: 1 };
    const test = open(config);
    expect(test.append(batchOf(3, NOW))).toEqual([32]); // NOW + 2 is too late
    expect(firstDetail(test)).toEqual({
      message: 'One or more records have been rejected due to invalid timestamp',
      recordErrors: [
        {
          batchIndex: 2,
          message: `Timestamp ${NOW + 2} of message with offset 2 is out of range. The timestamp should be within [${NOW - 1000}, ${NOW + 1}]`,
        },
      ],
    });
    expect(test.append(batchOf(1, NOW - 1001, { codec: 1 }))).toEqual([32]);
    expect(test.append(batchOf(1, NOW - 1000), batchOf(1, -1))).toEqual([0, 0]);
  });

  it('LogAppendTime set by the producer: refused with LogAppendTime, stored as CreateTime otherwise', () => {
    const stamped = patched(batchOf(1, NOW), (v) => v.setInt16(21, 8));
    const strict = open({ messageTimestampType: 'LogAppendTime' });
    expect(strict.append(stamped)).toEqual([32]);
    expect(firstDetail(strict)?.recordErrors).toEqual([
      {
        batchIndex: 0,
        message: `Invalid timestamp type in message DefaultRecord(offset=0, timestamp=${NOW}, key=1 bytes, value=10 bytes). Producer should not set timestamp type to LogAppendTime.`,
      },
    ]);
    const createTime = open();
    expect(createTime.append(stamped)).toEqual([0]);
    createTime.log.close(true);
    const view = new BatchView();
    view.set(stored(createTime)[0], 0);
    expect([view.isLogAppendTime, view.isCrcRight()]).toEqual([false, true]);
  });

  it('a refused batch leaves the others of its drain alone', () => {
    const test = open();
    expect(
      test.append(
        good,
        patched(good, (v) => v.setInt32(57, 2)),
        good,
      ),
    ).toEqual([0, 87, 0]);
    expect([...test.outcomes.baseOffsets.subarray(0, 3)]).toEqual([0, -1, 3]);
    expect(test.log.offsets.logEndOffset).toBe(6);
  });
});

describe('what is stored', () => {
  it('gets offset, leader epoch and the real maxTimestamp; nothing else changes', () => {
    const w = world(NOW);
    const test = new TestLog(w, specOf(w, { leaderEpoch: 4 }));
    const sent = patched(batchOf(2, NOW), (v) => v.setBigInt64(35, 5n));
    expect(test.append(batchOf(2, NOW), sent)).toEqual([0, 0]);
    test.log.close(true);
    const view = new BatchView();
    view.set(stored(test)[1], 0);
    expect([view.baseOffset, view.leaderEpoch, view.maxTimestamp, view.isCrcRight()]).toEqual([
      2,
      4,
      NOW + 1,
      true,
    ]);
    expect(view.recordBytes()).toEqual(sent.subarray(61));
    expect(test.log.epochAt(3)).toBe(4);
  });

  it('LogAppendTime: the answer and the batch carry the time of the append', () => {
    const test = open({ messageTimestampType: 'LogAppendTime' });
    test.world.clock.advance(500);
    expect(test.append(batchOf(2, 1), batchOf(2, 1, { codec: 3 }))).toEqual([0, 0]);
    expect([...test.outcomes.appendTimes.subarray(0, 2)]).toEqual([NOW + 500, NOW + 500]);
    test.log.close(true);
    const view = new BatchView();
    for (const batch of stored(test)) {
      view.set(batch, 0);
      expect([view.isLogAppendTime, view.maxTimestamp, view.isCrcRight()]).toEqual([true, NOW + 500, true]);
    }
  });

  it.each(['uncompressed', 'gzip', 'snappy', 'lz4', 'zstd'] as const)(
    'compression.type=%s rewrites other codecs',
    (compressionType) => {
      const test = open({ compressionType });
      const sent = ([0, 1, 2, 3, 4] as const).map((codec) => batchOf(5, NOW, { codec, bytes: 100 }));
      expect(test.append(...sent)).toEqual([0, 0, 0, 0, 0]);
      test.log.close(true);
      const target = ['uncompressed', 'gzip', 'snappy', 'lz4', 'zstd'].indexOf(compressionType);
      const view = new BatchView();
      const batches = stored(test);
      expect(batches.length).toBe(5);
      batches.forEach((batch, index) => {
        view.set(batch, 0);
        expect([view.codecId, view.baseOffset, view.count, view.isCrcRight()]).toEqual([
          target,
          index * 5,
          5,
          true,
        ]);
        const timestamps: number[] = [];
        forEachRecord(view, new RecordCursor(), (cursor) => timestamps.push(view.timestampOf(cursor)));
        expect(timestamps).toEqual([0, 1, 2, 3, 4].map((at) => NOW + at));
      });
      expect(batches[target].subarray(17)).toEqual(sent[target].subarray(17)); // its own codec stays as it came
    },
  );

  it('damaged compressed records are refused', () => {
    for (const codec of [1, 2, 3, 4] as const) {
      const test = open();
      const bad = patched(batchOf(5, NOW, { codec, bytes: 100 }), (v) => v.setUint32(61, 0xdeadbeef));
      expect(test.append(bad, batchOf(1, NOW))).toEqual([codec === 2 ? 10 : 87, 0]); // snappy: the bytes announce 3 GB
    }
  });
});

describe('log.validation=header', () => {
  const damaged = (codec: 0 | 3 | 4) =>
    patched(batchOf(5, NOW, { codec, bytes: 100 }), (v) => v.setUint32(61, 0xdeadbeef));

  it('stores what has a good header and CRC as it came', () => {
    const test = open({ validation: 'header' });
    const sent = [damaged(0), damaged(3), damaged(4)];
    expect(test.append(...sent)).toEqual([0, 0, 0]);
    expect([...test.outcomes.baseOffsets.subarray(0, 3)]).toEqual([0, 5, 10]);
    test.log.close(true);
    expect(stored(test).map((batch) => batch.subarray(17))).toEqual(sent.map((batch) => batch.subarray(17)));
  });

  it('still refuses a wrong CRC, counts that do not fit and unknown codecs', () => {
    const test = open({ validation: 'header' });
    const flipped = batchOf(2, NOW);
    flipped[flipped.length - 1] ^= 1;
    const miscounted = patched(batchOf(2, NOW), (v) => v.setInt32(57, 3));
    const unknown = patched(batchOf(2, NOW), (v) => v.setInt16(21, 6));
    expect(test.append(flipped, miscounted, unknown)).toEqual([2, 87, 76]);
    expect(test.log.offsets.logEndOffset).toBe(0);
  });

  it('looks into the records where the header alone cannot tell', () => {
    const compacted = open({ validation: 'header', cleanupCompact: true });
    expect(compacted.append(damaged(3), batchOf(1, NOW, { key: null }))).toEqual([87, 87]);
    const recompressed = open({ validation: 'header', compressionType: 'zstd' });
    expect(recompressed.append(damaged(3))).toEqual([87]);
    for (const codec of [0, 3] as const) {
      const timed = open({ validation: 'header', messageTimestampAfterMaxMs: 1 });
      expect(timed.append(batchOf(4, NOW, { codec }), batchOf(1, NOW, { codec }))).toEqual([32, 0]);
      expect(firstDetail(timed)?.recordErrors.map((error) => error.batchIndex)).toEqual([2, 3]);
    }
  });
});

describe('rolls', () => {
  const size = batchOf(1, NOW).length;
  it('by size, exactly at the limit', () => {
    const test = open({ segmentBytes: size * 2 });
    expect(test.append(...Array.from({ length: 5 }, () => batchOf(1, NOW)))).toEqual([0, 0, 0, 0, 0]);
    expect(test.log.segmentBases).toEqual([0, 2, 4]);
    expect(test.log.sizeBytes()).toBe(size * 5);
    expect(readdirSync(test.spec.directory)).toContain('00000000000000000002.snapshot');
    expect(test.log.housekeep(NOW)).toBe(true); // flushes what the roll left
    expect(test.log.recoveryPoint).toBe(5);
  });

  it('by the time of the messages, or of the segment while they have none', () => {
    const test = open({ segmentMs: 1000 });
    test.append(batchOf(1, NOW), batchOf(1, NOW + 1000), batchOf(1, NOW + 1001));
    expect(test.log.segmentBases).toEqual([0, 2]);
    const untimed = open({ segmentMs: 1000 });
    untimed.append(batchOf(1, -1));
    untimed.world.clock.advance(1001);
    untimed.append(batchOf(1, -1));
    expect(untimed.log.segmentBases).toEqual([0, 1]);
  });

  it('with jitter, and max.compaction.lag.ms on compacted topics', () => {
    const test = open({ segmentMs: 1000, segmentJitterMs: 400 }); // random is 0.5: 200 ms earlier
    test.append(batchOf(1, NOW), batchOf(1, NOW + 800), batchOf(1, NOW + 801));
    expect(test.log.segmentBases).toEqual([0, 2]);
    const compacted = open({ segmentMs: 1000, maxCompactionLagMs: 10, cleanupCompact: true });
    compacted.append(batchOf(1, NOW), batchOf(1, NOW + 11));
    expect(compacted.log.segmentBases).toEqual([0, 1]);
  });

  it('when an index is full', () => {
    const test = open({ segmentIndexBytes: 48, indexIntervalBytes: 0 }); // 6 offset rows, 3 time rows beside the final one
    for (let index = 0; index < 12; index++) test.append(batchOf(1, NOW + index));
    expect(test.log.segmentBases.length).toBeGreaterThan(2);
    test.log.close(true);
    for (const name of readdirSync(test.spec.directory)) {
      if (name.endsWith('index')) expect(read(test.spec.directory, name).length).toBeLessThanOrEqual(48);
    }
  });

  it('an empty active segment is not rolled', () => {
    const test = open();
    test.log.roll();
    expect(test.log.segmentBases).toEqual([0]);
    test.append(batchOf(1, NOW));
    test.log.roll();
    test.log.roll();
    expect(test.log.segmentBases).toEqual([0, 1]);
  });
});

describe('a failing disk', () => {
  it('keeps what was kept, refuses the rest, and never tries again', () => {
    const w = world(NOW);
    const real = w.engine;
    let failing = false;
    let appends = 0;
    const engine = new Proxy(real, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]) => {
          if (name === 'append' && failing && ++appends === 2)
            throw Object.assign(new Error('no medium'), { code: 'EIO' });
          return Reflect.apply(value, target, args);
        };
      },
    });
    const test = new TestLog({ ...w, engine }, specOf(w, {}, { segmentBytes: 150 }));
    failing = true;
    expect(() => test.append(batchOf(1, NOW), batchOf(1, NOW), batchOf(1, NOW))).toThrow('no medium');
    expect([...test.outcomes.errors.subarray(0, 3)]).toEqual([0, 56, 56]);
    expect(test.log.offsets.logEndOffset).toBe(1);
    expect(test.append(batchOf(1, NOW))).toEqual([56]);
    expect(() => test.log.flush()).toThrow('failed earlier');
    expect(() => test.log.roll()).toThrow('failed earlier');
    expect(test.log.housekeep(NOW)).toBe(false);
    test.log.close(true);
    const again = new TestLog({ ...w, engine: real }, { ...test.spec, leaderEpoch: 1 });
    expect(again.log.offsets.logEndOffset).toBe(1);
  });

  for (const [operation, at] of [
    ['append', 2],
    ['createSegment', 2],
  ] as const) {
    it(`a full disk at ${operation} refuses appends until there is space, then goes on where it was`, () => {
      const w = world(NOW);
      const engine = new FaultEngine(w.engine, null);
      const test = new TestLog({ ...w, engine }, specOf(w, {}, { segmentBytes: 150 }));
      const idempotent = (sequence: number): Uint8Array =>
        batchOf(1, NOW, { producerId: 7n, producerEpoch: 0, baseSequence: sequence });
      expect(test.append(idempotent(0))).toEqual([0]);
      engine.arm({ operation, at: at - 1, code: 'ENOSPC', recovers: true });
      expect(() => test.append(idempotent(1), idempotent(2))).toThrow('ENOSPC');
      const kept = test.log.offsets.logEndOffset;
      // Just after the failure nothing is tried; the log itself stays open.
      expect(test.append(idempotent(kept))).toEqual([56]);
      w.clock.advance(600);
      // The producer's state forgot what was not kept: its next sequence follows the last kept one.
      expect(test.append(idempotent(kept))).toEqual([0]);
      expect(test.outcomes.baseOffsets[0]).toBe(kept);
      expect(test.append(idempotent(kept + 1))).toEqual([0]);
      test.log.flush();
      test.log.close(true);
      const again = new TestLog({ ...w, engine: w.engine }, { ...test.spec, leaderEpoch: 1 });
      expect(again.log.offsets.logEndOffset).toBe(kept + 2);
    });
  }
});
