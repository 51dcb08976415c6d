/**
 * Produce requests served without being decoded (broker/produce/single-produces.ts) against the general way: the same
 * frames and outcomes give the same appends, the same bytes, the same closed connections.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { KafkaError } from '../../src/base/kafka-error.js';
import { DelayedFetches } from '../../src/broker/fetch/delayed-fetches.js';
import { FetchReader } from '../../src/broker/fetch/fetch-reader.js';
import { FetchSessionCache } from '../../src/broker/fetch/fetch-session.js';
import { produceHandler } from '../../src/broker/handlers/00-produce.js';
import type { NetworkContext, NetworkHandler } from '../../src/broker/network/context.js';
import { RequestRouter } from '../../src/broker/network/request-router.js';
import { TopicDirectory } from '../../src/broker/network/topic-directory.js';
import { PendingAppends } from '../../src/broker/produce/pending-appends.js';
import { SingleProduces } from '../../src/broker/produce/single-produces.js';
import { systemClock } from '../../src/io/clock.js';
import { MetadataImage } from '../../src/metadata/image/metadata-image.js';
import {
  type AppendCompletion,
  type PartitionGateway,
  type PartitionState,
  PartitionStatus,
} from '../../src/partition/contract.js';
import { emptyState } from '../../src/partition/state-table.js';
import { produceRequest } from '../../src/protocol/00-produce.js';
import { beginRequest, encode, isFlexible, Writer } from '../../src/wire/index.js';
import { makeEngine } from '../io/pollers.js';
import { noQuotas } from './support/no-quotas.js';
import { batchOf } from './support/requests.js';

const TOPIC = 'grüße';
const TOPIC_ID = 'AAAAAAAAAAAAAAAAAAAABQ';
const INTERNAL = '__consumer_offsets';
const INTERNAL_ID = 'AAAAAAAAAAAAAAAAAAAABg';
const UNKNOWN_ID = 'AAAAAAAAAAAAAAAAAAAABw';

interface Outcome {
  error: number;
  baseOffset: number;
  appendTime: number;
  logStartOffset: number;
  detail: AppendCompletion['detail'];
}

/** Slots 0 to 2: online, offline, too few replicas in sync. Appends wait until `finish`. */
class FakeGateway implements PartitionGateway {
  readonly submitted: { slot: number; request: number; position: number; length: number }[] = [];
  submitAppend(slot: number, request: number, position: number, length: number): boolean {
    this.submitted.push({ slot, request, position, length });
    return true;
  }
  flushWakes(): void {}
  drain(): number {
    return 0;
  }
  status(slot: number): number {
    return slot === 1 ? PartitionStatus.offline : PartitionStatus.online;
  }
  readState(slot: number, out: PartitionState): void {
    Object.assign(out, emptyState(), { logStartOffset: 77, minInsyncReplicas: slot === 2 ? 2 : 1 });
  }
  watch(): void {}
  logToken(): number {
    return -1;
  }
  learn(): void {}
  forget(): void {}
}

/** One router over a fake thread. */
class Side {
  readonly gateway = new FakeGateway();
  readonly said: string[] = [];
  readonly topics: TopicDirectory;
  private readonly appends: PendingAppends;
  private readonly router: RequestRouter;
  private readonly frames = new Map<number, { position: number; length: number }>();
  direct = 0;

  constructor(
    private readonly slab: Uint8Array,
    api: NetworkHandler,
  ) {
    const { gateway } = this;
    const image = new MetadataImage();
    for (const [name, topicId] of [
      [TOPIC, TOPIC_ID],
      [INTERNAL, INTERNAL_ID],
    ]) {
      image.replay({ type: 'TopicRecord', version: 0, value: { name, topicId } });
    }
    this.topics = new TopicDirectory(image, gateway);
    for (let slot = 0; slot < 3; slot++)
      this.topics.place({ topicId: TOPIC_ID, partition: slot, slot, directory: '' });
    this.topics.place({ topicId: INTERNAL_ID, partition: 0, slot: 0, directory: '' });
    this.appends = new PendingAppends(gateway);
    this.router = new RequestRouter({
      context: this.context(),
      frames: {
        complete: (request, bytes, _holes, length) =>
          this.said.push(
            `${request}: ${bytes === null ? 'none' : Buffer.from(bytes).toString('hex', 0, length)}`,
          ),
        closeRequest: (request) => this.said.push(`${request}: close`),
        isAlive: () => true,
        mute: () => {},
      },
      report: () => {},
      apis: [api],
      client: () => ({ host: '', port: 0 }),
      listener: () => 'PLAINTEXT',
      onClosed: () => {},
      answered: () => {},
      forward: () => {},
    });
  }

  private context(): NetworkContext {
    const { gateway, topics, appends, slab } = this;
    const engine = makeEngine('portable');
    const singles = new SingleProduces({
      gateway,
      topics,
      appends,
      complete: (request, bytes) => {
        this.direct++;
        this.said.push(`${request}: ${Buffer.from(bytes).toString('hex')}`);
      },
      refused: (request, completion) => {
        const { position, length } = this.frames.get(request) ?? { position: 0, length: 0 };
        this.router.refused(request, 0, slab, position, length, completion);
      },
    });
    return {
      nodeId: 1,
      clusterId: 'c',
      config: { fetchBytesMax: 1, autoCreateTopics: false },
      clock: systemClock,
      engine,
      gateway,
      topics,
      appends,
      singles,
      reader: new FetchReader(gateway, engine, topics),
      delayed: new DelayedFetches(
        () => 0,
        () => {},
      ),
      sessions: new FetchSessionCache(1, () => 1),
      quotas: noQuotas(),
      advertised: [],
      features: () => ({ supported: [], finalized: [], epoch: 0 }),
      createTopics: () => {},
    };
  }

  serve(request: number, position: number, length: number): void {
    this.frames.set(request, { position, length });
    this.router.serve(request, 0, this.slab, position, length);
  }

  /** Completes everything submitted, the latest first: answers depend on no order. */
  finish(outcomes: readonly Outcome[]): void {
    const submitted = this.gateway.submitted.slice();
    for (let i = submitted.length - 1; i >= 0; i--) {
      const { slot, request } = submitted[i];
      this.appends.complete({ ...outcomes[i % outcomes.length], slot, request });
    }
  }

  submits(): string[] {
    return this.gateway.submitted.map(({ slot, position, length }) => `${slot} ${position} ${length}`);
  }
}

const { direct: _direct, ...generalHandler } = produceHandler;

const good = batchOf(['a value']);
const broken = (change: (bytes: Uint8Array) => void): Uint8Array => {
  const bytes = good.slice();
  change(bytes);
  return bytes;
};
const RECORDS: readonly (Uint8Array | null)[] = [
  good,
  good,
  good,
  batchOf(['x'.repeat(300)]),
  null,
  new Uint8Array(0),
  good.slice(0, 20),
  broken((bytes) => {
    bytes[16] = 1;
  }),
  broken((bytes) => {
    bytes[16] = 3;
  }),
  broken((bytes) => {
    bytes[22] |= 4;
  }),
  broken((bytes) => {
    bytes[22] |= 0x10;
  }),
  broken((bytes) => {
    bytes[11] = 3;
  }),
];

interface Shape {
  version: number;
  correlationId: number;
  clientId: string | null;
  transactionalId: string | null;
  acks: number;
  topics: { topic: string; partitions: { index: number; records: Uint8Array | null }[] }[];
}

const common = {
  version: fc.integer({ min: 3, max: 13 }),
  correlationId: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
};
const shape: fc.Arbitrary<Shape> = fc.record({
  ...common,
  clientId: fc.constantFrom(null, '', 'client', '__admin_client', 'x'.repeat(300)),
  transactionalId: fc.constantFrom(null, null, null, 't'),
  acks: fc.constantFrom(1, 1, -1, -1, 0, 2),
  topics: fc.array(
    fc.record({
      topic: fc.constantFrom(TOPIC, TOPIC, TOPIC, TOPIC, INTERNAL, 'unknown', 'u'.repeat(200)),
      partitions: fc.array(
        fc.record({ index: fc.constantFrom(0, 0, 0, 1, 2, 3, -1), records: fc.constantFrom(...RECORDS) }),
        { minLength: 0, maxLength: 2 },
      ),
    }),
    { minLength: 0, maxLength: 2 },
  ),
});
/** One topic and one partition, and nothing that leads to a refusal. */
const usual = fc.record({
  ...common,
  clientId: fc.constantFrom(null, '', 'client'),
  acks: fc.constantFrom(1, -1),
});
const single = fc
  .tuple(
    usual,
    fc.constantFrom(TOPIC, TOPIC, 'unknown'),
    fc.constantFrom(0, 0, 0, 1, 2, 7),
    fc.constantFrom(...RECORDS),
  )
  .map(
    ([request, topic, index, records]): Shape => ({
      ...request,
      transactionalId: null,
      topics: [{ topic, partitions: [{ index, records }] }],
    }),
  );
/** Cuts bytes off, or overwrites one. */
const damage = fc.oneof(
  { weight: 4, arbitrary: fc.constant(null) },
  fc.record({ cut: fc.nat(40), at: fc.nat(120), byte: fc.integer({ min: 0, max: 255 }) }),
);
const offset = fc.oneof(fc.nat(), fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), fc.constant(-1));
const detail: AppendCompletion['detail'] = {
  message: 'why',
  recordErrors: [{ batchIndex: 0, message: 'this one' }],
};
const outcome: fc.Arbitrary<Outcome> = fc.oneof(
  fc.record({
    error: fc.constant(0),
    baseOffset: offset,
    appendTime: offset,
    logStartOffset: offset,
    detail: fc.constant(null),
  }),
  fc.record({
    error: fc.constantFrom(
      KafkaError.CORRUPT_MESSAGE,
      KafkaError.INVALID_RECORD,
      KafkaError.INVALID_TIMESTAMP,
    ),
    baseOffset: fc.constant(-1),
    appendTime: fc.constant(-1),
    logStartOffset: fc.constant(-1),
    detail: fc.constantFrom(null, detail),
  }),
);

function frameOf(request: Shape): Uint8Array {
  const { version, correlationId, clientId, transactionalId, acks } = request;
  const writer = new Writer();
  const header = { requestApiKey: 0, requestApiVersion: version, correlationId, clientId };
  beginRequest(writer, header, isFlexible(produceRequest, version) ? 2 : 1);
  const from = writer.position;
  const ids = new Map([
    [TOPIC, TOPIC_ID],
    [INTERNAL, INTERNAL_ID],
  ]);
  encode(produceRequest, version, writer, {
    transactionalId,
    acks,
    timeoutMs: 1000,
    topicData: request.topics.map(({ topic, partitions }) => ({
      name: topic,
      topicId: ids.get(topic) ?? UNKNOWN_ID,
      partitionData: partitions,
    })),
  });
  expect(writer.position).toBeGreaterThan(from);
  return writer.written(4).slice();
}

it('the direct way answers as the general way does', () => {
  let direct = 0;
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.oneof({ weight: 3, arbitrary: single }, shape), damage), {
        minLength: 1,
        maxLength: 6,
      }),
      fc.array(outcome, { minLength: 1, maxLength: 4 }),
      (requests, outcomes) => {
        const slab = new Uint8Array(new SharedArrayBuffer(64 * 1024));
        const sides = [new Side(slab, produceHandler), new Side(slab, generalHandler)];
        let at = 8;
        for (const [index, [request, harm]] of requests.entries()) {
          const frame = frameOf(request);
          if (harm !== null && harm.at < frame.length && harm.at >= 2) frame[harm.at] = harm.byte;
          const length = Math.max(2, frame.length - (harm?.cut ?? 0));
          slab.fill(0xff, at, at + frame.length + 16);
          slab.set(frame, at);
          for (const side of sides) side.serve(index, at, length);
          at += frame.length + 16;
        }
        for (const side of sides) side.finish(outcomes);
        expect(sides[0].submits()).toEqual(sides[1].submits());
        expect(sides[0].said.toSorted()).toEqual(sides[1].said.toSorted());
        direct += sides[0].direct;
        expect(sides[1].direct).toBe(0);
      },
    ),
    { numRuns: 2000 },
  );
  expect(direct).toBeGreaterThan(200);
});

it('a partition that moved is asked for anew', () => {
  const slab = new Uint8Array(new SharedArrayBuffer(4096));
  const side = new Side(slab, produceHandler);
  const request = { version: 9, correlationId: 1, clientId: null, transactionalId: null, acks: 1 };
  const frame = frameOf({
    ...request,
    topics: [{ topic: TOPIC, partitions: [{ index: 0, records: good }] }],
  });
  slab.set(frame, 8);
  side.serve(0, 8, frame.length);
  side.topics.place({ topicId: TOPIC_ID, partition: 0, slot: 2, directory: '' });
  side.serve(1, 8, frame.length);
  side.topics.remove(2);
  side.serve(2, 8, frame.length);
  expect(side.gateway.submitted.map(({ slot }) => slot)).toEqual([0, 2]);
  expect(side.said).toHaveLength(1); // UNKNOWN_TOPIC_OR_PARTITION
});
