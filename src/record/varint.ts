/**
 * Zig-zag varints of the record format (ByteUtils), writing side. Reading is in RecordCursor, which keeps its position in
 * a field and allocates nothing. Numbers beyond 2^52 take the bigint path: exact as far as a double is.
 */

/** Doubling a number below this is exact. */
const EXACT_MAX = 2 ** 52;

/** Bytes of an int32 as varint, 1..5. */
export function sizeOfVarint(value: number): number {
  const zigzag = ((value << 1) ^ (value >> 31)) >>> 0;
  if (zigzag < 0x80) return 1;
  if (zigzag < 0x4000) return 2;
  if (zigzag < 0x200000) return 3;
  return zigzag < 0x10000000 ? 4 : 5;
}

/** Writes an int32 at `at`; returns the position after it. */
export function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  let zigzag = ((value << 1) ^ (value >> 31)) >>> 0;
  while (zigzag >= 0x80) {
    bytes[at++] = (zigzag & 0x7f) | 0x80;
    zigzag >>>= 7;
  }
  bytes[at++] = zigzag;
  return at;
}

/** Bytes of an int64 as varlong, 1..10. */
export function sizeOfVarlong(value: number): number {
  if (value >= -0x40000000 && value < 0x40000000) return sizeOfVarint(value);
  let size = 5;
  if (Math.abs(value) >= EXACT_MAX) {
    for (let rest = bigZigzagOf(value) >> 35n; rest > 0n; rest >>= 7n) size++;
    return size;
  }
  for (let rest = zigzagOf(value) / 2 ** 35; rest >= 1; rest /= 128) size++;
  return size;
}

/** Writes an int64 given as a number; returns the position after it. */
export function writeVarlong(bytes: Uint8Array, at: number, value: number): number {
  if (value >= -0x40000000 && value < 0x40000000) return writeVarint(bytes, at, value);
  if (Math.abs(value) >= EXACT_MAX) return writeBigVarlong(bytes, at, bigZigzagOf(value));
  let zigzag = zigzagOf(value);
  while (zigzag >= 0x80) {
    bytes[at++] = (zigzag % 0x80) | 0x80;
    zigzag = Math.floor(zigzag / 0x80);
  }
  bytes[at++] = zigzag;
  return at;
}

function zigzagOf(value: number): number {
  return value >= 0 ? value * 2 : -value * 2 - 1;
}

/** Wraps outside the int64 range, as Java's arithmetic on hostile timestamps does. */
function bigZigzagOf(value: number): bigint {
  const int64 = BigInt.asIntN(64, BigInt(value));
  return BigInt.asUintN(64, (int64 << 1n) ^ (int64 >> 63n));
}

function writeBigVarlong(bytes: Uint8Array, at: number, zigzag: bigint): number {
  while (zigzag >= 0x80n) {
    bytes[at++] = Number(zigzag & 0x7fn) | 0x80;
    zigzag >>= 7n;
  }
  bytes[at++] = Number(zigzag);
  return at;
}
