/**
 * zstd through @cloudpss/zstd's native binding, loaded synchronously with the package's own loader (its module entry has
 * a top-level await).
 *
 * Its one-shot `compress`/`decompress` share one static context per *process*: two threads using them at once corrupt
 * each other. So only its streaming classes are used, one instance per thread, each with a context of its own. A stream
 * starts over by itself after a complete frame; after an error it cannot be reset and is dropped, and its native memory
 * (up to the frame's window) is freed by a finalizer that needs an event-loop turn. Hence the budget below.
 */
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { RecordError } from '../record-error.js';
import { asBuffer, corrupt, Output, type OutputMemory, tooLarge } from './output.js';
import { ZstdPlan } from './zstd-frame.js';

interface ZstdStream {
  data(bytes: Buffer, chunk: (bytes: Uint8Array) => void): void;
  end(chunk: (bytes: Uint8Array) => void): void;
}
interface ZstdBinding {
  Compressor: new (level: number) => ZstdStream;
  Decompressor: new () => ZstdStream;
}

export const ZSTD_LEVEL_DEFAULT = 3;
/** The binding holds what one call puts out until the call returns: feed it in slices of about this much output. */
const SLICE_BYTES_MAX = 1024 * 1024;
/** Compressors kept per thread; a level costs 1 to 700 MB of tables, so topics with several levels take turns. */
const COMPRESSORS_MAX = 2;
/** Memory of failed streams that may wait for a finalizer: 4 of the largest windows, about 1,000 small batches. */
const ABANDONED_BYTES_MAX = 512 * 1024 * 1024;
/** What a failed stream holds besides its window: context and input buffer. */
const STREAM_BYTES = 512 * 1024;

const require = createRequire(import.meta.url);
let binding: ZstdBinding | undefined;
let decompressor: ZstdStream | undefined;
let abandonedBytes = 0;
const compressors = new Map<number, ZstdStream>();
const plan = new ZstdPlan();

export function loadZstd(): ZstdBinding {
  if (binding !== undefined) return binding;
  const manifest = require.resolve('@cloudpss/zstd/package.json');
  let loaded: unknown;
  try {
    loaded = createRequire(manifest)('node-gyp-build')(dirname(manifest));
  } catch (cause) {
    throw new RecordError('unsupported', 'zstd has no native build for this platform', { cause });
  }
  if (!isBinding(loaded)) throw new RecordError('unsupported', 'the zstd binding lacks its stream classes');
  binding = loaded;
  return binding;
}

function isBinding(value: unknown): value is ZstdBinding {
  if (typeof value !== 'object' || value === null) return false;
  if (!('Compressor' in value) || !('Decompressor' in value)) return false;
  return typeof value.Compressor === 'function' && typeof value.Decompressor === 'function';
}

export function zstdCompress(bytes: Uint8Array, level: number): Uint8Array {
  const stream = compressorFor(level);
  const output = new Output(Math.ceil(bytes.length / 2) + 64, Number.MAX_SAFE_INTEGER);
  const write = (chunk: Uint8Array): void => output.write(chunk);
  stream.data(asBuffer(bytes), write);
  stream.end(write);
  return output.finish();
}

/** Concatenated and skippable frames are read as one stream. */
export function zstdDecompress(
  bytes: Uint8Array,
  limitBytes: number,
  memory: OutputMemory = 'new',
): Uint8Array {
  plan.read(bytes, SLICE_BYTES_MAX);
  if (plan.bytesCertain > limitBytes || plan.bytesDeclared > limitBytes) throw tooLarge(limitBytes);
  if (abandonedBytes > ABANDONED_BYTES_MAX) {
    throw new RecordError('busy', 'too many broken zstd batches since the last event-loop turn');
  }
  decompressor ??= new (loadZstd().Decompressor)();
  const expected = plan.bytesDeclared > 0 ? plan.bytesDeclared : Math.min(plan.bytesMax, bytes.length * 4);
  const output = new Output(expected, limitBytes, memory);
  const input = asBuffer(bytes);
  let limitHit = false;
  // Throwing inside the callback would leave the native loop running with a pending exception: remember and stop later.
  const write = (chunk: Uint8Array): void => {
    if (limitHit || chunk.length > output.remaining) limitHit = true;
    else output.write(chunk);
  };
  try {
    let from = 0;
    for (const to of plan.slices) {
      if (to > from) decompressor.data(input.subarray(from, to), write);
      from = to;
      if (limitHit) throw tooLarge(limitBytes);
    }
  } catch (error) {
    abandon();
    if (error instanceof RecordError) throw error;
    throw corrupt('zstd', error instanceof Error ? error.message : String(error), error);
  }
  return output.finish();
}

function compressorFor(level: number): ZstdStream {
  const kept = compressors.get(level);
  if (kept !== undefined) return kept;
  const oldest = compressors.keys().next();
  if (compressors.size >= COMPRESSORS_MAX && !oldest.done) compressors.delete(oldest.value);
  const stream = new (loadZstd().Compressor)(level);
  compressors.set(level, stream);
  return stream;
}

/** Drops the stream in mid-frame and counts its memory until the event loop has had a chance to free it. */
function abandon(): void {
  decompressor = undefined;
  if (abandonedBytes === 0) {
    setImmediate(() => {
      abandonedBytes = 0;
    }).unref();
  }
  // The window is touched only as far as output went; untouched pages cost nothing.
  abandonedBytes += Math.min(plan.windowBytesMax, plan.bytesMax) + STREAM_BYTES;
}
