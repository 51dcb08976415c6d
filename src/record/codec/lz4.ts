/**
 * LZ4 frames as Kafka's Java client writes and reads them (Lz4BlockOutputStream): independent blocks of 64 KiB, no
 * content size, no checksums but the header's.
 *
 * ```
 *  04 22 4D 18 | FLG 60 | BD 40 | HC | { size u32 LE, bit 31 = stored | block }* | 00 00 00 00
 * ```
 * Read: any block size up to 4 MiB, block and content checksums, content size. Refused, as Java refuses them: dependent
 * blocks, dictionaries. Bytes after the end mark are ignored, as Java ignores them. Levels: the library and lz4-block.ts
 * have one speed; Kafka's default (9) means LZ4's fast mode too, higher ones would only compress harder.
 */
import { createRequire } from 'node:module';
import { loadAddon } from '../../io/addon.js';
import { putInt32 } from '../int64.js';
import { lz4BlockBound, writeLz4Block } from './lz4-block.js';
import { corrupt, Output, type OutputMemory, tooLarge } from './output.js';
import { xxh32 } from './xxh32.js';

const require = createRequire(import.meta.url);
let library: typeof import('lz4-napi') | undefined;

export const LZ4_LEVEL_DEFAULT = 9;
const MAGIC = 0x184d2204;
const Flag = {
  version: 0x40,
  independent: 0x20,
  blockChecksum: 0x10,
  contentSize: 0x08,
  contentChecksum: 0x04,
};
const VERSION_MASK = 0xc0;
const RESERVED_MASK = 0x03;
const BD_64_KIB = 0x40;
const BLOCK_BYTES = 64 * 1024;
const STORED_BIT = 0x80000000;
/** A match byte stands for at most 255 bytes. */
const EXPANSION_MAX = 255;
const HEADER_BYTES = 7;
/** unpackLz4Block: the block holds more than fits. */
const NO_ROOM = -2;

/** 'kafkaV0': segments of magic 0 carry a header checksum that Kafka's old client computed over the wrong bytes. */
export type Lz4HeaderChecksum = 'checked' | 'kafkaV0';

export function loadLz4(): typeof import('lz4-napi') {
  library ??= require('lz4-napi') as typeof import('lz4-napi');
  return library;
}

export function lz4Compress(bytes: Uint8Array): Uint8Array {
  const blocks = Math.ceil(bytes.length / BLOCK_BYTES);
  const out = Buffer.allocUnsafeSlow(HEADER_BYTES + blocks * (4 + lz4BlockBound(BLOCK_BYTES)) + 4);
  putLittle(out, 0, MAGIC);
  out[4] = Flag.version | Flag.independent;
  out[5] = BD_64_KIB;
  out[6] = xxh32(out, 4, 6) >>> 8;
  let at = HEADER_BYTES;
  for (let from = 0; from < bytes.length; from += BLOCK_BYTES) {
    const to = Math.min(from + BLOCK_BYTES, bytes.length);
    const end = writeLz4Block(bytes, from, to, out, at + 4);
    if (end - at - 4 < to - from) {
      putLittle(out, at, end - at - 4);
      at = end;
    } else {
      putLittle(out, at, ((to - from) | STORED_BIT) >>> 0);
      out.set(bytes.subarray(from, to), at + 4);
      at += 4 + to - from;
    }
  }
  putLittle(out, at, 0);
  return out.subarray(0, at + 4);
}

export function lz4Decompress(
  bytes: Uint8Array,
  limitBytes: number,
  headerChecksum: Lz4HeaderChecksum = 'checked',
  memory: OutputMemory = 'new',
): Uint8Array {
  if (bytes.length < HEADER_BYTES || little(bytes, 0) !== MAGIC) throw corrupt('lz4', 'not a frame');
  const flags = bytes[4];
  const blockBytesMax = checkDescriptor(flags, bytes[5]);
  let at = 6;
  if ((flags & Flag.contentSize) !== 0) at += 8;
  if (at >= bytes.length) throw corrupt('lz4', 'the header is cut off');
  if (headerChecksum === 'checked' && bytes[at] !== ((xxh32(bytes, 4, at) >>> 8) & 0xff)) {
    throw corrupt('lz4', 'wrong header checksum');
  }
  at++;
  const output = new Output(bytes.length * 3, limitBytes, memory);
  for (;;) {
    if (bytes.length - at < 4) throw corrupt('lz4', 'the end mark is missing');
    const word = little(bytes, at);
    at += 4;
    if (word === 0) break;
    const size = word & ~STORED_BIT;
    const checksumBytes = (flags & Flag.blockChecksum) !== 0 ? 4 : 0;
    if (size > blockBytesMax) throw corrupt('lz4', `a block of ${size} bytes exceeds ${blockBytesMax}`);
    if (size + checksumBytes > bytes.length - at) throw corrupt('lz4', 'a block is cut off');
    if (checksumBytes > 0 && little(bytes, at + size) !== xxh32(bytes, at, at + size)) {
      throw corrupt('lz4', 'wrong block checksum');
    }
    if ((word & STORED_BIT) !== 0) output.write(bytes.subarray(at, at + size));
    else unpackBlock(bytes, at, at + size, blockBytesMax, output);
    at += size + checksumBytes;
  }
  const records = output.finish();
  checkTrailer(bytes, at, flags, records);
  return records;
}

/** Returns the largest block of the frame. */
function checkDescriptor(flags: number, blockDescriptor: number): number {
  if ((flags & VERSION_MASK) !== Flag.version) throw corrupt('lz4', 'unknown frame version');
  if ((flags & RESERVED_MASK) !== 0) throw corrupt('lz4', 'reserved flags or a dictionary');
  if ((flags & Flag.independent) === 0) throw corrupt('lz4', 'dependent blocks are not supported');
  const exponent = blockDescriptor >> 4;
  if (exponent < 4 || exponent > 7 || (blockDescriptor & 0x0f) !== 0)
    throw corrupt('lz4', 'bad block descriptor');
  return 2 ** (8 + 2 * exponent); // 64 KiB, 256 KiB, 1 MiB, 4 MiB
}

function checkTrailer(bytes: Uint8Array, at: number, flags: number, records: Uint8Array): void {
  if ((flags & Flag.contentSize) !== 0) {
    if (little(bytes, 6) !== records.length % 2 ** 32) throw corrupt('lz4', 'wrong content size');
  }
  if ((flags & Flag.contentChecksum) !== 0) {
    if (bytes.length - at < 4 || little(bytes, at) !== xxh32(records)) {
      throw corrupt('lz4', 'wrong content checksum');
    }
  }
}

/** Unpacks the block in bytes [from, to) behind what is in `output`: by the addon in place, else by the library. */
function unpackBlock(
  bytes: Uint8Array,
  from: number,
  to: number,
  blockBytesMax: number,
  output: Output,
): void {
  const possible = Math.min(blockBytesMax, (to - from) * EXPANSION_MAX);
  const room = Math.min(possible, output.remaining);
  const { addon } = loadAddon();
  if (addon === undefined) {
    output.write(decodeBlock(bytes.subarray(from, to), room, room < possible, output.limitBytes));
    return;
  }
  const target = output.reserve(room);
  const written = addon.unpackLz4Block(bytes, from, to, target, output.length, output.length + room);
  if (written === NO_ROOM && room < possible) throw tooLarge(output.limitBytes);
  if (written < 0) throw corrupt('lz4', 'a block is damaged');
  output.length += written;
}

/** The library wants the output's size in front of the block and accepts a size that is too large. */
function decodeBlock(block: Uint8Array, room: number, limited: boolean, limitBytes: number): Uint8Array {
  const sized = Buffer.allocUnsafe(4 + block.length);
  putLittle(sized, 0, room);
  sized.set(block, 4);
  try {
    return loadLz4().uncompressSync(sized);
  } catch (error) {
    if (limited) throw tooLarge(limitBytes);
    throw corrupt('lz4', error instanceof Error ? error.message : String(error), error);
  }
}

function little(bytes: Uint8Array, at: number): number {
  return (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0;
}

function putLittle(bytes: Uint8Array, at: number, value: number): void {
  putInt32(
    bytes,
    at,
    ((value & 0xff) << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24),
  );
}
