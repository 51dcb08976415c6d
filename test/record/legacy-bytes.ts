/** Messages of magic 0 and 1, made without the code under test. */
import { crc32 } from 'node:zlib';
import { compress } from '../../src/record/codec/index.js';
import { Codec } from '../../src/record/layout.js';

export function legacyMessage(
  offset: number,
  magic: 0 | 1,
  attributes: number,
  key: string | null,
  value: Uint8Array,
): Buffer {
  const body = Buffer.alloc(magic === 0 ? 2 : 10);
  body[0] = magic;
  body[1] = attributes;
  if (magic === 1) body.writeBigInt64BE(1_600_000_000_000n + BigInt(offset), 2);
  const sized = (bytes: Uint8Array | null): Buffer => {
    const length = Buffer.alloc(4);
    length.writeInt32BE(bytes === null ? -1 : bytes.length);
    return Buffer.concat([length, bytes ?? Buffer.alloc(0)]);
  };
  const covered = Buffer.concat([body, sized(key === null ? null : Buffer.from(key)), sized(value)]);
  const head = Buffer.alloc(16);
  head.writeBigInt64BE(BigInt(offset));
  head.writeInt32BE(covered.length + 4, 8);
  head.writeUInt32BE(crc32(covered), 12);
  return Buffer.concat([head, covered]);
}

/** Ten records: bare, gzip, snappy, lz4 with append time. */
export function legacySegment(): Buffer {
  const inner = (magic: 0 | 1, offsets: number[]): Buffer =>
    Buffer.concat(
      offsets.map((at) => legacyMessage(at, magic, 0, `k${at}`, Buffer.from(`inner value ${at} `.repeat(9)))),
    );
  return Buffer.concat([
    legacyMessage(0, 0, 0, 'key', Buffer.from('magic 0')),
    legacyMessage(1, 0, 0, null, Buffer.from('no key')),
    legacyMessage(3, 0, Codec.gzip, null, compress(Codec.gzip, inner(0, [2, 3]))),
    legacyMessage(4, 1, 0, 'key', Buffer.from('magic 1')),
    legacyMessage(7, 1, Codec.snappy, null, compress(Codec.snappy, inner(1, [0, 1, 2]))),
    legacyMessage(9, 1, Codec.lz4 | 8, null, compress(Codec.lz4, inner(1, [0, 1]))),
  ]);
}
