/** What storage needs of the codecs in `record`; injected, because the codecs load native libraries lazily. */
export interface RecordCodec {
  /**
   * Unpacks the record section of a batch. `type`: 1 gzip, 2 snappy, 3 lz4, 4 zstd. Throws RangeError when the result
   * would exceed `bytesMax`, any other Error when the bytes are damaged.
   */
  decompress(type: number, bytes: Uint8Array, bytesMax: number): Uint8Array;
  /** `level`: of gzip, lz4 and zstd; others ignore it. */
  compress(type: number, level: number, bytes: Uint8Array): Uint8Array;
}

export const CODEC_NAMES = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
