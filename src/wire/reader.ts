/**
 * Cursor that reads Kafka's primitive types from a window of bytes. Reused frame after frame: `reset` allocates nothing
 * while the bytes stay in the same array. Bad bytes throw WireError; no length is trusted before it is checked against
 * the bytes that remain. Types: clients/common/protocol/types/Type.java and ByteUtils.java of Kafka 4.3.1.
 */
import { ELEMENTS_MAX, STRING_BYTES_MAX } from './limits.js';
import type { RecordsView } from './records.js';
import { CACHED_STRING_BYTES_MAX, StringCache } from './string-cache.js';
import { WireError } from './wire-error.js';

const EMPTY = new Uint8Array(0);
/** Of all readers of the thread: filling one anew costs more than a small message takes to read. */
const STRINGS = new StringCache();
const TWO_32 = 4_294_967_296;
/** High words between which every int64 is a safe integer (the one exception below is checked apart). */
const SAFE_HIGH_MIN = -0x20_0000;
const SAFE_HIGH_MAX = 0x1f_ffff;

/** A tagged field that the schema does not know, as received. */
export interface UnknownTag {
  readonly tag: number;
  readonly data: Uint8Array;
}

export class Reader {
  bytes: Uint8Array = EMPTY;
  /** Next byte, an index into `bytes`. */
  position = 0;
  /** First index that must not be read. */
  end = 0;
  /** Keep unknown tagged fields in the decoded values (a proxy needs them; a broker does not). */
  keepUnknownTags = false;
  /** Field path of the traced second pass after an error; unused otherwise. */
  readonly path: (string | number)[] = [];
  /** Elements that this message may still allocate. */
  elementsLeft: number;
  private readonly decodeText = (from: number, to: number): string => this.text.toString('utf8', from, to);
  private start = 0;
  private view: DataView = new DataView(EMPTY.buffer);
  private text: Buffer = Buffer.from(EMPTY.buffer);

  constructor(readonly elementsMax: number = ELEMENTS_MAX) {
    this.elementsLeft = elementsMax;
  }

  /** A reader over a whole array. */
  static of(bytes: Uint8Array): Reader {
    return new Reader().reset(bytes, 0, bytes.length);
  }

  /** Moves the window to bytes[start, end). */
  reset(bytes: Uint8Array, start: number, end: number): this {
    if (bytes !== this.bytes) {
      this.bytes = bytes;
      this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      this.text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    if (!(start >= 0 && start <= end && end <= bytes.length)) {
      throw new RangeError(`window [${start}, ${end}) outside of ${bytes.length} bytes`);
    }
    this.start = start;
    this.position = start;
    this.end = end;
    this.elementsLeft = this.elementsMax;
    return this;
  }

  get remaining(): number {
    return this.end - this.position;
  }

  fail(reason: string): never {
    throw new WireError(reason, this.position - this.start);
  }

  /** Advances over `count` bytes and returns where they began. */
  private take(count: number): number {
    const from = this.position;
    if (count > this.end - from) this.fail(`${count} bytes needed, ${this.end - from} remain`);
    this.position = from + count;
    return from;
  }

  bool(): boolean {
    return this.int8() !== 0;
  }
  int8(): number {
    return this.view.getInt8(this.take(1));
  }
  int16(): number {
    return this.view.getInt16(this.take(2));
  }
  uint16(): number {
    return this.view.getUint16(this.take(2));
  }
  int32(): number {
    return this.view.getInt32(this.take(4));
  }
  uint32(): number {
    return this.view.getUint32(this.take(4));
  }
  float64(): number {
    return this.view.getFloat64(this.take(8));
  }
  /** int64 as a number; one that is not a safe integer is an error. */
  int64(): number {
    const from = this.take(8);
    const high = this.view.getInt32(from);
    const low = this.view.getUint32(from + 4);
    if (high < SAFE_HIGH_MIN || high > SAFE_HIGH_MAX || (high === SAFE_HIGH_MIN && low === 0)) {
      this.fail('int64 is not a safe integer');
    }
    return high * TWO_32 + low;
  }
  /** int64 as a number; values outside of the safe integers become the nearest safe one. */
  clampedInt64(): number {
    const from = this.take(8);
    const high = this.view.getInt32(from);
    if (high > SAFE_HIGH_MAX) return Number.MAX_SAFE_INTEGER;
    if (high < SAFE_HIGH_MIN) return Number.MIN_SAFE_INTEGER;
    return Math.max(high * TWO_32 + this.view.getUint32(from + 4), Number.MIN_SAFE_INTEGER);
  }
  bigint64(): bigint {
    return this.view.getBigInt64(this.take(8));
  }

  /** Unsigned LEB128 of at most 5 bytes, [0, 2^32). */
  uvarint(): number {
    const first = this.view.getUint8(this.take(1));
    if (first < 0x80) return first;
    let value = first & 0x7f;
    for (let shift = 7; shift < 28; shift += 7) {
      const byte = this.view.getUint8(this.take(1));
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    const last = this.view.getUint8(this.take(1));
    if (last > 0x0f) this.fail('varint longer than 32 bits');
    return (value | (last << 28)) >>> 0;
  }
  /** Zigzag varint, int32. */
  varint(): number {
    const value = this.uvarint();
    return (value >>> 1) ^ -(value & 1);
  }
  /** Zigzag varlong of at most 10 bytes as a number; one that is not a safe integer is an error. */
  varlong(): number {
    const value = this.bigVarlong();
    const number = Number(value);
    if (!Number.isSafeInteger(number)) this.fail('varlong is not a safe integer');
    return number;
  }
  bigVarlong(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.view.getUint8(this.take(1));
      value |= BigInt(byte & 0x7f) << shift;
      if (byte >= 0x80) continue;
      if (value >= 1n << 64n) this.fail('varlong longer than 64 bits');
      return BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n));
    }
    return this.fail('varlong longer than 10 bytes');
  }

  /** 16 bytes as 22 characters of URL-safe base64: Kafka's Uuid.toString. */
  uuid(): string {
    const from = this.take(16);
    return this.text.toString('base64url', from, from + 16);
  }

  string(): string {
    const length = this.int16();
    if (length < 0) this.fail('null where a string must be');
    return this.utf8(length);
  }
  nullableString(): string | null {
    const length = this.int16();
    return length < 0 ? null : this.utf8(length);
  }
  compactString(): string {
    const length = this.uvarint();
    if (length === 0) this.fail('null where a string must be');
    return this.utf8(length - 1);
  }
  compactNullableString(): string | null {
    const length = this.uvarint();
    return length === 0 ? null : this.utf8(length - 1);
  }
  private utf8(length: number): string {
    if (length > STRING_BYTES_MAX)
      this.fail(`string of ${length} bytes, at most ${STRING_BYTES_MAX} allowed`);
    const from = this.take(length);
    const to = from + length;
    if (length === 0) return '';
    if (length > CACHED_STRING_BYTES_MAX) return this.text.toString('utf8', from, to);
    return STRINGS.get(this.view, from, to, this.decodeText);
  }

  /** A copy: unlike records, bytes fields are small and outlive the frame. */
  bytesField(): Uint8Array {
    return this.copy(this.present(this.int32()));
  }
  nullableBytes(): Uint8Array | null {
    const length = this.int32();
    return length < 0 ? null : this.copy(length);
  }
  compactBytes(): Uint8Array {
    return this.copy(this.present(this.uvarint() - 1));
  }
  compactNullableBytes(): Uint8Array | null {
    const length = this.uvarint() - 1;
    return length < 0 ? null : this.copy(length);
  }
  private present(length: number): number {
    if (length < 0) this.fail('null where bytes must be');
    return length;
  }
  private copy(length: number): Uint8Array {
    const from = this.take(length);
    const copy = new Uint8Array(length);
    copy.set(this.bytes.subarray(from, from + length));
    return copy;
  }

  records(): RecordsView {
    return this.recordsView(this.present(this.int32()));
  }
  nullableRecords(): RecordsView | null {
    const length = this.int32();
    return length < 0 ? null : this.recordsView(length);
  }
  compactRecords(): RecordsView {
    return this.recordsView(this.present(this.uvarint() - 1));
  }
  compactNullableRecords(): RecordsView | null {
    const length = this.uvarint() - 1;
    return length < 0 ? null : this.recordsView(length);
  }
  private recordsView(length: number): RecordsView {
    return { bytes: this.bytes, position: this.take(length), length };
  }

  /** Element count of an array whose elements have at least `elementBytesMin` bytes; -1 = null. */
  arrayCount(elementBytesMin: number): number {
    const count = this.int32();
    return count < 0 ? -1 : this.checkCount(count, elementBytesMin);
  }
  compactArrayCount(elementBytesMin: number): number {
    const count = this.uvarint() - 1;
    return count < 0 ? -1 : this.checkCount(count, elementBytesMin);
  }
  private checkCount(count: number, elementBytesMin: number): number {
    if (count * elementBytesMin > this.end - this.position) {
      this.fail(`array of ${count} elements, ${this.end - this.position} bytes remain`);
    }
    this.spend(count);
    return count;
  }
  private spend(count: number): void {
    this.elementsLeft -= count;
    if (this.elementsLeft < 0) this.fail(`more than ${this.elementsMax} array elements in one message`);
  }

  /** Count of tagged fields. */
  tagCount(): number {
    const count = this.uvarint();
    if (count * 2 > this.end - this.position) {
      this.fail(`${count} tagged fields, ${this.end - this.position} bytes remain`);
    }
    return count;
  }
  /** Tag number; tags must ascend. */
  tag(previous: number): number {
    const tag = this.uvarint();
    if (tag <= previous) this.fail(`tag ${tag} after tag ${previous}`);
    return tag;
  }
  /** Reads a tag's size and narrows the window to it; returns the outer end for `leaveTag`. */
  enterTag(): number {
    const size = this.uvarint();
    const outer = this.end;
    if (size > outer - this.position)
      this.fail(`tagged field of ${size} bytes, ${outer - this.position} remain`);
    this.end = this.position + size;
    return outer;
  }
  leaveTag(outer: number): void {
    if (this.position !== this.end) this.fail(`${this.end - this.position} bytes left in a tagged field`);
    this.end = outer;
  }
  /** Skips a tag the schema does not know, or keeps it. */
  unknownTag(tag: number, kept: UnknownTag[] | undefined): UnknownTag[] | undefined {
    const size = this.uvarint();
    if (!this.keepUnknownTags) {
      this.take(size);
      return undefined;
    }
    this.spend(1);
    const list = kept ?? [];
    list.push({ tag, data: this.copy(size) });
    return list;
  }
  /** A tag section in which the schema knows no tag. */
  skipTags(): UnknownTag[] | undefined {
    let kept: UnknownTag[] | undefined;
    let previous = -1;
    for (let left = this.tagCount(); left > 0; left--) {
      previous = this.tag(previous);
      kept = this.unknownTag(previous, kept);
    }
    return kept;
  }

  /** Called by the traced decoder before each field: the path then tells where an error happened. */
  trace(depth: number, step: string | number): void {
    this.path.length = depth;
    this.path.push(step);
  }
}
