/** Bytes of every record of __consumer_offsets that this program understands. */
import { assert } from '../../../base/assert.js';
import { Reader } from '../../../wire/index.js';
import type { CoordinatorRecord, RecordSerde } from '../../framework/contract.js';
import { groupMetadataCodec, legacyOffsetCommitCodec, offsetCommitCodec } from './classic-codecs.js';
import type { RecordCodec } from './codec.js';
import { consumerGroupCodecs } from './consumer-group-codecs.js';
import type { GroupRecord } from './group-record.js';

const CODECS: readonly RecordCodec<GroupRecord>[] = [
  offsetCommitCodec,
  groupMetadataCodec,
  ...consumerGroupCodecs,
];

const byType = new Map<string, RecordCodec<GroupRecord>>(CODECS.map((codec) => [codec.type, codec]));
const byKeyType = new Map<number, RecordCodec<GroupRecord>>(CODECS.map((codec) => [codec.keyType, codec]));
byKeyType.set(legacyOffsetCommitCodec.keyType, legacyOffsetCommitCodec);

/**
 * One of each per thread. Records of a log are pieces of one large array: a reader over the whole of it moves from record to
 * record for nothing, while one over each piece would cost more than the record takes to read.
 */
const keyReader = new Reader();
const valueReader = new Reader();

function pointAt(reader: Reader, piece: Uint8Array): Reader {
  const { buffer, byteOffset } = piece;
  const whole = reader.bytes.buffer === buffer ? reader.bytes : new Uint8Array(buffer);
  return reader.reset(whole, byteOffset, byteOffset + piece.length);
}

export const groupRecordSerde: RecordSerde<GroupRecord> = {
  encode(record: GroupRecord): CoordinatorRecord {
    const codec = byType.get(record.type);
    assert(codec !== undefined, `no codec of ${record.type}`);
    return codec.encode(record);
  },

  /** Throws WireError for bytes that are no such record. `bytes` fields of the result are views on `value`. */
  decode(key: Uint8Array, value: Uint8Array | null): GroupRecord | null {
    pointAt(keyReader, key);
    const codec = byKeyType.get(keyReader.int16());
    if (codec === undefined) return null;
    return codec.decode(keyReader, value === null ? null : pointAt(valueReader, value));
  },
};
