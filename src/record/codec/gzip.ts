/** gzip through node:zlib. The stream's own length field is not trusted: the output is bounded while it is made. */
import { gunzipSync, gzipSync } from 'node:zlib';
import { systemCode } from '../../base/errors.js';
import { corrupt, tooLarge } from './output.js';

export const GZIP_LEVEL_DEFAULT = -1;
/** zlib collects output in pieces of this size: as large as the batch probably is, within reason. */
const PIECE_BYTES_MIN = 16 * 1024;
const PIECE_BYTES_MAX = 1024 * 1024;

export function gzipCompress(bytes: Uint8Array, level: number): Uint8Array {
  return gzipSync(bytes, { level, chunkSize: pieceBytes(bytes.length) });
}

/** Concatenated members are one stream, as in Java's reader. */
export function gzipDecompress(bytes: Uint8Array, limitBytes: number): Uint8Array {
  let records: Uint8Array;
  try {
    // node:zlib knows no limit of 0.
    const maxOutputLength = Math.max(limitBytes, 1);
    records = gunzipSync(bytes, { maxOutputLength, chunkSize: pieceBytes(bytes.length * 4) });
  } catch (error) {
    if (systemCode(error) === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(limitBytes);
    throw corrupt('gzip', error instanceof Error ? error.message : String(error), error);
  }
  if (records.length > limitBytes) throw tooLarge(limitBytes);
  return records;
}

function pieceBytes(expected: number): number {
  return Math.min(Math.max(expected, PIECE_BYTES_MIN), PIECE_BYTES_MAX);
}
