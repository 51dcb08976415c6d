/** InitProducerId, and what idempotent producers may and may not send. */
import { ApiKey, initProducerIdRequest, produceRequest } from '../../../../src/protocol/index.js';
import { Codec } from '../../../../src/record/layout.js';
import { batch, type Shape } from '../batches.js';
import { type Answer, type Step, stepsOf, type World } from '../step.js';
import { put } from './produce.js';

const init = stepsOf(ApiKey.InitProducerId, initProducerIdRequest);
const produce = stepsOf(ApiKey.Produce, produceRequest);

function learn(answer: Answer, world: World): void {
  const { producerId, producerEpoch } = answer;
  if (typeof producerId === 'bigint' && producerId >= 0n)
    world.producers.push({ id: producerId, epoch: Number(producerEpoch) });
}

export const ids: readonly Step[] = [
  ...[0, 1, 2, 3, 4, 5].map((version) =>
    init(version, 'a new producer', { transactionalId: null, transactionTimeoutMs: 60_000 }, { learn }),
  ),
  init(4, 'zero timeout does not matter', { transactionalId: null, transactionTimeoutMs: 0 }, { learn }),
  init(
    4,
    'an id that we made up',
    { transactionalId: null, transactionTimeoutMs: 1000, producerId: 777n, producerEpoch: 3 },
    { learn },
  ),
  init(
    4,
    'its own id',
    (world) => ({
      transactionalId: null,
      transactionTimeoutMs: 1000,
      producerId: world.producer(0).id,
      producerEpoch: 0,
    }),
    { learn },
  ),
  init(4, 'id without epoch', {
    transactionalId: null,
    transactionTimeoutMs: 1000,
    producerId: 777n,
    producerEpoch: -1,
  }),
  init(4, 'epoch without id', {
    transactionalId: null,
    transactionTimeoutMs: 1000,
    producerId: -1n,
    producerEpoch: 1,
  }),
  init(4, 'negative id', {
    transactionalId: null,
    transactionTimeoutMs: 1000,
    producerId: -7n,
    producerEpoch: 1,
  }),
  init(4, 'empty transactional id', { transactionalId: '', transactionTimeoutMs: 1000 }),
];

/** Sends as producer 0 unless told otherwise. */
function sent(what: string, sequence: number, shape: Shape = {}, epoch = 0, index = 0): Step {
  return produce(9, what, (world) =>
    put(
      batch({
        count: 2,
        ...shape,
        producerId: world.producer(index).id,
        producerEpoch: epoch,
        baseSequence: sequence,
      }),
      { topic: 'sequences' },
    ),
  );
}
const MAX = 0x7fffffff;

export const sequences: readonly Step[] = [
  sent('sequence 0', 0),
  sent('sequence 2', 2),
  sent('sequence 2 again', 2),
  sent('sequence 0 again', 0),
  sent('sequence 0 with another length', 0, { count: 1 }),
  sent('a gap', 6),
  sent('overlapping', 3),
  sent('sequence 4', 4),
  sent('the gap is filled', 6),
  sent('sequence 8', 8),
  sent('sequence 10', 10),
  sent('sequence 12', 12),
  sent('one of the last five again', 4),
  sent('older than the last five', 0),
  sent('older than the last five, too', 2),
  sent('the same bytes packed', 12, { codec: Codec.gzip }),
  sent('new epoch, wrong sequence', 5, {}, 1),
  sent('new epoch', 0, {}, 1),
  sent('old epoch', 14, {}, 0),
  sent('old epoch, a duplicate', 12, {}, 0),
  sent('new epoch goes on', 2, {}, 1),
  sent('first of a new epoch again', 0, {}, 1),
  sent('epoch 7 in one step', 0, {}, 7),
  sent('unknown producer starts in the middle', 1000, {}, 0, 1),
  sent('and goes on', 1002, {}, 0, 1),
  sent('near the end of sequences', MAX - 1, {}, 3, 2),
  sent('wraps around', 0, {}, 3, 2),
  sent('over the end in one batch', MAX, {}, 4, 3),
  sent('goes on behind the wrap', 1, {}, 4, 3),
  sent('highest epoch', 0, {}, 32767, 4),
  sent('lower than the highest epoch', 0, {}, 32766, 4),
  produce(9, 'another partition has its own sequence', (world) =>
    put(batch({ producerId: world.producer(0).id, producerEpoch: 0, baseSequence: 0 }), {
      topic: 'many',
      index: 2,
    }),
  ),
  produce(
    9,
    'acks 0, a gap',
    (world) =>
      put(batch({ producerId: world.producer(0).id, producerEpoch: 7, baseSequence: 99 }), {
        topic: 'sequences',
        acks: 0,
      }),
    { noAnswer: true },
  ),
  produce(9, 'acks 1, a duplicate', (world) =>
    put(batch({ count: 2, producerId: world.producer(0).id, producerEpoch: 7, baseSequence: 0 }), {
      topic: 'sequences',
      acks: 1,
    }),
  ),
  produce(9, 'a duplicate beside a new one', (world) => ({
    acks: -1,
    timeoutMs: 5000,
    topicData: [
      {
        name: 'many',
        partitionData: [
          {
            index: 2,
            records: batch({ producerId: world.producer(0).id, producerEpoch: 0, baseSequence: 0 }),
          },
          {
            index: 3,
            records: batch({ producerId: world.producer(0).id, producerEpoch: 0, baseSequence: 0 }),
          },
        ],
      },
    ],
  })),
];
