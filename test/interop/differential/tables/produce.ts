/** Produce: acks, topics, batches that must be taken and batches that must not. */
import { ApiKey, produceRequest } from '../../../../src/protocol/index.js';
import { Attribute, Codec, HeaderAt } from '../../../../src/record/layout.js';
import { ZERO_UUID } from '../../../../src/wire/index.js';
import { batch, changed, joined, LONG_AGO, type Shape, withInt8, withInt16, withInt32 } from '../batches.js';
import { type Step, stepsOf, type World } from '../step.js';

const produce = stepsOf(ApiKey.Produce, produceRequest);

interface To {
  topic?: string;
  index?: number;
  acks?: number;
  timeoutMs?: number;
}

export function put(
  records: Uint8Array | null,
  { topic = 'plain', index = 0, acks = -1, timeoutMs = 5000 }: To = {},
): object {
  return { acks, timeoutMs, topicData: [{ name: topic, partitionData: [{ index, records }] }] };
}
const codecs = Object.entries(Codec);
const HOUR = 3_600_000;
const at =
  (distanceMs: number, shape: Shape = {}) =>
  (world: World): Uint8Array =>
    batch({ timestamp: world.now + distanceMs, ...shape });

export const plain: readonly Step[] = [
  produce(3, 'lowest version', put(batch({ count: 3 }))),
  ...[4, 5, 6, 7, 8, 9, 10, 11, 12].map((version) =>
    produce(version, 'one record', put(batch({ count: 2, text: `v${version}` }))),
  ),
  produce(13, 'by id', (world) => ({
    acks: -1,
    timeoutMs: 5000,
    topicData: [{ topicId: world.topicId('plain'), partitionData: [{ index: 0, records: batch() }] }],
  })),
  produce(13, 'by unknown id', {
    acks: -1,
    timeoutMs: 5000,
    topicData: [
      {
        topicId: 'abcdefghijklmnopqrstug',
        partitionData: [
          { index: 0, records: batch() },
          { index: 5, records: batch() },
        ],
      },
    ],
  }),
  produce(13, 'by zero id', {
    acks: -1,
    timeoutMs: 5000,
    topicData: [{ topicId: ZERO_UUID, partitionData: [{ index: 0, records: batch() }] }],
  }),
  produce(9, 'acks 1', put(batch(), { acks: 1 })),
  produce(9, 'acks 2', put(batch(), { acks: 2 })),
  produce(9, 'acks -2', put(batch(), { acks: -2 })),
  produce(9, 'acks 0', put(batch({ text: 'quiet' }), { acks: 0 }), { noAnswer: true, settleMs: 200 }),
  produce(3, 'acks 0, lowest version', put(batch({ text: 'quiet' }), { acks: 0 }), {
    noAnswer: true,
    settleMs: 200,
  }),
  produce(9, 'acks 0, unknown partition', put(batch(), { acks: 0, index: 77 }), { noAnswer: true }),
  produce(9, 'acks 0, unknown topic', put(batch(), { acks: 0, topic: 'nobody' }), { noAnswer: true }),
  produce(
    9,
    'acks 0, bad batch',
    put(
      changed(batch(), (v) => v.setUint8(70, 1), 'stale'),
      { acks: 0 },
    ),
    { noAnswer: true },
  ),
  produce(9, 'no topics', { acks: -1, timeoutMs: 100, topicData: [] }),
  produce(9, 'no topics, acks 0', { acks: 0, timeoutMs: 100, topicData: [] }, { noAnswer: true }),
  produce(9, 'no partitions', {
    acks: -1,
    timeoutMs: 100,
    topicData: [{ name: 'plain', partitionData: [] }],
  }),
  produce(9, 'unknown topic', put(batch(), { topic: 'nobody' })),
  produce(9, 'unknown partition', put(batch(), { index: 2 })),
  produce(9, 'negative partition', put(batch(), { index: -1 })),
  produce(9, 'a name that cannot be', put(batch(), { topic: '../x' })),
  produce(9, 'not enough replicas', put(batch(), { topic: 'two-replicas' })),
  produce(9, 'replicas do not matter with acks 1', put(batch(), { topic: 'two-replicas', acks: 1 })),
  produce(9, 'zero timeout', put(batch(), { timeoutMs: 0 })),
  produce(9, 'negative timeout', put(batch(), { timeoutMs: -1 })),
  produce(9, 'some partitions good, some not', {
    acks: -1,
    timeoutMs: 5000,
    topicData: [
      {
        name: 'plain',
        partitionData: [
          { index: 0, records: batch() },
          { index: 9, records: batch() },
          { index: 1, records: batch({ count: 4 }) },
        ],
      },
      { name: 'nobody', partitionData: [{ index: 0, records: batch() }] },
      {
        name: 'many',
        partitionData: [5, 3, 1].map((index) => ({ index, records: batch({ count: index }) })),
      },
    ],
  }),
  produce(9, 'a partition twice', {
    acks: -1,
    timeoutMs: 5000,
    topicData: [
      {
        name: 'doomed',
        partitionData: [
          { index: 1, records: batch({ text: 'a' }) },
          { index: 1, records: batch({ text: 'b' }) },
        ],
      },
    ],
  }),
  produce(9, 'a topic twice', {
    acks: -1,
    timeoutMs: 5000,
    topicData: [
      { name: 'doomed', partitionData: [{ index: 0, records: batch({ text: 'a' }) }] },
      { name: 'doomed', partitionData: [{ index: 1, records: batch({ text: 'b' }) }] },
    ],
  }),
  produce(9, 'transactional id, plain records', { transactionalId: 'tx', ...put(batch()) }),
  produce(
    9,
    'transactional records without an id',
    put(batch({ transactional: true, producerId: 4000n, producerEpoch: 0, baseSequence: 0 })),
  ),
  produce(
    9,
    'headers',
    put(
      batch({
        headers: [
          { key: 'h', value: null },
          { key: '', value: new Uint8Array(3) },
        ],
      }),
    ),
  ),
  produce(9, 'no client id', put(batch()), { clientId: null }),
  produce(9, 'empty client id', put(batch()), { clientId: '' }),
];

const good = batch({ count: 3 });
const wrong: [string, Uint8Array | null, To?][] = [
  ['empty records', new Uint8Array(0)],
  ['two batches', joined(batch(), batch())],
  ['a batch and one byte', joined(batch(), new Uint8Array(1)), { topic: 'doomed' }],
  ['a batch and half a batch', joined(batch(), batch().subarray(0, 40)), { topic: 'doomed' }],
  ['half a batch', good.subarray(0, 50)],
  ['a batch without its last byte', good.subarray(0, good.length - 1)],
  ['16 bytes', good.subarray(0, 16)],
  ['11 bytes', good.subarray(0, 11)],
  ['61 zero bytes', new Uint8Array(61)],
  ['noise', Uint8Array.from({ length: 200 }, (_, i) => (i * 73 + 5) & 0xff)],
  ['wrong checksum', changed(good, (v) => v.setUint32(HeaderAt.crc, 0xdeadbeef), 'stale')],
  ['changed record byte', changed(good, (v) => v.setUint8(good.length - 2, 1), 'stale')],
  ['magic 0', withInt8(good, HeaderAt.magic, 0)],
  ['magic 1', withInt8(good, HeaderAt.magic, 1)],
  ['magic 3', withInt8(good, HeaderAt.magic, 3)],
  ['magic -1', withInt8(good, HeaderAt.magic, -1)],
  ['base offset 5', changed(good, (v) => v.setBigInt64(HeaderAt.baseOffset, 5n))],
  ['base offset -1', changed(good, (v) => v.setBigInt64(HeaderAt.baseOffset, -1n))],
  ['length 13', changed(good, (v) => v.setInt32(HeaderAt.length, 13), 'stale')],
  ['length 48', changed(good, (v) => v.setInt32(HeaderAt.length, 48), 'stale')],
  ['length negative', changed(good, (v) => v.setInt32(HeaderAt.length, -5), 'stale')],
  ['length huge', changed(good, (v) => v.setInt32(HeaderAt.length, 0x7fffffff), 'stale')],
  ['length short by one', changed(good, (v) => v.setInt32(HeaderAt.length, good.length - 13), 'stale')],
  ['count 4 of 3', withInt32(good, HeaderAt.count, 4)],
  ['count 2 of 3', withInt32(good, HeaderAt.count, 2)],
  ['count 0', withInt32(good, HeaderAt.count, 0)],
  ['count -1', withInt32(good, HeaderAt.count, -1)],
  [
    'count huge',
    withInt32(withInt32(good, HeaderAt.count, 0x7fffffff), HeaderAt.lastOffsetDelta, 0x7ffffffe),
  ],
  ['count and delta lie alike', withInt32(withInt32(good, HeaderAt.count, 4), HeaderAt.lastOffsetDelta, 3)],
  ['count and delta short alike', withInt32(withInt32(good, HeaderAt.count, 2), HeaderAt.lastOffsetDelta, 1)],
  ['last offset delta 7', withInt32(good, HeaderAt.lastOffsetDelta, 7)],
  ['last offset delta -1', withInt32(good, HeaderAt.lastOffsetDelta, -1)],
  ['record size lies', changed(good, (v) => v.setUint8(61, 0x7e))],
  ['record size negative', changed(good, (v) => v.setUint8(61, 0x03))],
  ['record size zero', changed(good, (v) => v.setUint8(61, 0x00))],
  ['key length lies', changed(good, (v) => v.setUint8(65, 0x7e))],
  ['key length -2', changed(good, (v) => v.setUint8(65, 0x03))],
  ['header count lies', changed(good, (v) => v.setUint8(good.length - 1, 0x08))],
  ['header count negative', changed(good, (v) => v.setUint8(good.length - 1, 0x01))],
  ['offset deltas not dense', changed(good, (v) => v.setUint8(64, 0x0a))],
  ['record attributes set', changed(good, (v) => v.setUint8(62, 0x7f))],
  ['control batch', batch({ control: true })],
  [
    'control batch of a producer',
    batch({ control: true, transactional: true, producerId: 5000n, producerEpoch: 0 }),
  ],
  ['unknown codec 5', withInt16(good, HeaderAt.attributes, 5)],
  ['unknown codec 7', withInt16(good, HeaderAt.attributes, 7)],
  ['unknown attribute bits', withInt16(good, HeaderAt.attributes, 0x4000)],
  ['delete horizon bit', withInt16(good, HeaderAt.attributes, Attribute.deleteHorizon)],
  ['LogAppendTime bit of a producer', withInt16(good, HeaderAt.attributes, Attribute.logAppendTime)],
  ['leader epoch of a producer', withInt32(good, HeaderAt.leaderEpoch, 42)],
  ['maxTimestamp too small', changed(good, (v) => v.setBigInt64(HeaderAt.maxTimestamp, 5n))],
  [
    'maxTimestamp too large',
    changed(good, (v) => v.setBigInt64(HeaderAt.maxTimestamp, BigInt(LONG_AGO + 9999999))),
  ],
  ['producer id without sequence', batch({ producerId: 6000n, producerEpoch: 0, baseSequence: -1 })],
  ['producer id with sequence -2', batch({ producerId: 6000n, producerEpoch: 0, baseSequence: -2 })],
  ['producer id without epoch', batch({ producerId: 6001n, producerEpoch: -1, baseSequence: 0 })],
  ['producer id -2', batch({ producerId: -2n, producerEpoch: 0, baseSequence: 0 })],
  ['sequence without producer id', batch({ producerEpoch: -1, baseSequence: 3 })],
  ['gzip that is none', withInt16(good, HeaderAt.attributes, Codec.gzip)],
  ['snappy that is none', withInt16(good, HeaderAt.attributes, Codec.snappy)],
  ['lz4 that is none', withInt16(good, HeaderAt.attributes, Codec.lz4)],
  ['zstd that is none', withInt16(good, HeaderAt.attributes, Codec.zstd)],
  ['no key on a compacted topic', batch({ keys: false }), { topic: 'keyed' }],
  ['four without key on a compacted topic', batch({ count: 4, keys: false }), { topic: 'keyed' }],
  ['one without key, compact and delete', batch({ keys: false }), { topic: 'keyed-delete' }],
  [
    'no key on a compacted topic, gzip',
    batch({ count: 2, keys: false, codec: Codec.gzip }),
    { topic: 'keyed' },
  ],
  ['larger than max.message.bytes', batch({ valueBytes: 400 }), { topic: 'small' }],
  ['large but packed small', batch({ count: 3, valueBytes: 300, codec: Codec.gzip }), { topic: 'small' }],
  [
    'large and wrong',
    changed(batch({ valueBytes: 400 }), (v) => v.setUint8(80, 1), 'stale'),
    { topic: 'small' },
  ],
  ['as large as a segment', batch({ valueBytes: 1_046_000 }), { topic: 'rolling' }],
];

/** The refused ones leave nothing: a good batch follows, whose offset tells. */
export const refused: readonly Step[] = [
  ...wrong.map(([what, records, to]) => produce(9, what, put(records, { topic: 'cut', ...to }))),
  // Kafka fails inside and never answers; no client may wait for that.
  produce(9, 'null records', put(null, { topic: 'cut' }), { incomplete: true }),
  produce(
    7,
    'wrong checksum, no texts yet',
    put(wrong.find(([what]) => what === 'wrong checksum')?.[1] ?? null, { topic: 'cut' }),
  ),
  produce(8, 'no key, first version with texts', put(batch({ keys: false }), { topic: 'keyed' })),
  produce(3, 'two batches, lowest version', put(joined(batch(), batch()), { topic: 'cut' })),
  produce(9, 'a good one after all that', put(batch(), { topic: 'cut' })),
  produce(9, 'a good one, compacted', put(batch({ count: 2 }), { topic: 'keyed' })),
  produce(9, 'a good one, small', put(batch(), { topic: 'small' })),
];

export const codecSteps: readonly Step[] = [
  ...codecs.flatMap(([name, codec]) => [
    produce(9, `${name}`, put(batch({ count: 20, codec }), { topic: 'compressed' })),
    produce(7, `${name} for a gzip topic`, put(batch({ count: 5, codec }), { topic: 'gzipped' })),
    produce(9, `${name} for an uncompressed topic`, put(batch({ count: 5, codec }), { topic: 'unpacked' })),
    produce(9, `${name} for a zstd topic`, put(batch({ count: 5, codec }), { topic: 'zstd-only' })),
    produce(9, `${name} for a LogAppendTime topic`, put(batch({ count: 3, codec }), { topic: 'clocked' })),
  ]),
  produce(6, 'zstd too early', put(batch({ codec: Codec.zstd }), { topic: 'compressed' })),
  produce(7, 'zstd just in time', put(batch({ codec: Codec.zstd }), { topic: 'compressed' })),
  produce(3, 'zstd in the lowest version', put(batch({ codec: Codec.zstd }), { topic: 'compressed' })),
  produce(
    9,
    'gzip with wrong count',
    put(withInt32(batch({ count: 3, codec: Codec.gzip }), HeaderAt.count, 2), { topic: 'compressed' }),
  ),
  produce(
    9,
    'gzip with lying count and delta',
    put(
      withInt32(
        withInt32(batch({ count: 3, codec: Codec.gzip }), HeaderAt.count, 4),
        HeaderAt.lastOffsetDelta,
        3,
      ),
      { topic: 'compressed' },
    ),
  ),
  produce(
    9,
    'snappy with short count and delta',
    put(
      withInt32(
        withInt32(batch({ count: 3, codec: Codec.snappy }), HeaderAt.count, 2),
        HeaderAt.lastOffsetDelta,
        1,
      ),
      { topic: 'compressed' },
    ),
  ),
  produce(
    9,
    'lz4 with wrong maxTimestamp',
    put(
      changed(batch({ count: 3, codec: Codec.lz4 }), (v) => v.setBigInt64(HeaderAt.maxTimestamp, 1n)),
      { topic: 'compressed' },
    ),
  ),
];

const timed: [string, string, (world: World) => Uint8Array][] = [
  ['now', 'times', at(0)],
  ['59 minutes ahead', 'times', at(59 * 60_000)],
  ['two hours ahead', 'times', at(2 * HOUR)],
  ['years ago', 'times', () => batch({ timestamp: 1 })],
  ['no timestamp', 'times', () => batch({ timestamp: -1 })],
  ['timestamp -2', 'times', () => batch({ timestamp: -2 })],
  ['two hours ago, narrow', 'narrow', at(-2 * HOUR)],
  ['half an hour ago, narrow', 'narrow', at(-HOUR / 2)],
  ['two minutes ahead, narrow', 'narrow', at(120_000)],
  ['no timestamp, narrow', 'narrow', () => batch({ timestamp: -1 })],
  ['all of five too old', 'narrow', at(-2 * HOUR, { count: 5 })],
  ['two too old, gzip', 'narrow', at(-2 * HOUR, { count: 2, codec: Codec.gzip })],
  ['far away, LogAppendTime topic', 'clocked', at(99 * HOUR)],
  [
    'LogAppendTime bit, LogAppendTime topic',
    'clocked',
    () => withInt16(batch(), HeaderAt.attributes, Attribute.logAppendTime),
  ],
  ['many', 'times', () => batch({ count: 50, timestamp: LONG_AGO + 1000 })],
  ['older again', 'times', () => batch({ count: 5, timestamp: LONG_AGO - 1000 })],
];
export const timeSteps: readonly Step[] = timed.map(([what, topic, records]) =>
  produce(9, `time: ${what}`, (world) => put(records(world), { topic })),
);

/** Enough to fill more than one segment of `rolling`. */
export const rolling: readonly Step[] = Array.from({ length: 12 }, (_, i) =>
  produce(
    9,
    `200 kB, no. ${i}`,
    put(batch({ count: 4, valueBytes: 50_000, timestamp: LONG_AGO + i * 1000 }), { topic: 'rolling' }),
  ),
);
