/** Repeated answers: byte for byte what the handler would have said, whatever happened to the metadata in between. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { metadataHandler } from '../../src/broker/handlers/03-metadata.js';
import { apiVersionsHandler } from '../../src/broker/handlers/18-api-versions.js';
import { AnswerCache } from '../../src/broker/network/answer-cache.js';
import type { NetworkContext, NetworkHandler } from '../../src/broker/network/context.js';
import { featureLevels } from '../../src/broker/network/features.js';
import { RequestRouter } from '../../src/broker/network/request-router.js';
import { TopicDirectory } from '../../src/broker/network/topic-directory.js';
import { MetadataImage } from '../../src/metadata/image/metadata-image.js';
import { METADATA_VERSION_MAX } from '../../src/metadata/image/metadata-version.js';
import type { PartitionGateway } from '../../src/partition/contract.js';
import { metadataRequest } from '../../src/protocol/03-metadata.js';
import { apiVersionsRequest } from '../../src/protocol/18-api-versions.js';
import {
  fenceBrokerRecord,
  registerBrokerRecord,
  unfenceBrokerRecord,
} from '../../src/protocol/records/brokers.js';
import { featureLevelRecord } from '../../src/protocol/records/configs.js';
import { partitionChangeRecord, partitionRecord } from '../../src/protocol/records/partitions.js';
import { removeTopicRecord, topicRecord } from '../../src/protocol/records/topics.js';
import {
  decode,
  encode,
  type InferInput,
  isFlexible,
  type Message,
  Reader,
  Writer,
} from '../../src/wire/index.js';
import { noQuotas } from './support/no-quotas.js';

const LISTENERS = ['PLAINTEXT', 'OTHER'];
const NAMES = ['a', 'orders', 'a-topic-with-a-longer-name', '__consumer_offsets', 'no good name'];
const IDS = NAMES.map((_, index) => Buffer.alloc(16, index + 1).toString('base64url'));
const BROKERS = [1, 2];

/** A record with every field that was left out. */
function full<Out, In>(message: Message<Out, In>, value: In): Out {
  const writer = new Writer();
  encode(message, message.versions[1], writer, value);
  return decode(message, message.versions[1], Reader.of(writer.written()));
}

/** A network thread's metadata and two routers on it: one that repeats its answers and one that never does. */
class World {
  readonly image = new MetadataImage();
  readonly topics = new TopicDirectory(this.image, {
    forget: () => undefined,
  } as Partial<PartitionGateway> as PartitionGateway);
  offset = 0;
  handled = 0;
  readonly slab = new Uint8Array(1 << 16);
  readonly created: [string[][], string[][]] = [[], []];
  readonly answers: [string[], string[]] = [[], []];
  readonly routers = [this.router(true), this.router(false)];

  private router(repeats: boolean): RequestRouter {
    const index = repeats ? 0 : 1;
    const context = {
      quotas: noQuotas(),
      nodeId: 1,
      clusterId: 'cluster',
      config: { fetchBytesMax: 1, autoCreateTopics: true },
      topics: this.topics,
      advertised: [{ apiKey: 3, minVersion: 0, maxVersion: 13 }],
      features: () => featureLevels(this.image, this.offset, 1),
      createTopics: (names: string[]) => void this.created[index].push(names),
    } as Partial<NetworkContext> as NetworkContext;
    const apis: NetworkHandler[] = [];
    for (const [key, handler] of [[3, metadataHandler] as const, [18, apiVersionsHandler] as const]) {
      const handle: NetworkHandler['handle'] = (...call) => {
        if (repeats) this.handled++;
        handler.handle(...call);
      };
      apis[key] = { ...handler, handle, repeats };
    }
    return new RequestRouter({
      context,
      apis,
      frames: {
        complete: (_request, bytes, _holes, length) =>
          void this.answers[index].push(
            Buffer.from((bytes ?? new Uint8Array(0)).subarray(0, length)).toString('hex'),
          ),
        closeRequest: () => void this.answers[index].push('closed'),
        isAlive: () => true,
        mute: () => {},
      },
      report: () => undefined,
      client: () => ({ host: 'h', port: 1 }),
      listener: (connection) => LISTENERS[connection] ?? '',
      onClosed: () => undefined,
      answered: () => undefined,
      forward: () => undefined,
    });
  }

  serve(frame: Uint8Array, connection = 0, position = 0): void {
    this.slab.fill(0xee);
    this.slab.set(frame, position);
    for (const router of this.routers) router.serve(0, connection, this.slab, position, frame.length);
  }

  /** What a message of the main thread does (network-thread.ts). */
  replay(record: Parameters<MetadataImage['replay']>[0]): void {
    this.image.replay(record);
    this.offset++;
    this.topics.changed();
  }

  broker(id: number, listeners: string[]): void {
    const endPoints = listeners.map((name, index) => ({
      name,
      host: `host-${id}`,
      port: 9000 + index,
      securityProtocol: 0,
    }));
    const value = full(registerBrokerRecord, {
      brokerId: id,
      brokerEpoch: 1,
      endPoints,
      fenced: false,
      incarnationId: IDS[0],
    });
    this.replay({ type: 'RegisterBrokerRecord', version: 0, value } as Parameters<
      MetadataImage['replay']
    >[0]);
  }
  topic(index: number, partitions: number): void {
    if (this.image.topicById(IDS[index]) !== undefined) return;
    const topicId = IDS[index];
    this.replay(record('TopicRecord', full(topicRecord, { name: NAMES[index], topicId })));
    for (let partitionId = 0; partitionId < partitions; partitionId++) {
      const value = full(partitionRecord, { partitionId, topicId, replicas: [1, 2], isr: [1], leader: 1 });
      this.replay(record('PartitionRecord', value));
      this.topics.place({ topicId, partition: partitionId, slot: index * 8 + partitionId, directory: '' });
    }
  }
}

function record(type: string, value: unknown): Parameters<MetadataImage['replay']>[0] {
  return { type, version: 0, value } as Parameters<MetadataImage['replay']>[0];
}

/** A request frame; `tail`: bytes behind the body. */
function frame<In>(
  message: Message<unknown, In>,
  version: number,
  body: In,
  correlationId: number,
  clientId: string | null = 'me',
  tail = 0,
): Uint8Array {
  const writer = new Writer();
  writer.int16(message.key ?? 0);
  writer.int16(version);
  writer.int32(correlationId);
  writer.nullableString(clientId);
  if (isFlexible(message, version)) writer.uvarint(0);
  encode(message, version, writer, body);
  writer.raw(new Uint8Array(tail));
  return Uint8Array.from(writer.written());
}

type MetadataBody = InferInput<typeof metadataRequest>;

const index = fc.nat(NAMES.length - 1);
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('metadata' as const),
      version: fc.integer({ min: 0, max: 13 }),
      topics: fc.option(fc.array(index, { maxLength: 3 })),
      byId: fc.boolean(),
      create: fc.boolean(),
      operations: fc.boolean(),
      clientId: fc.option(fc.constantFrom('', 'me', 'someone else')),
      connection: fc.nat(LISTENERS.length - 1),
      position: fc.nat(9),
      cut: fc.constantFrom(0, 0, 0, 0, 0, 0, 1, 5),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('versions' as const),
      version: fc.integer({ min: 0, max: 6 }),
      software: fc.constantFrom('', 'librdkafka', 'no good'),
    }),
  },
  fc.record({
    do: fc.constant('topic' as const),
    index: fc.nat(3),
    partitions: fc.integer({ min: 1, max: 4 }),
  }),
  fc.record({
    do: fc.constantFrom('remove' as const, 'unplace' as const, 'elect' as const),
    index: fc.nat(3),
  }),
  fc.record({
    do: fc.constantFrom('fence' as const, 'unfence' as const, 'register' as const),
    broker: fc.constantFrom(...BROKERS),
    both: fc.boolean(),
  }),
  fc.record({
    do: fc.constant('feature' as const),
    level: fc.integer({ min: METADATA_VERSION_MAX - 3, max: METADATA_VERSION_MAX }),
  }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function run(world: World, one: Step, correlationId: number): void {
  switch (one.do) {
    case 'metadata': {
      const { version, byId, create, operations } = one;
      const topics = one.topics?.map((at) =>
        byId && version >= 12 ? { topicId: IDS[at], name: null } : { name: NAMES[at] },
      );
      const body: MetadataBody = {
        topics: topics ?? (version === 0 ? [] : null),
        ...(version >= 4 ? { allowAutoTopicCreation: create } : {}),
        ...(version >= 8 ? { includeTopicAuthorizedOperations: operations } : {}),
        ...(version >= 8 && version <= 10 ? { includeClusterAuthorizedOperations: operations } : {}),
      };
      const bytes = frame(metadataRequest, version, body, correlationId, one.clientId);
      world.serve(bytes.subarray(0, bytes.length - one.cut), one.connection, one.position);
      return;
    }
    case 'versions': {
      const known = Math.min(one.version, 4);
      const software = known >= 3 ? { clientSoftwareName: one.software, clientSoftwareVersion: '1.0' } : {};
      const bytes = frame(apiVersionsRequest, known, software, correlationId);
      bytes[3] = one.version;
      world.serve(bytes);
      return;
    }
    case 'topic':
      world.topic(one.index, one.partitions);
      return;
    case 'remove':
      if (world.image.topicById(IDS[one.index]) === undefined) return;
      world.replay(record('RemoveTopicRecord', full(removeTopicRecord, { topicId: IDS[one.index] })));
      return;
    case 'unplace':
      world.topics.remove(one.index * 8);
      return;
    case 'elect':
      if (world.image.topicById(IDS[one.index]) === undefined) return;
      world.replay(
        record(
          'PartitionChangeRecord',
          full(partitionChangeRecord, { partitionId: 0, topicId: IDS[one.index], leader: 2, isr: [2] }),
        ),
      );
      return;
    case 'register':
      world.broker(one.broker, one.both ? LISTENERS : LISTENERS.slice(0, 1));
      return;
    case 'fence':
      world.replay(record('FenceBrokerRecord', full(fenceBrokerRecord, { id: one.broker, epoch: 1 })));
      return;
    case 'unfence':
      world.replay(record('UnfenceBrokerRecord', full(unfenceBrokerRecord, { id: one.broker, epoch: 1 })));
      return;
    case 'feature':
      world.replay(
        record(
          'FeatureLevelRecord',
          full(featureLevelRecord, { name: 'metadata.version', featureLevel: one.level }),
        ),
      );
  }
}

function worldWithBrokers(): World {
  const world = new World();
  for (const id of BROKERS) world.broker(id, LISTENERS);
  return world;
}

describe('repeated answers', () => {
  it('equal those made anew, for all versions and whatever changes in between', () => {
    let repeated = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 25 }), (steps) => {
        const world = worldWithBrokers();
        world.topic(0, 2);
        // Each step twice: the second time it may be known.
        steps.forEach((one, at) => {
          run(world, one, at);
          run(world, one, -at);
        });
        expect(world.answers[0]).toEqual(world.answers[1]);
        expect(world.created[0]).toEqual(world.created[1]);
        repeated += world.answers[0].length - world.handled;
      }),
      { numRuns: 300 },
    );
    expect(repeated).toBeGreaterThan(300);
  });

  it('are given without the handler, for another client and correlation id too', () => {
    const world = worldWithBrokers();
    world.topic(1, 3);
    const body = { topics: [{ name: 'orders' }] };
    world.serve(frame(metadataRequest, 12, body, 1, 'me'));
    world.serve(frame(metadataRequest, 12, body, 0x01020304, null), 0, 5);
    expect(world.handled).toBe(1);
    expect(world.answers[0][1]?.slice(0, 8)).toBe('01020304');
    world.serve(frame(metadataRequest, 12, body, 1, 'me'), 1);
    expect(world.handled).toBe(2); // another listener
    world.serve(frame(metadataRequest, 11, body, 1, 'me'));
    expect(world.handled).toBe(3); // another version
    expect(world.answers[0]).toEqual(world.answers[1]);
  });

  it('are not given for topics that are not there: each request may create them', () => {
    const world = worldWithBrokers();
    const asking = frame(
      metadataRequest,
      4,
      { topics: [{ name: 'orders' }], allowAutoTopicCreation: true },
      1,
    );
    world.serve(asking);
    world.serve(asking);
    expect(world.created[0]).toEqual([['orders'], ['orders']]);
  });

  it('end when a partition is placed, a record is replayed or a partition goes', () => {
    const world = worldWithBrokers();
    world.topic(0, 1);
    const asking = frame(metadataRequest, 4, { topics: [{ name: 'a' }] }, 1);
    const changes = [
      () => world.topics.place({ topicId: IDS[0], partition: 0, slot: 3, directory: '' }),
      () => world.topics.remove(3),
      () => run(world, { do: 'elect', index: 0 }, 0),
    ];
    for (const change of changes) {
      world.serve(asking);
      world.serve(asking);
      const { handled } = world;
      change();
      world.serve(asking);
      expect(world.handled).toBe(handled + 1);
    }
    expect(world.answers[0]).toEqual(world.answers[1]);
  });

  it('headers with tagged fields or broken lengths go the long way', () => {
    const world = worldWithBrokers();
    const bytes = frame(
      apiVersionsRequest,
      3,
      { clientSoftwareName: 'a', clientSoftwareVersion: '1' },
      1,
      '',
    );
    world.serve(bytes);
    // Tag 5 with one byte, in place of the empty section behind the client id.
    const tagged = Uint8Array.from([...bytes.subarray(0, 10), 1, 5, 1, 0, ...bytes.subarray(11)]);
    world.serve(tagged);
    world.serve(Uint8Array.from(bytes).fill(0x80, 8, 10));
    world.serve(bytes.subarray(0, 9));
    expect(world.answers[0]).toEqual(world.answers[1]);
    expect(world.handled).toBe(3);
    expect(world.answers[0].at(-1)).toBe('closed');
  });
});

describe('AnswerCache', () => {
  const ask = (cache: AnswerCache, slab: Uint8Array): Uint8Array | undefined =>
    cache.find(slab, 0, slab.length, 1, 'L', 0);

  it('keeps at most 4 MiB, and nothing that is too long', () => {
    const cache = new AnswerCache();
    const answer = new Uint8Array(1024 * 1024);
    for (let at = 0; at < 20; at++) {
      expect(ask(cache, Uint8Array.of(at))).toBeUndefined();
      cache.keep(answer);
    }
    const known = Array.from({ length: 20 }, (_, at) => ask(cache, Uint8Array.of(at))).filter((one) => one);
    expect(known.length).toBeGreaterThan(0);
    expect(known.length).toBeLessThanOrEqual(4);
    ask(cache, Uint8Array.of(200));
    cache.keep(new Uint8Array(1024 * 1024 + 1));
    expect(ask(cache, Uint8Array.of(200))).toBeUndefined();
    const long = new Uint8Array(64 * 1024 + 1);
    ask(cache, long);
    cache.keep(answer);
    expect(ask(cache, long)).toBeUndefined();
  });

  it('tells bodies apart that differ in any one bit', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.nat(), (body, at) => {
        const cache = new AnswerCache();
        ask(cache, body);
        cache.keep(Uint8Array.of(1, 2, 3, 4));
        expect(ask(cache, Uint8Array.from(body))).toEqual(Uint8Array.of(1, 2, 3, 4));
        const other = Uint8Array.from(body);
        other[(at >> 3) % body.length] = (other[(at >> 3) % body.length] ?? 0) ^ (1 << (at & 7));
        expect(ask(cache, other)).toBeUndefined();
      }),
    );
  });
});
