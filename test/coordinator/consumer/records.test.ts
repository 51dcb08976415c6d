/** Records that Kafka 4.3.1 wrote keep their bytes. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { GroupRecord } from '../../../src/coordinator/group/records/group-record.js';
import { groupRecordSerde } from '../../../src/coordinator/group/records/group-record-serde.js';
import { readGroupLog } from '../support/kafka-log.js';

const stored = readGroupLog(join(import.meta.dirname, '../../golden/consumer-groups/consumer.log'));

describe('records of consumer groups', () => {
  it('are all there, with and without a value', () => {
    const kinds = new Set(
      stored.map(({ key, value }) => {
        const record = groupRecordSerde.decode(key, value);
        return `${record?.type}${value === null ? ' tombstone' : ''}`;
      }),
    );
    expect([...kinds].filter((kind) => kind.startsWith('Consumer')).sort()).toEqual([
      'ConsumerGroupCurrentMemberAssignment',
      'ConsumerGroupCurrentMemberAssignment tombstone',
      'ConsumerGroupMemberMetadata',
      'ConsumerGroupMemberMetadata tombstone',
      'ConsumerGroupMetadata',
      'ConsumerGroupMetadata tombstone',
      'ConsumerGroupPartitionMetadata tombstone',
      'ConsumerGroupRegularExpression',
      'ConsumerGroupRegularExpression tombstone',
      'ConsumerGroupTargetAssignmentMember',
      'ConsumerGroupTargetAssignmentMember tombstone',
      'ConsumerGroupTargetAssignmentMetadata',
      'ConsumerGroupTargetAssignmentMetadata tombstone',
    ]);
  });

  it("are written as Kafka's were read", () => {
    for (const record of stored) {
      const decoded = groupRecordSerde.decode(record.key, record.value);
      if (decoded === null) throw new Error('unknown record');
      expect(groupRecordSerde.encode(decoded)).toEqual(record);
    }
  });

  it('carry what a member of the classic protocol offered, or say that there is nothing', () => {
    const member = (classic: { sessionTimeoutMs: number; metadata: Uint8Array } | null): GroupRecord => ({
      type: 'ConsumerGroupMemberMetadata',
      groupId: 'g',
      memberId: 'm',
      value: {
        instanceId: 'i',
        rackId: null,
        clientId: 'c',
        clientHost: '/h',
        subscribedTopicNames: ['t'],
        subscribedTopicRegex: null,
        rebalanceTimeoutMs: 1,
        serverAssignor: 'range',
        classicMemberMetadata: classic && {
          sessionTimeoutMs: classic.sessionTimeoutMs,
          supportedProtocols: [{ name: 'p', metadata: classic.metadata }],
        },
      },
    });
    const bytes = Uint8Array.of(0, 3, 1);
    for (const record of [member(null), member({ sessionTimeoutMs: 7, metadata: bytes })]) {
      const { key, value } = groupRecordSerde.encode(record);
      expect(groupRecordSerde.decode(key, value)).toEqual(record);
    }
    // tags 1 | tag 0 | size | present 1 | session timeout | 1 protocol | "p" | 3 bytes | no tags, twice
    expect(
      Buffer.from(
        groupRecordSerde.encode(member({ sessionTimeoutMs: 7, metadata: bytes })).value ?? [],
      ).toString('hex'),
    ).toMatch(/01000e0100000007020270040003010000$/);
    expect(Buffer.from(groupRecordSerde.encode(member(null)).value ?? []).toString('hex')).toMatch(
      /01000100$/,
    );
  });
});
