import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { OperationError } from '../../src/base/errors.js';
import { BrokerConfig } from '../../src/metadata/config/broker-config.js';
import { BROKER_KEYS, GROUP_KEYS, TOPIC_KEYS } from '../../src/metadata/config/catalog.js';
import {
  type ConfigEntry,
  describeBroker,
  describeBrokerDefault,
  describeGroup,
  describeTopic,
} from '../../src/metadata/config/describe.js';
import { toLogConfig, topicConfigProblem } from '../../src/metadata/config/topic-config.js';
import { javaDouble } from '../../src/metadata/config/value.js';

/** [name, value, readOnly, source, sensitive, type, synonyms]: answers of a real Kafka 4.3.1, documentation left out. */
type Row = [string, string | null, number, number, number, number, [string, string | null, number][]];
const golden = JSON.parse(
  readFileSync(join(import.meta.dirname, '../golden/metadata/describe-configs.json'), 'utf8'),
) as Record<'broker' | 'topic' | 'group' | 'default', Row[]>;

/** server.properties of the broker that gave those answers. */
const PROPERTIES = new Map([
  ['process.roles', 'broker,controller'],
  ['node.id', '1'],
  ['controller.quorum.voters', '1@127.0.0.1:21093'],
  ['listeners', 'PLAINTEXT://127.0.0.1:21092,CONTROLLER://127.0.0.1:21093'],
  ['controller.listener.names', 'CONTROLLER'],
  ['log.dirs', '/data/kafka'],
  ['offsets.topic.replication.factor', '1'],
  ['transaction.state.log.replication.factor', '1'],
  ['transaction.state.log.min.isr', '1'],
  ['share.coordinator.state.topic.replication.factor', '1'],
  ['share.coordinator.state.topic.min.isr', '1'],
  ['group.initial.rebalance.delay.ms', '0'],
]);
const DYNAMIC_DEFAULT = new Map([['min.insync.replicas', '1']]);
const broker = BrokerConfig.fromProperties(PROPERTIES).withDynamic(DYNAMIC_DEFAULT, new Map());

function asRow(entry: ConfigEntry): Row {
  const synonyms = entry.synonyms.map(({ name, value, source }): [string, string | null, number] => [
    name,
    value,
    source,
  ]);
  const { name, value, source, type } = entry;
  return [name, value, entry.readOnly ? 1 : 0, source, entry.sensitive ? 1 : 0, type, synonyms];
}
/** Rates that exist as dynamic settings only: not described unless set. */
const DYNAMIC_ONLY = /throttled\.rate$|^replica\.alter\.log\.dirs\.io/;
const OWN = /^(millrace\.|log\.validation$|super\.users$|allow\.everyone)/;

describe('DescribeConfigs against the real broker', () => {
  it('broker: the same keys, values, sources, types and synonyms', () => {
    const ours = describeBroker(broker, null).map(asRow);
    expect(ours.filter(([name]) => !OWN.test(name))).toEqual(golden.broker);
    expect(ours.filter(([name]) => OWN.test(name)).length).toBeGreaterThan(0);
  });
  it('topic with three overrides', () => {
    const overrides = new Map([
      ['retention.ms', '1000'],
      ['cleanup.policy', 'compact,delete'],
      ['max.message.bytes', '2000000'],
    ]);
    expect(describeTopic(broker, overrides, null).map(asRow)).toEqual(golden.topic);
  });
  it('group', () => {
    expect(describeGroup(broker, new Map(), null).map(asRow)).toEqual(golden.group);
  });
  it('cluster default: only what was set', () => {
    expect(describeBrokerDefault(broker, null).map(asRow)).toEqual(golden.default);
  });
  it('names filter, unknown names are left out', () => {
    expect(describeTopic(broker, new Map(), new Set(['retention.ms', 'nope'])).map((e) => e.name)).toEqual([
      'retention.ms',
    ]);
  });
  it('an unknown key of server.properties is shown without its value', () => {
    const entry = describeBroker(
      BrokerConfig.fromProperties(new Map([...PROPERTIES, ['my.plugin.secret', 'x']])),
      null,
    ).find((one) => one.name === 'my.plugin.secret');
    expect(entry).toMatchObject({ value: null, sensitive: true, type: 0, source: 4 });
  });
  it('hours alone: the value follows, the chain starts at the key itself', () => {
    const config = BrokerConfig.fromProperties(new Map([...PROPERTIES, ['log.retention.hours', '2']]));
    const entry = describeTopic(config, new Map(), new Set(['retention.ms']))[0];
    expect(entry).toMatchObject({ value: '7200000', source: 5, synonyms: [] });
    const both = BrokerConfig.fromProperties(
      new Map([...PROPERTIES, ['log.retention.hours', '2'], ['log.retention.ms', '5']]),
    );
    expect(describeTopic(both, new Map(), new Set(['retention.ms']))[0]).toMatchObject({
      value: '5',
      source: 4,
      synonyms: [
        { name: 'log.retention.ms', value: '5', source: 4 },
        { name: 'log.retention.hours', value: '2', source: 4 },
        { name: 'log.retention.hours', value: '168', source: 5 },
      ],
    });
  });
});

describe('rows', () => {
  it('every row has a one-line sentence, and defaults pass their own validators', () => {
    for (const row of [...BROKER_KEYS.values(), ...TOPIC_KEYS.values(), ...GROUP_KEYS.values()]) {
      expect(row.doc, row.name).toMatch(/^\S.*\.$/);
    }
    expect(() => new BrokerConfig(new Map())).not.toThrow();
    expect(topicConfigProblem(broker, new Map())).toBeNull();
  });
  it('agrees with the list of keys of 4.3.1', (context) => {
    const path = join(import.meta.dirname, '../../../shared/facts/configs.json');
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch {
      return context.skip('the facts folder is not beside this checkout');
    }
    const facts = JSON.parse(text) as { group: string; name: string; type: string; internal?: boolean }[];
    const missing: string[] = [];
    for (const fact of facts) {
      const table =
        fact.group === 'topic' ? TOPIC_KEYS : fact.group === 'GroupConfig' ? GROUP_KEYS : BROKER_KEYS;
      const row = table.get(fact.name);
      // client quota entity keys are no broker settings
      if (row === undefined && !/_rate$|_percentage$|SCRAM/.test(fact.name)) missing.push(fact.name);
      if (row === undefined) continue;
      const internal = fact.internal === true || fact.name.startsWith('internal.');
      expect([row.name, row.type, row.internal]).toEqual([
        fact.name,
        fact.type,
        internal || DYNAMIC_ONLY.test(fact.name),
      ]);
    }
    expect(missing).toEqual([]);
  });
});

describe('server.properties', () => {
  const refused = (...entries: [string, string][]): string => {
    try {
      BrokerConfig.fromProperties(new Map([...PROPERTIES, ...entries]));
    } catch (error) {
      if (error instanceof OperationError && error.code === 'CONFIG_INVALID') return error.message;
      throw error;
    }
    return 'accepted';
  };
  it('refuses what Kafka refuses, in its words', () => {
    expect(refused(['log.retention.ms', '0'])).toBe(
      'log.retention.ms must be unlimited (-1) or, greater than or equal to 1',
    );
    expect(refused(['log.roll.ms', '0'])).toBe('log.roll.ms must be greater than or equal to 1');
    expect(() => BrokerConfig.fromProperties(new Map())).toThrow('Missing required configuration "node.id"');
    expect(refused(['broker.id', '2'])).toContain('node.id = 1, broker.id = 2');
    expect(refused(['log.segment.bytes', '10'])).toBe(
      'Invalid value 10 for configuration log.segment.bytes: Value must be at least 1048576',
    );
    expect(refused(['num.network.threads', 'x'])).toBe(
      'Invalid value x for configuration num.network.threads: Not a number of type INT',
    );
    expect(refused(['queued.max.request.bytes', '5'])).toContain(
      'must be larger or equal to socket.request.max.bytes',
    );
    expect(refused(['max.connections.per.ip', '0'])).toContain(
      'max.connections.per.ip.overrides property is set',
    );
    expect(refused(['connections.max.idle.ms', '100'])).toContain(
      'should always be less than connections.max.idle.ms=100',
    );
    expect(refused(['log.cleaner.threads', '200'])).toContain('at least 1MB per cleaner thread');
    expect(refused(['replica.fetch.wait.max.ms', '40000'])).toContain('replica.socket.timeout.ms');
    expect(refused(['advertised.listeners', 'PLAINTEXT://0.0.0.0:1'])).toContain('0.0.0.0');
    expect(refused(['advertised.listeners', 'OTHER://h:1'])).toContain(
      'No security protocol defined for listener OTHER',
    );
    // the embedded controller has no socket: Kafka refuses this, Millrace does not need to
    expect(refused(['listeners', 'PLAINTEXT://:1'])).toBe('accepted');
    expect(refused(['listeners', 'junk'])).toContain('Unable to parse junk');
    expect(refused(['listeners', 'PLAINTEXT://a:1,CONTROLLER://a:1'])).toContain('different port');
    expect(refused(['cordoned.log.dirs', '/other'])).toContain('Missing entries : /other');
    expect(refused(['ssl.key.password', 'x'])).toBe('accepted');
  });
  it('lists unknown keys and keys without effect', () => {
    const config = BrokerConfig.fromProperties(
      new Map([...PROPERTIES, ['zookeeper.connect', 'z'], ['num.io.threads', '4']]),
    );
    expect(config.unknownKeys).toEqual(['zookeeper.connect']);
    expect(config.noEffectKeys).toContain('num.io.threads');
    expect(config.origin('num.io.threads')).toBe('static');
    expect(config.origin('num.partitions')).toBe('default');
    expect(config.number('node.id')).toBe(1);
    expect(config.number('broker.id')).toBe(1);
    expect(config.logDirs).toEqual(['/data/kafka']);
  });
});

describe('topic configuration for the log', () => {
  it('takes overrides, then broker keys by precedence', () => {
    const config = BrokerConfig.fromProperties(
      new Map([
        ...PROPERTIES,
        ['log.roll.hours', '1'],
        ['log.retention.minutes', '3'],
        ['log.flush.scheduler.interval.ms', '77'],
      ]),
    );
    const log = toLogConfig(
      config,
      new Map([
        ['segment.bytes', '1048576'],
        ['cleanup.policy', 'compact, delete'],
      ]),
    );
    expect(log).toMatchObject({
      segmentBytes: 1048576,
      segmentMs: 3_600_000,
      retentionMs: 180_000,
      flushMs: 77,
      flushMessages: Number.MAX_SAFE_INTEGER,
      cleanupCompact: true,
      cleanupDelete: true,
      maxMessageBytes: 1048588,
      producerIdExpirationMs: 86_400_000,
      validation: 'full',
    });
    const header = new BrokerConfig(new Map([['log.validation', 'header']]));
    expect(toLogConfig(header, new Map()).validation).toBe('header');
    expect(toLogConfig(config, new Map([['cleanup.policy', '']]))).toMatchObject({
      cleanupCompact: false,
      cleanupDelete: false,
    });
    expect(toLogConfig(config, new Map([['internal.segment.bytes', '1000']])).segmentBytes).toBe(1000);
  });
  it('a value of another version that is refused here falls back to the default', () => {
    expect(toLogConfig(broker, new Map([['segment.bytes', '14']])).segmentBytes).toBe(1_073_741_824);
  });
  it('prints doubles as Java does', () => {
    expect([0.5, 2, 1e7, 1.7976931348623157e308, 0.0001].map(javaDouble)).toEqual([
      '0.5',
      '2.0',
      '1.0E7',
      '1.7976931348623157E308',
      '1.0E-4',
    ]);
  });
});
