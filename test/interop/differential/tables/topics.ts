/** CreateTopics, CreatePartitions, DeleteTopics. The first steps make the topics that the other tables use. */
import {
  ApiKey,
  createPartitionsRequest,
  createTopicsRequest,
  deleteTopicsRequest,
} from '../../../../src/protocol/index.js';
import { ZERO_UUID } from '../../../../src/wire/index.js';
import { type Step, stepsOf } from '../step.js';

const create = stepsOf(ApiKey.CreateTopics, createTopicsRequest);
const remove = stepsOf(ApiKey.DeleteTopics, deleteTopicsRequest);
const grow = stepsOf(ApiKey.CreatePartitions, createPartitionsRequest);

type Configs = Record<string, string | null>;
interface Topic {
  name: string;
  numPartitions: number;
  replicationFactor: number;
  configs: { name: string; value: string | null }[];
  assignments: { partitionIndex: number; brokerIds: number[] }[];
}

function topic(name: string, configs: Configs = {}, more: Partial<Topic> = {}): Topic {
  return {
    name,
    numPartitions: 1,
    replicationFactor: 1,
    configs: Object.entries(configs).map(([key, value]) => ({ name: key, value })),
    assignments: [],
    ...more,
  };
}
const assigned = (name: string, ...rows: [number, number[]][]): Topic =>
  topic(
    name,
    {},
    {
      numPartitions: -1,
      replicationFactor: -1,
      assignments: rows.map(([partitionIndex, brokerIds]) => ({ partitionIndex, brokerIds })),
    },
  );
const asked = (...topics: Topic[]): object => ({ topics, timeoutMs: 10_000 });

export const setUp: readonly Step[] = [
  create(
    7,
    'the topics of these tests',
    asked(
      topic('plain', {}, { numPartitions: 2 }),
      topic('many', {}, { numPartitions: 6 }),
      topic('keyed', { 'cleanup.policy': 'compact' }),
      topic('keyed-delete', { 'cleanup.policy': 'compact,delete' }),
      topic('clocked', { 'message.timestamp.type': 'LogAppendTime' }),
      topic('small', { 'max.message.bytes': '400' }),
      topic('gzipped', { 'compression.type': 'gzip' }),
      topic('unpacked', { 'compression.type': 'uncompressed' }),
      topic('zstd-only', { 'compression.type': 'zstd' }),
      topic('narrow', {
        'message.timestamp.before.max.ms': '3600000',
        'message.timestamp.after.max.ms': '60000',
      }),
      topic('two-replicas', { 'min.insync.replicas': '2' }),
      topic('rolling', { 'segment.bytes': '1048576' }),
      topic('sequences'),
      topic('compressed'),
      topic('times'),
      topic('cut'),
      topic('doomed', {}, { numPartitions: 2 }),
      topic('empty', {}, { numPartitions: 3 }),
      topic('configured', { 'retention.ms': '86400000', 'segment.jitter.ms': '5' }),
    ),
  ),
];

export const creation: readonly Step[] = [
  create(2, 'lowest version', asked(topic('made-2', { 'retention.ms': '1000' }))),
  create(3, 'no topics', asked()),
  create(
    4,
    'defaults of the broker',
    asked(topic('made-4', {}, { numPartitions: -1, replicationFactor: -1 })),
  ),
  create(
    5,
    'the effective configuration is told',
    asked(topic('made-5', { 'cleanup.policy': 'compact', 'segment.ms': '70000' })),
  ),
  create(6, 'two at once', asked(topic('made-6'), topic('made-6b', {}, { numPartitions: 4 }))),
  create(7, 'exists already', asked(topic('plain'))),
  create(7, 'twice in one request', asked(topic('twice'), topic('twice'), topic('once'))),
  create(7, 'validate only', {
    ...asked(topic('thought', { 'retention.ms': '7' }, { numPartitions: 3 })),
    validateOnly: true,
  }),
  create(7, 'validate only, exists', { ...asked(topic('plain')), validateOnly: true }),
  create(2, 'validate only, old version', { ...asked(topic('thought')), validateOnly: true }),
  ...[
    '',
    '.',
    '..',
    '../escape',
    'a/b',
    'nul\0byte',
    'sp ace',
    'ünïcode',
    'x'.repeat(250),
    'tab\t',
    '__cluster_metadata',
  ].map((name) => create(7, `name ${JSON.stringify(name.slice(0, 20))}`, asked(topic(name)))),
  create(7, 'longest name', asked(topic('y'.repeat(249)))),
  create(7, 'longest name goes', asked(topic('y'.repeat(249)))),
  create(7, 'dotted', asked(topic('dot.ted'))),
  create(7, 'collides after a dot', asked(topic('dot_ted'))),
  create(7, 'collides within the request', asked(topic('col.lide'), topic('col_lide'))),
  ...[0, -2, 10_001].map((numPartitions) =>
    create(7, `${numPartitions} partitions`, asked(topic('odd', {}, { numPartitions }))),
  ),
  ...[0, -2, 2, 3].map((replicationFactor) =>
    create(7, `${replicationFactor} replicas`, asked(topic('odd', {}, { replicationFactor }))),
  ),
  create(
    7,
    'wrong replicas and partitions',
    asked(topic('odd', {}, { replicationFactor: 0, numPartitions: 0 })),
  ),
  create(7, 'assigned', asked(assigned('assigned', [0, [1]], [1, [1]]))),
  create(7, 'assigned and counted', asked({ ...assigned('odd', [0, [1]]), numPartitions: 1 })),
  create(7, 'assigned and replicated', asked({ ...assigned('odd', [0, [1]]), replicationFactor: 1 })),
  create(7, 'assigned with a gap', asked(assigned('odd', [0, [1]], [2, [1]]))),
  create(7, 'assigned twice', asked(assigned('odd', [0, [1]], [0, [1]]))),
  create(7, 'assigned to nobody', asked(assigned('odd', [0, []]))),
  create(7, 'assigned to a stranger', asked(assigned('odd', [0, [9]]))),
  create(7, 'assigned to one twice', asked(assigned('odd', [0, [1, 1]]))),
  create(7, 'assigned unevenly', asked(assigned('odd', [0, [1]], [1, [1, 2]]))),
  create(7, 'assigned a negative partition', asked(assigned('odd', [-1, [1]]))),
  create(7, 'assigned to a negative broker', asked(assigned('odd', [0, [-1]]))),
  create(
    7,
    'many faults, many texts',
    asked(topic('plain'), topic('bad name'), topic('fine-one'), topic('odd', {}, { numPartitions: 0 })),
  ),
  create(7, 'zero timeout', { topics: [topic('hasty')], timeoutMs: 0, validateOnly: true }),
  create(7, 'header of a version that does not exist', asked(topic('odd')), {
    mutate: asVersion(99),
    noAnswer: true,
  }),
];

/** Writes another version number into a finished frame. */
export function asVersion(version: number): (frame: Uint8Array) => Uint8Array {
  return (frame) => {
    const copy = Uint8Array.from(frame);
    new DataView(copy.buffer).setInt16(6, version);
    return copy;
  };
}

const BAD_CONFIGS: Configs[] = [
  { 'no.such.key': '1' },
  { 'retention.ms': null },
  { 'retention.ms': 'soon' },
  { 'retention.ms': '-2' },
  { 'retention.ms': '' },
  { 'retention.ms': ' 5 ' },
  { 'retention.ms': '9223372036854775808' },
  { 'retention.bytes': '-5' },
  { 'segment.bytes': '1' },
  { 'segment.bytes': '4294967296' },
  { 'segment.bytes': '1.5' },
  { 'segment.ms': '0' },
  { 'segment.index.bytes': '3' },
  { 'index.interval.bytes': '-1' },
  { 'cleanup.policy': 'burn' },
  { 'cleanup.policy': '' },
  { 'cleanup.policy': 'delete,delete' },
  { 'cleanup.policy': 'delete, compact' },
  { 'compression.type': 'none' },
  { 'compression.type': 'brotli' },
  { 'compression.gzip.level': '0' },
  { 'compression.lz4.level': '18' },
  { 'compression.zstd.level': '23' },
  { 'max.message.bytes': '-1' },
  { 'message.timestamp.type': 'Sometimes' },
  { 'message.timestamp.after.max.ms': '-1' },
  { 'message.timestamp.difference.max.ms': '1' },
  { 'message.format.version': '2.0' },
  { 'min.insync.replicas': '0' },
  { 'min.cleanable.dirty.ratio': '1.5' },
  { 'min.cleanable.dirty.ratio': 'half' },
  { preallocate: 'maybe' },
  { 'unclean.leader.election.enable': 'TRUE' },
  { 'min.compaction.lag.ms': '10', 'max.compaction.lag.ms': '5' },
  { 'flush.messages': '0' },
  { 'flush.ms': '-1' },
  { 'file.delete.delay.ms': '-1' },
  { 'leader.replication.throttled.replicas': 'x' },
  { 'leader.replication.throttled.replicas': '*' },
  { 'follower.replication.throttled.replicas': '0:1,1:1' },
  { 'remote.storage.enable': 'true' },
  { 'local.retention.ms': '-3' },
  { 'local.retention.ms': '99999999999' },
  { 'retention.ms': 'x'.repeat(33_000) },
  { '': 'x' },
  { 'max.compaction.lag.ms': '0' },
  { 'delete.retention.ms': '-1' },
  { 'internal.segment.bytes': '100000' },
];

export const creationConfigs: readonly Step[] = BAD_CONFIGS.map((configs, index) =>
  create(7, `config ${JSON.stringify(configs).slice(0, 70)}`, {
    ...asked(topic(`config-${index}`, configs)),
    validateOnly: true,
  }),
);

const more = (name: string, count: number, assignments: number[][] | null = null): object => ({
  name,
  count,
  assignments: assignments?.map((brokerIds) => ({ brokerIds })) ?? null,
});
const growing = (...topics: object[]): object => ({ topics, timeoutMs: 10_000 });

export const partitions: readonly Step[] = [
  grow(0, 'two more', growing(more('made-2', 3))),
  grow(1, 'same count', growing(more('made-2', 3))),
  grow(2, 'fewer', growing(more('made-2', 1))),
  grow(3, 'unknown topic', growing(more('nobody', 3))),
  grow(3, 'zero', growing(more('made-2', 0))),
  grow(3, 'negative', growing(more('made-2', -1))),
  grow(3, 'twice', growing(more('made-4', 3), more('made-4', 4))),
  grow(3, 'assigned', growing(more('made-4', 3, [[1], [1]]))),
  grow(3, 'too few assignments', growing(more('made-4', 9, [[1]]))),
  grow(3, 'empty assignments', growing(more('made-4', 9, []))),
  grow(3, 'assigned to a stranger', growing(more('made-4', 4, [[7]]))),
  grow(3, 'assigned to nobody', growing(more('made-4', 4, [[]]))),
  grow(3, 'assigned two replicas', growing(more('made-4', 4, [[1, 2]]))),
  grow(3, 'validate only', { ...growing(more('made-4', 50)), validateOnly: true }),
  grow(3, 'validate only, wrong', { ...growing(more('made-4', 1)), validateOnly: true }),
  grow(3, 'no topics', growing()),
  grow(3, 'name that cannot be', growing(more('..', 2))),
];

export const deletion: readonly Step[] = [
  remove(1, 'by name, old', { topicNames: ['made-2'], timeoutMs: 10_000 }),
  remove(3, 'unknown', { topicNames: ['nobody'], timeoutMs: 10_000 }),
  remove(5, 'with texts', { topicNames: ['made-4', 'nobody', '..', ''], timeoutMs: 10_000 }),
  remove(6, 'by id', (world) => ({
    topics: [{ name: null, topicId: world.topicId('made-5') }],
    timeoutMs: 10_000,
  })),
  remove(6, 'by unknown id', {
    topics: [{ name: null, topicId: 'abcdefghijklmnopqrstug' }],
    timeoutMs: 10_000,
  }),
  remove(6, 'by name and id', (world) => ({
    topics: [{ name: 'made-6', topicId: world.topicId('made-6') }],
    timeoutMs: 10_000,
  })),
  remove(6, 'by nothing', { topics: [{ name: null, topicId: ZERO_UUID }], timeoutMs: 10_000 }),
  remove(6, 'the same name twice', { topics: [{ name: 'made-6' }, { name: 'made-6' }], timeoutMs: 10_000 }),
  remove(6, 'the same id twice', (world) => ({
    topics: [
      { name: null, topicId: world.topicId('made-6') },
      { name: null, topicId: world.topicId('made-6') },
    ],
    timeoutMs: 10_000,
  })),
  remove(6, 'name and id of the same', (world) => ({
    topics: [{ name: 'made-6' }, { name: null, topicId: world.topicId('made-6') }],
    timeoutMs: 10_000,
  })),
  remove(6, 'no topics', { topics: [], timeoutMs: 10_000 }),
  remove(6, 'once more', { topics: [{ name: 'made-6b' }], timeoutMs: 10_000 }),
  create(7, 'a deleted name again', asked(topic('made-6b'))),
];
