/** Fetch: offsets, limits, epochs, ids, isolation, waiting; then sessions. Reads back what the produce tables wrote. */
import { ApiKey, fetchRequest } from '../../../../src/protocol/index.js';
import { ZERO_UUID } from '../../../../src/wire/index.js';
import { type Answer, type Step, stepsOf, type World } from '../step.js';

const fetch = stepsOf(ApiKey.Fetch, fetchRequest);
const UNKNOWN_ID = 'abcdefghijklmnopqrstug';
const MIB = 1 << 20;

interface Wish {
  partition?: number;
  fetchOffset?: number;
  currentLeaderEpoch?: number;
  lastFetchedEpoch?: number;
  logStartOffset?: number;
  partitionMaxBytes?: number;
}
interface From {
  maxWaitMs?: number;
  minBytes?: number;
  maxBytes?: number;
  isolationLevel?: number;
  sessionId?: number;
  sessionEpoch?: number;
  replicaId?: number;
}

const partitionOf = (wish: Wish): object => ({
  partition: 0,
  fetchOffset: 0,
  partitionMaxBytes: MIB,
  ...wish,
});
const request = (topics: object[], from: From = {}): object => ({
  maxWaitMs: 0,
  minBytes: 1,
  maxBytes: 10 * MIB,
  topics,
  ...from,
});
const named = (topic: string, ...wishes: Wish[]): object => ({ topic, partitions: wishes.map(partitionOf) });
const identified = (topicId: string, ...wishes: Wish[]): object => ({
  topicId,
  partitions: wishes.map(partitionOf),
});

const readBack = [
  'plain',
  'many',
  'keyed',
  'keyed-delete',
  'clocked',
  'small',
  'gzipped',
  'unpacked',
  'zstd-only',
  'narrow',
  'sequences',
  'compressed',
  'times',
  'cut',
];

export const fetches: readonly Step[] = [
  ...readBack.map((topic) => fetch(11, `everything of ${topic}`, request([named(topic, {})]))),
  ...[4, 5, 6, 7, 8, 9, 10, 11, 12].map((version) =>
    fetch(version, 'plain', request([named('plain', {}, { partition: 1 })])),
  ),
  ...[13, 14, 15, 16, 17, 18].map((version) =>
    fetch(version, 'plain', (world: World) => request([identified(world.topicId('plain'), {})])),
  ),
  fetch(11, 'from the middle', request([named('plain', { fetchOffset: 4 })])),
  fetch(11, 'from the middle of a batch', request([named('compressed', { fetchOffset: 27 })])),
  fetch(11, 'at the end', request([named('empty', { fetchOffset: 0 })])),
  fetch(11, 'behind the end', request([named('empty', { fetchOffset: 1 })])),
  fetch(11, 'negative offset', request([named('plain', { fetchOffset: -1 })])),
  fetch(11, 'very negative offset', request([named('plain', { fetchOffset: -5_000_000_000 })])),
  fetch(11, 'far behind the end', request([named('plain', { fetchOffset: 1e15 })])),
  fetch(11, 'right epoch', request([named('plain', { currentLeaderEpoch: 0 })])),
  fetch(11, 'epoch too new', request([named('plain', { currentLeaderEpoch: 5 })])),
  fetch(12, 'epoch too new, with hints', request([named('plain', { currentLeaderEpoch: 5 })])),
  fetch(11, 'epoch -2', request([named('plain', { currentLeaderEpoch: -2 })])),
  fetch(12, 'last fetched epoch 0', request([named('plain', { lastFetchedEpoch: 0, fetchOffset: 2 })])),
  fetch(12, 'last fetched epoch unknown', request([named('plain', { lastFetchedEpoch: 9, fetchOffset: 2 })])),
  fetch(
    12,
    'last fetched epoch, offset too far',
    request([named('plain', { lastFetchedEpoch: 0, fetchOffset: 100_000 })]),
  ),
  fetch(11, 'unknown topic', request([named('nobody', {})])),
  fetch(11, 'unknown partition', request([named('plain', { partition: 2 }, { partition: -1 })])),
  fetch(11, 'a name that cannot be', request([named('..', {})])),
  fetch(13, 'unknown id', request([identified(UNKNOWN_ID, {})])),
  fetch(13, 'zero id', request([identified(ZERO_UUID, {})])),
  fetch(17, 'unknown and known id', (world) =>
    request([identified(UNKNOWN_ID, {}), identified(world.topicId('cut'), {})]),
  ),
  fetch(13, 'unknown partition by id', (world) =>
    request([identified(world.topicId('plain'), { partition: 6 })]),
  ),
  fetch(11, 'nothing', request([])),
  fetch(11, 'no partitions', request([named('plain')])),
  fetch(11, 'a partition twice', request([named('plain', { fetchOffset: 0 }, { fetchOffset: 3 })])),
  fetch(
    11,
    'partitions in request order',
    request([
      named('many', { partition: 5 }, { partition: 1 }, { partition: 3 }),
      named('plain', { partition: 1 }),
    ]),
  ),
  fetch(
    11,
    'a topic in two pieces',
    request([named('many', { partition: 5 }), named('plain', {}), named('many', { partition: 1 })]),
  ),
  fetch(
    11,
    'maxBytes 1: the first batch comes whole',
    request([named('rolling', {}), named('plain', {})], { maxBytes: 1 }),
  ),
  fetch(11, 'maxBytes 0', request([named('plain', {})], { maxBytes: 0 })),
  fetch(11, 'negative maxBytes', request([named('plain', {})], { maxBytes: -1 })),
  fetch(
    11,
    'partitionMaxBytes 1',
    request([named('plain', { partitionMaxBytes: 1 }), named('cut', { partitionMaxBytes: 1 })]),
  ),
  fetch(11, 'partitionMaxBytes 0', request([named('plain', { partitionMaxBytes: 0 })])),
  fetch(11, 'negative partitionMaxBytes', request([named('plain', { partitionMaxBytes: -1 })])),
  fetch(11, 'cut at the limit', request([named('plain', { partitionMaxBytes: 300 })])),
  fetch(11, 'cut within one batch', request([named('rolling', { partitionMaxBytes: 250_000 })])),
  fetch(
    11,
    'limit for all',
    request([named('rolling', { partitionMaxBytes: 300_000 }), named('plain', {}), named('cut', {})], {
      maxBytes: 300_500,
    }),
  ),
  fetch(
    11,
    'a second segment',
    request([named('rolling', { fetchOffset: 24, partitionMaxBytes: 10 * MIB })]),
  ),
  fetch(
    11,
    'ends with its segment',
    request([named('rolling', { fetchOffset: 0, partitionMaxBytes: 10 * MIB })]),
  ),
  fetch(11, 'read committed', request([named('plain', {})], { isolationLevel: 1 })),
  fetch(4, 'read committed, lowest version', request([named('plain', {})], { isolationLevel: 1 })),
  fetch(11, 'read committed, nothing there', request([named('empty', {})], { isolationLevel: 1 })),
  fetch(11, 'isolation level 2', request([named('plain', {})], { isolationLevel: 2 })),
  fetch(11, 'isolation level -1', request([named('plain', {})], { isolationLevel: -1 })),
  fetch(11, 'waits and gets nothing', request([named('empty', {})], { maxWaitMs: 200 })),
  fetch(
    11,
    'does not wait for an error',
    request([named('empty', {}), named('nobody', {})], { maxWaitMs: 15_000 }),
  ),
  fetch(11, 'minBytes 0 does not wait', request([named('empty', {})], { maxWaitMs: 15_000, minBytes: 0 })),
  fetch(11, 'more than there is', request([named('plain', {})], { maxWaitMs: 200, minBytes: 5_000_000 })),
  fetch(11, 'negative wait', request([named('empty', {})], { maxWaitMs: -1 })),
  fetch(11, 'as a replica that does not exist', request([named('plain', {})], { replicaId: 5 })),
  ...[14, 16, 18].map((version) =>
    fetch(version, 'as a replica that does not exist', (world) => ({
      ...request([identified(world.topicId('plain'), {})], version < 15 ? { replicaId: 5 } : {}),
      ...(version < 15 ? {} : { replicaState: { replicaId: 5, replicaEpoch: 1 } }),
    })),
  ),
  fetch(11, 'as the debugging consumer', request([named('plain', {})], { replicaId: -2 })),
  fetch(11, 'as this very broker', request([named('plain', {})], { replicaId: 1 })),
];

function keepSession(answer: Answer, world: World): void {
  world.sessionId = Number(answer.sessionId);
}
type InSession = (topics: object[], epoch: number, more?: object) => (world: World) => object;
const inSession: InSession =
  (topics, epoch, more = {}) =>
  (world) => ({
    ...request(topics, { sessionId: world.sessionId, sessionEpoch: epoch }),
    ...more,
  });

export const sessions: readonly Step[] = [
  fetch(
    11,
    'session: a new one',
    request([named('plain', {}, { partition: 1 }), named('empty', {})], { sessionEpoch: 0 }),
    { learn: keepSession },
  ),
  fetch(11, 'session: nothing new', inSession([], 1)),
  fetch(11, 'session: wrong epoch', inSession([], 9)),
  fetch(11, 'session: epoch too small', inSession([], 1)),
  fetch(11, 'session: goes on after errors', inSession([named('plain', { fetchOffset: 2 })], 2)),
  fetch(11, 'session: a partition is added', inSession([named('cut', {})], 3)),
  fetch(11, 'session: an unknown topic is added', inSession([named('nobody', {})], 4)),
  fetch(11, 'session: the error stays', inSession([], 5)),
  fetch(
    11,
    'session: forgotten',
    inSession([], 6, {
      forgottenTopicsData: [
        { topic: 'nobody', partitions: [0] },
        { topic: 'plain', partitions: [0, 1] },
      ],
    }),
  ),
  fetch(11, 'session: only what is left', inSession([named('cut', { fetchOffset: 1 })], 7)),
  fetch(
    11,
    'session: forgets what it never had',
    inSession([], 8, { forgottenTopicsData: [{ topic: 'many', partitions: [0] }] }),
  ),
  fetch(11, 'session: offset out of range', inSession([named('cut', { fetchOffset: 1_000_000 })], 9)),
  fetch(13, 'session: by ids in a session by names', inSession([], 10)),
  fetch(12, 'session: another version, still names', inSession([named('cut', { fetchOffset: 0 })], 10)),
  fetch(11, 'session: unknown id', request([], { sessionId: 123_456, sessionEpoch: 1 })),
  fetch(11, 'session: negative id', request([], { sessionId: -5, sessionEpoch: 1 })),
  fetch(11, 'session: id 0 with an epoch', request([named('plain', {})], { sessionId: 0, sessionEpoch: 3 })),
  fetch(11, 'session: epoch -2', request([named('plain', {})], { sessionId: 0, sessionEpoch: -2 })),
  fetch(11, 'session: restarted in place', inSession([named('plain', {})], 0), { learn: keepSession }),
  fetch(11, 'session: closed', inSession([named('plain', {})], -1)),
  fetch(11, 'session: gone', inSession([], 1)),
  fetch(11, 'session: empty and new', request([], { sessionEpoch: 0 })),
  fetch(7, 'session: lowest version', request([named('plain', {})], { sessionEpoch: 0 }), {
    learn: keepSession,
  }),
  fetch(
    7,
    'session: all forgotten',
    inSession([], 1, { forgottenTopicsData: [{ topic: 'plain', partitions: [0] }] }),
  ),
  fetch(7, 'session: after all was forgotten', inSession([], 2)),
  fetch(
    17,
    'session: by ids',
    (world) =>
      request([identified(world.topicId('plain'), {}), identified(UNKNOWN_ID, {})], { sessionEpoch: 0 }),
    { learn: keepSession },
  ),
  fetch(17, 'session: by ids, next', inSession([], 1)),
  fetch(17, 'session: by ids, forgotten', (world) => ({
    ...request([], { sessionId: world.sessionId, sessionEpoch: 2 }),
    forgottenTopicsData: [{ topicId: UNKNOWN_ID, partitions: [0] }],
  })),
  fetch(12, 'session: by names in a session by ids', inSession([named('plain', {})], 3)),
];
