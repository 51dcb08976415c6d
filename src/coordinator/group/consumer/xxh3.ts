/**
 * XXH3, 64 bits, seed 0, default secret: what Kafka hashes topics with (KIP-1101). bigint arithmetic: a topic is hashed
 * when it changes, not per request. Specification: github.com/Cyan4973/xxHash, doc/xxhash_spec.md.
 */
const MASK = 0xffff_ffff_ffff_ffffn;
const PRIME32_1 = 0x9e3779b1n;
const PRIME32_2 = 0x85ebca77n;
const PRIME32_3 = 0xc2b2ae3dn;
const PRIME64_1 = 0x9e3779b185ebca87n;
const PRIME64_2 = 0xc2b2ae3d27d4eb4fn;
const PRIME64_3 = 0x165667b19e3779f9n;
const PRIME64_4 = 0x85ebca77c2b2ae63n;
const PRIME64_5 = 0x27d4eb2f165667c5n;
const PRIME_MX1 = 0x165667919e3779f9n;
const PRIME_MX2 = 0x9fb21c651e98df25n;

const SECRET = Buffer.from(
  'b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671fcb79e64eccc0e578825ad07dccff7221' +
    'b8084674f743248ee03590e6813a264c3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8' +
    'a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364eac5ac8334d3ebc3c581a0fffa1363eb' +
    '170ddd51b7f0da49d316552629d4689e2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e',
  'hex',
);
const STRIPE_BYTES = 64;
const STRIPES_PER_BLOCK = 16;

/** The hash as a signed 64-bit integer, as Java has it. */
export function xxh3(input: Uint8Array): bigint {
  const bytes = Buffer.from(input.buffer, input.byteOffset, input.length);
  return BigInt.asIntN(64, hash(bytes));
}

function hash(bytes: Buffer): bigint {
  const { length } = bytes;
  if (length === 0) return avalanche64(secret(56) ^ secret(64));
  if (length <= 3) return hash1to3(bytes);
  if (length <= 8) return hash4to8(bytes);
  if (length <= 16) return hash9to16(bytes);
  if (length <= 128) return hash17to128(bytes);
  return length <= 240 ? hash129to240(bytes) : hashLong(bytes);
}

function hash1to3(bytes: Buffer): bigint {
  const { length } = bytes;
  const combined = (bytes[0] << 16) | (bytes[length >> 1] << 24) | bytes[length - 1] | (length << 8);
  const flip = SECRET.readUInt32LE(0) ^ SECRET.readUInt32LE(4);
  return avalanche64(BigInt((combined ^ flip) >>> 0));
}

function hash4to8(bytes: Buffer): bigint {
  const { length } = bytes;
  const low = BigInt(bytes.readUInt32LE(length - 4));
  const high = BigInt(bytes.readUInt32LE(0)) << 32n;
  let value = (low + high) ^ secret(8) ^ secret(16);
  value ^= rotateLeft(value, 49n) ^ rotateLeft(value, 24n);
  value = (value * PRIME_MX2) & MASK;
  value ^= (value >> 35n) + BigInt(length);
  value = (value * PRIME_MX2) & MASK;
  return value ^ (value >> 28n);
}

function hash9to16(bytes: Buffer): bigint {
  const { length } = bytes;
  const low = word(bytes, 0) ^ secret(24) ^ secret(32);
  const high = word(bytes, length - 8) ^ secret(40) ^ secret(48);
  return avalanche(BigInt(length) + swapBytes(low) + high + fold(low, high));
}

function hash17to128(bytes: Buffer): bigint {
  const { length } = bytes;
  let sum = BigInt(length) * PRIME64_1;
  for (let pair = (length - 1) >> 5; pair >= 0; pair--) {
    sum += mix16(bytes, 16 * pair, 32 * pair) + mix16(bytes, length - 16 * (pair + 1), 32 * pair + 16);
  }
  return avalanche(sum);
}

function hash129to240(bytes: Buffer): bigint {
  const { length } = bytes;
  let sum = BigInt(length) * PRIME64_1;
  for (let at = 0; at < 128; at += 16) sum += mix16(bytes, at, at);
  sum = avalanche(sum);
  for (let at = 128; at + 16 <= length; at += 16) sum += mix16(bytes, at, at - 128 + 3);
  return avalanche(sum + mix16(bytes, length - 16, 136 - 17));
}

function hashLong(bytes: Buffer): bigint {
  const { length } = bytes;
  const lanes = [PRIME32_3, PRIME64_1, PRIME64_2, PRIME64_3, PRIME64_4, PRIME32_2, PRIME64_5, PRIME32_1];
  const stripes = Math.floor((length - 1) / STRIPE_BYTES);
  for (let stripe = 0; stripe < stripes; stripe++) {
    accumulate(lanes, bytes, stripe * STRIPE_BYTES, 8 * (stripe % STRIPES_PER_BLOCK));
    if (stripe % STRIPES_PER_BLOCK === STRIPES_PER_BLOCK - 1) scramble(lanes);
  }
  accumulate(lanes, bytes, length - STRIPE_BYTES, SECRET.length - STRIPE_BYTES - 7);
  let sum = BigInt(length) * PRIME64_1;
  for (let lane = 0; lane < 8; lane += 2) {
    sum += fold(lanes[lane] ^ secret(11 + 8 * lane), lanes[lane + 1] ^ secret(19 + 8 * lane));
  }
  return avalanche(sum);
}

function accumulate(lanes: bigint[], bytes: Buffer, at: number, secretAt: number): void {
  for (let lane = 0; lane < 8; lane++) {
    const value = word(bytes, at + 8 * lane);
    const key = value ^ secret(secretAt + 8 * lane);
    lanes[lane ^ 1] = (lanes[lane ^ 1] + value) & MASK;
    lanes[lane] = (lanes[lane] + (key & 0xffff_ffffn) * (key >> 32n)) & MASK;
  }
}

function scramble(lanes: bigint[]): void {
  for (let lane = 0; lane < 8; lane++) {
    const value = lanes[lane] ^ (lanes[lane] >> 47n) ^ secret(SECRET.length - STRIPE_BYTES + 8 * lane);
    lanes[lane] = (value * PRIME32_1) & MASK;
  }
}

function mix16(bytes: Buffer, at: number, secretAt: number): bigint {
  return fold(word(bytes, at) ^ secret(secretAt), word(bytes, at + 8) ^ secret(secretAt + 8));
}

/** Both halves of the product of 128 bits. */
function fold(a: bigint, b: bigint): bigint {
  const product = a * b;
  return (product & MASK) ^ (product >> 64n);
}

function avalanche(sum: bigint): bigint {
  let value = sum & MASK;
  value ^= value >> 37n;
  value = (value * PRIME_MX1) & MASK;
  return value ^ (value >> 32n);
}

/** The one of XXH64. */
function avalanche64(input: bigint): bigint {
  let value = input ^ (input >> 33n);
  value = (value * PRIME64_2) & MASK;
  value ^= value >> 29n;
  value = (value * PRIME64_3) & MASK;
  return value ^ (value >> 32n);
}

function word(bytes: Buffer, at: number): bigint {
  return bytes.readBigUInt64LE(at);
}

function secret(at: number): bigint {
  return SECRET.readBigUInt64LE(at);
}

function rotateLeft(value: bigint, bits: bigint): bigint {
  return ((value << bits) | (value >> (64n - bits))) & MASK;
}

function swapBytes(value: bigint): bigint {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeBigUInt64LE(value);
  return bytes.readBigUInt64BE(0);
}
