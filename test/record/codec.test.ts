import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compress, decompress, preloadCodec } from '../../src/record/codec/index.js';
import { xxh32 } from '../../src/record/codec/xxh32.js';
import { Codec, codecName } from '../../src/record/layout.js';
import { RecordError } from '../../src/record/record-error.js';

const require = createRequire(import.meta.url);
const lz4: typeof import('lz4-napi') = require('lz4-napi');
const snappy: typeof import('snappy') = require('snappy');

const ALL = [Codec.gzip, Codec.snappy, Codec.lz4, Codec.zstd] as const;
const names = ALL.map((codec) => [codecName(codec), codec] as const);
const reasonOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof RecordError) return error.reason;
    throw error;
  }
  return 'none';
};

/** Some of everything: noise, runs, text, across block borders. */
const payload = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 2000 }),
      fc.tuple(fc.nat(255), fc.nat(90_000)).map(([byte, size]) => new Uint8Array(size).fill(byte)),
      fc
        .tuple(fc.string({ minLength: 1 }), fc.nat(2000))
        .map(([s, n]) => Buffer.from(s.repeat(n)).subarray(0, 70_000)),
    ),
    { maxLength: 6 },
  )
  .map((parts) => new Uint8Array(Buffer.concat(parts)));

describe('codecs', () => {
  it.each(names)('%s gives back what it was given', (_, codec) => {
    preloadCodec(codec);
    fc.assert(
      fc.property(payload, (bytes) => {
        const packed = compress(codec, bytes);
        expect(Buffer.compare(decompress(codec, packed), bytes)).toBe(0);
        expect(Buffer.compare(decompress(codec, packed, bytes.length), bytes)).toBe(0);
        if (bytes.length > 0)
          expect(reasonOf(() => decompress(codec, packed, bytes.length - 1))).toBe('tooLarge');
      }),
      { numRuns: 60 },
    );
  });

  it.each(names)('%s survives cuts and changed bytes', (_, codec) => {
    const source = Buffer.from('some text, some text, some more text '.repeat(300));
    const packed = compress(codec, source);
    fc.assert(
      fc.property(fc.nat(packed.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const changed = Uint8Array.from(packed);
        changed[at] ^= change;
        for (const bytes of [changed, packed.subarray(0, at)]) {
          const reason = reasonOf(() => {
            expect(decompress(codec, bytes, 1 << 20).length).toBeLessThanOrEqual(1 << 20);
          });
          expect(['none', 'corrupt', 'tooLarge']).toContain(reason);
        }
      }),
      { numRuns: 400 },
    );
    expect(decompress(codec, packed).length).toBe(source.length); // still works afterwards
  });

  it('levels change the size, not the content', () => {
    const source = Buffer.from(
      Array.from({ length: 20_000 }, (_, i) => `${(i * 7919) % 1000} line\n`).join(''),
    );
    const sizes = [1, 9].map((level) => compress(Codec.gzip, source, level).length);
    expect(sizes[1]).toBeLessThan(sizes[0]);
    for (const level of [-5, 1, 19, 3]) {
      expect(Buffer.compare(decompress(Codec.zstd, compress(Codec.zstd, source, level)), source)).toBe(0);
    }
  });
});

describe('bombs cost what the limit says', () => {
  const LIMIT = 1 << 20;
  const zeros = new Uint8Array(64 << 20);

  it.each(names)('%s', (_, codec) => {
    const bomb = compress(codec, zeros);
    expect(bomb.length).toBeLessThan(4 << 20);
    expect(reasonOf(() => decompress(codec, bomb, LIMIT))).toBe('tooLarge');
  });

  it('snappy: sizes that lie are refused before memory is taken', () => {
    const huge = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f, 0x00); // declares 4 GiB
    expect(reasonOf(() => decompress(Codec.snappy, huge, LIMIT))).toBe('tooLarge');
    expect(reasonOf(() => decompress(Codec.snappy, huge, 2 ** 33))).toBe('corrupt');
  });

  it('zstd: run-length blocks, declared sizes and windows', () => {
    const frame = (header: number[], ...blocks: number[][]): Uint8Array =>
      Uint8Array.from([0x28, 0xb5, 0x2f, 0xfd, ...header, ...blocks.flat()]);
    const run = (size: number, last: number): number[] => {
      const word = (size << 3) | (1 << 1) | last;
      return [word & 0xff, (word >> 8) & 0xff, (word >> 16) & 0xff, 0x41];
    };
    const many = frame([0x00, 0x58], ...Array.from({ length: 999 }, () => run(1 << 17, 0)), run(1 << 17, 1));
    expect(reasonOf(() => decompress(Codec.zstd, many, LIMIT))).toBe('tooLarge'); // 4 KB -> 125 MiB
    expect(decompress(Codec.zstd, frame([0x00, 0x58], run(1 << 17, 1))).length).toBe(1 << 17);
    const declared = frame([0x80, 0x58, 0xff, 0xff, 0xff, 0x7f], run(1, 1));
    expect(reasonOf(() => decompress(Codec.zstd, declared, LIMIT))).toBe('tooLarge');
    expect(reasonOf(() => decompress(Codec.zstd, frame([0x00, 0xf8], run(1, 1))))).toBe('corrupt'); // 2^41 window
  });
});

describe('broken zstd batches', () => {
  it('may hold memory only up to a limit until the event loop turns', async () => {
    await new Promise((resolve) => setImmediate(resolve)); // what earlier tests broke
    // A window of 128 MiB, 100 MiB of run-length blocks, then a compressed block that is none: it fails midway.
    const run = Array.from({ length: 800 }, () => [0x02, 0x00, 0x10, 0x41]).flat();
    const broken = Uint8Array.from([
      0x28,
      0xb5,
      0x2f,
      0xfd,
      0x00,
      0x88,
      ...run,
      0x25,
      0,
      0,
      0xff,
      0xff,
      0xff,
      0xff,
    ]);
    const good = compress(Codec.zstd, Buffer.from('good'));
    const reasons = Array.from({ length: 7 }, () => reasonOf(() => decompress(Codec.zstd, broken)));
    expect(reasons.slice(0, 3)).toEqual(['corrupt', 'corrupt', 'corrupt']);
    expect(reasons[6]).toBe('busy');
    expect(reasonOf(() => decompress(Codec.zstd, good))).toBe('busy');
    await new Promise((resolve) => setImmediate(resolve));
    expect(Buffer.from(decompress(Codec.zstd, good)).toString()).toBe('good');
  });
});

describe('framings of other writers', () => {
  const source = Buffer.from('what other libraries wrote must be read '.repeat(5000));

  it('snappy: one bare block (librdkafka), concatenated xerial streams', () => {
    expect(Buffer.compare(decompress(Codec.snappy, snappy.compressSync(source)), source)).toBe(0);
    const packed = compress(Codec.snappy, source);
    expect(decompress(Codec.snappy, Buffer.concat([packed, packed])).length).toBe(2 * source.length);
    expect(Buffer.from(packed.subarray(0, 16)).toString('hex')).toBe('82534e41505059000000000100000001');
  });

  it('lz4: larger blocks, block and content checksums; dependent blocks are refused', () => {
    const options = { contentChecksum: true, blockChecksums: true };
    const framed = lz4.compressFrameSync(source, options);
    expect(Buffer.compare(decompress(Codec.lz4, framed), source)).toBe(0);
    framed[framed.length - 1] ^= 1;
    expect(reasonOf(() => decompress(Codec.lz4, framed))).toBe('corrupt');
    const dependent = Buffer.from(compress(Codec.lz4, source));
    dependent[4] &= ~0x20;
    dependent[6] = (xxh32(dependent, 4, 6) >>> 8) & 0xff;
    expect(reasonOf(() => decompress(Codec.lz4, dependent))).toBe('corrupt');
    expect(Buffer.compare(lz4.decompressFrameSync(Buffer.from(compress(Codec.lz4, source))), source)).toBe(0);
    expect(Buffer.from(compress(Codec.lz4, source)).subarray(0, 7).toString('hex')).toBe('04224d18604082');
  });

  it('gzip members and zstd frames may be concatenated, zstd frames skipped', () => {
    const twice = Buffer.concat([gzipSync(source), gzipSync(source)]);
    expect(decompress(Codec.gzip, twice).length).toBe(2 * source.length);
    const frame = compress(Codec.zstd, source);
    const skippable = Uint8Array.of(0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3);
    expect(decompress(Codec.zstd, Buffer.concat([frame, skippable, frame])).length).toBe(2 * source.length);
  });

  it('xxh32 has the published values', () => {
    expect(xxh32(new Uint8Array(0))).toBe(0x02cc5d05);
    expect(xxh32(Buffer.from('abc'))).toBe(0x32d153ff);
    expect(xxh32(Buffer.from('Nobody inspects the spammish repetition'))).toBe(0xe2293b2f);
  });
});
