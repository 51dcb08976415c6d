/** Requests of the group APIs for version-sweep.ts: one group a version, from its first member to its end. */
import { ApiKey } from '../../src/protocol/index.js';

export interface Asked {
  readonly key: number;
  body(version: number): object;
  /** Remembers things out of the decoded answer. */
  learn?(version: number, answer: unknown): void;
}

const JOIN_WITH_ID_VERSION_MIN = 4;
const MEMBER = 'c3dlZXAtbWVtYmVyLTAwMQ';

function memberIdOf(answer: unknown): string {
  if (typeof answer !== 'object' || answer === null || !('memberId' in answer)) return '';
  return typeof answer.memberId === 'string' ? answer.memberId : '';
}

export function groupRequests(topic: string, topicId: string): Asked[] {
  const members = new Map<number, string>();
  const groupOf = (version: number): string => `sweep-${version}`;
  const member = (version: number) => ({ groupId: groupOf(version), memberId: members.get(version) ?? '' });
  const learn = (version: number, answer: unknown): void => void members.set(version, memberIdOf(answer));
  const protocols = [{ name: 'range', metadata: new Uint8Array([0, 0, 0, 0, 0, 0, 255, 255, 255, 255]) }];
  const join = (version: number) => ({
    ...member(version),
    sessionTimeoutMs: 30_000,
    protocolType: 'consumer',
    protocols,
  });
  const named = (version: number) => (version >= 10 ? { topicId } : { name: topic });
  const asked = (version: number) => ({ ...named(version), partitionIndexes: [0, 1] });
  return [
    { key: ApiKey.JoinGroup, body: join, learn },
    {
      key: ApiKey.JoinGroup,
      body: (v) => (v >= JOIN_WITH_ID_VERSION_MIN ? join(v) : { ...join(v), memberId: 'nobody' }),
    },
    {
      key: ApiKey.SyncGroup,
      body: (v) => ({
        ...member(v),
        generationId: 1,
        ...(v >= 5 ? { protocolType: 'consumer', protocolName: 'range' } : {}),
        assignments: [{ memberId: members.get(v) ?? '', assignment: new Uint8Array([1, 2, 3]) }],
      }),
    },
    { key: ApiKey.Heartbeat, body: (v) => ({ ...member(v), generationId: 1 }) },
    { key: ApiKey.DescribeGroups, body: (v) => ({ groups: [groupOf(Math.min(v, 5)), 'missing'] }) },
    {
      key: ApiKey.OffsetCommit,
      body: (v) => ({
        groupId: 'sweep-offsets',
        topics: [
          {
            ...named(v),
            partitions: [{ partitionIndex: 0, committedOffset: 40 + v, committedMetadata: `v${v}` }],
          },
        ],
      }),
    },
    {
      key: ApiKey.OffsetFetch,
      body: (v) =>
        v >= 8
          ? {
              groups: [
                { groupId: 'sweep-offsets', topics: [asked(v)] },
                { groupId: 'missing', topics: null },
              ],
            }
          : { groupId: 'sweep-offsets', topics: [asked(v)] },
    },
    {
      key: ApiKey.ConsumerGroupHeartbeat,
      body: (v) => ({
        groupId: `sweep-consumer-${v}`,
        memberId: MEMBER,
        memberEpoch: 0,
        rebalanceTimeoutMs: 10_000,
        subscribedTopicNames: [topic],
        topicPartitions: [],
      }),
    },
    {
      key: ApiKey.ConsumerGroupDescribe,
      body: (v) => ({ groupIds: [`sweep-consumer-${v}`, 'missing'], includeAuthorizedOperations: true }),
    },
    { key: ApiKey.ListGroups, body: (v) => (v >= 4 ? { statesFilter: ['Stable'] } : {}) },
    {
      key: ApiKey.LeaveGroup,
      body: (v) =>
        v >= 3 ? { groupId: groupOf(v), members: [{ memberId: members.get(v) ?? '' }] } : member(v),
    },
    {
      key: ApiKey.OffsetDelete,
      body: () => ({
        groupId: 'sweep-offsets',
        topics: [{ name: topic, partitions: [{ partitionIndex: 0 }] }],
      }),
    },
    { key: ApiKey.DeleteGroups, body: (v) => ({ groupsNames: [groupOf(v), 'missing'] }) },
  ];
}
