/** ListOffsets, OffsetForLeaderEpoch, DeleteRecords. */
import {
  ApiKey,
  deleteRecordsRequest,
  fetchRequest,
  listOffsetsRequest,
  offsetForLeaderEpochRequest,
  produceRequest,
} from '../../../../src/protocol/index.js';
import { batch, LONG_AGO } from '../batches.js';
import { type Step, stepsOf } from '../step.js';
import { put } from './produce.js';

const list = stepsOf(ApiKey.ListOffsets, listOffsetsRequest);
const epochs = stepsOf(ApiKey.OffsetForLeaderEpoch, offsetForLeaderEpochRequest);
const erase = stepsOf(ApiKey.DeleteRecords, deleteRecordsRequest);
const fetch = stepsOf(ApiKey.Fetch, fetchRequest);
const produce = stepsOf(ApiKey.Produce, produceRequest);

const at = (name: string, timestamp: number, more: object = {}): object => ({
  name,
  partitions: [{ partitionIndex: 0, timestamp, ...more }],
});
const listed = (...topics: object[]): object => ({ replicaId: -1, topics, timeoutMs: 5000 });
const TOPICS = ['plain', 'empty', 'times', 'rolling', 'compressed', 'clocked', 'gzipped', 'sequences'];

export const lists: readonly Step[] = [
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11].map((version) =>
    list(version, 'latest and earliest', listed(at('plain', -1), at('rolling', -2))),
  ),
  ...TOPICS.flatMap((name) => [
    list(7, `${name}: largest timestamp`, listed(at(name, -3))),
    list(7, `${name}: first of all by time`, listed(at(name, 0))),
    list(7, `${name}: by time`, listed(at(name, LONG_AGO + 5))),
  ]),
  ...[-500, 999, 1000, 1049, 1050, 3_000, 11_003, 11_004].flatMap((distance) => [
    list(5, `times: ${distance} ms`, listed(at('times', LONG_AGO + distance))),
    list(5, `rolling: ${distance} ms`, listed(at('rolling', LONG_AGO + distance))),
  ]),
  list(5, 'after the end of time', listed(at('times', 9e15))),
  list(8, 'earliest local', listed(at('plain', -4))),
  list(9, 'latest tiered', listed(at('plain', -5))),
  list(11, 'earliest pending upload', listed(at('plain', -6))),
  list(10, 'earliest pending upload, too early', listed(at('plain', -6))),
  list(6, 'largest timestamp, too early', listed(at('plain', -3))),
  list(7, 'earliest local, too early', listed(at('plain', -4))),
  list(8, 'latest tiered, too early', listed(at('plain', -5))),
  list(11, '-7', listed(at('plain', -7))),
  list(11, '-100', listed(at('plain', -100))),
  list(5, 'unknown topic', listed(at('nobody', -1))),
  list(5, 'unknown partition', listed(at('plain', -1, { partitionIndex: 7 }))),
  list(5, 'negative partition', listed(at('plain', -1, { partitionIndex: -7 }))),
  list(5, 'right epoch', listed(at('plain', -1, { currentLeaderEpoch: 0 }))),
  list(5, 'epoch too new', listed(at('plain', -1, { currentLeaderEpoch: 3 }))),
  list(5, 'epoch too new, by time', listed(at('plain', 5, { currentLeaderEpoch: 3 }))),
  list(
    5,
    'a partition twice',
    listed({
      name: 'plain',
      partitions: [
        { partitionIndex: 0, timestamp: -1 },
        { partitionIndex: 0, timestamp: -2 },
        { partitionIndex: 1, timestamp: -2 },
      ],
    }),
  ),
  list(5, 'nothing', listed()),
  list(5, 'no partitions', listed({ name: 'plain', partitions: [] })),
  list(5, 'read committed', { ...listed(at('plain', -1)), isolationLevel: 1 }),
  list(5, 'read committed, by time', { ...listed(at('times', LONG_AGO)), isolationLevel: 1 }),
  list(5, 'isolation level 7', { ...listed(at('plain', -1)), isolationLevel: 7 }),
  list(5, 'as a replica', { ...listed(at('plain', -1)), replicaId: 4 }),
  list(5, 'as the debugging consumer', { ...listed(at('plain', -1)), replicaId: -2 }),
  list(11, 'zero timeout', { ...listed(at('times', LONG_AGO)), timeoutMs: 0 }),
];

const epochAt = (topic: string, leaderEpoch: number, more: object = {}): object => ({
  topic,
  partitions: [{ partition: 0, leaderEpoch, ...more }],
});

export const leaderEpochs: readonly Step[] = [
  ...[2, 3, 4].map((version) =>
    epochs(version, 'present epoch', { replicaId: -1, topics: [epochAt('plain', 0), epochAt('rolling', 0)] }),
  ),
  epochs(4, 'nothing written yet', { replicaId: -1, topics: [epochAt('empty', 0)] }),
  epochs(4, 'future epoch', { replicaId: -1, topics: [epochAt('plain', 8)] }),
  epochs(4, 'epoch -1', { replicaId: -1, topics: [epochAt('plain', -1)] }),
  epochs(4, 'epoch -2', { replicaId: -1, topics: [epochAt('plain', -2)] }),
  epochs(4, 'fenced', { replicaId: -1, topics: [epochAt('plain', 0, { currentLeaderEpoch: 9 })] }),
  epochs(4, 'right current epoch', {
    replicaId: -1,
    topics: [epochAt('plain', 0, { currentLeaderEpoch: 0 })],
  }),
  epochs(4, 'unknown topic and partition', {
    replicaId: -1,
    topics: [epochAt('nobody', 0), epochAt('plain', 0, { partition: 5 })],
  }),
  epochs(4, 'nothing', { replicaId: -1, topics: [] }),
  epochs(3, 'as the debugging consumer', { replicaId: -2, topics: [epochAt('plain', 0)] }),
  epochs(3, 'as a replica', { replicaId: 5, topics: [epochAt('plain', 0)] }),
];

const upTo = (name: string, offset: number, partitionIndex = 0): object => ({
  name,
  partitions: [{ partitionIndex, offset }],
});
const erased = (...topics: object[]): object => ({ topics, timeoutMs: 5000 });

export const erasing: readonly Step[] = [
  erase(0, 'offset 0', erased(upTo('plain', 0))),
  erase(1, 'offset 3', erased(upTo('plain', 3))),
  erase(2, 'lower than before', erased(upTo('plain', 1))),
  erase(2, 'in the middle of a batch', erased(upTo('compressed', 25))),
  erase(2, 'behind the end', erased(upTo('plain', 100_000))),
  erase(2, 'negative', erased(upTo('plain', -2))),
  erase(2, 'unknown topic and partition', erased(upTo('nobody', 0), upTo('plain', 0, 9))),
  erase(2, 'compacted only', erased(upTo('keyed', 1))),
  erase(2, 'compacted and deleted', erased(upTo('keyed-delete', -1))),
  erase(2, 'up to the high watermark', erased(upTo('rolling', -1))),
  erase(2, 'of an empty one', erased(upTo('empty', -1))),
  erase(2, 'nothing', erased()),
  erase(
    2,
    'a partition twice',
    erased({
      name: 'plain',
      partitions: [
        { partitionIndex: 0, offset: 4 },
        { partitionIndex: 0, offset: 5 },
      ],
    }),
  ),
  list(5, 'earliest after erasing', listed(at('plain', -2), at('rolling', -2), at('compressed', -2))),
  list(5, 'by time after erasing', listed(at('compressed', 0), at('rolling', 0))),
  list(7, 'largest timestamp after erasing', listed(at('rolling', -3))),
  fetch(11, 'below the new start', {
    maxWaitMs: 0,
    minBytes: 1,
    topics: [{ topic: 'plain', partitions: [{ partition: 0, fetchOffset: 2, partitionMaxBytes: 1000 }] }],
  }),
  fetch(11, 'at the new start, in a batch', {
    maxWaitMs: 0,
    minBytes: 1,
    topics: [
      { topic: 'compressed', partitions: [{ partition: 0, fetchOffset: 25, partitionMaxBytes: 1000 }] },
    ],
  }),
  epochs(4, 'after erasing', { replicaId: -1, topics: [epochAt('rolling', 0)] }),
  produce(9, 'the new start is told', put(batch({ text: 'after' }), { topic: 'rolling' })),
];
