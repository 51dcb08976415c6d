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

/** One of each per thread: a reader that keeps its array costs nothing to move. */
const keyReader = new Reader();
const valueReader = new Reader();

export const groupRecordSerde: RecordSerde<GroupRecord> = {
  encode(record: GroupRecord): CoordinatorRecord {
    const codec = byType.get(record.type);
    assert(codec !== undefined, `no codec of ${record.type}`);
    return codec.encode(record);
  },

  /** Throws WireError for bytes that are no such record. `bytes` fields of the result are views on `value`. */
  decode(key: Uint8Array, value: Uint8Array | null): GroupRecord | null {
    keyReader.reset(key, 0, key.length);
    const codec = byKeyType.get(keyReader.int16());
    if (codec === undefined) return null;
    return codec.decode(keyReader, value === null ? null : valueReader.reset(value, 0, value.length));
  },
};
