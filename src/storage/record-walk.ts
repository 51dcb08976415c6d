/**
 * Steps through the uncompressed records of one batch that the engine has already checked (DefaultRecord). Nothing is
 * allocated per record; a damaged length ends the walk instead of running past the end.
 */

/** Record attributes byte. */
const ATTRIBUTES_BYTES = 1;

export class RecordWalk {
  index = -1;
  timestampDelta = 0;
  offsetDelta = 0;
  /** -1 = null. */
  keyLength = -1;
  valueLength = -1;
  /** Bytes [restFrom, to) of the record: key length to the last header, independent of offset and timestamp. */
  restFrom = 0;
  keyFrom = 0;
  valueFrom = 0;
  /** End of the record. */
  to = 0;
  private at = 0;

  constructor(
    private readonly bytes: Uint8Array,
    from = 0,
    private readonly end: number = bytes.length,
  ) {
    this.to = from;
  }

  /** False = no further record. */
  next(): boolean {
    this.at = this.to;
    if (this.at >= this.end) return false;
    const length = this.varint();
    this.to = this.at + length;
    if (length < ATTRIBUTES_BYTES || this.to > this.end) return false;
    this.at += ATTRIBUTES_BYTES;
    this.timestampDelta = this.varlong();
    this.offsetDelta = this.varint();
    this.restFrom = this.at;
    this.keyLength = this.varint();
    this.keyFrom = this.at;
    this.at += Math.max(0, this.keyLength);
    this.valueLength = this.varint();
    this.valueFrom = this.at;
    this.index++;
    return this.at <= this.to;
  }

  private varint(): number {
    let value = 0;
    for (let shift = 0; shift < 35 && this.at < this.end; shift += 7) {
      const byte = this.bytes[this.at++];
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    return (value >>> 1) ^ -(value & 1);
  }

  /** As a number: beyond 2^53 the low bits are lost. */
  private varlong(): number {
    let value = 0;
    let scale = 1;
    let odd = false;
    for (let count = 0; count < 10 && this.at < this.end; count++) {
      const byte = this.bytes[this.at++];
      if (count === 0) odd = (byte & 1) === 1;
      value += (byte & 0x7f) * scale;
      scale *= 128;
      if (byte < 0x80) break;
    }
    return odd ? -(value + 1) / 2 : value / 2;
  }
}
