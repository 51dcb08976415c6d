/** Records of share groups and share partitions as Kafka 4.3.1 wrote them: read completely and written back identically. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { groupRecordSerde } from '../../../src/coordinator/group/records/group-record-serde.js';
import { shareRecordSerde } from '../../../src/coordinator/share/share-record-serde.js';
import { readGroupLog } from '../support/kafka-log.js';

const golden = join(import.meta.dirname, '../../golden/share-groups');
const logs = [
  { name: 'consumer-offsets.log', serde: groupRecordSerde, kinds: [10, 11, 12, 13, 14, 15] },
  { name: 'share-group-state.log', serde: shareRecordSerde, kinds: [0, 1] },
];

describe.each(logs)('$name', ({ name, serde, kinds }) => {
  const stored = readGroupLog(join(golden, name));

  it('holds every kind of record', () => {
    const seen = new Set(stored.map(({ key }) => key[1]));
    expect([...seen].sort((a, b) => a - b)).toEqual(kinds);
  });

  it.each(stored.map((record, index) => ({ record, index })))('record $index', ({ record }) => {
    const decoded = serde.decode(record.key, record.value);
    if (decoded === null) throw new Error('unknown record');
    expect(serde.encode(decoded as never)).toEqual(record);
  });
});
