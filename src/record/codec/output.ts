/** Grows with what a codec puts out, up to a limit: a bomb costs at most `limit` bytes (twice that while it grows). */
import { RecordError } from '../record-error.js';

const CAPACITY_MIN = 4096;

export class Output {
  length = 0;
  private buffer: Uint8Array;

  /** `expectedBytes` is a hint (never trusted beyond `limitBytes`) that saves growing. */
  constructor(
    expectedBytes: number,
    private readonly limitBytes: number,
  ) {
    this.buffer = allocate(Math.min(Math.max(expectedBytes, CAPACITY_MIN), limitBytes));
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

  /** Makes room for `size` more bytes. */
  private reserve(size: number): void {
    if (size > this.remaining) throw tooLarge(this.limitBytes);
    const needed = this.length + size;
    if (needed <= this.buffer.length) return;
    const grown = allocate(Math.min(Math.max(needed, this.buffer.length * 2), this.limitBytes));
    grown.set(this.buffer.subarray(0, this.length));
    this.buffer = grown;
  }

  finish(): Uint8Array {
    return this.buffer.subarray(0, this.length);
  }
}

/** Not zeroed: every byte handed out has been written. Not pooled: a view must not keep others' memory alive. */
function allocate(size: number): Uint8Array {
  return Buffer.allocUnsafeSlow(size);
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
