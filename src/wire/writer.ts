/**
 * Cursor that writes Kafka's primitive types. Owns growing memory, or writes into memory lent by `reset` (a poller's
 * outbound scratch) and moves to memory of its own when that is full: compare `bytes` afterwards. Values out of range are
 * the program's fault and fail an assertion: wrong bytes never leave. Records may be holes (see records.ts).
 */
import { AssertionError, assert } from '../base/assert.js';
import { FRAME_BYTES_MAX, STRING_BYTES_MAX, WRITER_BYTES_INITIAL, WRITER_BYTES_MAX } from './limits.js';
import type { UnknownTag } from './reader.js';
import type { Hole, RecordsInput } from './records.js';

const TWO_32 = 4_294_967_296;
/** Longer strings go through Node's encoder. Short enough for a compact length of one byte. */
const SHORT_STRING_CHARACTERS = 48;
const UUID_CHARACTERS = 22;

export class Writer {
  bytes: Uint8Array = new Uint8Array(0);
  /** Next byte, an index into `bytes`. */
  position = 0;
  /** Holes in order; only the first `holeCount` are valid, the objects are reused. */
  readonly holes: Hole[] = [];
  holeCount = 0;
  /** Sum of the holes' lengths. */
  holeBytes = 0;
  /** Field path of the traced second pass after an error; unused otherwise. */
  readonly path: (string | number)[] = [];
  private view: DataView = new DataView(this.bytes.buffer);
  private text: Buffer = Buffer.alloc(0);
  private frameStart = -1;
  private frameHoleBytes = 0;

  constructor(
    initialBytes: number = WRITER_BYTES_INITIAL,
    private readonly bytesMax: number = WRITER_BYTES_MAX,
  ) {
    this.adopt(new Uint8Array(initialBytes));
  }

  /** Starts anew at `position` of `bytes`, or at 0 of the writer's present memory. */
  reset(bytes: Uint8Array = this.bytes, position = 0): this {
    if (bytes !== this.bytes) this.adopt(bytes);
    this.position = position;
    this.holeCount = 0;
    this.holeBytes = 0;
    this.frameStart = -1;
    return this;
  }

  /** What was written, without a copy. */
  written(from = 0): Uint8Array {
    return this.bytes.subarray(from, this.position);
  }

  private adopt(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Advances over `count` bytes and returns where they begin. May replace `bytes` and `view`: call it before using them. */
  private take(count: number): number {
    const from = this.position;
    if (count > this.bytes.length - from) this.grow(from + count);
    this.position = from + count;
    return from;
  }
  private grow(needed: number): void {
    assert(needed <= this.bytesMax, `message of more than ${this.bytesMax} bytes`);
    const larger = new Uint8Array(Math.min(this.bytesMax, Math.max(needed, this.bytes.length * 2)));
    larger.set(this.bytes.subarray(0, this.position));
    this.adopt(larger);
  }

  bool(value: boolean): void {
    const at = this.take(1);
    this.view.setInt8(at, value ? 1 : 0);
  }
  int8(value: number): void {
    if (value !== (value << 24) >> 24) outOfRange(value, 'int8');
    const at = this.take(1);
    this.view.setInt8(at, value);
  }
  int16(value: number): void {
    if (value !== (value << 16) >> 16) outOfRange(value, 'int16');
    const at = this.take(2);
    this.view.setInt16(at, value);
  }
  uint16(value: number): void {
    if (value !== (value & 0xffff)) outOfRange(value, 'uint16');
    const at = this.take(2);
    this.view.setUint16(at, value);
  }
  int32(value: number): void {
    if (value !== (value | 0)) outOfRange(value, 'int32');
    const at = this.take(4);
    this.view.setInt32(at, value);
  }
  uint32(value: number): void {
    if (value !== value >>> 0) outOfRange(value, 'uint32');
    const at = this.take(4);
    this.view.setUint32(at, value);
  }
  float64(value: number): void {
    const at = this.take(8);
    this.view.setFloat64(at, value);
  }
  /** A safe integer as int64. */
  int64(value: number): void {
    if (!Number.isSafeInteger(value)) outOfRange(value, 'int64 (safe integer)');
    const from = this.take(8);
    this.view.setInt32(from, Math.floor(value / TWO_32));
    this.view.setUint32(from + 4, value >>> 0);
  }
  /** Like int64, but the largest safe integer stands for 2^63 - 1 and the smallest for -2^63 (see Reader.clampedInt64). */
  clampedInt64(value: number): void {
    if (value === Number.MAX_SAFE_INTEGER) this.bigint64(0x7fff_ffff_ffff_ffffn);
    else if (value === Number.MIN_SAFE_INTEGER) this.bigint64(-0x8000_0000_0000_0000n);
    else this.int64(value);
  }
  bigint64(value: bigint): void {
    if (value !== BigInt.asIntN(64, value)) outOfRange(value, 'int64');
    const at = this.take(8);
    this.view.setBigInt64(at, value);
  }

  /** Unsigned LEB128 of [0, 2^32). */
  uvarint(value: number): void {
    if (value !== value >>> 0) outOfRange(value, 'uvarint');
    let rest = value;
    while (rest > 0x7f) {
      const at = this.take(1);
      this.view.setUint8(at, (rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    const at = this.take(1);
    this.view.setUint8(at, rest);
  }
  /** Zigzag varint of an int32. */
  varint(value: number): void {
    if (value !== (value | 0)) outOfRange(value, 'varint');
    this.uvarint(((value << 1) ^ (value >> 31)) >>> 0);
  }
  /** Zigzag varlong of a safe integer or an int64. */
  varlong(value: number | bigint): void {
    const big = BigInt(value);
    if (big !== BigInt.asIntN(64, big)) outOfRange(value, 'varlong');
    let rest = BigInt.asUintN(64, (big << 1n) ^ (big >> 63n));
    while (rest > 0x7fn) {
      const at = this.take(1);
      this.view.setUint8(at, Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    const at = this.take(1);
    this.view.setUint8(at, Number(rest));
  }

  uuid(value: string): void {
    const from = this.take(16);
    const ok = value.length === UUID_CHARACTERS && this.text.write(value, from, 16, 'base64url') === 16;
    if (!ok) outOfRange(value, 'uuid');
  }

  string(value: string): void {
    const from = this.position;
    if (this.shortAscii(value, 2)) {
      this.view.setInt16(from, value.length);
      return;
    }
    const length = utf8Length(value);
    this.int16(length);
    this.utf8(value, length);
  }
  nullableString(value: string | null): void {
    if (value === null) this.int16(-1);
    else this.string(value);
  }
  compactString(value: string): void {
    const from = this.position;
    if (this.shortAscii(value, 1)) {
      this.view.setUint8(from, value.length + 1);
      return;
    }
    const length = utf8Length(value);
    this.uvarint(length + 1);
    this.utf8(value, length);
  }
  compactNullableString(value: string | null): void {
    if (value === null) this.uvarint(0);
    else this.compactString(value);
  }
  /** Writes a short ASCII string behind `prefixBytes` that the caller fills in; false (and nothing written) for others. */
  private shortAscii(value: string, prefixBytes: number): boolean {
    const { length } = value;
    if (length > SHORT_STRING_CHARACTERS) return false;
    const from = this.take(prefixBytes + length);
    const { bytes } = this;
    for (let index = 0; index < length; index++) {
      const code = value.charCodeAt(index);
      if (code >= 0x80) {
        this.position = from;
        return false;
      }
      bytes[from + prefixBytes + index] = code;
    }
    return true;
  }
  private utf8(value: string, length: number): void {
    const from = this.take(length);
    this.text.write(value, from, length, 'utf8');
  }

  bytesField(value: Uint8Array): void {
    this.int32(value.length);
    this.raw(value);
  }
  nullableBytes(value: Uint8Array | null): void {
    if (value === null) this.int32(-1);
    else this.bytesField(value);
  }
  compactBytes(value: Uint8Array): void {
    this.uvarint(value.length + 1);
    this.raw(value);
  }
  compactNullableBytes(value: Uint8Array | null): void {
    if (value === null) this.uvarint(0);
    else this.compactBytes(value);
  }
  /** Bytes as they are, without a length. */
  raw(value: Uint8Array): void {
    const at = this.take(value.length);
    this.bytes.set(value, at);
  }

  records(value: RecordsInput): void {
    this.int32(value.length);
    this.recordsBody(value);
  }
  nullableRecords(value: RecordsInput | null): void {
    if (value === null) this.int32(-1);
    else this.records(value);
  }
  compactRecords(value: RecordsInput): void {
    this.uvarint(value.length + 1);
    this.recordsBody(value);
  }
  compactNullableRecords(value: RecordsInput | null): void {
    if (value === null) this.uvarint(0);
    else this.compactRecords(value);
  }
  private recordsBody(value: RecordsInput): void {
    if (value instanceof Uint8Array) this.raw(value);
    else if ('hole' in value) this.addHole(value.hole, value.length);
    else this.raw(value.bytes.subarray(value.position, value.position + value.length));
  }
  private addHole(range: number, length: number): void {
    assert(length > 0, 'a hole has bytes; empty records are written as an empty array');
    const hole = this.holes[this.holeCount];
    if (hole === undefined) {
      this.holes.push({ at: this.position, range, length });
    } else {
      hole.at = this.position;
      hole.range = range;
      hole.length = length;
    }
    this.holeCount++;
    this.holeBytes += length;
  }

  /** Count of an array, -1 = null. */
  arrayCount(count: number): void {
    this.int32(count);
  }
  compactArrayCount(count: number): void {
    this.uvarint(count + 1);
  }

  /** Writes the tag and leaves one byte for the size; give the result to `endTag` after the field. */
  beginTag(tag: number): number {
    this.uvarint(tag);
    return this.take(1);
  }
  /** Fills in the size; a field of more than 127 bytes is moved up to make room. */
  endTag(sizeAt: number): void {
    const from = sizeAt + 1;
    const size = this.position - from;
    if (size <= 0x7f) {
      this.view.setUint8(sizeAt, size);
      return;
    }
    const extra = uvarintBytes(size) - 1;
    this.take(extra);
    this.bytes.copyWithin(from + extra, from, from + size);
    this.position = sizeAt;
    this.uvarint(size);
    this.position = from + extra + size;
  }
  /** Writes the unknown tags below `below`, starting with tags[index]; returns the index of the first one left. */
  unknownTags(tags: readonly UnknownTag[], index: number, below: number): number {
    let next = index;
    for (let entry = tags[next]; entry !== undefined && entry.tag < below; entry = tags[++next]) {
      this.uvarint(entry.tag);
      this.uvarint(entry.data.length);
      this.raw(entry.data);
    }
    return next;
  }

  /** Starts a length-prefixed frame. */
  beginFrame(): void {
    assert(this.frameStart < 0, 'frames do not nest');
    this.frameHoleBytes = this.holeBytes;
    this.frameStart = this.take(4);
  }
  /** Fills in the frame's length, holes included; returns the whole frame's bytes on the wire. */
  endFrame(): number {
    assert(this.frameStart >= 0, 'no frame was begun');
    const length = this.position - this.frameStart - 4 + (this.holeBytes - this.frameHoleBytes);
    assert(length <= FRAME_BYTES_MAX, `frame of ${length} bytes`);
    this.view.setInt32(this.frameStart, length);
    this.frameStart = -1;
    return length + 4;
  }

  /** Called by the traced encoder before each field: the path then tells where an error happened. */
  trace(depth: number, step: string | number): void {
    this.path.length = depth;
    this.path.push(step);
  }
}

function outOfRange(value: unknown, type: string): never {
  throw new AssertionError(`${String(value)} is no ${type}`);
}

function uvarintBytes(value: number): number {
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x20_0000 ? 3 : value < 0x1000_0000 ? 4 : 5;
}

function utf8Length(value: string): number {
  const length = Buffer.byteLength(value, 'utf8');
  if (length > STRING_BYTES_MAX) outOfRange(`string of ${length} bytes`, 'Kafka string');
  return length;
}
