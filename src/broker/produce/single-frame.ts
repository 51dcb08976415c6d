/**
 * The produce request that producers send most, read where it lies: one topic, one partition, records, no transaction.
 * Anything else, and anything odd, is left to the general decoder, which knows how to refuse it; so whatever is accepted
 * here means the same there.
 *
 * ```
 *  v3-v8   key 0 i16 · version i16 · correlationId i32 · clientId i16+n · transactionalId i16 = -1 · acks i16 · timeout i32
 *          topics i32 = 1 · name i16+n · partitions i32 = 1 · index i32 · records i32+n
 *  v9-v13  clientId i16+n · tags = 0 · transactionalId uvarint = 0 · acks i16 · timeout i32 · topics uvarint = 2 ·
 *          name uvarint+n (v13: id, 16 bytes) · partitions uvarint = 2 · index i32 · records uvarint+n · three times tags = 0
 * ```
 */
import { REQUEST_PREFIX_BYTES } from '../../wire/index.js';

const FLEXIBLE_VERSION_MIN = 9;
const TOPIC_ID_VERSION_MIN = 13;
const TOPIC_ID_BYTES = 16;
/** Longer client ids and topic names are left to the general decoder. */
const TEXT_BYTES_MAX = 255;
const NO_TEXT = 0xffff;
/** A length of four groups of 7 bits: no frame reaches 256 MiB of records. */
const VARINT_SHIFT_MAX = 21;

export class SingleFrame {
  version = 0;
  correlationId = 0;
  acks = 0;
  /** Bytes of the topic's name, from v13 on of its id. */
  topicPosition = 0;
  topicLength = 0;
  partition = 0;
  recordsPosition = 0;
  recordsLength = 0;
  private bytes: Uint8Array = new Uint8Array(0);
  private at = 0;
  private end = 0;

  /** False = not of this shape. The version is one that Produce has; every read stays inside the frame. */
  read(bytes: Uint8Array, position: number, length: number, version: number): boolean {
    this.bytes = bytes;
    this.at = position + REQUEST_PREFIX_BYTES;
    this.end = position + length;
    this.version = version;
    if (length < REQUEST_PREFIX_BYTES + 2) return false;
    this.correlationId = this.int32At(position + 4);
    const client = this.uint16();
    if (client !== NO_TEXT) {
      if (client > TEXT_BYTES_MAX) return false;
      this.at += client;
    }
    return version >= FLEXIBLE_VERSION_MIN ? this.flexible() : this.fixed();
  }

  private fixed(): boolean {
    // transactionalId, acks, timeout, topics, and the name's length
    if (this.end - this.at < 14) return false;
    if (this.uint16() !== NO_TEXT) return false;
    this.acks = (this.uint16() << 16) >> 16;
    this.at += 4;
    if (this.int32() !== 1) return false;
    this.topicLength = this.uint16();
    if (this.topicLength > TEXT_BYTES_MAX || this.end - this.at < this.topicLength + 12) return false;
    this.topicPosition = this.at;
    this.at += this.topicLength;
    if (this.int32() !== 1) return false;
    this.partition = this.int32();
    this.recordsLength = this.int32();
    this.recordsPosition = this.at;
    return this.recordsLength >= 0 && this.end - this.at === this.recordsLength;
  }

  private flexible(): boolean {
    // tags, transactionalId, acks, timeout, topics, and one byte of what follows
    if (this.end - this.at < 10) return false;
    if (this.uvarint() !== 0 || this.uvarint() !== 0 || this.end - this.at < 8) return false;
    this.acks = (this.uint16() << 16) >> 16;
    this.at += 4;
    if (this.uvarint() !== 2) return false;
    this.topicLength = this.version >= TOPIC_ID_VERSION_MIN ? TOPIC_ID_BYTES : this.uvarint() - 1;
    if (this.topicLength < 0 || this.topicLength > TEXT_BYTES_MAX) return false;
    this.topicPosition = this.at;
    this.at += this.topicLength;
    if (this.uvarint() !== 2 || this.end - this.at < 5) return false;
    this.partition = this.int32();
    this.recordsLength = this.uvarint() - 1;
    this.recordsPosition = this.at;
    if (this.recordsLength < 0 || this.end - this.at < this.recordsLength) return false;
    this.at += this.recordsLength;
    return this.uvarint() === 0 && this.uvarint() === 0 && this.uvarint() === 0 && this.at === this.end;
  }

  private uint16(): number {
    const { bytes, at } = this;
    this.at = at + 2;
    return (bytes[at] << 8) | bytes[at + 1];
  }

  private int32(): number {
    const { at } = this;
    this.at = at + 4;
    return this.int32At(at);
  }

  private int32At(at: number): number {
    const { bytes } = this;
    return (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
  }

  /** -1 = it goes past the end, or is longer than any length here. */
  private uvarint(): number {
    let value = 0;
    for (let shift = 0; shift <= VARINT_SHIFT_MAX && this.at < this.end; shift += 7) {
      const byte = this.bytes[this.at++];
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    return -1;
  }
}
