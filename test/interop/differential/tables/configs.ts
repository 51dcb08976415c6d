/** DescribeConfigs, AlterConfigs, IncrementalAlterConfigs, ListConfigResources. */
import {
  ApiKey,
  alterConfigsRequest,
  describeConfigsRequest,
  incrementalAlterConfigsRequest,
  listConfigResourcesRequest,
} from '../../../../src/protocol/index.js';
import { type Step, stepsOf } from '../step.js';

const describe = stepsOf(ApiKey.DescribeConfigs, describeConfigsRequest);
const alter = stepsOf(ApiKey.AlterConfigs, alterConfigsRequest);
const change = stepsOf(ApiKey.IncrementalAlterConfigs, incrementalAlterConfigsRequest);
const list = stepsOf(ApiKey.ListConfigResources, listConfigResourcesRequest);

const TOPIC = 2;
const BROKER = 4;
const LOGGER = 8;
const METRICS = 16;
const GROUP = 32;
const SET = 0;
const DELETE = 1;
const APPEND = 2;
const SUBTRACT = 3;

const of = (
  resourceType: number,
  resourceName: string,
  configurationKeys: string[] | null = null,
): object => ({ resourceType, resourceName, configurationKeys });
const asked = (...resources: object[]): object => ({ resources, includeSynonyms: true });
const all = (...resources: object[]): object => ({
  resources,
  includeSynonyms: true,
  includeDocumentation: true,
});
const BROKER_KEYS = [
  'log.retention.ms',
  'log.segment.bytes',
  'message.max.bytes',
  'num.partitions',
  'auto.create.topics.enable',
  'listeners',
  'advertised.listeners',
  'node.id',
  'log.dirs',
  'process.roles',
  'ssl.keystore.password',
  'min.insync.replicas',
  'num.io.threads',
  'compression.type',
  'log.cleanup.policy',
  'group.min.session.timeout.ms',
  'offsets.topic.num.partitions',
  'controller.listener.names',
];

export const described: readonly Step[] = [
  ...[1, 2, 3, 4].map((version) => describe(version, 'a topic', asked(of(TOPIC, 'configured')))),
  describe(
    4,
    'a topic with documentation',
    all(of(TOPIC, 'configured', ['retention.ms', 'cleanup.policy', 'segment.bytes'])),
  ),
  describe(1, 'without synonyms', {
    resources: [of(TOPIC, 'configured', ['retention.ms', 'segment.ms'])],
    includeSynonyms: false,
  }),
  describe(4, 'some keys', asked(of(TOPIC, 'configured', ['retention.ms', 'no.such.key']))),
  describe(4, 'no keys', asked(of(TOPIC, 'configured', []))),
  describe(4, 'unknown topic', asked(of(TOPIC, 'nobody'))),
  describe(4, 'topic names that cannot be', asked(of(TOPIC, ''), of(TOPIC, '..'), of(TOPIC, 'a b'))),
  describe(
    4,
    'a resource twice',
    asked(of(TOPIC, 'plain', ['retention.ms']), of(TOPIC, 'plain', ['segment.ms'])),
  ),
  describe(4, 'nothing', asked()),
  describe(4, 'the broker, some keys', asked(of(BROKER, '1', BROKER_KEYS))),
  describe(4, 'the broker', asked(of(BROKER, '1'))),
  describe(
    4,
    'the broker with documentation',
    all(of(BROKER, '1', ['log.retention.ms', 'num.partitions', 'message.max.bytes'])),
  ),
  describe(4, 'another broker', asked(of(BROKER, '7'))),
  describe(4, 'a broker that is no number', asked(of(BROKER, 'one'))),
  describe(4, 'the cluster default', asked(of(BROKER, ''))),
  describe(4, 'a group', asked(of(GROUP, 'some-group'))),
  describe(4, 'a group without name', asked(of(GROUP, ''))),
  describe(4, 'client metrics', asked(of(METRICS, 'nobody'))),
  describe(4, 'client metrics without name', asked(of(METRICS, ''))),
  describe(4, 'unknown type', asked(of(0, 'x'), of(3, 'x'), of(77, 'x'))),
  describe(4, 'loggers of another broker', asked(of(LOGGER, '9'))),
];

const entries = (configs: Record<string, string | null>): object[] =>
  Object.entries(configs).map(([name, value]) => ({ name, value }));
const whole = (
  resourceType: number,
  resourceName: string,
  configs: Record<string, string | null>,
): object => ({ resourceType, resourceName, configs: entries(configs) });

export const altered: readonly Step[] = [
  alter(0, 'a topic', { resources: [whole(TOPIC, 'configured', { 'retention.ms': '5000' })] }),
  alter(1, 'replaces everything', {
    resources: [whole(TOPIC, 'configured', { 'segment.ms': '60000', 'cleanup.policy': 'compact' })],
  }),
  describe(4, 'after alter', asked(of(TOPIC, 'configured'))),
  alter(2, 'validate only', {
    resources: [whole(TOPIC, 'configured', { 'retention.ms': '1' })],
    validateOnly: true,
  }),
  alter(2, 'wrong value', { resources: [whole(TOPIC, 'configured', { 'retention.ms': 'x' })] }),
  alter(2, 'unknown key', { resources: [whole(TOPIC, 'configured', { 'no.such.key': 'x' })] }),
  alter(2, 'null value', { resources: [whole(TOPIC, 'configured', { 'retention.ms': null })] }),
  alter(2, 'unknown topic', { resources: [whole(TOPIC, 'nobody', { 'retention.ms': '1' })] }),
  // Kafka fails inside and never answers; no client may wait for that.
  alter(
    2,
    'a resource twice',
    {
      resources: [
        whole(TOPIC, 'configured', { 'retention.ms': '1' }),
        whole(TOPIC, 'configured', { 'retention.ms': '2' }),
      ],
    },
    { incomplete: true },
  ),
  alter(2, 'a key twice', {
    resources: [
      {
        resourceType: TOPIC,
        resourceName: 'configured',
        configs: [
          { name: 'retention.ms', value: '1' },
          { name: 'retention.ms', value: '2' },
        ],
      },
    ],
  }),
  alter(2, 'one good, one bad', {
    resources: [whole(TOPIC, 'configured', { 'retention.ms': '77000' }), whole(TOPIC, 'nobody', {})],
  }),
  alter(2, 'nothing set', { resources: [whole(TOPIC, 'configured', {})] }),
  alter(2, 'no resources', { resources: [] }),
  alter(2, 'read-only broker key', { resources: [whole(BROKER, '1', { 'node.id': '4' })] }),
  alter(2, 'broker of another name', { resources: [whole(BROKER, 'x', { 'log.retention.ms': '4' })] }),
  alter(2, 'unknown type', { resources: [whole(9, 'x', {})] }),
  describe(
    4,
    'after nothing was set',
    asked(of(TOPIC, 'configured', ['retention.ms', 'segment.ms', 'cleanup.policy'])),
  ),
];

type Op = [name: string, operation: number, value: string | null];
const ops = (resourceType: number, resourceName: string, ...list: Op[]): object => ({
  resourceType,
  resourceName,
  configs: list.map(([name, configOperation, value]) => ({ name, configOperation, value })),
});
const now = (...resources: object[]): object => ({ resources });

export const changed: readonly Step[] = [
  change(0, 'set', now(ops(TOPIC, 'configured', ['retention.ms', SET, '6000']))),
  change(
    1,
    'set and delete',
    now(ops(TOPIC, 'configured', ['retention.ms', DELETE, null], ['segment.ms', SET, '99999'])),
  ),
  change(1, 'append', now(ops(TOPIC, 'configured', ['cleanup.policy', APPEND, 'compact']))),
  change(1, 'append again', now(ops(TOPIC, 'configured', ['cleanup.policy', APPEND, 'compact']))),
  describe(
    4,
    'after append',
    asked(of(TOPIC, 'configured', ['cleanup.policy', 'retention.ms', 'segment.ms'])),
  ),
  change(1, 'subtract', now(ops(TOPIC, 'configured', ['cleanup.policy', SUBTRACT, 'delete']))),
  change(
    1,
    'subtract what is not there',
    now(ops(TOPIC, 'configured', ['cleanup.policy', SUBTRACT, 'delete'])),
  ),
  change(1, 'subtract everything', now(ops(TOPIC, 'configured', ['cleanup.policy', SUBTRACT, 'compact']))),
  describe(4, 'after subtract', asked(of(TOPIC, 'configured', ['cleanup.policy']))),
  change(1, 'append a wrong value', now(ops(TOPIC, 'configured', ['cleanup.policy', APPEND, 'burn']))),
  change(1, 'append to a number', now(ops(TOPIC, 'configured', ['retention.ms', APPEND, '1']))),
  change(1, 'subtract from a number', now(ops(TOPIC, 'configured', ['retention.ms', SUBTRACT, '1']))),
  change(1, 'null for set', now(ops(TOPIC, 'configured', ['retention.ms', SET, null]))),
  change(1, 'null for append', now(ops(TOPIC, 'configured', ['cleanup.policy', APPEND, null]))),
  change(1, 'delete with a value', now(ops(TOPIC, 'configured', ['segment.ms', DELETE, 'whatever']))),
  change(1, 'delete an unknown key', now(ops(TOPIC, 'configured', ['no.such.key', DELETE, null]))),
  change(1, 'set an unknown key', now(ops(TOPIC, 'configured', ['no.such.key', SET, '1']))),
  change(1, 'unknown operation', now(ops(TOPIC, 'configured', ['retention.ms', 9, '1']))),
  change(
    1,
    'a key twice',
    now(ops(TOPIC, 'configured', ['retention.ms', SET, '1'], ['retention.ms', SET, '2'])),
  ),
  change(
    1,
    'a resource twice',
    now(
      ops(TOPIC, 'configured', ['retention.ms', SET, '1']),
      ops(TOPIC, 'configured', ['segment.ms', SET, '2']),
    ),
  ),
  change(
    1,
    'wrong values',
    now(
      ops(TOPIC, 'configured', ['retention.ms', SET, '-9']),
      ops(TOPIC, 'plain', ['segment.bytes', SET, '5']),
    ),
  ),
  change(
    1,
    'values that do not fit together',
    now(ops(TOPIC, 'configured', ['min.compaction.lag.ms', SET, '50'], ['max.compaction.lag.ms', SET, '10'])),
  ),
  change(
    1,
    'too long a value',
    now(ops(TOPIC, 'configured', ['leader.replication.throttled.replicas', SET, '0:1,'.repeat(9000)])),
  ),
  change(1, 'unknown topic', now(ops(TOPIC, 'nobody', ['retention.ms', SET, '1']))),
  change(1, 'empty topic name', now(ops(TOPIC, '', ['retention.ms', SET, '1']))),
  change(1, 'validate only', {
    ...now(ops(TOPIC, 'configured', ['retention.ms', SET, '1'])),
    validateOnly: true,
  }),
  change(1, 'no configs', now(ops(TOPIC, 'configured'))),
  change(1, 'nothing', now()),
  change(1, 'a broker key', now(ops(BROKER, '1', ['log.cleaner.threads', SET, '2']))),
  change(1, 'a default for all brokers', now(ops(BROKER, '', ['message.max.bytes', SET, '1048577']))),
  describe(
    4,
    'dynamic broker keys',
    asked(
      of(BROKER, '1', ['log.cleaner.threads', 'message.max.bytes']),
      of(BROKER, ''),
      of(TOPIC, 'plain', ['max.message.bytes']),
    ),
  ),
  change(
    1,
    'broker keys go',
    now(
      ops(BROKER, '1', ['log.cleaner.threads', DELETE, null]),
      ops(BROKER, '', ['message.max.bytes', DELETE, null]),
    ),
  ),
  change(
    1,
    'a read-only broker key',
    now(ops(BROKER, '1', ['num.partitions', SET, '3'], ['node.id', SET, '3'])),
  ),
  change(1, 'a wrong broker value', now(ops(BROKER, '1', ['log.retention.ms', SET, 'x']))),
  change(1, 'too many threads at once', now(ops(BROKER, '1', ['num.io.threads', SET, '1000']))),
  change(1, 'an unknown broker key', now(ops(BROKER, '1', ['no.such.key', SET, 'x']))),
  change(1, 'another broker', now(ops(BROKER, '7', ['log.cleaner.threads', SET, '2']))),
  change(1, 'a broker without number', now(ops(BROKER, 'x', ['log.cleaner.threads', SET, '2']))),
  change(
    1,
    'client metrics',
    now(
      ops(
        METRICS,
        'subscription',
        ['interval.ms', SET, '5000'],
        ['metrics', SET, 'org.apache'],
        ['match', SET, 'client_id=x'],
      ),
    ),
  ),
  change(1, 'wrong client metrics', now(ops(METRICS, 'wrong', ['interval.ms', SET, '5']))),
  change(1, 'unknown client metrics key', now(ops(METRICS, 'wrong', ['interval', SET, '5']))),
  change(1, 'a group', now(ops(GROUP, 'some-group', ['consumer.session.timeout.ms', SET, '50000']))),
  change(1, 'a group, wrong', now(ops(GROUP, 'some-group', ['consumer.session.timeout.ms', SET, '5']))),
  change(1, 'unknown type', now(ops(1, 'x', ['a', SET, 'b']))),
  describe(4, 'client metrics and groups', asked(of(METRICS, 'subscription'), of(GROUP, 'some-group'))),
];

/** One refused or accepted change of a dynamic broker key each; what was set goes away again. */
const tried = (where: string, ...sets: [name: string, value: string][]): Step[] => [
  change(
    1,
    `dynamic ${where || 'default'}: ${sets.map(([name, value]) => `${name}=${value}`).join(' ')}`,
    now(ops(BROKER, where, ...sets.map(([name, value]): Op => [name, SET, value]))),
  ),
  change(
    1,
    `dynamic ${where || 'default'}: ${sets.map(([name]) => name).join(' ')} away`,
    now(ops(BROKER, where, ...sets.map(([name]): Op => [name, DELETE, null]))),
  ),
];

export const dynamicBroker: readonly Step[] = [
  ...['', '1'].flatMap((where) => [
    ...tried(where, ['max.connections', '1000']),
    ...tried(where, ['max.connections', '-1']),
    ...tried(where, ['max.connections.per.ip', '1000']),
    ...tried(where, ['max.connections.per.ip', '0']),
    ...tried(where, ['max.connections.per.ip.overrides', '127.0.0.9:5,10.1.2.3:7']),
    ...tried(where, ['max.connections.per.ip.overrides', 'what is this']),
    ...tried(where, ['max.connection.creation.rate', '100000']),
    ...tried(where, ['max.connection.creation.rate', '0']),
    ...tried(where, ['listener.name.plaintext.max.connections', '1000']),
    ...tried(where, ['listener.name.plaintext.max.connection.creation.rate', '100000']),
    ...tried(where, ['listener.name.nobody.max.connections', '10']),
    ...tried(where, ['listener.name.plaintext.num.partitions', '10']),
    ...tried(where, ['listener.name.plaintext.max.connections', 'x']),
    ...tried(where, ['log.retention.ms', '100000']),
    ...tried(where, ['log.retention.ms', '-5']),
    ...tried(where, ['log.retention.hours', '4']),
    ...tried(where, ['log.roll.ms', '0']),
    ...tried(where, ['log.segment.bytes', '5']),
    ...tried(where, ['log.cleanup.policy', 'burn']),
    ...tried(where, ['log.cleanup.policy', 'compact,delete']),
    ...tried(where, ['compression.type', 'zip']),
    ...tried(where, ['message.max.bytes', '-1']),
    ...tried(where, ['log.cleaner.dedupe.buffer.size', '5']),
    ...tried(where, ['log.cleaner.io.buffer.load.factor', 'x']),
    ...tried(where, ['num.io.threads', '9']),
    ...tried(where, ['num.io.threads', '0']),
    ...tried(where, ['num.network.threads', '4']),
    ...tried(where, ['num.replica.fetchers', '3']),
    ...tried(where, ['background.threads', '6']),
    ...tried(where, ['unclean.leader.election.enable', 'true']),
    ...tried(where, ['producer.id.expiration.ms', '50000']),
    ...tried(where, ['transaction.partition.verification.enable', 'false']),
    ...tried(where, ['leader.replication.throttled.rate', '100000']),
    ...tried(where, ['leader.replication.throttled.rate', '-1']),
    ...tried(where, ['quota.window.num', '5']),
    ...tried(where, ['delete.topic.enable', 'false']),
    ...tried(where, ['auto.create.topics.enable', 'false']),
    ...tried(where, ['ssl.keystore.location', '/nowhere']),
    ...tried(where, ['advertised.listeners', 'PLAINTEXT://x:1']),
    ...tried(where, ['metric.reporters', '']),
    ...tried(where, ['min.insync.replicas', '2']),
    ...tried(where, ['log.message.timestamp.type', 'Never']),
    ...tried(where, ['cordoned.log.dirs', '/not/there']),
    ...tried(where, ['remote.log.manager.copy.max.bytes.per.second', '1000']),
    ...tried(where, ['group.consumer.heartbeat.interval.ms', '6000']),
  ]),
  change(
    1,
    'listener keys',
    now(
      ops(
        BROKER,
        '1',
        ['listener.name.plaintext.max.connections', SET, '1500'],
        ['max.connections', SET, '2500'],
      ),
    ),
  ),
  describe(
    4,
    'listener keys',
    asked(of(BROKER, '1', ['listener.name.plaintext.max.connections', 'max.connections'])),
  ),
  change(
    1,
    'listener keys go',
    now(
      ops(
        BROKER,
        '1',
        ['listener.name.plaintext.max.connections', DELETE, null],
        ['max.connections', DELETE, null],
      ),
    ),
  ),
];

const groupKeys: [name: string, values: string[]][] = [
  ['consumer.session.timeout.ms', ['50000', '44999', '60001', '0', 'x', '-1']],
  ['consumer.heartbeat.interval.ms', ['6000', '4999', '15001', '0']],
  ['consumer.assignment.interval.ms', ['2000', '-1', '15001']],
  ['share.session.timeout.ms', ['50000', '44999', '60001']],
  ['share.heartbeat.interval.ms', ['6000', '4999', '15001']],
  ['share.record.lock.duration.ms', ['20000', '14999', '60001', '5']],
  ['share.delivery.count.limit', ['6', '1', '11']],
  ['share.partition.max.record.locks', ['200', '99', '100000']],
  ['share.auto.offset.reset', ['earliest', 'by_duration:PT1H', 'soon', 'none']],
  ['share.isolation.level', ['read_committed', 'dirty']],
  ['share.renew.acknowledge.enable', ['false', 'perhaps']],
  ['streams.session.timeout.ms', ['50000', '44999', '60001']],
  ['streams.heartbeat.interval.ms', ['6000', '4999', '15001']],
  ['streams.num.standby.replicas', ['1', '-1', '3']],
  ['streams.initial.rebalance.delay.ms', ['5000', '-1']],
  ['streams.assignment.interval.ms', ['2000', '-1', '15001']],
  ['session.timeout.ms', ['1']],
];

export const groupConfigs: readonly Step[] = [
  ...groupKeys.flatMap(([name, values]) =>
    values.map((value) =>
      change(1, `group ${name}=${value}`, now(ops(GROUP, 'bounded', [name, SET, value]))),
    ),
  ),
  describe(4, 'a configured group', asked(of(GROUP, 'bounded'))),
  change(
    1,
    'group: session and heartbeat that do not fit',
    now(
      ops(
        GROUP,
        'bounded',
        ['consumer.session.timeout.ms', SET, '45000'],
        ['consumer.heartbeat.interval.ms', SET, '15000'],
      ),
    ),
  ),
  change(
    1,
    'group: heartbeat not below the session',
    now(
      ops(
        GROUP,
        'tight',
        ['share.session.timeout.ms', SET, '45000'],
        ['share.heartbeat.interval.ms', SET, '15000'],
      ),
    ),
  ),
  change(1, 'group without name', now(ops(GROUP, '', ['consumer.session.timeout.ms', SET, '50000']))),
  change(1, 'group append', now(ops(GROUP, 'bounded', ['consumer.session.timeout.ms', APPEND, '1']))),
  change(1, 'group delete', now(ops(GROUP, 'bounded', ['consumer.session.timeout.ms', DELETE, null]))),
  alter(2, 'group, whole', {
    resources: [whole(GROUP, 'bounded', { 'consumer.heartbeat.interval.ms': '7000' })],
  }),
  describe(4, 'a group set as a whole', asked(of(GROUP, 'bounded'))),
  alter(2, 'group away', { resources: [whole(GROUP, 'bounded', {})] }),
];

const metric = (name: string, ...list: Op[]): object => now(ops(METRICS, name, ...list));
export const metrics: readonly Step[] = [
  ...['100', '99', '3600000', '3600001', 'x', '-1', ''].map((value) =>
    change(1, `metrics interval.ms=${value}`, metric('m', ['interval.ms', SET, value])),
  ),
  ...[
    'client_id=a',
    'client_id=[a-z]+,client_instance_id=.*',
    'client_software_name=x,client_software_version=y,client_source_address=z,client_source_port=1',
    'nothing=x',
    'client_id',
    'client_id=[',
    'client_id=a,client_id=b',
    '',
  ].map((value) => change(1, `metrics match=${value}`, metric('m', ['match', SET, value]))),
  ...['*', 'org.apache.kafka.producer,x', ''].map((value) =>
    change(1, `metrics metrics=${value}`, metric('m', ['metrics', SET, value])),
  ),
  change(1, 'metrics append', metric('m', ['metrics', APPEND, 'y'])),
  change(1, 'metrics without name', metric('', ['interval.ms', SET, '1000'])),
  describe(4, 'metrics', asked(of(METRICS, 'm'))),
  describe(4, 'metrics, one key', asked(of(METRICS, 'm', ['match']))),
  change(
    1,
    'metrics away',
    metric('m', ['metrics', DELETE, null], ['match', DELETE, null], ['interval.ms', DELETE, null]),
  ),
  list(1, 'metrics when all are gone', { resourceTypes: [METRICS] }),
];

export const resources: readonly Step[] = [
  list(0, 'client metrics', {}),
  list(1, 'all', { resourceTypes: [] }),
  list(1, 'topics', { resourceTypes: [TOPIC] }),
  list(1, 'brokers and metrics', { resourceTypes: [BROKER, METRICS] }),
  list(1, 'loggers', { resourceTypes: [LOGGER] }),
  list(1, 'groups', { resourceTypes: [GROUP] }),
  list(1, 'unknown type', { resourceTypes: [99] }),
];
