import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GroupRecord } from '../../../src/coordinator/group/records/group-record.js';
import { groupRecordSerde } from '../../../src/coordinator/group/records/group-record-serde.js';
import { groupMetadataValue } from '../../../src/protocol/group-records/group-metadata.js';
import { offsetCommitValue } from '../../../src/protocol/group-records/offset-commit.js';
import { encode, WireError, Writer, ZERO_UUID } from '../../../src/wire/index.js';
import { readGroupLog } from '../support/kafka-log.js';

const stored = readGroupLog(join(import.meta.dirname, '../../golden/group-records/scenario.log'));

/** Bytes by hand: not the writer that is under test. */
const raw = (...parts: (number[] | string)[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => (typeof part === 'string' ? [...Buffer.from(part)] : part)));
const i16 = (value: number): number[] => [(value >> 8) & 255, value & 255];
const i32 = (value: number): number[] => [...i16(value >>> 16), ...i16(value & 0xffff)];
const i64 = (value: number): number[] => [...i32(Math.floor(value / 2 ** 32)), ...i32(value >>> 0)];

const OFFSET_KEY = raw(i16(1), i16(1), 'g', i16(1), 't', i32(7));
const offsetRecord = (
  value: Partial<Extract<GroupRecord, { type: 'OffsetCommit' }>['value']>,
): GroupRecord => ({
  type: 'OffsetCommit',
  group: 'g',
  topic: 't',
  partition: 7,
  value: {
    offset: 42,
    leaderEpoch: -1,
    metadata: 'm',
    commitTimestamp: 1_000,
    expireTimestamp: -1,
    topicId: ZERO_UUID,
    ...value,
  },
});

describe('bytes of group records', () => {
  it('golden: the log holds every kind', () => {
    const kinds = new Set(
      stored.map(({ key, value }) => `${key[1]}:${value === null ? 'tombstone' : value[1]}`),
    );
    expect([...kinds].sort()).toEqual(['1:1', '1:4', '1:tombstone', '2:3', '2:tombstone']);
  });

  it.each(stored.map((record, index) => ({ record, index })))('golden record $index', ({ record }) => {
    const decoded = groupRecordSerde.decode(record.key, record.value);
    if (decoded === null) throw new Error('unknown record');
    expect(groupRecordSerde.encode(decoded)).toEqual(record);
  });

  it('reads every version of a committed offset', () => {
    const read = (value: Uint8Array) => groupRecordSerde.decode(OFFSET_KEY, value);
    const metadata = [...i16(1), ...Buffer.from('m')];
    expect(read(raw(i16(0), i64(42), metadata, i64(1_000)))).toEqual(offsetRecord({}));
    expect(read(raw(i16(1), i64(42), metadata, i64(1_000), i64(2_000)))).toEqual(
      offsetRecord({ expireTimestamp: 2_000 }),
    );
    expect(read(raw(i16(2), i64(42), metadata, i64(1_000)))).toEqual(offsetRecord({}));
    expect(read(raw(i16(3), i64(42), i32(5), metadata, i64(1_000)))).toEqual(
      offsetRecord({ leaderEpoch: 5 }),
    );
    const compact = [2, ...Buffer.from('m')];
    expect(read(raw(i16(4), i64(42), i32(5), compact, i64(1_000), [0]))).toEqual(
      offsetRecord({ leaderEpoch: 5 }),
    );
  });

  it('reads a flexible version that is newer, with tags it does not know', () => {
    const value = raw(i16(5), i64(42), i32(5), [2], 'm', i64(1_000), [1, 9, 2, 1, 2]);
    expect(groupRecordSerde.decode(OFFSET_KEY, value)).toEqual(offsetRecord({ leaderEpoch: 5 }));
  });

  it('reads the key of the time before Kafka 0.9', () => {
    const key = raw(i16(0), i16(1), 'g', i16(1), 't', i32(7));
    const value = raw(i16(0), i64(42), i16(1), 'm', i64(1_000));
    expect(groupRecordSerde.decode(key, value)).toEqual(offsetRecord({}));
    expect(groupRecordSerde.decode(key, null)).toMatchObject({ type: 'OffsetCommit', value: null });
  });

  it('writes an expiry in version 1, everything else in version 4', () => {
    const version = (record: GroupRecord) => groupRecordSerde.encode(record).value?.[1];
    expect(version(offsetRecord({}))).toBe(4);
    expect(version(offsetRecord({ expireTimestamp: 5 }))).toBe(1);
  });

  it.each([0, 1, 2, 3, 4])('reads version %i of a classic group', (version) => {
    const member = {
      memberId: 'm',
      clientId: 'c',
      clientHost: '/h',
      sessionTimeout: 10,
      subscription: raw([1]),
    };
    const writer = new Writer();
    writer.int16(version);
    encode(groupMetadataValue, version, writer, {
      protocolType: 'consumer',
      generation: 3,
      protocol: 'range',
      leader: 'm',
      members: [member],
    });
    const record = groupRecordSerde.decode(raw(i16(2), i16(1), 'g'), writer.written());
    expect(record).toMatchObject({
      type: 'GroupMetadata',
      group: 'g',
      value: { generation: 3, currentStateTimestamp: -1, members: [{ ...member, rebalanceTimeout: -1 }] },
    });
  });

  it('knows nothing of other types', () => {
    expect(groupRecordSerde.decode(raw(i16(99), i16(1), 'g'), null)).toBeNull();
  });

  it('refuses garbage without crashing', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(0, 1, 2),
        fc.uint8Array({ maxLength: 40 }),
        fc.option(fc.uint8Array({ maxLength: 60 })),
        (type, key, value) => {
          try {
            groupRecordSerde.decode(raw(i16(type), [...key]), value);
          } catch (error) {
            expect(error).toBeInstanceOf(WireError);
          }
        },
      ),
    );
  });

  it('every offset that goes in comes out', () => {
    fc.assert(
      fc.property(
        fc.maxSafeInteger(),
        fc.integer({ min: -1, max: 2 ** 31 - 1 }),
        fc.string({ maxLength: 20 }),
        fc.integer({ min: -1, max: 1 }),
        (offset, leaderEpoch, metadata, expireTimestamp) => {
          const value = {
            offset,
            metadata,
            expireTimestamp,
            leaderEpoch: expireTimestamp < 0 ? leaderEpoch : -1,
          };
          const bytes = groupRecordSerde.encode(offsetRecord(value));
          expect(groupRecordSerde.decode(bytes.key, bytes.value)).toEqual(offsetRecord(value));
        },
      ),
    );
    expect(offsetCommitValue.versions).toEqual([0, 4]);
  });
});
