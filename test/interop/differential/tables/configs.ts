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

export const resources: readonly Step[] = [
  list(0, 'client metrics', {}),
  list(1, 'all', { resourceTypes: [] }),
  list(1, 'topics', { resourceTypes: [TOPIC] }),
  list(1, 'brokers and metrics', { resourceTypes: [BROKER, METRICS] }),
  list(1, 'loggers', { resourceTypes: [LOGGER] }),
  list(1, 'groups', { resourceTypes: [GROUP] }),
  list(1, 'unknown type', { resourceTypes: [99] }),
];
