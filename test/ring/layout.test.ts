import { describe, expect, it } from 'vitest';
import {
  ENTRY_BYTES,
  ENTRY_SHIFT,
  ENTRY_WORDS,
  EntryWord,
  HEADER_BYTES,
  HEADER_WORDS,
  RING_MAGIC,
  RingWord,
  ringBytes,
} from '../../src/ring/layout.js';
import { Ring } from '../../src/ring/ring.js';

describe('ring layout', () => {
  it('has the numbers of the picture', () => {
    expect({ ENTRY_BYTES, ENTRY_WORDS, HEADER_BYTES, HEADER_WORDS }).toEqual({
      ENTRY_BYTES: 64,
      ENTRY_WORDS: 16,
      HEADER_BYTES: 256,
      HEADER_WORDS: 64,
    });
    expect(RingWord).toEqual({
      magic: 0,
      capacity: 1,
      tail: 16,
      head: 32,
      token: 48,
      wanted: 49,
      control: 50,
      spaceWanted: 51,
    });
    expect(EntryWord).toEqual({ turn: 0, first: 1 });
    expect(1 << ENTRY_SHIFT).toBe(ENTRY_WORDS);
    expect(ringBytes(4096)).toBe(262_400);
  });

  it('keeps tail, head and token on cache lines of their own', () => {
    const line = (word: number) => Math.floor((word * 4) / 64);
    expect([RingWord.capacity, RingWord.tail, RingWord.head, RingWord.token].map(line)).toEqual([0, 1, 2, 3]);
    expect([RingWord.wanted, RingWord.control, RingWord.spaceWanted].map(line)).toEqual([3, 3, 3]);
  });

  it('is zero except for magic and capacity, so that an unused ring costs one page', () => {
    const words = new Int32Array(Ring.create(64));
    const set = [...words.entries()].filter(([, value]) => value !== 0);
    expect(set).toEqual([
      [0, RING_MAGIC],
      [1, 64],
    ]);
  });

  it('places an entry where the picture says', () => {
    const ring = Ring.attach(Ring.create(4));
    expect(ring.reserve(2)).toBe(true);
    expect([ring.word(0), ring.word(1)]).toEqual([64, 80]);
    ring.words[ring.word(1) + 1] = 77;
    ring.publish();
    expect(new Int32Array(ring.memory, 320, 2)).toEqual(new Int32Array([1, 77]));
  });

  it('refuses foreign memory and bad capacities', () => {
    expect(() => Ring.attach(new SharedArrayBuffer(512))).toThrow(/not a ring/);
    expect(() => Ring.create(3)).toThrow(/power of two/);
    expect(() => Ring.create(1)).toThrow(/capacity/);
    expect(() => Ring.create(1 << 21)).toThrow(/capacity/);
  });
});
