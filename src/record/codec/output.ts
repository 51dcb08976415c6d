/** Grows with what a codec puts out, up to a limit: a bomb costs at most `limit` bytes (twice that while it grows). */
import { RecordError } from '../record-error.js';

const CAPACITY_MIN = 4096;
/** Memory kept for the next `reused` output: a few batches of the usual largest size. */
const KEPT_BYTES_MAX = 4 * 1024 * 1024;

/** `reused`: the result lies in memory of this thread that the next such call overwrites; fresh pages cost more than many
 *  a batch's decoding. */
export type OutputMemory = 'new' | 'reused';

let kept: Uint8Array = new Uint8Array(0);

export class Output {
  length = 0;
  private buffer: Uint8Array;

  /** `expectedBytes` is a hint (never trusted beyond `limitBytes`) that saves growing. */
  constructor(
    expectedBytes: number,
    readonly limitBytes: number,
    private readonly memory: OutputMemory = 'new',
  ) {
    this.buffer = memory === 'reused' ? kept : this.allocate(Math.max(expectedBytes, CAPACITY_MIN));
  }

  /** Bytes that may still come. */
  get remaining(): number {
    return this.limitBytes - this.length;
  }

  /** Appends a copy. Throws RecordError('tooLarge') before the limit would be passed. */
  write(chunk: Uint8Array): void {
    this.reserve(chunk.length);
    this.buffer.set(chunk, this.length);
    this.length += chunk.length;
  }

  /** Makes room for `size` more bytes behind `length` and returns the memory; who writes there raises `length`. */
  reserve(size: number): Uint8Array {
    if (size > this.remaining) throw tooLarge(this.limitBytes);
    const needed = this.length + size;
    if (needed <= this.buffer.length) return this.buffer;
    const grown = this.allocate(Math.max(needed, this.buffer.length * 2));
    grown.set(this.buffer.subarray(0, this.length));
    this.buffer = grown;
    return grown;
  }

  /** Not zeroed: every byte handed out has been written. Not pooled: a view must not keep others' memory alive. */
  private allocate(size: number): Uint8Array {
    const memory = Buffer.allocUnsafeSlow(Math.min(size, this.limitBytes));
    if (this.memory === 'reused' && memory.length <= KEPT_BYTES_MAX) kept = memory;
    return memory;
  }

  finish(): Uint8Array {
    return this.buffer.subarray(0, this.length);
  }
}

export function tooLarge(limitBytes: number): RecordError {
  return new RecordError('tooLarge', `records decompress to more than ${limitBytes} bytes`);
}

export function corrupt(codec: string, what: string, cause?: unknown): RecordError {
  return new RecordError('corrupt', `${codec}: ${what}`, cause === undefined ? undefined : { cause });
}

/** The same bytes as a Buffer, without a copy. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
