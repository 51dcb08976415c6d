/**
 * Walks zstd frames without decoding them (RFC 8878, section 3.1): how much they can possibly put out, and where a
 * decoder may pause. A compressed block puts out at most min(window, 128 KiB); raw and run-length blocks say exactly.
 */
import { corrupt } from './output.js';

const FRAME_MAGIC = 0xfd2fb528;
const SKIPPABLE_MAGIC = 0x184d2a50;
const SKIPPABLE_MASK = 0xfffffff0;
const BLOCK_BYTES_MAX = 128 * 1024;
/** 2^27: libzstd's own limit for streams, and the window of Kafka's highest level (22). */
const WINDOW_BYTES_MAX = 2 ** 27;
const BlockType = { raw: 0, runLength: 1, compressed: 2 };

/** Reused by its owner; `slices` grows with the input only. */
export class ZstdPlan {
  /** Input positions at which to pause: between two of them at most `sliceBytesMax` and one block come out. */
  slices: number[] = [];
  /** Upper bound of the output. */
  bytesMax = 0;
  /** What raw and run-length blocks put out for certain. */
  bytesCertain = 0;
  /** Sum of the sizes that frames declare; 0 when none does. */
  bytesDeclared = 0;
  windowBytesMax = 0;
  private sliceStart = 0;

  /** Throws RecordError when the structure is broken or a window exceeds the limit. */
  read(bytes: Uint8Array, sliceBytesMax: number): void {
    this.slices = [];
    this.bytesMax = 0;
    this.bytesCertain = 0;
    this.bytesDeclared = 0;
    this.windowBytesMax = 0;
    this.sliceStart = 0;
    let at = 0;
    while (at < bytes.length) {
      if (bytes.length - at < 8) throw corrupt('zstd', 'a frame is cut off');
      const magic = little(bytes, at, 4);
      if ((magic & SKIPPABLE_MASK) >>> 0 === SKIPPABLE_MAGIC) at += 8 + little(bytes, at + 4, 4);
      else if (magic === FRAME_MAGIC) at = this.frame(bytes, at + 4, sliceBytesMax);
      else throw corrupt('zstd', 'not a frame');
    }
    if (at !== bytes.length) throw corrupt('zstd', 'a frame is cut off');
    this.slices.push(bytes.length);
  }

  private frame(bytes: Uint8Array, at: number, sliceBytesMax: number): number {
    const descriptor = bytes[at++];
    if ((descriptor & 0x08) !== 0) throw corrupt('zstd', 'a reserved bit is set');
    const single = (descriptor & 0x20) !== 0;
    let window = 0;
    if (!single) {
      const exponent = bytes[at] >> 3;
      window = 2 ** (10 + exponent) * (1 + (bytes[at] & 7) / 8);
      at++;
    }
    at += [0, 1, 2, 4][descriptor & 3]; // dictionary id; libzstd refuses it later, for want of a dictionary
    const sizeFlag = descriptor >> 6;
    const sizeBytes = sizeFlag === 0 ? (single ? 1 : 0) : 2 ** sizeFlag;
    if (at + sizeBytes > bytes.length) throw corrupt('zstd', 'a frame header is cut off');
    if (sizeBytes > 0) {
      const declared = little(bytes, at, sizeBytes) + (sizeBytes === 2 ? 256 : 0);
      this.bytesDeclared += declared;
      if (single) window = declared;
    }
    if (window > WINDOW_BYTES_MAX) throw corrupt('zstd', `a window of ${window} bytes`);
    this.windowBytesMax = Math.max(this.windowBytesMax, window);
    at = this.blocks(bytes, at + sizeBytes, Math.min(window, BLOCK_BYTES_MAX), sliceBytesMax);
    return at + ((descriptor & 0x04) !== 0 ? 4 : 0);
  }

  private blocks(bytes: Uint8Array, at: number, blockBytesMax: number, sliceBytesMax: number): number {
    for (;;) {
      if (bytes.length - at < 3) throw corrupt('zstd', 'a block header is cut off');
      const header = little(bytes, at, 3);
      const size = header >> 3;
      const type = (header >> 1) & 3;
      at += 3;
      let out = size;
      if (type === BlockType.compressed) {
        if (size > BLOCK_BYTES_MAX) throw corrupt('zstd', 'a block is too large');
        out = blockBytesMax;
      } else if (type > BlockType.compressed) {
        throw corrupt('zstd', 'a reserved block type');
      } else {
        if (size > blockBytesMax) throw corrupt('zstd', 'a block is too large');
        this.bytesCertain += size;
      }
      at += type === BlockType.runLength ? 1 : size;
      if (at > bytes.length) throw corrupt('zstd', 'a block is cut off');
      this.bytesMax += out;
      if (this.bytesMax - this.sliceStart >= sliceBytesMax) {
        this.slices.push(at);
        this.sliceStart = this.bytesMax;
      }
      if ((header & 1) === 1) return at;
    }
  }
}

function little(bytes: Uint8Array, at: number, size: number): number {
  let value = 0;
  for (let index = size - 1; index >= 0; index--) value = value * 256 + bytes[at + index];
  return value;
}
