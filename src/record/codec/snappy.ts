/**
 * Snappy in the two framings that Kafka clients use: snappy-java's stream ("xerial"; written here, as Java does) and one
 * bare block (librdkafka may send it; read only).
 *
 * ```
 *  82 'S' 'N' 'A' 'P' 'P' 'Y' 00 | version i32 = 1 | compatible i32 = 1 | { length i32 | block }*
 * ```
 * A block begins with its uncompressed size, checked before anything is allocated. The library is told to copy its
 * output: memory it lends to JavaScript is given back only when the thread turns its event loop, and workers may not.
 */
import { createRequire } from 'node:module';
import { int32At, putInt32 } from '../int64.js';
import { asBuffer, corrupt, Output, tooLarge } from './output.js';

const require = createRequire(import.meta.url);
let library: typeof import('snappy') | undefined;

const MAGIC = Uint8Array.of(0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00);
/** First four bytes of the magic as a chunk length: a concatenated stream begins here. */
const MAGIC_AS_LENGTH = int32At(MAGIC, 0);
const STREAM_HEADER_BYTES = 16;
/** Uncompressed bytes per block, snappy-java's default. */
const BLOCK_BYTES = 32 * 1024;
/** A copy element turns 3 bytes into 64: no honest block grows more. */
const EXPANSION_MAX = 22;
const COPIED = { copyOutputData: true, asBuffer: true } as const;

export function loadSnappy(): typeof import('snappy') {
  library ??= require('snappy') as typeof import('snappy');
  return library;
}

export function snappyCompress(bytes: Uint8Array): Uint8Array {
  const snappy = loadSnappy();
  // Snappy's own bound: 32 + n + n/6 per block.
  const blocks = Math.ceil(bytes.length / BLOCK_BYTES);
  const output = new Output(STREAM_HEADER_BYTES + bytes.length + 64 * blocks, Number.MAX_SAFE_INTEGER);
  const header = new Uint8Array(STREAM_HEADER_BYTES);
  header.set(MAGIC);
  putInt32(header, 8, 1);
  putInt32(header, 12, 1);
  output.write(header);
  const length = new Uint8Array(4);
  for (let at = 0; at < bytes.length; at += BLOCK_BYTES) {
    const block = snappy.compressSync(asBuffer(bytes.subarray(at, at + BLOCK_BYTES)), COPIED);
    putInt32(length, 0, block.length);
    output.write(length);
    output.write(block);
  }
  return output.finish();
}

export function snappyDecompress(bytes: Uint8Array, limitBytes: number): Uint8Array {
  if (!isXerial(bytes, 0)) return decodeBlock(bytes, limitBytes, limitBytes);
  const output = new Output(bytes.length * 3, limitBytes);
  let at = STREAM_HEADER_BYTES;
  while (at < bytes.length) {
    if (bytes.length - at < 4) throw corrupt('snappy', 'a chunk length is cut off');
    const length = int32At(bytes, at);
    if (length === MAGIC_AS_LENGTH && isXerial(bytes, at)) {
      at += STREAM_HEADER_BYTES;
      continue;
    }
    at += 4;
    if (length < 0 || length > bytes.length - at)
      throw corrupt('snappy', `impossible chunk length ${length}`);
    if (length > 0) output.write(decodeBlock(bytes.subarray(at, at + length), output.remaining, limitBytes));
    at += length;
  }
  return output.finish();
}

function isXerial(bytes: Uint8Array, at: number): boolean {
  return bytes.length - at >= STREAM_HEADER_BYTES && MAGIC.every((byte, index) => bytes[at + index] === byte);
}

function decodeBlock(block: Uint8Array, remaining: number, limitBytes: number): Uint8Array {
  const size = uncompressedSize(block);
  if (size > remaining) throw tooLarge(limitBytes);
  if (size > EXPANSION_MAX * block.length) throw corrupt('snappy', 'a block declares more than it can hold');
  try {
    const decoded = loadSnappy().uncompressSync(asBuffer(block), COPIED);
    if (typeof decoded === 'string') throw corrupt('snappy', 'the library answered with text');
    return decoded;
  } catch (error) {
    throw corrupt('snappy', error instanceof Error ? error.message : String(error), error);
  }
}

/** The unsigned varint a block begins with. */
function uncompressedSize(block: Uint8Array): number {
  let size = 0;
  for (let index = 0; index < 5 && index < block.length; index++) {
    const byte = block[index];
    size += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return size;
  }
  throw corrupt('snappy', 'a block without its size');
}
