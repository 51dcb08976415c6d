import { describe, expect, it } from 'vitest';
import { AssertionError } from '../../src/base/assert.js';
import {
  decode,
  defineMessage,
  ELEMENTS_MAX,
  encode,
  type Infer,
  type InferInput,
  type Message,
  Reader,
  t,
  UnsupportedVersionError,
  WireError,
  Writer,
} from '../../src/wire/index.js';

const sample = defineMessage({
  name: 'Sample',
  kind: 'data',
  versions: [0, 4],
  flexible: 3,
  fields: {
    name: t.string({ nullable: 1 }),
    count: t.int32({ since: 1, default: 7 }),
    note: t.string({ since: 2, default: 'x', ignorable: true }),
    old: t.bool({ until: 1 }),
    rows: t.array({ id: t.int64(), ids: t.array(t.int32(), { nullable: 0 }) }),
    place: t.struct({ x: t.int8(), y: t.int8({ default: -1 }) }, { since: 4, nullable: 4, default: null }),
    extra: t.struct({ a: t.int16({ default: -1 }) }, { since: 3, tag: 2 }),
    more: t.array(t.string(), { since: 3, tag: 0 }),
    big: t.bigint64({ since: 3, default: -1n, tag: 5 }),
    data: t.bytes({ since: 4 }),
  },
});
type Sample = Infer<typeof sample>;
type SampleInput = InferInput<typeof sample>;

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
function hexOf(version: number, value: SampleInput): string {
  const writer = new Writer(1);
  encode(sample, version, writer, value);
  return hex(writer.written());
}
function decodeHex<Out>(message: Message<Out>, version: number, text: string, keep = false): Out {
  const reader = Reader.of(Buffer.from(text, 'hex'));
  reader.keepUnknownTags = keep;
  return decode(message, version, reader);
}

describe('a message', () => {
  it('infers its types', () => {
    const value: Sample = decodeHex(sample, 0, '0001610100000000');
    const name: string | null = value.name;
    const ids: number[] | null | undefined = value.rows[0]?.ids;
    const place: { x: number; y: number } | null = value.place;
    const big: bigint = value.big;
    expect([name, ids, place, big]).toEqual(['a', undefined, null, -1n]);
    // Everything decoded can be encoded again.
    const input: SampleInput = value;
    expect(hexOf(0, input)).toBe('0001610100000000');
  });

  it('writes each version as written by hand', () => {
    const value: SampleInput = {
      name: 'ab',
      rows: [
        { id: 1, ids: [2] },
        { id: -1, ids: null },
      ],
    };
    const rows = '00000002' + '0000000000000001' + '00000001' + '00000002' + 'ffffffffffffffff' + 'ffffffff';
    expect(hexOf(0, value)).toBe(`00026162${'00'}${rows}`);
    expect(hexOf(1, value)).toBe(`00026162${'00000007'}${'00'}${rows}`);
    expect(hexOf(2, value)).toBe(`00026162${'00000007'}${'000178'}${rows}`);
    const compact = '03' + '0000000000000001' + '02' + '00000002' + '00' + 'ffffffffffffffff' + '00' + '00';
    expect(hexOf(3, value)).toBe(`036162${'00000007'}${'0278'}${compact}00`);
    expect(hexOf(4, value)).toBe(`036162${'00000007'}${'0278'}${compact}${'ff'}${'01'}00`);
    const tagged: SampleInput = { place: { x: 1 }, extra: { a: 3 }, more: ['q'], big: 4n };
    expect(hexOf(4, tagged)).toBe(
      `01${'00000007'}${'0278'}01${'0101ff00'}01${'03'}${'0003020271'}${'0203000300'}${'05080000000000000004'}`,
    );
  });

  it('fills in defaults for what is missing, on both sides', () => {
    const expected = {
      name: '',
      count: 7,
      note: 'x',
      old: false,
      rows: [],
      place: null,
      extra: { a: -1 },
      more: [],
      big: -1n,
      data: new Uint8Array(0),
    };
    for (const version of [0, 1, 2, 3, 4]) {
      const decoded = decodeHex(sample, version, hexOf(version, {}));
      expect(decoded).toEqual(expected);
      expect(Object.keys(decoded)).toEqual(Object.keys(expected));
    }
  });

  it('refuses values that a version cannot carry, unless they are ignorable', () => {
    expect(() => hexOf(0, { count: 8 })).toThrow(UnsupportedVersionError);
    expect(() => hexOf(0, { count: 8 })).toThrow(
      'Sample v0, count: the field does not exist in this version',
    );
    expect(() => hexOf(0, { name: null })).toThrow('Sample v0, name: null is not allowed in this version');
    expect(() => hexOf(2, { extra: { a: 5 } })).toThrow(UnsupportedVersionError);
    expect(() => hexOf(3, { place: { x: 0 } })).toThrow(UnsupportedVersionError);
    expect(() => hexOf(4, { old: true })).toThrow(UnsupportedVersionError);
    expect(hexOf(0, { count: 7, note: 'dropped', extra: { a: -1 }, more: [], place: null })).toBe(
      '00000000000000',
    );
    expect(() => hexOf(5, {})).toThrow('Sample v5: versions are 0-4');
    expect(() => decodeHex(sample, 5, '')).toThrow(UnsupportedVersionError);
    expect(() => decodeHex(sample, -1, '')).toThrow(UnsupportedVersionError);
  });

  it('names the field of a value of the wrong range, and leaves the writer as it was', () => {
    const writer = new Writer(1);
    writer.int8(1);
    const bad: SampleInput = { rows: [{ id: 1 }, { id: 2, ids: [1, 2 ** 31] }] };
    expect(() => encode(sample, 3, writer, bad)).toThrow(AssertionError);
    expect(() => encode(sample, 3, writer, bad)).toThrow('Sample v3, rows[1].ids[1]: 2147483648 is no int32');
    expect(hex(writer.written())).toBe('01');
  });

  it('says where bad bytes are', () => {
    const text = '00000000000000' + '02'; // v0 up to a count that was 0
    expect(() => decodeHex(sample, 0, `${text.slice(0, 6)}0000000100000000`)).toThrow(
      'Sample v0, rows: array of 1 elements, 4 bytes remain at byte 7',
    );
    const cut = hexOf(3, {
      rows: [
        { id: 1, ids: [1] },
        { id: 2, ids: [1, 2] },
      ],
    }).slice(0, -8);
    try {
      decodeHex(sample, 3, cut);
      expect.unreachable();
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      expect([error.where, error.path]).toEqual(['Sample v3', 'rows[1].ids']);
    }
    expect(() => decodeHex(sample, 3, '010000000702780100ff')).not.toThrow();
    expect(() => decodeHex(sample, 3, '010000000702780101020400010000')).toThrow(
      /v3, extra.tags: 1 bytes left in a tagged/,
    );
  });

  it('keeps or skips unknown tags and writes them back in their places', () => {
    const text = `0100000007027801${'04'}${'01027878'}${'0203000300'}${'0400'}${'0901ff'}`;
    expect(decodeHex(sample, 3, text).unknownTags).toBeUndefined();
    const kept = decodeHex(sample, 3, text, true);
    expect(kept.unknownTags?.map((each) => each.tag)).toEqual([1, 4, 9]);
    expect(kept.extra.a).toBe(3);
    expect(hexOf(3, kept)).toBe(text);
  });
});

describe('lying lengths', () => {
  const deep = defineMessage({
    name: 'Deep',
    kind: 'data',
    versions: [0, 1],
    flexible: 1,
    fields: { rows: t.array({ numbers: t.array(t.int8()), empty: t.string({ since: 1 }) }) },
  });

  it('are refused before anything is allocated', () => {
    const before = process.memoryUsage().heapUsed;
    for (const text of ['7fffffff', '7fffffff00000000', '0000000200000000', '000000017fffffff']) {
      expect(() => decodeHex(deep, 0, text)).toThrow(WireError);
    }
    for (const text of ['ffffffff0f', '03010100', '02ffffffff0f']) {
      expect(() => decodeHex(deep, 1, text)).toThrow(WireError);
    }
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(20_000_000);
  });

  it('elements of all arrays together are limited', () => {
    const wire = new Uint8Array(4 + 2 * (4 + ELEMENTS_MAX / 2));
    const view = new DataView(wire.buffer);
    view.setInt32(0, 2);
    view.setInt32(4, ELEMENTS_MAX / 2);
    view.setInt32(8 + ELEMENTS_MAX / 2, ELEMENTS_MAX / 2);
    expect(() => decode(deep, 0, Reader.of(wire))).toThrow(`more than ${ELEMENTS_MAX} array elements`);
  });
});

describe('records', () => {
  const fetched = defineMessage({
    name: 'Fetched',
    kind: 'data',
    versions: [0, 1],
    flexible: 1,
    fields: { parts: t.array({ id: t.int8(), records: t.records({ nullable: 0 }), after: t.int8() }) },
  });

  it('decode to a view of the frame', () => {
    const frame = Buffer.from('ffff00000001050000000301020307ff', 'hex');
    const reader = new Reader().reset(frame, 2, 15);
    const [part] = decode(fetched, 0, reader).parts;
    expect(part).toEqual({ id: 5, records: { bytes: frame, position: 11, length: 3 }, after: 7 });
    expect(part?.records?.bytes).toBe(frame);
  });

  it('encode from bytes, a view, a hole, or null', () => {
    const bytes = new Uint8Array([1, 2, 3]);
    const writer = new Writer(1);
    writer.beginFrame();
    encode(fetched, 1, writer, {
      parts: [
        { id: 1, records: bytes, after: 9 },
        { id: 2, records: { bytes, position: 1, length: 2 }, after: 9 },
        { id: 3, records: { hole: 77, length: 300 }, after: 9 },
        { id: 4, records: null, after: 9 },
        { id: 5, records: { hole: 78, length: 1 }, after: 9 },
      ],
    });
    const parts = [
      '01' + '04010203' + '0900',
      '02' + '030203' + '0900',
      '03' + 'ad02',
      '0900',
      '04000900',
      '0502',
      '0900',
    ];
    const body = `06${parts.join('')}00`;
    const total = writer.endFrame();
    expect(hex(writer.written(4))).toBe(body);
    expect(total).toBe(4 + body.length / 2 + 301);
    expect(new DataView(writer.bytes.buffer).getInt32(0)).toBe(total - 4);
    const at = 4 + (2 + parts.slice(0, 3).join('').length) / 2;
    expect(writer.holes.slice(0, writer.holeCount)).toEqual([
      { at, range: 77, length: 300 },
      { at: at + 8, range: 78, length: 1 },
    ]);
    writer.reset();
    expect([writer.holeCount, writer.holeBytes]).toEqual([0, 0]);
  });

  it('holes that an error takes back are forgotten', () => {
    const writer = new Writer();
    const parts = [{ records: { hole: 1, length: 10 } }, { id: 1000 }];
    expect(() => encode(fetched, 0, writer, { parts })).toThrow('parts[1].id: 1000 is no int8');
    expect([writer.position, writer.holeCount, writer.holeBytes]).toEqual([0, 0, 0]);
    expect(() => encode(fetched, 0, writer, { parts: [{ records: { hole: 1, length: 0 } }] })).toThrow(
      /a hole has bytes/,
    );
  });

  it('cannot lie in tagged fields', () => {
    const spec = { name: 'Bad', kind: 'data', versions: [0, 0], flexible: 0 } as const;
    const tagged = { r: t.struct({ records: t.records({ nullable: 0 }) }, { tag: 0 }) };
    expect(() => defineMessage({ ...spec, fields: tagged })).toThrow(AssertionError);
  });
});
