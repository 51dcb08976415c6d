/** Which quota holds for whom, and how rates, buckets and connection limits count; without a broker. */
import { describe, expect, it } from 'vitest';
import { connectionLimitSettings } from '../../src/broker/main/connection-settings.js';
import { ClientQuotas } from '../../src/broker/quota/client-quotas.js';
import {
  type ConnectionLimitSettings,
  ConnectionLimits,
  UNLIMITED,
} from '../../src/broker/quota/connection-limits.js';
import { MutationQuotas } from '../../src/broker/quota/mutation-quotas.js';
import { QuotaLimits } from '../../src/broker/quota/quota-limits.js';
import { countMemory, SharedCounts } from '../../src/broker/quota/shared-counts.js';
import { rateMemory, SharedRates } from '../../src/broker/quota/shared-rates.js';
import { ManualClock } from '../../src/io/clock.js';
import { BrokerConfig } from '../../src/metadata/config/broker-config.js';
import { MetadataImage } from '../../src/metadata/image/metadata-image.js';

const WINDOWS = { samples: 11, windowMs: 1000 };
/** At the start of a window. */
const START_MS = 1_700_000_000_000;

type Entity = Record<string, string | null>;
function set(image: MetadataImage, entity: Entity, key: string, value: number | null): void {
  image.replay({
    type: 'ClientQuotaRecord',
    version: 0,
    value: {
      entity: Object.entries(entity).map(([entityType, entityName]) => ({ entityType, entityName })),
      key,
      value: value ?? 0,
      remove: value === null,
    },
  } as Parameters<MetadataImage['replay']>[0]);
}

describe('which quota holds', () => {
  const KEY = 'producer_byte_rate';
  /** Strongest first. */
  const order: [Entity, string][] = [
    [{ user: 'u', 'client-id': 'c' }, '1:uc'],
    [{ user: 'u', 'client-id': null }, '1:uc'],
    [{ user: 'u' }, '1:u\u0000none'],
    [{ user: null, 'client-id': 'c' }, '1:uc'],
    [{ user: null, 'client-id': null }, '1:uc'],
    [{ user: null }, '1:u\u0000none'],
    [{ 'client-id': 'c' }, '5:\u0000nonec'],
    [{ 'client-id': null }, '5:\u0000nonec'],
  ];
  it.each(order.map(([entity, rate], from) => ({ entity, rate, from })))(
    '$entity before all weaker ones',
    ({ rate, from }) => {
      const image = new MetadataImage();
      for (const [position, [entity]] of order.entries()) {
        if (position >= from) set(image, entity, KEY, 100 + position);
      }
      set(image, { user: 'u' }, 'consumer_byte_rate', 1); // another key says nothing
      const limits = new QuotaLimits(KEY, image.security.quotaEntities());
      expect(limits.of('u', 'c')).toEqual({ name: `${KEY} ${rate}`, limit: 100 + from });
    },
  );

  it('nobody else is meant', () => {
    const image = new MetadataImage();
    set(image, { user: 'u', 'client-id': 'c' }, KEY, 1);
    set(image, { user: 'other' }, KEY, 1);
    set(image, { ip: '127.0.0.1' }, 'connection_creation_rate', 1);
    const limits = new QuotaLimits(KEY, image.security.quotaEntities());
    expect(limits.of('u', 'd')).toBeNull();
    expect(limits.of('v', 'c')).toBeNull();
    expect(limits.ofAddress('127.0.0.1')).toBeNull();
    set(image, { user: 'u', 'client-id': 'c' }, KEY, null);
    set(image, { user: 'other' }, KEY, null);
    expect(new QuotaLimits(KEY, image.security.quotaEntities()).isEmpty).toBe(true);
  });

  it('names cannot be mistaken for pairs or defaults', () => {
    const image = new MetadataImage();
    set(image, { user: 'ab', 'client-id': 'c' }, KEY, 1);
    set(image, { user: null }, KEY, 2);
    const limits = new QuotaLimits(KEY, image.security.quotaEntities());
    expect(limits.of('a', 'bc')?.limit).toBe(2);
    expect(limits.of('', '')?.limit).toBe(2);
  });
});

describe('rates', () => {
  it('a burst counts against ten windows, and goes when its window does', () => {
    const memory = rateMemory(1, WINDOWS);
    const rate = new SharedRates(memory, 0, 1, WINDOWS).rate('r');
    rate.add(20_000, START_MS);
    expect(rate.measure(START_MS)).toBe(2000);
    expect(rate.windowMs).toBe(10_000);
    expect(rate.measure(START_MS + 10_500)).toBeCloseTo(20_000 / 10.5);
    expect(rate.measure(START_MS + 11_000)).toBe(0);
  });

  it('what one thread adds the others see; names keep apart', () => {
    const memory = rateMemory(3, WINDOWS);
    const threads = [0, 1, 2].map((lane) => new SharedRates(memory, lane, 3, WINDOWS));
    for (const [lane, rates] of threads.entries()) rates.rate('r').add(1000 * (lane + 1), START_MS);
    for (const rates of threads) {
      expect(rates.rate('r').measure(START_MS)).toBe(600);
      expect(rates.rate('other').measure(START_MS)).toBe(0);
    }
  });

  it('more names than rows are kept by the thread', () => {
    const rates = new SharedRates(rateMemory(1, WINDOWS), 0, 1, WINDOWS);
    for (let name = 0; name < 9000; name++) rates.rate(`n${name}`).add(10, START_MS);
    expect(rates.rate('n0').measure(START_MS)).toBe(1);
    expect(rates.rate('n8999').measure(START_MS)).toBe(1);
  });
});

describe('a client', () => {
  const client = { user: 'ANONYMOUS', clientId: 'c' };
  function quotas(key: string, value: number) {
    const image = new MetadataImage();
    const clock = new ManualClock(START_MS);
    const made = new ClientQuotas(new SharedRates(rateMemory(1, WINDOWS), 0, 1, WINDOWS), clock);
    set(image, { 'client-id': 'c' }, key, value);
    made.refresh(image);
    return { image, clock, quotas: made };
  }

  it('waits until the rate is back at the limit (QuotaUtils.throttleTime)', () => {
    const { clock, quotas: of } = quotas('producer_byte_rate', 1000);
    expect(of.produced(client, 10_000, 0)).toBe(0);
    expect(of.produced(client, 500, 0)).toBe(500);
    expect(of.produced({ user: 'ANONYMOUS', clientId: 'd' }, 1e9, 0)).toBe(0);
    clock.advance(500);
    expect(of.produced(client, 0, 0)).toBe(0);
    expect(of.fetched(client, 1e9, 0)).toBe(0);
  });

  it('an answer that has to wait is not counted', () => {
    const { quotas: of } = quotas('consumer_byte_rate', 1000);
    expect(of.fetchBytesMax(client)).toBe(10_000);
    expect(of.fetched(client, 9000, 0)).toBe(0);
    expect(of.fetched(client, 2000, 0)).toBe(1000);
    expect(of.fetched(client, 1000, 0)).toBe(0);
  });

  it('waits for handling time one window at most', () => {
    const { quotas: of } = quotas('request_percentage', 10);
    expect([of.chargesRequests, of.chargesProduce, of.chargesFetch]).toEqual([true, true, true]);
    expect(of.served(client, 900)).toBe(0);
    expect(of.served(client, 150)).toBe(500);
    expect(of.produced(client, 1, 5000)).toBe(1000);
  });

  it('has no quota any more once it was removed', () => {
    const { image, quotas: of } = quotas('producer_byte_rate', 1);
    expect(of.produced(client, 1e6, 0)).toBeGreaterThan(0);
    set(image, { 'client-id': 'c' }, 'producer_byte_rate', null);
    of.refresh(image);
    expect(of.chargesProduce).toBe(false);
    expect(of.produced(client, 1e6, 0)).toBe(0);
  });
});

describe('controller mutations', () => {
  it('a bucket of eleven seconds; strict requests are refused below zero, others slowed', () => {
    const image = new MetadataImage();
    const clock = new ManualClock(START_MS);
    const config = BrokerConfig.fromProperties(new Map([['node.id', '1']]));
    const quotas = new MutationQuotas(image, () => config, clock);
    const client = { user: 'ANONYMOUS', clientId: null };
    expect(quotas.of(client, true).record(1_000_000)).toBe(true);
    set(image, { user: null }, 'controller_mutation_rate', 2);
    const strict = quotas.of(client, true);
    expect(strict.record(25)).toBe(true); // 22 - 25
    expect(strict.throttleMs).toBe(0);
    expect(strict.record(1)).toBe(false);
    expect(strict.throttleMs).toBe(1500);
    const permissive = quotas.of(client, false);
    expect(permissive.record(1)).toBe(true);
    expect(permissive.throttleMs).toBe(2000);
    clock.advance(2000);
    expect(quotas.of(client, true).record(1)).toBe(true);
  });
});

describe('connections', () => {
  const settings: ConnectionLimitSettings = {
    connectionsMax: UNLIMITED,
    perAddressMax: UNLIMITED,
    perAddressOverrides: [],
    creationRate: UNLIMITED,
    listeners: [],
  };
  const listener = { name: 'A', connectionsMax: UNLIMITED, creationRate: UNLIMITED, protected: false };
  function limits(more: Partial<ConnectionLimitSettings>, threads = 1) {
    const clock = new ManualClock(START_MS);
    const [counts, rates] = [countMemory(threads), rateMemory(threads, WINDOWS)];
    const made = Array.from({ length: threads }, (_, lane) => {
      const shared = new SharedRates(rates, lane, threads, WINDOWS);
      return new ConnectionLimits(
        { ...settings, ...more },
        new SharedCounts(counts, lane, threads),
        shared,
        clock,
      );
    });
    return { clock, limits: made };
  }

  it('max.connections holds for all threads together', () => {
    const [one, two] = limits({ connectionsMax: 2 }, 2).limits;
    expect(one.admit(0, 'A', 'x').kind).toBe('open');
    expect(two.admit(0, 'A', 'y').kind).toBe('open');
    expect(one.admit(1, 'A', 'z')).toMatchObject({ kind: 'close', afterMs: 0 });
    one.closed(1);
    two.closed(0);
    expect(one.admit(1, 'A', 'z').kind).toBe('open');
  });

  it('by address, with exceptions; by listener', () => {
    const of = limits({
      perAddressMax: 1,
      perAddressOverrides: [['10.0.0.1', 2]],
      listeners: [{ ...listener, name: 'B', connectionsMax: 1 }],
    }).limits[0];
    const kinds = ['10.0.0.2', '10.0.0.2', '10.0.0.1', '10.0.0.1', '10.0.0.1'].map(
      (address, connection) => of.admit(connection, 'A', address).kind,
    );
    expect(kinds).toEqual(['open', 'close', 'open', 'open', 'close']);
    expect(of.admit(7, 'B', '10.0.0.3').kind).toBe('open');
    expect(of.admit(8, 'B', '10.0.0.4').kind).toBe('close');
  });

  it("the inter-broker listener's connections are let in beyond max.connections", () => {
    const of = limits({ connectionsMax: 1, listeners: [{ ...listener, protected: true }] }).limits[0];
    expect(of.admit(0, 'B', 'x').kind).toBe('open');
    expect(of.admit(1, 'A', 'x').kind).toBe('open');
    expect(of.admit(2, 'B', 'x').kind).toBe('close');
  });

  it('over the creation rate they are served one after the other', () => {
    const of = limits({ creationRate: 2 }).limits[0];
    const admitted = Array.from({ length: 23 }, (_, connection) => of.admit(connection, 'A', 'x'));
    expect(admitted.slice(0, 20).every(({ kind }) => kind === 'open')).toBe(true);
    expect(admitted.slice(20)).toEqual([500, 1000, 1500].map((ms) => ({ kind: 'hold', ms })));
  });

  it('over the rate of its address one is closed after a wait, and counts for nothing', () => {
    const { limits: all } = limits({ creationRate: 1000 });
    const image = new MetadataImage();
    set(image, { ip: null }, 'connection_creation_rate', 1);
    set(image, { ip: '10.0.0.9' }, 'connection_creation_rate', 100);
    all[0].refresh(image);
    for (let connection = 0; connection < 10; connection++) {
      expect(all[0].admit(connection, 'A', 'x').kind).toBe('open');
    }
    expect(all[0].admit(10, 'A', 'x')).toMatchObject({ kind: 'close', afterMs: 1000 });
    expect(all[0].admit(11, 'A', '10.0.0.9').kind).toBe('open');
  });

  it('a new configuration counts what was opened before', () => {
    const of = limits({}).limits[0];
    for (let connection = 0; connection < 3; connection++) of.admit(connection, 'A', 'x');
    of.configure({ ...settings, perAddressMax: 3 });
    expect(of.admit(3, 'A', 'x').kind).toBe('close');
    of.configure(settings);
    expect(of.admit(4, 'A', 'x').kind).toBe('open');
  });

  it('are read from the configuration: with a prefix for one listener, hosts resolved, junk left out', async () => {
    const config = BrokerConfig.fromProperties(
      new Map(
        Object.entries({
          'node.id': '1',
          listeners: 'ONE://127.0.0.1:1,TWO://127.0.0.1:2',
          'advertised.listeners': 'ONE://127.0.0.1:1,TWO://127.0.0.1:2',
          'listener.security.protocol.map': 'ONE:PLAINTEXT,TWO:PLAINTEXT',
          'inter.broker.listener.name': 'TWO',
          'max.connections': '9',
          'listener.name.one.max.connections': '4',
          'listener.name.two.max.connection.creation.rate': 'junk',
          'max.connections.per.ip': '3',
          'max.connections.per.ip.overrides': '10.1.2.3:7, [::1]:8,::2:9,localhost:5,no.such.host.invalid:1',
        }),
      ),
    );
    const said: string[] = [];
    const read = await connectionLimitSettings(config, ['ONE', 'TWO'], (_level, text) => said.push(text));
    expect(read).toMatchObject({
      connectionsMax: 9,
      perAddressMax: 3,
      creationRate: UNLIMITED,
      listeners: [
        { name: 'ONE', connectionsMax: 4, creationRate: UNLIMITED, protected: false },
        { name: 'TWO', connectionsMax: 9, creationRate: UNLIMITED, protected: true },
      ],
    });
    const overrides = new Map(read.perAddressOverrides);
    expect(['10.1.2.3', '::1', '::2', '127.0.0.1'].map((address) => overrides.get(address))).toEqual([
      7,
      expect.any(Number),
      9,
      5,
    ]);
    expect(said).toEqual([
      'max.connections.per.ip.overrides: no.such.host.invalid cannot be resolved and is left out',
    ]);
  });
});
