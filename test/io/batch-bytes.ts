/**
 * Builds record batches byte by byte for tests, from the format's description and from nothing in src: a test of a
 * reader must not be fed by that reader's own writer. Numbers that lie can be forced into every field.
 */
export interface RecordSpec {
  timestampDelta?: bigint;
  offsetDelta?: number;
  key?: Uint8Array | null;
  value?: Uint8Array | null;
  headers?: [string, Uint8Array | null][];
  /** Replaces everything of the record, its length included. */
  raw?: Uint8Array;
}

export interface BatchSpec {
  records?: RecordSpec[];
  baseOffset?: bigint;
  leaderEpoch?: number;
  magic?: number;
  attributes?: number;
  lastOffsetDelta?: number;
  baseTimestamp?: bigint;
  maxTimestamp?: bigint;
  producerId?: bigint;
  producerEpoch?: number;
  baseSequence?: number;
  count?: number;
  /** Replaces the record bytes (compressed payloads, rubbish). */
  payload?: Uint8Array;
  /** Replaces the length field. */
  length?: number;
  /** XORed into the right CRC. */
  crcFlip?: number;
}

const HEADER = 61;

const CRC_OF_BYTE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  return crc;
});

/** CRC-32C, byte by byte: slow and obviously right. */
export function slowCrc32c(bytes: Uint8Array, from = 0, to = bytes.length): number {
  let crc = 0xffffffff;
  for (let at = from; at < to; at++) crc = (crc >>> 8) ^ CRC_OF_BYTE[(crc ^ bytes[at]) & 0xff];
  return (crc ^ 0xffffffff) >>> 0;
}

/** Zig-zag varint of any width. */
export function varint(value: number | bigint): number[] {
  let rest = BigInt(value);
  rest = rest < 0n ? -rest * 2n - 1n : rest * 2n;
  const bytes: number[] = [];
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return bytes;
}

function field(bytes: Uint8Array | null | undefined): number[] {
  return bytes == null ? varint(-1) : [...varint(bytes.length), ...bytes];
}

export function recordBytes(spec: RecordSpec, index: number): Uint8Array {
  if (spec.raw !== undefined) return spec.raw;
  const headers = spec.headers ?? [];
  const body = [
    0,
    ...varint(spec.timestampDelta ?? 0n),
    ...varint(spec.offsetDelta ?? index),
    ...field(spec.key),
    ...field(spec.value),
    ...varint(headers.length),
  ];
  for (const [key, value] of headers) {
    body.push(...field(new TextEncoder().encode(key)), ...field(value));
  }
  return Uint8Array.from([...varint(body.length), ...body]);
}

export function recordsBytes(records: RecordSpec[]): Uint8Array {
  return join(records.map(recordBytes));
}

export function join(parts: Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

export function batchBytes(spec: BatchSpec): Uint8Array {
  const records = spec.records ?? [];
  const payload = spec.payload ?? recordsBytes(records);
  const count = spec.count ?? records.length;
  const baseTimestamp = spec.baseTimestamp ?? 1_700_000_000_000n;
  const largest = records.reduce(
    (max, { timestampDelta }) => {
      const timestamp = baseTimestamp + (timestampDelta ?? 0n);
      return timestamp > max ? timestamp : max;
    },
    -(2n ** 63n),
  );
  const bytes = new Uint8Array(HEADER + payload.length);
  const view = new DataView(bytes.buffer);
  view.setBigInt64(0, spec.baseOffset ?? 0n);
  view.setInt32(8, spec.length ?? bytes.length - 12);
  view.setInt32(12, spec.leaderEpoch ?? -1);
  view.setInt8(16, spec.magic ?? 2);
  view.setInt16(21, spec.attributes ?? 0);
  view.setInt32(23, spec.lastOffsetDelta ?? count - 1);
  view.setBigInt64(27, baseTimestamp);
  view.setBigInt64(35, spec.maxTimestamp ?? (records.length > 0 ? largest : baseTimestamp));
  view.setBigInt64(43, spec.producerId ?? -1n);
  view.setInt16(51, spec.producerEpoch ?? -1);
  view.setInt32(53, spec.baseSequence ?? -1);
  view.setInt32(57, count);
  bytes.set(payload, HEADER);
  view.setUint32(17, (slowCrc32c(bytes, 21) ^ (spec.crcFlip ?? 0)) >>> 0);
  return bytes;
}

/** A batch of `total` bytes in all (at least 61 + 8), `count` offsets, one timestamp; its records are opaque. */
export function opaqueBatch(total: number, count: number, timestamp: bigint, fill = 7): Uint8Array {
  return batchBytes({
    payload: new Uint8Array(total - HEADER).fill(fill),
    attributes: 1, // gzip: nobody looks inside
    count,
    baseTimestamp: timestamp,
    maxTimestamp: timestamp,
  });
}

/** What append must make of a batch: offset, epoch, optionally a maxTimestamp with or without the LogAppendTime bit. */
export function stamped(
  batch: Uint8Array,
  baseOffset: number,
  leaderEpoch: number,
  time?: { maxTimestamp: bigint; logAppendTime: boolean },
): Uint8Array {
  const bytes = batch.slice();
  const view = new DataView(bytes.buffer);
  view.setBigInt64(0, BigInt(baseOffset));
  view.setInt32(12, leaderEpoch);
  if (time !== undefined) {
    if (time.logAppendTime) view.setInt16(21, view.getInt16(21) | 8);
    view.setBigInt64(35, time.maxTimestamp);
    view.setUint32(17, slowCrc32c(bytes, 21));
  }
  return bytes;
}
