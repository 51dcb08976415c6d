/**
 * Writes one raw LZ4 block, greedy with one hash table (the shape of LZ4's own fast mode). Why not the library: memory
 * that lz4-napi lends to JavaScript is freed only when the thread turns its event loop; 12,000 blocks of 64 KiB in a
 * worker that did not left 1.5 GB behind. Decoding copies and does not have that problem.
 */

/** Distance of matches is 16 bits. */
export const LZ4_DISTANCE_MAX = 0xffff;
const MATCH_MIN = 4;
/** The format ends a block with at least 5 literals and starts no match in its last 12 bytes. */
const LAST_LITERALS = 5;
const MATCH_START_MARGIN = 12;
const HASH_BITS = 13;
/** After 2^6 misses in a row the search steps faster through what does not compress. */
const SKIP_TRIGGER = 6;

/** Position + 1 of the last occurrence of a hash; one table a thread, cleared for each block. */
const table = new Int32Array(1 << HASH_BITS);

/** Bytes that a block of `size` may need at most. */
export function lz4BlockBound(size: number): number {
  return size + Math.ceil(size / 255) + 16;
}

/** Compresses bytes [from, to) into `out` at `at`; returns the position after the block. `out` must have the bound. */
export function writeLz4Block(
  bytes: Uint8Array,
  from: number,
  to: number,
  out: Uint8Array,
  at: number,
): number {
  table.fill(0);
  let anchor = from;
  let cursor = from;
  let misses = 1 << SKIP_TRIGGER;
  const searchEnd = to - MATCH_START_MARGIN;
  while (cursor <= searchEnd) {
    const sequence =
      bytes[cursor] | (bytes[cursor + 1] << 8) | (bytes[cursor + 2] << 16) | (bytes[cursor + 3] << 24);
    const slot = Math.imul(sequence, 0x9e3779b1) >>> (32 - HASH_BITS);
    const candidate = table[slot] - 1 + from;
    table[slot] = cursor - from + 1;
    if (candidate < from || cursor - candidate > LZ4_DISTANCE_MAX || !sameFour(bytes, candidate, cursor)) {
      cursor += misses++ >>> SKIP_TRIGGER;
      continue;
    }
    misses = 1 << SKIP_TRIGGER;
    let end = cursor + MATCH_MIN;
    let source = candidate + MATCH_MIN;
    const matchEnd = to - LAST_LITERALS;
    while (end < matchEnd && bytes[end] === bytes[source]) {
      end++;
      source++;
    }
    at = writeSequence(bytes, anchor, cursor, cursor - candidate, end - cursor, out, at);
    cursor = end;
    anchor = end;
  }
  return writeLastLiterals(bytes, anchor, to, out, at);
}

function sameFour(bytes: Uint8Array, a: number, b: number): boolean {
  return (
    bytes[a] === bytes[b] &&
    bytes[a + 1] === bytes[b + 1] &&
    bytes[a + 2] === bytes[b + 2] &&
    bytes[a + 3] === bytes[b + 3]
  );
}

function writeSequence(
  bytes: Uint8Array,
  from: number,
  to: number,
  distance: number,
  matchLength: number,
  out: Uint8Array,
  at: number,
): number {
  const literals = to - from;
  const match = matchLength - MATCH_MIN;
  out[at++] = (Math.min(literals, 15) << 4) | Math.min(match, 15);
  if (literals >= 15) at = writeLength(literals - 15, out, at);
  for (let index = from; index < to; index++) out[at++] = bytes[index];
  out[at++] = distance;
  out[at++] = distance >> 8;
  return match >= 15 ? writeLength(match - 15, out, at) : at;
}

function writeLastLiterals(bytes: Uint8Array, from: number, to: number, out: Uint8Array, at: number): number {
  const literals = to - from;
  out[at++] = Math.min(literals, 15) << 4;
  if (literals >= 15) at = writeLength(literals - 15, out, at);
  for (let index = from; index < to; index++) out[at++] = bytes[index];
  return at;
}

function writeLength(rest: number, out: Uint8Array, at: number): number {
  for (; rest >= 255; rest -= 255) out[at++] = 255;
  out[at++] = rest;
  return at;
}
