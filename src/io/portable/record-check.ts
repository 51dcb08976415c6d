/**
 * Walks the uncompressed records of one batch without building any (DefaultRecord.readFrom, LogValidator).
 * What it finds stays in fields until the next call. One instance a thread.
 */
import { RowStatus } from '../batch-table.js';

/** Longest varint and varlong (ByteUtils.readVarint, readVarlong). */
const VARINT_BYTES_MAX = 5;
const VARLONG_BYTES_MAX = 10;

export class RecordCheck {
  /** Index of the first bad record, or of the first record without key; -1. */
  detail = -1;
  maxTimestamp = -1;
  minTimestamp = -1;
  /** Index of the first record with the largest timestamp. */
  maxTimestampIndex = 0;

  private bytes: Uint8Array = new Uint8Array(0);
  private at = 0;
  private end = 0;
  /** A varint ran past `end` or was too long. */
  private overrun = false;
  private keyMissing = false;
  private offsetDelta = 0;
  private timestampDelta = 0;

  /**
   * Checks exactly `count` records in bytes [from, to). `ordered` asks for offset deltas 0..n-1 (compressed batches).
   * A malformed record outranks a missing key, which outranks odd deltas. Returns a RowStatus.
   */
  check(
    bytes: Uint8Array,
    from: number,
    to: number,
    count: number,
    baseTimestamp: number,
    keyRequired: boolean,
    ordered: boolean,
  ): number {
    this.bytes = bytes;
    this.at = from;
    this.end = to;
    this.detail = -1;
    this.maxTimestamp = -1;
    this.minTimestamp = -1;
    this.maxTimestampIndex = 0;
    let firstWithoutKey = -1;
    let deltasOdd = false;
    for (let index = 0; index < count; index++) {
      if (!this.record()) {
        this.detail = index;
        return RowStatus.badRecord;
      }
      if (this.keyMissing && firstWithoutKey < 0) firstWithoutKey = index;
      if (this.offsetDelta !== index) deltasOdd = true;
      const timestamp = baseTimestamp + this.timestampDelta;
      if (index === 0 || timestamp > this.maxTimestamp) {
        this.maxTimestamp = timestamp;
        this.maxTimestampIndex = index;
      }
      if (index === 0 || timestamp < this.minTimestamp) this.minTimestamp = timestamp;
    }
    if (this.at !== to) return RowStatus.trailingBytes;
    if (keyRequired && firstWithoutKey >= 0) {
      this.detail = firstWithoutKey;
      return RowStatus.missingKey;
    }
    return ordered && deltasOdd ? RowStatus.offsetDeltas : RowStatus.ok;
  }

  /** Reads the record at `at`; false when it is malformed. */
  private record(): boolean {
    this.overrun = false;
    const size = this.varint();
    if (this.overrun || size < 1 || size > this.end - this.at) return false;
    const recordEnd = this.at + size;
    const outerEnd = this.end;
    this.end = recordEnd; // nothing inside may reach past the declared size
    this.at++; // attributes: unused
    this.timestampDelta = this.varlong();
    this.offsetDelta = this.varint();
    const keyLength = this.varint();
    this.keyMissing = keyLength < 0;
    let good = this.skip(keyLength, -1) && this.skip(this.varint(), -1);
    const headers = good ? this.varint() : -1;
    good = good && !this.overrun && headers >= 0 && headers <= recordEnd - this.at;
    for (let index = 0; good && index < headers; index++) {
      good = this.skip(this.varint(), 0) && this.skip(this.varint(), -1);
    }
    this.end = outerEnd;
    return good && !this.overrun && this.at === recordEnd;
  }

  /** Steps over `length` bytes; lengths below `lengthMin` are illegal, negative ones mean null. */
  private skip(length: number, lengthMin: number): boolean {
    if (this.overrun || length < lengthMin || length > this.end - this.at) return false;
    if (length > 0) this.at += length;
    return true;
  }

  private varint(): number {
    let value = 0;
    for (let index = 0; index < VARINT_BYTES_MAX; index++) {
      if (this.at >= this.end) break;
      const byte = this.bytes[this.at++];
      value |= (byte & 0x7f) << (7 * index);
      if (byte < 0x80) return (value >>> 1) ^ -(value & 1);
    }
    this.overrun = true;
    return -1;
  }

  /** As a number: beyond 2^53 low bits are lost, the sign never is. */
  private varlong(): number {
    let magnitude = 0;
    let scale = 0.5;
    let negative = false;
    for (let index = 0; index < VARLONG_BYTES_MAX; index++) {
      if (this.at >= this.end) break;
      const byte = this.bytes[this.at++];
      if (index === 0) negative = (byte & 1) === 1;
      magnitude += (index === 0 ? byte & 0x7e : byte & 0x7f) * scale;
      scale *= 128;
      if (byte < 0x80) return negative ? -magnitude - 1 : magnitude;
    }
    this.overrun = true;
    return 0;
  }
}
