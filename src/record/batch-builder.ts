/**
 * Builds one record batch, magic 2, from records (MemoryRecordsBuilder). Reusable: `reset` starts the next batch in the
 * same memory. Not for the produce path of the broker, which stores clients' bytes as they are, but for everything that
 * writes batches itself: client, coordinators, metadata log, control batches, compaction, recompression.
 */
import { assert, assertInteger } from '../base/assert.js';
import { BATCH_HEADER_BYTES, DECOMPRESSED_BYTES_MAX, LOG_OVERHEAD_BYTES } from '../base/limits.js';
import { crc32c } from '../io/portable/crc32c.js';
import type { Crc32c } from './batch-view.js';
import { compress, defaultLevel } from './codec/index.js';
import { putBigInt64, putInt16, putInt32, putInt64 } from './int64.js';
import {
  Attribute,
  Codec,
  HeaderAt,
  MAGIC_V2,
  NO_LEADER_EPOCH,
  NO_PRODUCER_EPOCH,
  NO_PRODUCER_ID,
  NO_SEQUENCE,
  NO_TIMESTAMP,
} from './layout.js';
import type { RecordCursor } from './record-cursor.js';
import { RecordError } from './record-error.js';
import { sizeOfVarint, sizeOfVarlong, writeVarint, writeVarlong } from './varint.js';

/** What a batch's header says; everything has the default of a plain producer. */
export interface BatchOptions {
  baseOffset?: number;
  leaderEpoch?: number;
  codec?: Codec;
  /** Default: Kafka's for the codec. */
  level?: number;
  producerId?: bigint;
  producerEpoch?: number;
  baseSequence?: number;
  transactional?: boolean;
  control?: boolean;
  /** ms; makes the batch LogAppendTime with this as every record's timestamp. */
  logAppendTime?: number;
  /** ms; compaction only (KIP-534). */
  deleteHorizon?: number;
  /** When offsets were compacted away behind the last record, or all records were. Default: that of the last record. */
  lastOffsetDelta?: number;
}

export interface RecordHeader {
  key: string | Uint8Array;
  value: Uint8Array | null;
}

const NO_HEADERS: readonly RecordHeader[] = [];
const CAPACITY_MIN = 1024;
/** A record's own fields besides the varints counted exactly: attributes. */
const ATTRIBUTES_BYTES = 1;
/** Uncompressed bytes of one batch: what a reader would refuse to unpack is not built. */
const BATCH_BYTES_MAX = DECOMPRESSED_BYTES_MAX;

export class BatchBuilder {
  private buffer: Uint8Array;
  private at = BATCH_HEADER_BYTES;
  private options: BatchOptions = {};
  private recordsCount = 0;
  private lastDelta = -1;
  private baseTimestamp = NO_TIMESTAMP;
  private maxTimestamp = NO_TIMESTAMP;

  constructor(
    options: BatchOptions = {},
    private readonly crc: Crc32c = crc32c,
  ) {
    this.buffer = new Uint8Array(CAPACITY_MIN);
    this.reset(options);
  }

  /** Forgets all records and starts a batch with these options. */
  reset(options: BatchOptions = {}): this {
    this.options = options;
    this.at = BATCH_HEADER_BYTES;
    this.recordsCount = 0;
    this.lastDelta = -1;
    this.baseTimestamp = options.deleteHorizon ?? NO_TIMESTAMP;
    this.maxTimestamp = NO_TIMESTAMP;
    return this;
  }

  get count(): number {
    return this.recordsCount;
  }

  /** Header and records, before compression. */
  get sizeBytes(): number {
    return this.at;
  }

  /**
   * Adds a record; `timestamp` in ms, -1 none; `offsetDelta` must grow and is one more than the last by default.
   * Throws RecordError('tooLarge') when the batch would exceed the limit; it is unchanged then.
   */
  append(
    timestamp: number,
    key: Uint8Array | null,
    value: Uint8Array | null,
    headers: readonly RecordHeader[] = NO_HEADERS,
    offsetDelta = this.lastDelta + 1,
  ): this {
    const encoded = headers.length === 0 ? NO_ENCODED : headers.map(encodeHeader);
    let body = sizeOfField(key) + sizeOfField(value) + sizeOfVarint(encoded.length);
    for (const header of encoded) body += sizeOfField(header.key) + sizeOfField(header.value);
    let at = this.begin(timestamp, offsetDelta, body);
    at = this.field(at, key);
    at = this.field(at, value);
    at = writeVarint(this.buffer, at, encoded.length);
    for (const header of encoded) at = this.field(this.field(at, header.key), header.value);
    this.at = at;
    return this;
  }

  /** Adds the cursor's record with another timestamp and offset; key, value and headers are copied as bytes. */
  appendFrom(cursor: RecordCursor, timestamp: number, offsetDelta = this.lastDelta + 1): this {
    const end = cursor.position + cursor.sizeBytes;
    const at = this.begin(timestamp, offsetDelta, end - cursor.bodyPosition);
    this.buffer.set(cursor.bytes.subarray(cursor.bodyPosition, end), at);
    this.at = at + end - cursor.bodyPosition;
    return this;
  }

  /** The finished batch in new memory. The builder must be reset before it is used again. */
  build(): Uint8Array {
    const { codec = Codec.none, level, lastOffsetDelta = this.lastDelta } = this.options;
    assert(this.recordsCount > 0 || lastOffsetDelta >= 0, 'an empty batch needs a lastOffsetDelta');
    assert(lastOffsetDelta >= this.lastDelta, 'lastOffsetDelta below that of the last record');
    if (codec === Codec.none || this.recordsCount === 0) {
      return this.header(this.buffer.slice(0, this.at), lastOffsetDelta, Codec.none);
    }
    const records = this.buffer.subarray(BATCH_HEADER_BYTES, this.at);
    const packed = compress(codec, records, level ?? defaultLevel(codec));
    const batch = new Uint8Array(BATCH_HEADER_BYTES + packed.length);
    batch.set(packed, BATCH_HEADER_BYTES);
    return this.header(batch, lastOffsetDelta, codec);
  }

  /** Writes what stands before the body, makes room for the body, and returns where it goes. */
  private begin(timestamp: number, offsetDelta: number, bodyBytes: number): number {
    assertInteger(offsetDelta, this.lastDelta + 1, 0x7fffffff, 'offsetDelta');
    const base =
      this.recordsCount === 0 && this.options.deleteHorizon === undefined ? timestamp : this.baseTimestamp;
    const timestampDelta = timestamp - base;
    const length = ATTRIBUTES_BYTES + sizeOfVarlong(timestampDelta) + sizeOfVarint(offsetDelta) + bodyBytes;
    this.reserve(sizeOfVarint(length) + length);
    this.baseTimestamp = base;
    if (timestamp > this.maxTimestamp) this.maxTimestamp = timestamp;
    this.lastDelta = offsetDelta;
    this.recordsCount++;
    let at = writeVarint(this.buffer, this.at, length);
    this.buffer[at++] = 0;
    at = writeVarlong(this.buffer, at, timestampDelta);
    return writeVarint(this.buffer, at, offsetDelta);
  }

  private field(at: number, bytes: Uint8Array | null): number {
    at = writeVarint(this.buffer, at, bytes === null ? -1 : bytes.length);
    if (bytes === null) return at;
    this.buffer.set(bytes, at);
    return at + bytes.length;
  }

  private reserve(size: number): void {
    const needed = this.at + size;
    if (needed > BATCH_BYTES_MAX) {
      throw new RecordError('tooLarge', `a batch of ${needed} bytes exceeds ${BATCH_BYTES_MAX}`);
    }
    if (needed <= this.buffer.length) return;
    const grown = new Uint8Array(Math.min(Math.max(needed, this.buffer.length * 2), BATCH_BYTES_MAX));
    grown.set(this.buffer.subarray(0, this.at));
    this.buffer = grown;
  }

  private header(batch: Uint8Array, lastOffsetDelta: number, codec: Codec): Uint8Array {
    const options = this.options;
    let attributes: number = codec;
    if (options.logAppendTime !== undefined) attributes |= Attribute.logAppendTime;
    if (options.transactional === true) attributes |= Attribute.transactional;
    if (options.control === true) attributes |= Attribute.control;
    if (options.deleteHorizon !== undefined) attributes |= Attribute.deleteHorizon;
    putInt64(batch, HeaderAt.baseOffset, options.baseOffset ?? 0);
    putInt32(batch, HeaderAt.length, batch.length - LOG_OVERHEAD_BYTES);
    putInt32(batch, HeaderAt.leaderEpoch, options.leaderEpoch ?? NO_LEADER_EPOCH);
    batch[HeaderAt.magic] = MAGIC_V2;
    putInt16(batch, HeaderAt.attributes, attributes);
    putInt32(batch, HeaderAt.lastOffsetDelta, lastOffsetDelta);
    putInt64(batch, HeaderAt.baseTimestamp, this.baseTimestamp);
    putInt64(batch, HeaderAt.maxTimestamp, options.logAppendTime ?? this.maxTimestamp);
    putBigInt64(batch, HeaderAt.producerId, options.producerId ?? NO_PRODUCER_ID);
    putInt16(batch, HeaderAt.producerEpoch, options.producerEpoch ?? NO_PRODUCER_EPOCH);
    putInt32(batch, HeaderAt.baseSequence, options.baseSequence ?? NO_SEQUENCE);
    putInt32(batch, HeaderAt.count, this.recordsCount);
    putInt32(batch, HeaderAt.crc, this.crc(batch, HeaderAt.attributes, batch.length) | 0);
    return batch;
  }
}

interface EncodedHeader {
  key: Uint8Array;
  value: Uint8Array | null;
}
const NO_ENCODED: readonly EncodedHeader[] = [];
const encoder = new TextEncoder();

function encodeHeader(header: RecordHeader): EncodedHeader {
  const key = typeof header.key === 'string' ? encoder.encode(header.key) : header.key;
  return { key, value: header.value };
}

function sizeOfField(bytes: Uint8Array | null): number {
  return bytes === null ? 1 : sizeOfVarint(bytes.length) + bytes.length;
}
