/**
 * Writes a batch anew when it cannot be stored as it came: another compression.type, or inner offset deltas that are
 * not 0..n-1 (Kafka's LogValidator.buildRecordsAndAssignOffsets). Keys, values and headers are copied byte for byte.
 */
import { assert } from '../base/assert.js';
import { Attribute, BatchAt, MAGIC_V2 } from './batch-header.js';
import { RecordWalk } from './record-walk.js';

/** Grows a record by at most this: length, timestamp and offset varints at their longest. */
const RECORD_GROWTH_MAX = 5 + 10 + 5;

/** Records with offset deltas 0..n-1 and timestamp deltas against the first record's. */
export function rewriteRecords(records: Uint8Array, count: number): { bytes: Uint8Array; baseDelta: number } {
  const target = new Uint8Array(records.length + count * RECORD_GROWTH_MAX);
  const walk = new RecordWalk(records);
  let at = 0;
  let baseDelta = 0;
  while (walk.next()) {
    if (walk.index === 0) baseDelta = walk.timestampDelta;
    const timestampDelta = walk.timestampDelta - baseDelta;
    const rest = walk.to - walk.restFrom;
    const length = 1 + varlongBytes(timestampDelta) + varlongBytes(walk.index) + rest;
    at = writeVarlong(target, at, length);
    target[at++] = 0;
    at = writeVarlong(target, at, timestampDelta);
    at = writeVarlong(target, at, walk.index);
    target.set(records.subarray(walk.restFrom, walk.to), at);
    at += rest;
  }
  assert(walk.index === count - 1, 'a checked batch holds its records');
  return { bytes: target.subarray(0, at), baseDelta };
}

/**
 * Header of the rebuilt batch, taken from the one it replaces: producer fields, sequence and the transactional bit
 * stay. `target` has room for 61 bytes plus `records`, which are put behind it. Returns the batch's length.
 */
export function writeBatch(
  target: Uint8Array,
  source: Uint8Array,
  records: Uint8Array,
  codec: number,
  baseTimestamp: number,
  maxTimestamp: number,
  crc32c: (bytes: Uint8Array) => number,
): number {
  const length = BatchAt.records + records.length;
  target.set(source.subarray(0, BatchAt.records));
  target.set(records, BatchAt.records);
  const view = new DataView(target.buffer, target.byteOffset, length);
  const kept = view.getInt16(BatchAt.attributes) & Attribute.transactional;
  view.setInt32(BatchAt.length, length - BatchAt.leaderEpoch);
  view.setInt8(BatchAt.magic, MAGIC_V2);
  view.setInt16(BatchAt.attributes, kept | codec);
  view.setBigInt64(BatchAt.baseTimestamp, BigInt(baseTimestamp));
  view.setBigInt64(BatchAt.maxTimestamp, BigInt(maxTimestamp));
  view.setUint32(BatchAt.crc, crc32c(target.subarray(BatchAt.attributes, length)));
  return length;
}

/** Zig-zag as a non-negative number; exact within 2^52. */
function zigZag(value: number): number {
  return value >= 0 ? value * 2 : -value * 2 - 1;
}

function varlongBytes(value: number): number {
  let rest = zigZag(value);
  let bytes = 1;
  for (; rest >= 128; bytes++) rest = Math.floor(rest / 128);
  return bytes;
}

function writeVarlong(target: Uint8Array, from: number, value: number): number {
  let at = from;
  let rest = zigZag(value);
  while (rest >= 128) {
    target[at++] = (rest % 128) | 0x80;
    rest = Math.floor(rest / 128);
  }
  target[at++] = rest;
  return at;
}
