/** Vectors made with hash4j 0.22.0, the library Kafka 4.3.1 uses. */
import { describe, expect, it } from 'vitest';
import { groupHash, TopicHashes, topicHash } from '../../../src/coordinator/group/consumer/metadata-hash.js';
import { xxh3 } from '../../../src/coordinator/group/consumer/xxh3.js';

const VECTORS: Record<number, string> = {
  0: '2d06800538d394c2',
  1: '4c5cca45d0f4811f',
  2: 'a7e250c97710ff27',
  3: '15f7093b173d005c',
  4: 'dca012f95811b6b9',
  5: 'b290cafc7b254345',
  8: 'dec6a9a43575982e',
  9: 'cbe393399f17ffbd',
  15: '545e19990471dc37',
  16: '7e484c18d74895d0',
  17: '208bde5ee2bed407',
  32: '3df0ac5255d1446',
  33: '199a362122d71f46',
  64: 'dd30702ab46b3745',
  100: '8c97158042fbf926',
  128: 'f92b70eaa21a6288',
  129: 'f8f76713f2bb60fa',
  200: '12fdb864685f344d',
  240: 'ccc7375172c41f03',
  241: 'b3b630948ce4a00',
  256: 'ec85b75bafe6ca74',
  257: '12ef0ff633841459',
  511: 'fec8fb6eae1df8b',
  512: 'efc2e52d1c2ffbaa',
  1023: 'f0d330ce2b3300fb',
  1024: '23bc880ebf0d29c6',
  1025: 'c09fdfbc398c7d82',
  2000: '19eb4cda7a0f1a0d',
  4096: 'a3c19f8174cde0bb',
  5000: '559fff92c2b7f8ee',
};

function hex(value: bigint): string {
  return BigInt.asUintN(64, value).toString(16);
}

function topicId(most: bigint, least: bigint): string {
  const bytes = Buffer.alloc(16);
  bytes.writeBigInt64BE(most, 0);
  bytes.writeBigInt64BE(least, 8);
  return bytes.toString('base64url');
}

describe('metadata hash', () => {
  it('is XXH3 for every length class', () => {
    for (const [length, expected] of Object.entries(VECTORS)) {
      const bytes = Uint8Array.from({ length: Number(length) }, (_, index) => (index * 31 + 7) & 0xff);
      expect(hex(xxh3(bytes)), `${length} bytes`).toBe(expected);
    }
  });

  it("hashes a topic and a group as Kafka's streams of fields do", () => {
    expect(hex(topicHash({ id: topicId(1n, 2n), name: 'topic-ä', partitions: 3 }))).toBe('8d818b2f6276332c');
    expect(
      hex(
        groupHash(
          new Map([
            ['b', -6n],
            ['a', 5n],
          ]),
        ),
      ),
    ).toBe('907c0e2051ca2104');
    expect(groupHash(new Map())).toBe(0n);
  });

  it('notices new partitions and another topic of the same name', () => {
    const hashes = new TopicHashes();
    const topic = { id: topicId(1n, 2n), name: 't', partitions: 3 };
    const first = hashes.of(topic);
    expect(hashes.of(topic)).toBe(first);
    expect(hashes.of({ ...topic, partitions: 4 })).not.toBe(first);
    expect(hashes.of({ ...topic, id: topicId(1n, 3n) })).not.toBe(first);
    hashes.retain(() => false);
    expect(hashes.of(topic)).toBe(first);
  });
});
