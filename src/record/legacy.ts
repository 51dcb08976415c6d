/**
 * Entries of magic 0 and 1 (LegacyRecord, AbstractLegacyRecordBatch), read only: segments that older brokers left behind.
 *
 * ```
 *  offset i64 | size i32 | crc u32 (CRC-32 of all that follows) | magic i8 | attributes i8 | timestamp i64 (magic 1) |
 *  keyLength i32, key | valueLength i32, value
 * ```
 * A compressed entry's value is a series of entries. In magic 1 their offsets count from 0 and the outer offset is that of
 * the last; in magic 0 they are absolute. Only gzip, snappy and lz4 existed.
 */
import { crc32 } from 'node:zlib';
import { DECOMPRESSED_BYTES_MAX, LOG_OVERHEAD_BYTES } from '../base/limits.js';
import { decompress } from './codec/index.js';
import { lz4Decompress } from './codec/lz4.js';
import { int32At, int64At } from './int64.js';
import { Attribute, Codec, codecOf, NO_TIMESTAMP } from './layout.js';
import { RecordError } from './record-error.js';

const At = { size: 8, crc: 12, magic: 16, attributes: 17, timestamp: 18 } as const;
/** Behind the size field: crc, magic, attributes, [timestamp,] two lengths. */
const SIZE_MIN_V0 = 14;
const SIZE_MIN_V1 = 22;

export class LegacyView {
  bytes: Uint8Array = new Uint8Array(0);
  position = 0;
  keyPosition = 0;
  /** -1 = null, as `valueLength`. */
  keyLength = -1;
  valuePosition = 0;
  valueLength = -1;

  /** Looks at the entry at `position`; false when it is incomplete or its lengths do not add up. */
  set(bytes: Uint8Array, position: number, limit = bytes.length): boolean {
    this.bytes = bytes;
    this.position = position;
    if (limit - position < At.timestamp) return false;
    const size = int32At(bytes, position + At.size);
    const magic = bytes[position + At.magic];
    if (magic > 1 || size < (magic === 0 ? SIZE_MIN_V0 : SIZE_MIN_V1)) return false;
    if (size > limit - position - LOG_OVERHEAD_BYTES) return false;
    const end = position + LOG_OVERHEAD_BYTES + size;
    const keyAt = position + (magic === 0 ? At.timestamp : At.timestamp + 8);
    this.keyLength = int32At(bytes, keyAt);
    this.keyPosition = keyAt + 4;
    const valueAt = this.keyPosition + Math.max(this.keyLength, 0);
    if (this.keyLength < -1 || valueAt + 4 > end) return false;
    this.valueLength = int32At(bytes, valueAt);
    this.valuePosition = valueAt + 4;
    return this.valueLength >= -1 && this.valuePosition + Math.max(this.valueLength, 0) === end;
  }

  /** The entry's own offset: of the last inner entry when compressed. */
  get offset(): number {
    return int64At(this.bytes, this.position);
  }
  get sizeBytes(): number {
    return int32At(this.bytes, this.position + At.size) + LOG_OVERHEAD_BYTES;
  }
  get crc(): number {
    return int32At(this.bytes, this.position + At.crc) >>> 0;
  }
  get magic(): number {
    return this.bytes[this.position + At.magic];
  }
  get attributes(): number {
    return this.bytes[this.position + At.attributes];
  }
  get codecId(): number {
    return this.attributes & Attribute.codecMask;
  }
  get isLogAppendTime(): boolean {
    return this.magic === 1 && (this.attributes & Attribute.logAppendTime) !== 0;
  }
  /** ms; -1 in magic 0. */
  get timestamp(): number {
    return this.magic === 0 ? NO_TIMESTAMP : int64At(this.bytes, this.position + At.timestamp);
  }
  get isCrcRight(): boolean {
    const covered = this.bytes.subarray(this.position + At.magic, this.position + this.sizeBytes);
    return crc32(covered) === this.crc;
  }
  key(): Uint8Array | null {
    return this.keyLength < 0
      ? null
      : this.bytes.subarray(this.keyPosition, this.keyPosition + this.keyLength);
  }
  value(): Uint8Array | null {
    if (this.valueLength < 0) return null;
    return this.bytes.subarray(this.valuePosition, this.valuePosition + this.valueLength);
  }
}

/**
 * Calls `visit` for the record at `outer`, or for each record inside it when it is compressed, with its absolute offset
 * and its timestamp (ms, -1 none). Throws RecordError for anything malformed.
 */
export function forEachLegacyRecord(
  outer: LegacyView,
  visit: (record: LegacyView, offset: number, timestamp: number) => void,
  limitBytes = DECOMPRESSED_BYTES_MAX,
): void {
  if (outer.codecId === Codec.none) {
    visit(outer, outer.offset, outer.timestamp);
    return;
  }
  const bytes = unpack(outer, limitBytes);
  const inner = new LegacyView();
  const last = lastInnerOffset(bytes, inner, outer.magic);
  const base = outer.magic === 0 ? 0 : outer.offset - last;
  for (let at = 0; at < bytes.length; at += inner.sizeBytes) {
    inner.set(bytes, at);
    visit(inner, base + inner.offset, outer.isLogAppendTime ? outer.timestamp : inner.timestamp);
  }
}

function unpack(outer: LegacyView, limitBytes: number): Uint8Array {
  const codec = codecOf(outer.attributes);
  const value = outer.value();
  if (codec === undefined || codec === Codec.zstd) {
    throw new RecordError('unsupported', `codec ${outer.codecId} in a message of magic ${outer.magic}`);
  }
  if (value === null) throw new RecordError('corrupt', 'a compressed message without a value');
  if (codec === Codec.lz4 && outer.magic === 0) return lz4Decompress(value, limitBytes, 'kafkaV0');
  return decompress(codec, value, limitBytes);
}

/** Checks every inner entry and returns the offset of the last. */
function lastInnerOffset(bytes: Uint8Array, inner: LegacyView, magic: number): number {
  if (bytes.length === 0) throw new RecordError('corrupt', 'a compressed message without records');
  let last = -1;
  for (let at = 0; at < bytes.length; at += inner.sizeBytes) {
    if (!inner.set(bytes, at))
      throw new RecordError('corrupt', 'a malformed message inside a compressed one');
    if (inner.magic !== magic) throw new RecordError('corrupt', `magic ${inner.magic} inside magic ${magic}`);
    if (inner.codecId !== Codec.none) throw new RecordError('corrupt', 'a compressed message inside another');
    last = inner.offset;
  }
  return last;
}
