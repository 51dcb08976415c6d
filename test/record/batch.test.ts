import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BatchBuilder, type BatchOptions } from '../../src/record/batch-builder.js';
import { BatchShape, BatchView } from '../../src/record/batch-view.js';
import {
  buildControlBatch,
  buildEndTxnBatch,
  controlTypeOf,
  coordinatorEpochOf,
} from '../../src/record/control.js';
import { Codec, incrementSequence } from '../../src/record/layout.js';
import { rebuildBatch } from '../../src/record/rebuild.js';
import { RecordCursor, RecordProblem } from '../../src/record/record-cursor.js';
import { RecordError } from '../../src/record/record-error.js';
import { forEachRecord, openRecords } from '../../src/record/records.js';
import { sizeOfVarint, sizeOfVarlong, writeVarint, writeVarlong } from '../../src/record/varint.js';

interface Sample {
  timestamp: number;
  key: Uint8Array | null;
  value: Uint8Array | null;
  headers: { key: Uint8Array; value: Uint8Array | null }[];
}

const bytes = (maxLength: number) => fc.uint8Array({ maxLength });
const sample: fc.Arbitrary<Sample> = fc.record({
  timestamp: fc.oneof(fc.maxSafeInteger(), fc.nat(), fc.constant(-1)),
  key: fc.option(bytes(40)),
  value: fc.option(bytes(300)),
  headers: fc.array(fc.record({ key: bytes(8), value: fc.option(bytes(8)) }), { maxLength: 3 }),
});
const codec = fc.constantFrom(Codec.none, Codec.gzip, Codec.snappy, Codec.lz4, Codec.zstd);
const options: fc.Arbitrary<BatchOptions> = fc.record({
  baseOffset: fc.maxSafeInteger().map(Math.abs),
  leaderEpoch: fc.integer({ min: -1 }),
  codec,
  producerId: fc.bigInt({ min: -1n, max: 2n ** 63n - 1n }),
  producerEpoch: fc.integer({ min: -1, max: 32767 }),
  baseSequence: fc.integer({ min: -1, max: 2147483647 }),
  transactional: fc.boolean(),
});

function build(given: BatchOptions, samples: Sample[]): Uint8Array {
  const builder = new BatchBuilder(given);
  for (const { timestamp, key, value, headers } of samples) builder.append(timestamp, key, value, headers);
  return builder.build();
}

function open(batch: Uint8Array): BatchView {
  const view = new BatchView();
  expect(view.set(batch, 0)).toBe(BatchShape.complete);
  return view;
}

function samplesOf(view: BatchView): Sample[] {
  const found: Sample[] = [];
  forEachRecord(view, new RecordCursor(), (cursor) => {
    const headers: Sample['headers'] = [];
    while (cursor.nextHeader()) {
      const value = cursor.bytes.slice(
        cursor.headerValuePosition,
        cursor.headerValuePosition + Math.max(0, cursor.headerValueLength),
      );
      headers.push({
        key: cursor.bytes.slice(cursor.headerKeyPosition, cursor.headerKeyPosition + cursor.headerKeyLength),
        value: cursor.headerValueLength < 0 ? null : value,
      });
    }
    const [key, value] = [cursor.key(), cursor.value()];
    found.push({
      timestamp: view.timestampOf(cursor),
      key: key === null ? null : new Uint8Array(key),
      value: value === null ? null : new Uint8Array(value),
      headers: headers.map((h) => ({
        key: new Uint8Array(h.key),
        value: h.value && new Uint8Array(h.value),
      })),
    });
  });
  return found;
}

/** Timestamps far apart have deltas beyond 2^53, where doubles round: only near ones come back exactly. */
const near = (samples: Sample[]): Sample[] =>
  samples.map((s) => ({ ...s, timestamp: s.timestamp % 2 ** 51 }));

describe('batches', () => {
  it('builder -> view -> cursor gives everything back, whatever the codec', () => {
    fc.assert(
      fc.property(options, fc.array(sample, { minLength: 1, maxLength: 12 }).map(near), (given, samples) => {
        const view = open(build(given, samples));
        expect(view.isCrcRight()).toBe(true);
        expect(view.codecId).toBe(given.codec);
        expect(view.baseOffset).toBe(given.baseOffset);
        expect(view.leaderEpoch).toBe(given.leaderEpoch);
        expect(view.producerId).toBe(given.producerId);
        expect((BigInt(view.producerIdHigh) << 32n) | BigInt(view.producerIdLow >>> 0)).toBe(
          given.producerId,
        );
        expect(view.hasProducerId).toBe((given.producerId ?? -1n) >= 0n);
        expect(view.producerEpoch).toBe(given.producerEpoch);
        expect(view.baseSequence).toBe(given.baseSequence);
        expect(view.isTransactional).toBe(given.transactional);
        expect(view.isControl).toBe(false);
        expect(view.count).toBe(samples.length);
        expect(view.lastOffsetDelta).toBe(samples.length - 1);
        expect(view.baseTimestamp).toBe(samples[0].timestamp);
        expect(view.maxTimestamp).toBe(Math.max(-1, ...samples.map((s) => s.timestamp)));
        expect(samplesOf(view)).toEqual(samples);
      }),
      { numRuns: 300 },
    );
  });

  it('works anywhere in larger bytes, shared ones included', () => {
    const batch = build({ codec: Codec.zstd }, [
      { timestamp: 5, key: null, value: Buffer.from('v'), headers: [] },
    ]);
    for (const name of [Codec.none, Codec.gzip, Codec.snappy, Codec.lz4, Codec.zstd]) {
      const packed = build({ codec: name }, [
        { timestamp: 5, key: null, value: new Uint8Array(99_999), headers: [] },
      ]);
      const shared = new Uint8Array(new SharedArrayBuffer(packed.length + batch.length + 7));
      shared.set(packed, 7);
      shared.set(batch, 7 + packed.length);
      const view = new BatchView();
      expect(view.set(shared, 7)).toBe(BatchShape.complete);
      expect(samplesOf(view)[0].value?.length).toBe(99_999);
      expect(view.set(shared, view.nextPosition)).toBe(BatchShape.complete);
      expect(samplesOf(view).length).toBe(1);
    }
  });

  it('offsets with gaps, delete horizon, empty retained batch, append time', () => {
    const builder = new BatchBuilder({ baseOffset: 100, deleteHorizon: 9000, lastOffsetDelta: 20 });
    builder.append(1000, null, Buffer.from('a'), [], 3).append(8000, Buffer.from('k'), null, [], 7);
    const view = open(builder.build());
    expect([view.hasDeleteHorizon, view.baseTimestamp, view.maxTimestamp, view.lastOffset]).toEqual([
      true,
      9000,
      8000,
      120,
    ]);
    const cursor = openRecords(view, new RecordCursor());
    expect(cursor.next() && [cursor.offsetDelta, view.timestampOf(cursor)]).toEqual([3, 1000]);
    expect(cursor.next() && [cursor.offsetDelta, view.timestampOf(cursor)]).toEqual([7, 8000]);
    expect([cursor.next(), cursor.problem]).toEqual([false, RecordProblem.none]);
    const empty = open(new BatchBuilder({ lastOffsetDelta: 4, codec: Codec.gzip }).build());
    expect([empty.count, empty.nextOffset, empty.codecId, empty.sizeBytes]).toEqual([0, 5, 0, 61]);
    const appended = open(new BatchBuilder({ logAppendTime: 77 }).append(5, null, null).build());
    expect([appended.isLogAppendTime, appended.maxTimestamp, appended.baseTimestamp]).toEqual([true, 77, 5]);
  });

  it('sequence numbers wrap to 0', () => {
    expect(incrementSequence(0x7fffffff, 1)).toBe(0);
    expect(incrementSequence(0x7ffffffe, 5)).toBe(3);
    expect(incrementSequence(10, 5)).toBe(15);
    const view = open(build({ baseSequence: 0x7fffffff }, [sampleOf('a'), sampleOf('b')]));
    expect(view.lastSequence).toBe(0);
  });

  it('control batches', () => {
    const end = open(
      buildEndTxnBatch({
        outcome: 'abort',
        coordinatorEpoch: 6,
        producerId: 9n,
        producerEpoch: 2,
        timestamp: 3,
      }),
    );
    expect([end.isControl, end.isTransactional, end.producerId, end.baseSequence]).toEqual([
      true,
      true,
      9n,
      -1,
    ]);
    forEachRecord(end, new RecordCursor(), (cursor) => {
      expect([controlTypeOf(cursor.key()), coordinatorEpochOf(cursor.value())]).toEqual([0, 6]);
    });
    const raft = open(
      buildControlBatch(
        [
          { type: 2, value: Buffer.from([0, 0]) },
          { type: 5, value: Buffer.of(1) },
        ],
        1,
      ),
    );
    expect([raft.isControl, raft.isTransactional, raft.count]).toEqual([true, false, 2]);
    expect(controlTypeOf(Buffer.of(0, 1))).toBe(-1);
  });
});

const sampleOf = (value: string): Sample => ({
  timestamp: 1,
  key: null,
  value: Buffer.from(value),
  headers: [],
});

describe('rebuilding', () => {
  it('keeps producer fields and records, renews offsets, codec and maxTimestamp', () => {
    fc.assert(
      fc.property(
        options,
        codec,
        fc.array(fc.tuple(sample, fc.integer({ min: 1, max: 3 })), { minLength: 1, maxLength: 8 }),
        (given, target, gapped) => {
          const samples = near(gapped.map(([s]) => s));
          const builder = new BatchBuilder(given);
          let delta = -1;
          gapped.forEach(([, gap], index) => {
            delta += gap;
            const { timestamp, key, value, headers } = samples[index];
            builder.append(timestamp, key, value, headers, delta);
          });
          const view = open(builder.build());
          const records = openRecords(view, new RecordCursor()).bytes;
          const start = given.codec === Codec.none ? view.recordsPosition : 0;
          const rebuilt = open(
            rebuildBatch(view, records.subarray(start), { codec: target, leaderEpoch: 4 }),
          );
          expect(rebuilt.isCrcRight()).toBe(true);
          expect(rebuilt.codecId).toBe(target);
          expect(rebuilt.lastOffsetDelta).toBe(samples.length - 1);
          expect(rebuilt.leaderEpoch).toBe(4);
          expect(rebuilt.producerId).toBe(view.producerId);
          expect(rebuilt.baseSequence).toBe(view.baseSequence);
          expect(rebuilt.isTransactional).toBe(view.isTransactional);
          expect(samplesOf(rebuilt)).toEqual(samples);
          const deltas: number[] = [];
          forEachRecord(rebuilt, new RecordCursor(), (cursor) => deltas.push(cursor.offsetDelta));
          expect(deltas).toEqual(samples.map((_, index) => index));
        },
      ),
      { numRuns: 200 },
    );
  });

  it('corrects maxTimestamp, stamps the append time, refuses malformed records', () => {
    const batch = build({}, [
      { ...sampleOf('a'), timestamp: 10 },
      { ...sampleOf('b'), timestamp: 30 },
    ]);
    const view = open(batch);
    const records = view.recordBytes();
    new DataView(batch.buffer).setBigInt64(35, 5n); // a wrong maxTimestamp from the client
    expect(open(rebuildBatch(view, records, { codec: Codec.lz4 })).maxTimestamp).toBe(30);
    const stamped = open(rebuildBatch(view, records, { codec: Codec.none, logAppendTime: 99 }));
    expect([stamped.isLogAppendTime, stamped.maxTimestamp]).toEqual([true, 99]);
    expect(() => rebuildBatch(view, records.subarray(1), { codec: Codec.none })).toThrow(RecordError);
  });
});

describe('malformed bytes', () => {
  it('any change of any byte: no crash, no hang, RecordError at most, never a read beyond the end', () => {
    const change = fc.record({
      at: fc.nat(),
      byte: fc.nat(255),
      cut: fc.nat(),
      kind: fc.constantFrom('flip', 'cut'),
    });
    fc.assert(
      fc.property(codec, fc.array(sample, { minLength: 1, maxLength: 4 }), change, (name, samples, how) => {
        const batch = build({ codec: name }, samples);
        if (how.kind === 'flip') batch[how.at % batch.length] ^= how.byte;
        const end = how.kind === 'cut' ? how.cut % batch.length : batch.length;
        const view = new BatchView();
        const shape = view.set(batch, 0, end);
        if (how.kind === 'cut') expect(shape).not.toBe(BatchShape.complete);
        if (shape !== BatchShape.complete) return;
        try {
          let count = 0;
          forEachRecord(view, new RecordCursor(), () => count++, 1 << 20);
          expect(count).toBe(view.count);
        } catch (error) {
          expect(error).toBeInstanceOf(RecordError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('cut or damaged record bytes are named, not thrown', () => {
    const view = open(build({}, [sampleOf('first'), sampleOf('second')]));
    const records = view.recordBytes();
    const cursor = new RecordCursor();
    const walk = (bytes: Uint8Array, count: number): number => {
      cursor.reset(bytes, 0, bytes.length, count);
      while (cursor.next());
      return cursor.problem;
    };
    expect(walk(records, 2)).toBe(RecordProblem.none);
    expect(walk(records, 1)).toBe(RecordProblem.trailing);
    expect(walk(records, 3)).toBe(RecordProblem.premature);
    expect(walk(records.subarray(0, records.length - 1), 2)).toBe(RecordProblem.premature);
    expect(walk(Uint8Array.of(0), 1)).toBe(RecordProblem.malformed); // size 0
    expect(walk(Uint8Array.of(0x80, 0x80, 0x80, 0x80, 0x80, 0x01), 1)).toBe(RecordProblem.malformed); // 6-byte varint
    expect(walk(Uint8Array.of(14, 0, 0, 0, 3, 1, 0, 0), 1)).toBe(RecordProblem.malformed); // key length -2
    expect(walk(Uint8Array.of(12, 0, 0, 0, 1, 1, 9), 1)).toBe(RecordProblem.malformed); // -5 headers
    expect(walk(Uint8Array.of(14, 0, 0, 0, 1, 1, 0, 0), 1)).toBe(RecordProblem.size); // one byte left over
    expect(walk(Uint8Array.of(16, 0, 0, 0, 1, 1, 2, 1, 1), 1)).toBe(RecordProblem.malformed); // null header key
  });
});

describe('varints', () => {
  it('have the size they say and the bits of BigInt arithmetic', () => {
    const check = (value: number): void => {
      const out = new Uint8Array(11);
      const end = writeVarlong(out, 0, value);
      expect(sizeOfVarlong(value)).toBe(end);
      let decoded = 0n;
      for (let index = end - 1; index >= 0; index--) decoded = (decoded << 7n) | BigInt(out[index] & 0x7f);
      expect(BigInt.asIntN(64, (decoded >> 1n) ^ -(decoded & 1n))).toBe(BigInt(value));
    };
    for (let bits = 0; bits < 63; bits++)
      for (const d of [-1, 0, 1]) for (const s of [-1, 1]) check(s * 2 ** bits + d);
    fc.assert(fc.property(fc.maxSafeInteger(), check));
    fc.assert(
      fc.property(fc.integer(), (value) => {
        const [a, b] = [new Uint8Array(5), new Uint8Array(5)];
        expect(writeVarint(a, 0, value)).toBe(sizeOfVarint(value));
        writeVarlong(b, 0, value);
        expect(a).toEqual(b);
      }),
    );
  });
});
