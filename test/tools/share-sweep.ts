/** Requests of the share group APIs for version-sweep.ts: a group with a member, and the state of share partitions apart from it. */
import { ApiKey } from '../../src/protocol/index.js';
import type { Asked } from './group-sweep.js';

const GROUP = 'sweep-share';
/** Above what the group itself begins: what a fetch finds is what the sweep has begun. */
const STATE_EPOCH = 100;
const STATE_GROUP = 'sweep-share-state';
const MEMBER = 'c3dlZXAtc2hhcmUtbWVtYmVy';

export function shareRequests(topic: string, topicId: string): Asked[] {
  const state = (fields: object) => () => ({
    groupId: STATE_GROUP,
    topics: [{ topicId, partitions: [{ partition: 0, ...fields }] }],
  });
  const written = {
    stateEpoch: 1,
    leaderEpoch: 0,
    startOffset: 0,
    stateBatches: [{ firstOffset: 0, lastOffset: 0, deliveryState: 2, deliveryCount: 1 }],
  };
  const partitions = (batches: object[]) => [
    { topicId, partitions: [{ partitionIndex: 0, acknowledgementBatches: batches }] },
  ];
  return [
    {
      key: ApiKey.ShareGroupHeartbeat,
      body: () => ({ groupId: GROUP, memberId: MEMBER, memberEpoch: 0, subscribedTopicNames: [topic] }),
    },
    { key: ApiKey.ShareGroupDescribe, body: () => ({ groupIds: [GROUP, 'missing'] }) },
    { key: ApiKey.InitializeShareGroupState, body: state({ stateEpoch: STATE_EPOCH, startOffset: 0 }) },
    { key: ApiKey.ReadShareGroupState, body: state({ leaderEpoch: 0 }) },
    { key: ApiKey.WriteShareGroupState, body: state(written) },
    { key: ApiKey.ReadShareGroupStateSummary, body: state({ leaderEpoch: 0 }) },
    {
      key: ApiKey.ShareFetch,
      body: (v) => ({
        groupId: STATE_GROUP,
        memberId: `${MEMBER}${v}`,
        shareSessionEpoch: 0,
        maxWaitMs: 1_000,
        minBytes: 1,
        maxBytes: 2_000,
        maxRecords: 1,
        batchSize: 1,
        topics: partitions([]),
      }),
    },
    {
      key: ApiKey.ShareAcknowledge,
      body: (v) => ({
        groupId: STATE_GROUP,
        memberId: `${MEMBER}${v}`,
        shareSessionEpoch: 1,
        topics: partitions([{ firstOffset: 1, lastOffset: 1, acknowledgeTypes: [1] }]),
      }),
    },
    {
      key: ApiKey.DescribeShareGroupOffsets,
      body: () => ({ groups: [{ groupId: GROUP, topics: [{ topicName: topic, partitions: [0, 1] }] }] }),
    },
    {
      key: ApiKey.AlterShareGroupOffsets,
      body: () => ({
        groupId: GROUP,
        topics: [{ topicName: topic, partitions: [{ partitionIndex: 0, startOffset: 1 }] }],
      }),
    },
    {
      key: ApiKey.DeleteShareGroupOffsets,
      body: () => ({ groupId: GROUP, topics: [{ topicName: topic }] }),
    },
    { key: ApiKey.DeleteShareGroupState, body: state({}) },
  ];
}
