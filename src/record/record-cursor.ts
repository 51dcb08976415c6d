/**
 * Walks the uncompressed records of a batch in place (DefaultRecord.readFrom): fields are ranges of the bytes it was set
 * to, valid until the next `next()`. Allocates nothing per record; one instance per user, reused for every batch.
 *
 * ```
 *  length varint | attributes i8 | timestampDelta varlong | offsetDelta varint | keyLength varint, key |
 *  valueLength varint, value | headers varint | per header: keyLength varint, key, valueLength varint, value
 * ```
 * Bad bytes end the walk: `next()` returns false and `problem` says why. Nothing is thrown and nothing beyond the given
 * range is read. As in Kafka, surplus high bits in the last byte of a varint are dropped.
 */

export const RecordProblem = {
  none: 0,
  /** The bytes end inside a record, although more were declared. */
  premature: 1,
  /** A length, a header count or a varint is impossible. */
  malformed: 2,
  /** The fields of a record do not add up to its length. */
  size: 3,
  /** Bytes remain after the declared number of records. */
  trailing: 4,
} as const;
export type RecordProblem = (typeof RecordProblem)[keyof typeof RecordProblem];

const EMPTY = new Uint8Array(0);
const VARINT_BYTES_MAX = 5;
const VARLONG_BYTES_MAX = 10;

export class RecordCursor {
  bytes: Uint8Array = EMPTY;
  problem: RecordProblem = RecordProblem.none;
  /** Index of the record in its batch, 0-based; -1 before the first `next()`. */
  index = -1;
  /** Where the record starts, its length field included, and how long it is in all. */
  position = 0;
  sizeBytes = 0;
  /** Beyond 2^53 low bits are lost, the sign never is. */
  timestampDelta = 0;
  offsetDelta = 0;
  /** First byte of the fields from keyLength on: what a rebuilt record keeps. */
  bodyPosition = 0;
  keyPosition = 0;
  /** -1 = null, as `valueLength`. */
  keyLength = -1;
  valuePosition = 0;
  valueLength = -1;
  headerCount = 0;
  /** Set by `nextHeader()`. A header's key is never null. */
  headerKeyPosition = 0;
  headerKeyLength = 0;
  headerValuePosition = 0;
  headerValueLength = -1;

  private at = 0;
  private end = 0;
  private count = 0;
  private headersPosition = 0;
  private headerAt = 0;
  private headerIndex = 0;

  /** Starts over at `count` records in bytes [from, to). */
  reset(bytes: Uint8Array, from: number, to: number, count: number): this {
    this.bytes = bytes;
    this.at = from;
    this.end = to;
    this.count = count;
    this.index = -1;
    this.problem = RecordProblem.none;
    return this;
  }

  /** Where the next record starts. */
  get nextPosition(): number {
    return this.at;
  }

  /** Moves to the next record. False at the end, or when `problem` says so. */
  next(): boolean {
    if (this.problem !== RecordProblem.none) return false;
    if (this.index + 1 >= this.count) {
      if (this.at !== this.end) this.problem = RecordProblem.trailing;
      return false;
    }
    this.index++;
    this.position = this.at;
    if (this.at >= this.end) return this.fail(RecordProblem.premature);
    const size = this.varint();
    if (this.problem !== RecordProblem.none) return false;
    if (size < 1) return this.fail(RecordProblem.malformed);
    if (size > this.end - this.at) return this.fail(RecordProblem.premature);
    const batchEnd = this.end;
    this.end = this.at + size; // nothing inside may reach past the declared size
    const good = this.fields() && this.skipHeaders();
    const exact = this.at === this.end;
    this.end = batchEnd;
    if (!good) return false;
    this.sizeBytes = this.at - this.position;
    return exact || this.fail(RecordProblem.size);
  }

  /** A view on the key, null when the record has none. Allocates. */
  key(): Uint8Array | null {
    if (this.keyLength < 0) return null;
    return this.bytes.subarray(this.keyPosition, this.keyPosition + this.keyLength);
  }

  /** A view on the value, null for a tombstone. Allocates. */
  value(): Uint8Array | null {
    if (this.valueLength < 0) return null;
    return this.bytes.subarray(this.valuePosition, this.valuePosition + this.valueLength);
  }

  /** Moves to the record's next header; false after the last. `next()` has checked them all. */
  nextHeader(): boolean {
    if (this.headerIndex >= this.headerCount) return false;
    this.headerIndex++;
    const [at, end] = [this.at, this.end];
    this.at = this.headerAt;
    this.end = this.position + this.sizeBytes;
    this.headerKeyLength = this.varint();
    this.headerKeyPosition = this.at;
    this.at += this.headerKeyLength;
    this.headerValueLength = this.varint();
    this.headerValuePosition = this.at;
    if (this.headerValueLength > 0) this.at += this.headerValueLength;
    this.headerAt = this.at;
    this.at = at;
    this.end = end;
    return true;
  }

  /** The next `nextHeader()` gives the first header again. */
  rewindHeaders(): void {
    this.headerAt = this.headersPosition;
    this.headerIndex = 0;
  }

  private fields(): boolean {
    this.at++; // attributes: unused, always written as 0
    this.timestampDelta = this.varlong();
    this.offsetDelta = this.varint();
    this.bodyPosition = this.at;
    this.keyLength = this.varint();
    this.keyPosition = this.at;
    if (!this.skip(this.keyLength, -1)) return false;
    this.valueLength = this.varint();
    this.valuePosition = this.at;
    return this.skip(this.valueLength, -1);
  }

  private skipHeaders(): boolean {
    const count = this.varint();
    // A header takes two bytes at least; more headers than bytes is a lie told to make a reader allocate.
    if (this.problem !== RecordProblem.none || count < 0 || count > this.end - this.at) {
      return this.fail(RecordProblem.malformed);
    }
    this.headerCount = count;
    this.headersPosition = this.at;
    this.rewindHeaders();
    for (let index = 0; index < count; index++) {
      if (!this.skip(this.varint(), 0) || !this.skip(this.varint(), -1)) return false;
    }
    return true;
  }

  /** Steps over `length` bytes; below `lengthMin` is illegal, other negative lengths mean null. */
  private skip(length: number, lengthMin: number): boolean {
    if (this.problem !== RecordProblem.none) return false;
    if (length < lengthMin || length > this.end - this.at) return this.fail(RecordProblem.malformed);
    if (length > 0) this.at += length;
    return true;
  }

  private fail(problem: RecordProblem): false {
    if (this.problem === RecordProblem.none) this.problem = problem;
    return false;
  }

  private varint(): number {
    let value = 0;
    for (let index = 0; index < VARINT_BYTES_MAX && this.at < this.end; index++) {
      const byte = this.bytes[this.at++];
      value |= (byte & 0x7f) << (7 * index);
      if (byte < 0x80) return (value >>> 1) ^ -(value & 1);
    }
    this.fail(RecordProblem.malformed);
    return -1;
  }

  private varlong(): number {
    const first = this.at < this.end ? this.bytes[this.at] : 0x80;
    if (first < 0x80) {
      this.at++;
      return (first >>> 1) ^ -(first & 1);
    }
    let magnitude = 0;
    let scale = 0.5;
    for (let index = 0; index < VARLONG_BYTES_MAX && this.at < this.end; index++) {
      const byte = this.bytes[this.at++];
      magnitude += (byte & (index === 0 ? 0x7e : 0x7f)) * scale;
      scale *= 128;
      if (byte < 0x80) return (first & 1) === 1 ? -magnitude - 1 : magnitude;
    }
    this.fail(RecordProblem.malformed);
    return 0;
  }
}
