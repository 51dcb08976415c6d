/**
 * Remembers short strings by their bytes, so that the topic names and client ids of a hot connection are neither decoded nor
 * allocated again; V8 then also has their hash when they are looked up in a Map. Direct-mapped: a collision costs one
 * decode, nothing else. One per thread.
 *
 *   arena   slot 0: 64 bytes | slot 1: 64 bytes | …      bytes of the remembered strings, compared 4 at a time
 *   strings slot 0           | slot 1           | …
 *   lengths                                               -1 = empty slot
 */

/** 512 strings of at most 64 bytes: the arena is 32 KiB. */
const SLOTS = 512;
export const CACHED_STRING_BYTES_MAX = 64;
const WORD = 4;

export class StringCache {
  private readonly arena = new DataView(new ArrayBuffer(SLOTS * CACHED_STRING_BYTES_MAX));
  private readonly strings: string[] = Array.from({ length: SLOTS }, () => '');
  private readonly lengths = new Int16Array(SLOTS).fill(-1);

  /** The string of view[from, to), at most 64 bytes of UTF-8; `decode` is asked when it is not remembered. */
  get(view: DataView, from: number, to: number, decode: (from: number, to: number) => string): string {
    const length = to - from;
    if (length < WORD) return decode(from, to);
    const slot = slotOf(view, from, to);
    if (this.lengths[slot] === length && this.same(slot, view, from, to)) return this.strings[slot] as string;
    const value = decode(from, to);
    this.strings[slot] = value;
    this.lengths[slot] = length;
    for (let index = 0; index < length; index++) {
      this.arena.setUint8(slot * CACHED_STRING_BYTES_MAX + index, view.getUint8(from + index));
    }
    return value;
  }

  /** Words, the last of which overlaps the one before. */
  private same(slot: number, view: DataView, from: number, to: number): boolean {
    const offset = slot * CACHED_STRING_BYTES_MAX - from;
    const last = to - WORD;
    for (let at = from; at < last; at += WORD) {
      if (view.getInt32(at) !== this.arena.getInt32(at + offset)) return false;
    }
    return view.getInt32(last) === this.arena.getInt32(last + offset);
  }
}

function slotOf(view: DataView, from: number, to: number): number {
  const last = to - WORD;
  let hash = view.getInt32(last) ^ (to - from);
  for (let at = from; at < last; at += WORD) hash = Math.imul(hash, 0x01000193) ^ view.getInt32(at);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (hash ^ (hash >>> 16)) & (SLOTS - 1);
}
