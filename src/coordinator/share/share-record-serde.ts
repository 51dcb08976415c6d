/** Bytes of the records of __share_group_state, as Kafka 4.3.1 writes them. Every value has one version, 0. */
import { shareSnapshotKey, shareSnapshotValue } from '../../protocol/share-records/share-snapshot.js';
import { shareUpdateKey, shareUpdateValue } from '../../protocol/share-records/share-update.js';
import { Reader } from '../../wire/index.js';
import type { CoordinatorRecord, RecordSerde } from '../framework/contract.js';
import { recordCodec } from '../group/records/codec.js';
import type { ShareRecord, ShareSnapshotRecord, ShareUpdateRecord } from './share-records.js';

const snapshotCodec = recordCodec({
  type: 'ShareSnapshot',
  key: shareSnapshotKey,
  value: shareSnapshotValue,
  keyOf: (record: ShareSnapshotRecord) => record,
  valueOf: (record: ShareSnapshotRecord) => record.value,
  valueVersion: () => 0,
  make: ({ groupId, topicId, partition }, value): ShareSnapshotRecord => ({
    type: 'ShareSnapshot',
    groupId,
    topicId,
    partition,
    value,
  }),
});

const updateCodec = recordCodec({
  type: 'ShareUpdate',
  key: shareUpdateKey,
  value: shareUpdateValue,
  keyOf: (record: ShareUpdateRecord) => record,
  valueOf: (record: ShareUpdateRecord) => record.value,
  valueVersion: () => 0,
  make: ({ groupId, topicId, partition }, value): ShareUpdateRecord => ({
    type: 'ShareUpdate',
    groupId,
    topicId,
    partition,
    value,
  }),
});

export const shareRecordSerde: RecordSerde<ShareRecord> = {
  encode(record: ShareRecord): CoordinatorRecord {
    return record.type === 'ShareSnapshot' ? snapshotCodec.encode(record) : updateCodec.encode(record);
  },

  /** Throws WireError for bytes that are no such record. */
  decode(key: Uint8Array, value: Uint8Array | null): ShareRecord | null {
    const keyReader = new Reader().reset(key, 0, key.length);
    const valueReader = value === null ? null : new Reader().reset(value, 0, value.length);
    switch (keyReader.int16()) {
      case snapshotCodec.keyType:
        return snapshotCodec.decode(keyReader, valueReader);
      case updateCodec.keyType:
        return updateCodec.decode(keyReader, valueReader);
      default:
        return null;
    }
  },
};
