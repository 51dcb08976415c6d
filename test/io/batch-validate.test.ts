import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BatchTable, Double, RowFlag, RowStatus, Word } from '../../src/io/batch-table.js';
import type { SegmentEngine } from '../../src/io/segment-engine.js';
import {
  type BatchSpec,
  batchBytes,
  join,
  type RecordSpec,
  recordsBytes,
  slowCrc32c,
  varint,
} from './batch-bytes.js';
import { describeEngines } from './engines.js';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const record = (value = 'v'): RecordSpec => ({ key: text('k'), value: text(value) });
const raw = (...bytes: number[]): RecordSpec => ({ raw: Uint8Array.from(bytes) });
/** A record with the given body bytes and the right length before them. */
const body = (...bytes: number[]): RecordSpec => raw(...varint(bytes.length), ...bytes);

class Checker {
  readonly table = new BatchTable(8);
  private readonly slab = new Uint8Array(new SharedArrayBuffer(1 << 20));
  constructor(readonly engine: SegmentEngine) {
    engine.registerSlab(0, this.slab);
  }
  check(bytes: Uint8Array, flags = 0): { status: number; detail: number } {
    const { table } = this;
    this.slab.set(bytes, 129);
    table.words.fill(0x5a5a5a5a);
    table.setWord(2, Word.slab, 0);
    table.setWord(2, Word.position, 129);
    table.setWord(2, Word.length, bytes.length);
    table.setWord(2, Word.flags, flags);
    this.engine.validate(table, 2, 3);
    expect(table.word(1, Word.status), 'other rows are left alone').toBe(0x5a5a5a5a);
    expect(table.word(3, Word.status), 'other rows are left alone').toBe(0x5a5a5a5a);
    return { status: table.word(2, Word.status), detail: table.word(2, Word.detail) };
  }
  spec(spec: BatchSpec, flags = 0): { status: number; detail: number } {
    return this.check(batchBytes(spec), flags);
  }
}

describeEngines('validate', (make) => {
  it('accepts a good batch and fills every column', () => {
    const checker = new Checker(make());
    const bytes = batchBytes({
      records: [
        {
          timestampDelta: 5n,
          key: text('a'),
          value: null,
          headers: [
            ['h', text('x')],
            ['n', null],
          ],
        },
        { timestampDelta: 70n, key: null, value: text('b') },
        { timestampDelta: -3n, value: text('c'.repeat(300)) },
        { timestampDelta: 70n },
      ],
      attributes: 0x10,
      leaderEpoch: 77,
      baseOffset: 0x1_0000_0007n,
      producerId: 0x0123456789abcdefn,
      producerEpoch: 9,
      baseSequence: 1234,
      maxTimestamp: 42n,
    });
    expect(checker.check(bytes)).toEqual({ status: RowStatus.ok, detail: -1 });
    const { table } = checker;
    const words = { attributes: 0x10, lastOffsetDelta: 3, count: 4, producerEpoch: 9, baseSequence: 1234 };
    for (const [column, value] of Object.entries(words)) {
      expect(table.word(2, Word[column as keyof typeof words]), column).toBe(value);
    }
    expect(table.word(2, Word.producerIdHigh)).toBe(0x01234567);
    expect(table.word(2, Word.producerIdLow) >>> 0).toBe(0x89abcdef);
    expect(table.word(2, Word.crc) >>> 0).toBe(slowCrc32c(bytes, 21));
    expect(table.word(2, Word.maxTimestampDelta)).toBe(1);
    expect(table.double(2, Double.baseTimestamp)).toBe(1_700_000_000_000);
    expect(table.double(2, Double.maxTimestamp)).toBe(42);
    expect(table.double(2, Double.maxTimestampFound)).toBe(1_700_000_000_070);
    expect(table.double(2, Double.minTimestampFound)).toBe(1_699_999_999_997);
  });

  it('reports unset numbers as -1', () => {
    const checker = new Checker(make());
    checker.spec({ records: [record()], baseTimestamp: -1n });
    const { table } = checker;
    for (const column of [Word.producerEpoch, Word.baseSequence, Word.producerIdHigh, Word.producerIdLow]) {
      expect(table.word(2, column)).toBe(-1);
    }
    expect(table.double(2, Double.maxTimestamp)).toBe(-1);
    expect(table.double(2, Double.maxTimestampFound)).toBe(-1);
  });

  describe('refuses', () => {
    const good = batchBytes({ records: [record(), record()] });
    const whole: [string, Uint8Array, number][] = [
      ['no bytes', new Uint8Array(0), RowStatus.tooSmall],
      ['60 bytes', good.subarray(0, 60), RowStatus.tooSmall],
      ['one byte less than declared', good.subarray(0, good.length - 1), RowStatus.tooSmall],
      ['a length field of 48', batchBytes({ records: [record()], length: 48 }), RowStatus.tooSmall],
      ['a negative length field', batchBytes({ records: [record()], length: -1 }), RowStatus.tooSmall],
      [
        'the largest length field',
        batchBytes({ records: [record()], length: 0x7fffffff }),
        RowStatus.tooSmall,
      ],
      ['a second batch', join([good, good]), RowStatus.moreBatches],
      ['one more byte', join([good, Uint8Array.of(0)]), RowStatus.moreBatches],
      ['magic 1', batchBytes({ records: [record()], magic: 1 }), RowStatus.badMagic],
      ['magic 3', batchBytes({ records: [record()], magic: 3 }), RowStatus.badMagic],
      ['a wrong CRC', batchBytes({ records: [record()], crcFlip: 1 }), RowStatus.badCrc],
      ['a wrong CRC, top bit', batchBytes({ records: [record()], crcFlip: 1 << 31 }), RowStatus.badCrc],
      [
        'lastOffsetDelta -1',
        batchBytes({ records: [record()], lastOffsetDelta: -1 }),
        RowStatus.badOffsetRange,
      ],
      ['no records', batchBytes({ records: [], lastOffsetDelta: 0 }), RowStatus.badCount],
      ['count -1', batchBytes({ records: [record()], count: -1, lastOffsetDelta: 0 }), RowStatus.badCount],
      [
        'count above the range',
        batchBytes({ records: [record()], count: 2, lastOffsetDelta: 0 }),
        RowStatus.inconsistentCount,
      ],
      [
        'count below the range',
        batchBytes({ records: [record()], lastOffsetDelta: 5 }),
        RowStatus.inconsistentCount,
      ],
      [
        'count 2^31-1',
        batchBytes({ records: [record()], count: 0x7fffffff, lastOffsetDelta: 0x7ffffffe }),
        RowStatus.badRecord,
      ],
    ];
    it.each(whole)('%s', (_what, bytes, status) => {
      expect(new Checker(make()).check(bytes).status).toBe(status);
    });

    const records: [string, RecordSpec][] = [
      ['nothing where a record should be', raw()],
      ['a record length that overruns the batch', raw(...varint(60), 0, 0)],
      ['a negative record length', raw(...varint(-2), 0)],
      ['length 0', raw(0)],
      ['a varint that never ends', raw(0xff, 0xff, 0xff, 0xff, 0xff, 0xff)],
      ['a varlong of 11 bytes', body(0, ...Array<number>(10).fill(0x80), 1, 0, 1, 1, 0)],
      ['key length -2', body(0, 0, 0, ...varint(-2), ...varint(-1), 0)],
      ['value length -2', body(0, 0, 0, ...varint(-1), ...varint(-2), 0)],
      ['a key longer than the record', body(0, 0, 0, ...varint(9), 65, ...varint(-1), 0)],
      ['a value longer than the record', body(0, 0, 0, ...varint(-1), ...varint(9), 65, 0)],
      ['header count -1', body(0, 0, 0, ...varint(-1), ...varint(-1), ...varint(-1))],
      ['more headers than bytes', body(0, 0, 0, ...varint(-1), ...varint(-1), ...varint(1000))],
      [
        'a null header key',
        body(0, 0, 0, ...varint(-1), ...varint(-1), ...varint(1), ...varint(-1), ...varint(-1)),
      ],
      [
        'header value length -2',
        body(0, 0, 0, ...varint(-1), ...varint(-1), ...varint(1), ...varint(0), ...varint(-2)),
      ],
      ['no header count', body(0, 0, 0, ...varint(-1), ...varint(-1))],
      ['bytes left in the record', body(0, 0, 0, ...varint(-1), ...varint(-1), 0, 0)],
      ['a record of one byte', body(0)],
    ];
    it.each(records)('%s', (_what, bad) => {
      const checker = new Checker(make());
      expect(checker.spec({ records: [bad], count: 1 })).toEqual({ status: RowStatus.badRecord, detail: 0 });
      expect(checker.spec({ records: [record(), record(), bad] })).toEqual({
        status: RowStatus.badRecord,
        detail: 2,
      });
    });

    it('bytes behind the declared records', () => {
      const checker = new Checker(make());
      const spec = { records: [record(), record(), raw(1)], count: 2, lastOffsetDelta: 1 };
      expect(checker.spec(spec).status).toBe(RowStatus.trailingBytes);
    });

    it('fewer records than declared', () => {
      const checker = new Checker(make());
      expect(checker.spec({ records: [record()], count: 2 })).toEqual({
        status: RowStatus.badRecord,
        detail: 1,
      });
    });

    it('a null key on a compacted topic only', () => {
      const checker = new Checker(make());
      const spec = { records: [record(), { value: text('x') }, { value: text('y') }] };
      expect(checker.spec(spec).status).toBe(RowStatus.ok);
      expect(checker.spec(spec, RowFlag.keyRequired)).toEqual({ status: RowStatus.missingKey, detail: 1 });
      const empty = { records: [{ key: new Uint8Array(0) }] };
      expect(checker.spec(empty, RowFlag.keyRequired).status, 'an empty key is a key').toBe(RowStatus.ok);
    });
  });

  it('does not look at offset deltas of uncompressed batches', () => {
    const checker = new Checker(make());
    expect(checker.spec({ records: [{ offsetDelta: 0 }, { offsetDelta: 0 }] }).status).toBe(RowStatus.ok);
  });

  it('takes header-only batches as a replica does', () => {
    const checker = new Checker(make());
    const headerOnly = (spec: BatchSpec): number => checker.spec(spec, RowFlag.headerOnly).status;
    expect(headerOnly({ records: [raw(9, 9)], count: 1 })).toBe(RowStatus.ok);
    expect(headerOnly({ records: [record()], lastOffsetDelta: 6 }), 'compacted').toBe(RowStatus.ok);
    expect(headerOnly({ records: [], lastOffsetDelta: 6 }), 'empty after compaction').toBe(RowStatus.ok);
    expect(headerOnly({ records: [record()], crcFlip: 4 })).toBe(RowStatus.badCrc);
    expect(headerOnly({ records: [record()], lastOffsetDelta: -1 })).toBe(RowStatus.badOffsetRange);
  });

  it('looks at no record of a client batch when told so', () => {
    const checker = new Checker(make());
    const unchecked = (spec: BatchSpec): number => checker.spec(spec, RowFlag.recordsUnchecked).status;
    expect(unchecked({ records: [raw(9, 9)], count: 1 })).toBe(RowStatus.ok);
    for (const codec of [1, 2, 3, 4]) {
      expect(unchecked({ records: [raw(9, 9)], count: 1, attributes: codec })).toBe(RowStatus.ok);
    }
    for (const codec of [5, 6, 7]) {
      expect(unchecked({ records: [raw(9)], count: 1, attributes: codec })).toBe(RowStatus.compressed);
    }
    expect(unchecked({ records: [record()], crcFlip: 4 })).toBe(RowStatus.badCrc);
    expect(unchecked({ records: [record()], lastOffsetDelta: 6 })).toBe(RowStatus.inconsistentCount);
    expect(unchecked({ records: [record()], count: 0, lastOffsetDelta: 0 })).toBe(RowStatus.badCount);
  });

  it('leaves compressed records to validateRecords', () => {
    const checker = new Checker(make());
    const { engine, table } = checker;
    for (const codec of [1, 2, 3, 4]) {
      const records = [{ timestampDelta: 3n }, { timestampDelta: 9n }, { timestampDelta: 1n }];
      const spec = { payload: Uint8Array.of(1, 2, 3), attributes: codec, count: 3 };
      expect(checker.spec(spec).status).toBe(RowStatus.compressed);
      engine.validateRecords(table, 2, recordsBytes(records));
      expect(table.word(2, Word.status)).toBe(RowStatus.ok);
      expect(table.word(2, Word.maxTimestampDelta)).toBe(1);
      expect(table.double(2, Double.maxTimestampFound)).toBe(1_700_000_000_009);
      expect(table.double(2, Double.minTimestampFound)).toBe(1_700_000_000_001);
    }
    const status = (records: RecordSpec[], flags = 0): number => {
      expect(checker.spec({ payload: Uint8Array.of(1), attributes: 4, count: 2 }, flags).status).toBe(
        RowStatus.compressed,
      );
      engine.validateRecords(table, 2, recordsBytes(records));
      return table.word(2, Word.status);
    };
    expect(status([{}, { offsetDelta: 5 }])).toBe(RowStatus.offsetDeltas);
    expect(status([{ offsetDelta: 1 }, { offsetDelta: 2 }])).toBe(RowStatus.offsetDeltas);
    expect(status([{}])).toBe(RowStatus.badRecord);
    expect(status([{}, {}, {}])).toBe(RowStatus.trailingBytes);
    expect(status([{}, raw(4, 0, 0)])).toBe(RowStatus.badRecord);
    expect(table.word(2, Word.detail)).toBe(1);
    expect(status([record(), {}], RowFlag.keyRequired)).toBe(RowStatus.missingKey);
    expect(table.word(2, Word.detail)).toBe(1);
  });

  it('never reads or says more than there is, whatever the bytes', () => {
    const checker = new Checker(make());
    const good = batchBytes({ records: [record('abc'), record('def'), { headers: [['k', text('v')]] }] });
    fc.assert(
      fc.property(
        fc.integer({ min: 21, max: good.length - 1 }),
        fc.integer({ min: 0, max: 255 }),
        fc.array(fc.integer({ min: 61, max: good.length - 1 }), { maxLength: 3 }),
        (at, value, others) => {
          const bytes = good.slice();
          bytes[at] = value;
          for (const other of others) bytes[other] ^= value;
          new DataView(bytes.buffer).setUint32(17, slowCrc32c(bytes, 21));
          const { status, detail } = checker.check(bytes);
          expect(status).toBeGreaterThanOrEqual(RowStatus.ok);
          expect(status).toBeLessThanOrEqual(RowStatus.moreBatches);
          expect(detail).toBeLessThan(Math.max(0, checker.table.word(2, Word.count)));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('sums CRC-32C', () => {
    const engine = make();
    expect(engine.crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283);
    expect(engine.crc32c(new Uint8Array(32))).toBe(0x8a9136aa); // RFC 3720, B.4
    expect(engine.crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
    expect(engine.crc32c(new Uint8Array(0))).toBe(0);
    const bytes = Uint8Array.from({ length: 5000 }, (_, at) => (at * 31 + (at >> 3)) & 0xff);
    for (const length of [0, 1, 7, 8, 9, 63, 64, 255, 256, 1023, 4999, 5000]) {
      expect(engine.crc32c(bytes.subarray(3, length))).toBe(slowCrc32c(bytes.subarray(3, length)));
      expect(engine.crc32c(bytes.subarray(length), engine.crc32c(bytes.subarray(0, length)))).toBe(
        slowCrc32c(bytes),
      );
    }
  });
});
