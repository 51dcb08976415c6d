import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Reader, Writer } from '../../src/wire/index.js';
import { CACHED_STRING_BYTES_MAX, StringCache } from '../../src/wire/string-cache.js';

it('gives the right string whatever was read before it', () => {
  const reader = new Reader();
  const writer = new Writer();
  // Few letters, so that slots, prefixes and lengths collide.
  const unit = fc.constantFrom('a', 'b', 'ö', '\u0000', '💧');
  const text = fc.string({ unit, maxLength: 80 });
  fc.assert(
    fc.property(fc.array(text, { maxLength: 60 }), (texts) => {
      writer.reset();
      for (const each of texts) writer.compactString(each);
      for (let round = 0; round < 2; round++) {
        reader.reset(writer.bytes, 0, writer.position);
        expect(texts.map(() => reader.compactString())).toEqual(texts);
      }
    }),
  );
});

it('decodes a string once, and again after a collision', () => {
  const cache = new StringCache();
  const decoded: string[] = [];
  const read = (text: string): string => {
    const bytes = Buffer.from(`....${text}`);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    return cache.get(view, 4, bytes.length, (from, to) => {
      decoded.push(text);
      return bytes.toString('utf8', from, to);
    });
  };
  for (let round = 0; round < 3; round++)
    expect([read('topic-1'), read('topic-2')]).toEqual(['topic-1', 'topic-2']);
  expect(decoded).toEqual(['topic-1', 'topic-2']);
  const longest = 'x'.repeat(CACHED_STRING_BYTES_MAX);
  expect([read(longest), read(longest)]).toEqual([longest, longest]);
  expect(decoded.length).toBe(3);
  // 5000 names share 512 slots.
  for (let index = 0; index < 5000; index++) expect(read(`name-${index}`)).toBe(`name-${index}`);
  expect(read('topic-1')).toBe('topic-1');
});

it('malformed UTF-8 reads as replacement characters, as in Java', () => {
  const bytes = Buffer.from('0005ff6162c328' + '0005ff6162c328', 'hex');
  const reader = Reader.of(bytes);
  expect([reader.string(), reader.string()]).toEqual(['�ab�(', '�ab�(']);
});
