import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AssertionError } from '../../src/base/assert.js';
import { Reader, WireError, Writer } from '../../src/wire/index.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const written = (write: (writer: Writer) => void): Uint8Array => {
  const writer = new Writer(1);
  write(writer);
  return writer.written().slice();
};
const bytesOf = (text: string): Reader => Reader.of(Buffer.from(text, 'hex'));

describe('primitive types', () => {
  // Values and bytes from the protocol guide and ByteUtilsTest of Kafka, not from this writer.
  it.each<[string, (writer: Writer) => void]>([
    ['ff', (w) => w.int8(-1)],
    ['8000', (w) => w.int16(-32768)],
    ['ffff', (w) => w.uint16(65535)],
    ['fffffffe', (w) => w.int32(-2)],
    ['ffffffff', (w) => w.uint32(4294967295)],
    ['ffffffffffffffff', (w) => w.int64(-1)],
    ['001fffffffffffff', (w) => w.int64(Number.MAX_SAFE_INTEGER)],
    ['ffe0000000000001', (w) => w.int64(Number.MIN_SAFE_INTEGER)],
    ['7fffffffffffffff', (w) => w.clampedInt64(Number.MAX_SAFE_INTEGER)],
    ['8000000000000000', (w) => w.bigint64(-(2n ** 63n))],
    ['3ff8000000000000', (w) => w.float64(1.5)],
    ['00', (w) => w.uvarint(0)],
    ['ac02', (w) => w.uvarint(300)],
    ['ffffffff0f', (w) => w.uvarint(0xffffffff)],
    ['01', (w) => w.varint(-1)],
    ['8001', (w) => w.varint(64)],
    ['ffffffff0f', (w) => w.varint(-2147483648)],
    ['ffffffffffffffffff01', (w) => w.varlong(-(2n ** 63n))],
    ['000368c3b6', (w) => w.string('hö')],
    ['ffff', (w) => w.nullableString(null)],
    ['0468c3b6', (w) => w.compactString('hö')],
    ['00', (w) => w.compactNullableString(null)],
    ['0000000201ff', (w) => w.bytesField(new Uint8Array([1, 255]))],
    ['00000000000000000000000000000001', (w) => w.uuid('AAAAAAAAAAAAAAAAAAAAAQ')],
  ])('writes %s', (expected, write) => {
    expect(hex(written(write))).toBe(expected);
  });

  it('reads back what it writes', () => {
    const safe = fc.maxSafeInteger();
    const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    const text = fc.string({ unit: 'grapheme', maxLength: 200 });
    fc.assert(
      fc.property(safe, int64, fc.integer(), fc.nat(0xffffffff), text, fc.double(), (a, b, c, d, e, f) => {
        const bytes = written((w) => {
          w.int64(a);
          w.bigint64(b);
          w.varint(c);
          w.varlong(b);
          w.varlong(a);
          w.uvarint(d);
          w.string(e);
          w.compactNullableString(e);
          w.float64(f);
        });
        const r = Reader.of(bytes);
        const values = [
          r.int64(),
          r.bigint64(),
          r.varint(),
          r.bigVarlong(),
          r.varlong(),
          r.uvarint(),
          r.string(),
        ];
        expect(values).toEqual([a, b, c, b, a, d, e]);
        expect([r.compactNullableString(), r.float64(), r.remaining]).toEqual([e, f, 0]);
      }),
    );
  });

  it('reads from shared memory, at any place', () => {
    const shared = new Uint8Array(new SharedArrayBuffer(64), 3);
    const bytes = written((w) => {
      w.string('größer als zwölf Zeichen');
      w.compactBytes(new Uint8Array([1, 2, 3]));
      w.uuid('jMNmS9KURQCH_ddWEBZ1Fg');
    });
    shared.set(bytes, 5);
    const reader = new Reader().reset(shared, 5, 5 + bytes.length);
    expect(reader.string()).toBe('größer als zwölf Zeichen');
    const copy = reader.compactBytes();
    shared.fill(0, 0, 20);
    expect(copy).toEqual(new Uint8Array([1, 2, 3]));
    expect(reader.uuid()).toBe('jMNmS9KURQCH_ddWEBZ1Fg');
    expect(reader.remaining).toBe(0);
  });
});

describe('bad bytes', () => {
  it.each<[string, (reader: Reader) => unknown]>([
    ['00', (r) => r.int16()],
    ['0020000000000000', (r) => r.int64()],
    ['ffe0000000000000', (r) => r.int64()],
    ['ffffffff10', (r) => r.uvarint()],
    ['8080808080', (r) => r.uvarint()],
    ['80808080808080808002', (r) => r.bigVarlong()],
    ['8080808080808080808000', (r) => r.bigVarlong()],
    ['ffff', (r) => r.string()],
    ['00', (r) => r.compactString()],
    ['000561', (r) => r.string()],
    ['ffffffff0f', (r) => r.compactString()],
    ['7fffffff', (r) => r.bytesField()],
    ['ffffffff', (r) => r.records()],
    ['ffffffff0f00', (r) => r.compactNullableRecords()],
    ['7fffffff00', (r) => r.arrayCount(1)],
    ['ffffffff0f00', (r) => r.compactArrayCount(1)],
    ['ffffffff0f', (r) => r.skipTags()],
    ['0205000500', (r) => r.skipTags()], // the same tag twice
    ['0100ff01', (r) => r.skipTags()],
  ])('%s is a WireError', (text, read) => {
    expect(() => read(bytesOf(text))).toThrow(WireError);
  });

  it('counts strings in bytes: at most 32767', () => {
    const long = Buffer.alloc(40_000, 'a');
    const compact = written((w) => {
      w.uvarint(32_769);
      w.raw(long);
    });
    expect(() => Reader.of(compact).compactString()).toThrow(/at most 32767/);
    expect(() => new Writer().compactString('a'.repeat(32_768))).toThrow(AssertionError);
    expect(() => new Writer().string('ö'.repeat(16_384))).toThrow(AssertionError);
  });

  it('clamps where asked to', () => {
    expect(bytesOf('7fffffffffffffff').clampedInt64()).toBe(Number.MAX_SAFE_INTEGER);
    expect(bytesOf('8000000000000000').clampedInt64()).toBe(Number.MIN_SAFE_INTEGER);
    expect(bytesOf('ffe0000000000000').clampedInt64()).toBe(Number.MIN_SAFE_INTEGER);
    expect(bytesOf('fffffffffffffffa').clampedInt64()).toBe(-6);
  });

  it('does not read beyond its window', () => {
    const reader = new Reader().reset(new Uint8Array(100), 10, 12);
    expect(() => reader.int32()).toThrow('4 bytes needed, 2 remain at byte 0');
    expect(() => reader.reset(new Uint8Array(4), 0, 5)).toThrow(RangeError);
  });
});

describe('Writer', () => {
  it('refuses values out of range', () => {
    const w = new Writer();
    const bad: (() => void)[] = [
      () => w.int8(128),
      () => w.int16(-32769),
      () => w.uint16(-1),
      () => w.int32(2 ** 31),
      () => w.int32(1.5),
      () => w.int32(Number.NaN),
      () => w.int64(2 ** 53),
      () => w.bigint64(2n ** 63n),
      () => w.uvarint(-1),
      () => w.uuid('short'),
      () => w.uuid('*'.repeat(22)),
    ];
    for (const write of bad) expect(write).toThrow(AssertionError);
  });

  it('moves to its own memory when the lent memory is full, and keeps to its limit', () => {
    const lent = new Uint8Array(8);
    const writer = new Writer(0, 20).reset(lent, 2);
    writer.int32(7);
    expect(writer.bytes).toBe(lent);
    writer.int64(8);
    expect(writer.bytes).not.toBe(lent);
    expect(hex(writer.written(2))).toBe('000000070000000000000008');
    expect(() => writer.raw(new Uint8Array(7))).toThrow(AssertionError);
  });

  it('moves a long tagged field up to fit its size', () => {
    for (const size of [0, 127, 128, 16_383, 16_384, 70_000]) {
      const bytes = written((w) => {
        const at = w.beginTag(5);
        w.raw(new Uint8Array(size).fill(9));
        w.endTag(at);
        w.int8(3);
      });
      const reader = Reader.of(bytes);
      expect(reader.tag(-1)).toBe(5);
      const outer = reader.enterTag();
      expect(reader.remaining).toBe(size);
      expect(bytes.subarray(reader.position, reader.end).every((byte) => byte === 9)).toBe(true);
      reader.position = reader.end;
      reader.leaveTag(outer);
      expect([reader.int8(), reader.remaining]).toEqual([3, 0]);
    }
  });
});
