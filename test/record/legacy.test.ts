import { describe, expect, it } from 'vitest';
import { BatchShape, BatchView } from '../../src/record/batch-view.js';
import { compress } from '../../src/record/codec/index.js';
import { xxh32 } from '../../src/record/codec/xxh32.js';
import { Codec } from '../../src/record/layout.js';
import { forEachLegacyRecord, LegacyView } from '../../src/record/legacy.js';
import { RecordError } from '../../src/record/record-error.js';
import { legacyMessage, legacySegment } from './legacy-bytes.js';

interface Found {
  offset: number;
  timestamp: number;
  key: string | null;
}

/** Walks as far as the bytes are good. */
function walk(bytes: Uint8Array): Found[] {
  const found: Found[] = [];
  const view = new LegacyView();
  const shape = new BatchView();
  for (let at = 0; at < bytes.length; at += view.sizeBytes) {
    if (shape.set(bytes, at) !== BatchShape.legacy || !view.set(bytes, at)) break;
    forEachLegacyRecord(view, (record, offset, timestamp) => {
      const key = record.key();
      found.push({ offset, timestamp, key: key === null ? null : Buffer.from(key).toString() });
    });
  }
  return found;
}

describe('magic 0 and 1', () => {
  it('offsets and timestamps of bare and compressed messages', () => {
    const base = 1_600_000_000_000;
    expect(walk(legacySegment())).toEqual([
      { offset: 0, timestamp: -1, key: 'key' },
      { offset: 1, timestamp: -1, key: null },
      { offset: 2, timestamp: -1, key: 'k2' },
      { offset: 3, timestamp: -1, key: 'k3' },
      { offset: 4, timestamp: base + 4, key: 'key' },
      { offset: 5, timestamp: base, key: 'k0' },
      { offset: 6, timestamp: base + 1, key: 'k1' },
      { offset: 7, timestamp: base + 2, key: 'k2' },
      { offset: 8, timestamp: base + 9, key: 'k0' },
      { offset: 9, timestamp: base + 9, key: 'k1' },
    ]);
    const view = new LegacyView();
    const segment = legacySegment();
    expect(view.set(segment, 0) && view.isCrcRight).toBe(true);
    segment[30] ^= 1;
    expect(view.set(segment, 0) && view.isCrcRight).toBe(false);
  });

  it('magic 0 lz4 frames with the old header checksum are read', () => {
    const packed = Buffer.from(compress(Codec.lz4, legacyMessage(6, 0, 0, 'k', Buffer.from('v'))));
    packed[6] = (xxh32(packed, 0, 6) >>> 8) & 0xff; // over the magic too
    expect(walk(legacyMessage(6, 0, Codec.lz4, null, packed))).toEqual([
      { offset: 6, timestamp: -1, key: 'k' },
    ]);
    expect(() => walk(legacyMessage(6, 1, Codec.lz4, null, packed))).toThrow(RecordError);
  });

  it('nesting, zstd and empty wrappers are refused', () => {
    const inner = compress(
      Codec.gzip,
      legacyMessage(0, 1, Codec.gzip, null, compress(Codec.gzip, Buffer.from('x'))),
    );
    expect(() => walk(legacyMessage(0, 1, Codec.gzip, null, inner))).toThrow(RecordError);
    expect(() => walk(legacyMessage(0, 1, Codec.zstd, null, Buffer.from('x')))).toThrow(RecordError);
    expect(() => walk(legacyMessage(0, 1, Codec.gzip, null, compress(Codec.gzip, Buffer.alloc(0))))).toThrow(
      RecordError,
    );
  });

  it('any changed or missing byte: at most a RecordError', () => {
    const segment = legacySegment();
    for (let at = 0; at < segment.length; at++) {
      for (const change of [0x01, 0x80, 0xff]) {
        const changed = Buffer.from(segment);
        changed[at] ^= change;
        for (const bytes of [changed, segment.subarray(0, at)]) {
          try {
            expect(walk(bytes).length).toBeLessThan(100);
          } catch (error) {
            expect(error).toBeInstanceOf(RecordError);
          }
        }
      }
    }
  });
});
