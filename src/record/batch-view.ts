/**
 * One record batch, magic 2, as a window on bytes (DefaultRecordBatch, header side). Setting it allocates nothing; the
 * getters read the bytes each time. Any thread; one instance per user, moved from batch to batch.
 */
import { BATCH_HEADER_BYTES, LOG_OVERHEAD_BYTES } from '../base/limits.js';
import { crc32c } from '../io/portable/crc32c.js';
import { bigInt64At, int16At, int32At, int64At } from './int64.js';
import { Attribute, HeaderAt, incrementSequence, MAGIC_V2, NO_SEQUENCE } from './layout.js';
import type { RecordCursor } from './record-cursor.js';

/** CRC-32C of bytes [from, to), unsigned. The addon's is several times faster than the portable default. */
export type Crc32c = (bytes: Uint8Array, from: number, to: number) => number;

/** What `BatchView.set` found. Only after `complete` may the getters other than `sizeBytes` and `magic` be read. */
export const BatchShape = {
  complete: 0,
  /** Fewer bytes than the batch declares, or than a header: an incomplete tail. */
  incomplete: 1,
  /** The length field is smaller than any batch of its magic. */
  tooSmall: 2,
  /** Magic 0 or 1: LegacyView reads it. `sizeBytes` is right. */
  legacy: 3,
  /** A magic that no version of Kafka writes. */
  badMagic: 4,
} as const;
export type BatchShape = (typeof BatchShape)[keyof typeof BatchShape];

/** Smallest length field of magic 0 and 1 (LegacyRecord.RECORD_OVERHEAD_V0). */
const LEGACY_LENGTH_MIN = 14;
/** Up to and including the magic byte; Kafka stops scanning a file with fewer bytes left. */
export const HEADER_UP_TO_MAGIC_BYTES = 17;
const EMPTY = new Uint8Array(BATCH_HEADER_BYTES);

export class BatchView {
  bytes: Uint8Array = EMPTY;
  position = 0;

  /** Looks at the batch at `position` of `bytes`, which end at `limit`. Never reads beyond it, never throws. */
  set(bytes: Uint8Array, position: number, limit = bytes.length): BatchShape {
    this.bytes = bytes;
    this.position = position;
    if (limit - position < HEADER_UP_TO_MAGIC_BYTES) return BatchShape.incomplete;
    const length = int32At(bytes, position + HeaderAt.length);
    if (length < LEGACY_LENGTH_MIN) return BatchShape.tooSmall;
    const magic = bytes[position + HeaderAt.magic];
    if (magic > MAGIC_V2) return BatchShape.badMagic;
    if (magic === MAGIC_V2 && length + LOG_OVERHEAD_BYTES < BATCH_HEADER_BYTES) return BatchShape.tooSmall;
    if (length > limit - position - LOG_OVERHEAD_BYTES) return BatchShape.incomplete;
    return magic === MAGIC_V2 ? BatchShape.complete : BatchShape.legacy;
  }

  get baseOffset(): number {
    return int64At(this.bytes, this.position + HeaderAt.baseOffset);
  }
  /** The whole batch in bytes, the 12 before and with the length field included. */
  get sizeBytes(): number {
    return int32At(this.bytes, this.position + HeaderAt.length) + LOG_OVERHEAD_BYTES;
  }
  get nextPosition(): number {
    return this.position + this.sizeBytes;
  }
  get leaderEpoch(): number {
    return int32At(this.bytes, this.position + HeaderAt.leaderEpoch);
  }
  get magic(): number {
    return this.bytes[this.position + HeaderAt.magic];
  }
  /** Stored CRC-32C, unsigned. */
  get crc(): number {
    return int32At(this.bytes, this.position + HeaderAt.crc) >>> 0;
  }
  get attributes(): number {
    return int16At(this.bytes, this.position + HeaderAt.attributes);
  }
  /** 0..7; `codecOf` narrows it. */
  get codecId(): number {
    return this.attributes & Attribute.codecMask;
  }
  get isLogAppendTime(): boolean {
    return (this.attributes & Attribute.logAppendTime) !== 0;
  }
  get isTransactional(): boolean {
    return (this.attributes & Attribute.transactional) !== 0;
  }
  get isControl(): boolean {
    return (this.attributes & Attribute.control) !== 0;
  }
  get hasDeleteHorizon(): boolean {
    return (this.attributes & Attribute.deleteHorizon) !== 0;
  }
  get lastOffsetDelta(): number {
    return int32At(this.bytes, this.position + HeaderAt.lastOffsetDelta);
  }
  get lastOffset(): number {
    return this.baseOffset + this.lastOffsetDelta;
  }
  get nextOffset(): number {
    return this.lastOffset + 1;
  }
  /** ms; the delete horizon when `hasDeleteHorizon`. Record deltas count from it in both cases. */
  get baseTimestamp(): number {
    return int64At(this.bytes, this.position + HeaderAt.baseTimestamp);
  }
  get maxTimestamp(): number {
    return int64At(this.bytes, this.position + HeaderAt.maxTimestamp);
  }
  /** -1n = none. The two words say the same without allocating. */
  get producerId(): bigint {
    return bigInt64At(this.bytes, this.position + HeaderAt.producerId);
  }
  get producerIdHigh(): number {
    return int32At(this.bytes, this.position + HeaderAt.producerId);
  }
  get producerIdLow(): number {
    return int32At(this.bytes, this.position + HeaderAt.producerId + 4);
  }
  /** Negative ids mean none. */
  get hasProducerId(): boolean {
    return this.producerIdHigh >= 0;
  }
  get producerEpoch(): number {
    return int16At(this.bytes, this.position + HeaderAt.producerEpoch);
  }
  get baseSequence(): number {
    return int32At(this.bytes, this.position + HeaderAt.baseSequence);
  }
  get lastSequence(): number {
    const base = this.baseSequence;
    return base === NO_SEQUENCE ? NO_SEQUENCE : incrementSequence(base, this.lastOffsetDelta);
  }
  /** Records that are present; fewer than the offsets after compaction, 0 for a retained empty batch. */
  get count(): number {
    return int32At(this.bytes, this.position + HeaderAt.count);
  }
  get recordsPosition(): number {
    return this.position + BATCH_HEADER_BYTES;
  }
  /** The record array as stored, compressed or not. Allocates a view. */
  recordBytes(): Uint8Array {
    return this.bytes.subarray(this.recordsPosition, this.nextPosition);
  }
  /** Timestamp of the cursor's record, ms: every record of a LogAppendTime batch has the append time. */
  timestampOf(cursor: RecordCursor): number {
    return this.isLogAppendTime ? this.maxTimestamp : this.baseTimestamp + cursor.timestampDelta;
  }
  /** Sequence of the cursor's record, -1 none. */
  sequenceOf(cursor: RecordCursor): number {
    const base = this.baseSequence;
    return base < 0 ? NO_SEQUENCE : incrementSequence(base, cursor.offsetDelta);
  }
  /** CRC-32C of the bytes as they are now. */
  computeCrc(crc: Crc32c = crc32c): number {
    return crc(this.bytes, this.position + HeaderAt.attributes, this.nextPosition);
  }
  isCrcRight(crc: Crc32c = crc32c): boolean {
    return this.computeCrc(crc) === this.crc;
  }
}
