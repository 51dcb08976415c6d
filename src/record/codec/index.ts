/**
 * The four codecs of the record format behind two synchronous functions. Each library is loaded by the first use of its
 * codec in a thread (1 to 10 ms); `preloadCodec` does it ahead of time. All state is per thread.
 */

import { unreachable } from '../../base/assert.js';
import { DECOMPRESSED_BYTES_MAX } from '../../base/limits.js';
import { Codec } from '../layout.js';
import { GZIP_LEVEL_DEFAULT, gzipCompress, gzipDecompress } from './gzip.js';
import { LZ4_LEVEL_DEFAULT, loadLz4, lz4Compress, lz4Decompress } from './lz4.js';
import type { OutputMemory } from './output.js';
import { loadSnappy, snappyCompress, snappyDecompress } from './snappy.js';
import { loadZstd, ZSTD_LEVEL_DEFAULT, zstdCompress, zstdDecompress } from './zstd.js';

/** Kafka's default of compression.<codec>.level; 0 where there are no levels. */
export function defaultLevel(codec: Codec): number {
  if (codec === Codec.gzip) return GZIP_LEVEL_DEFAULT;
  if (codec === Codec.lz4) return LZ4_LEVEL_DEFAULT;
  return codec === Codec.zstd ? ZSTD_LEVEL_DEFAULT : 0;
}

/** The bytes in the codec's framing, in new memory (`none`: the same bytes). `level` must be one the codec knows. */
export function compress(codec: Codec, bytes: Uint8Array, level = defaultLevel(codec)): Uint8Array {
  switch (codec) {
    case Codec.none:
      return bytes;
    case Codec.gzip:
      return gzipCompress(bytes, level);
    case Codec.snappy:
      return snappyCompress(bytes);
    case Codec.lz4:
      return lz4Compress(bytes);
    case Codec.zstd:
      return zstdCompress(bytes, level);
    default:
      return unreachable(codec);
  }
}

/**
 * Unpacks into new memory (`none`: the same bytes) of at most `limitBytes`; `reused` (lz4, zstd): into memory of this
 * thread that holds until the next such call. Throws RecordError: 'corrupt', 'tooLarge',
 * 'unsupported' (no native build) or 'busy' (see zstd.ts).
 */
export function decompress(
  codec: Codec,
  bytes: Uint8Array,
  limitBytes = DECOMPRESSED_BYTES_MAX,
  memory: OutputMemory = 'new',
): Uint8Array {
  switch (codec) {
    case Codec.none:
      return bytes;
    case Codec.gzip:
      return gzipDecompress(bytes, limitBytes);
    case Codec.snappy:
      return snappyDecompress(bytes, limitBytes);
    case Codec.lz4:
      return lz4Decompress(bytes, limitBytes, 'checked', memory);
    case Codec.zstd:
      return zstdDecompress(bytes, limitBytes, memory);
    default:
      return unreachable(codec);
  }
}

/** Loads what `codec` needs into this thread; throws RecordError('unsupported') where it cannot run. */
export function preloadCodec(codec: Codec): void {
  if (codec === Codec.snappy) loadSnappy();
  else if (codec === Codec.lz4) loadLz4();
  else if (codec === Codec.zstd) loadZstd();
}
