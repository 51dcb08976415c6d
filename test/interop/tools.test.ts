/** Kafka's command line tools print about Millrace what they print about Kafka. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type StartedBroker, startMillrace } from '../support/millrace.js';
import { describeWith } from '../support/needs.js';
import { millraceOptions, startKafka } from './support/kafka.js';
import { kafkaTool, kcatProduce, type Ran } from './support/tools.js';

const TOPICS = 'org.apache.kafka.tools.TopicCommand';
const CONFIGS = 'kafka.admin.ConfigCommand';
const OFFSETS = 'org.apache.kafka.tools.GetOffsetShell';

interface Case {
  readonly what: string;
  readonly tool: string;
  readonly args: readonly string[];
  /** Lines that may differ, with the reason in a comment beside. */
  readonly ignore?: RegExp;
  /** Read from standard input by tools that want a file: they get /dev/stdin. */
  readonly input?: string;
  /** Order of lines is the order of a hash map. */
  readonly unordered?: true;
}

const offsetsToDelete = JSON.stringify({
  version: 1,
  partitions: [
    { topic: 'made', partition: 0, offset: 2 },
    { topic: 'made', partition: 1, offset: -1 },
  ],
});

const ELECTION = 'org.apache.kafka.tools.LeaderElectionCommand';
const REASSIGN = 'org.apache.kafka.tools.reassign.ReassignPartitionsCommand';
const FEATURES = 'org.apache.kafka.tools.FeatureCommand';

/** kafka-configs in one line of arguments. */
const config = (what: string, line: string, more: Partial<Case> = {}): Case => ({
  what: `configs: ${what}`,
  tool: CONFIGS,
  args: line.split(' '),
  ...more,
});

const topicsToMove = JSON.stringify({ version: 1, topics: [{ topic: 'filled' }] });
const move = (replicas: number[]): string =>
  JSON.stringify({ version: 1, partitions: [{ topic: 'filled', partition: 0, replicas }] });
const toElect = JSON.stringify({
  partitions: [
    { topic: 'filled', partition: 0 },
    { topic: 'filled', partition: 9 },
  ],
});

/** Quotas, groups, client metrics, elections, reassignments, features. */
const ADMIN_CASES: readonly Case[] = [
  config(
    'quotas of a user',
    '--alter --entity-type users --entity-name alice --add-config producer_byte_rate=1000000,consumer_byte_rate=2000000',
  ),
  config(
    'quotas of a user with a client',
    '--alter --entity-type users --entity-name alice --entity-type clients --entity-name worker --add-config request_percentage=200',
  ),
  config(
    'quotas of the default user and client',
    '--alter --entity-type users --entity-default --entity-type clients --entity-default --add-config controller_mutation_rate=1000',
  ),
  config(
    'quotas of a client',
    '--alter --entity-type clients --entity-name worker --add-config producer_byte_rate=5000000',
  ),
  config(
    'quotas of an address',
    '--alter --entity-type ips --entity-name 127.0.0.9 --add-config connection_creation_rate=1000',
  ),
  config(
    'quotas of all addresses',
    '--alter --entity-type ips --entity-default --add-config connection_creation_rate=100000',
  ),
  config(
    'a quota that is none',
    '--alter --entity-type clients --entity-name worker --add-config producer_byte_rate=-1',
  ),
  config(
    'an unknown quota',
    '--alter --entity-type clients --entity-name worker --add-config producer_rate=1',
  ),
  config('describe users with clients', '--describe --entity-type users --entity-type clients', {
    unordered: true,
  }),
  config('describe a client', '--describe --entity-type clients --entity-name worker'),
  config('describe the default client', '--describe --entity-type clients --entity-default'),
  config('describe addresses', '--describe --entity-type ips', { unordered: true }),
  config('describe the default address', '--describe --entity-type ips --entity-default'),
  config(
    'quotas go',
    '--alter --entity-type users --entity-name alice --entity-type clients --entity-name worker --delete-config request_percentage',
  ),
  config(
    'quotas of all addresses go',
    '--alter --entity-type ips --entity-default --delete-config connection_creation_rate',
  ),
  config('describe addresses again', '--describe --entity-type ips'),
  config(
    'a group',
    '--alter --entity-type groups --entity-name g --add-config consumer.session.timeout.ms=50000',
  ),
  config(
    'a group beyond its bounds',
    '--alter --entity-type groups --entity-name g --add-config consumer.session.timeout.ms=5',
  ),
  config('describe a group', '--describe --entity-type groups --entity-name g'),
  config('describe all of a group', '--describe --all --entity-type groups --entity-name g'),
  config(
    'a group goes',
    '--alter --entity-type groups --entity-name g --delete-config consumer.session.timeout.ms',
  ),
  config(
    'client metrics',
    '--alter --entity-type client-metrics --entity-name m --add-config interval.ms=5000,metrics=*,match=[client_id=a]',
  ),
  config('describe client metrics', '--describe --entity-type client-metrics'),
  config(
    'client metrics go',
    '--alter --entity-type client-metrics --entity-name m --delete-config interval.ms,metrics,match',
  ),
  {
    what: 'election: not needed',
    tool: ELECTION,
    args: ['--election-type', 'preferred', '--topic', 'filled', '--partition', '0'],
  },
  {
    what: 'election: unclean, not needed',
    tool: ELECTION,
    args: ['--election-type', 'unclean', '--topic', 'filled', '--partition', '0'],
  },
  { what: 'election: all', tool: ELECTION, args: ['--election-type', 'preferred', '--all-topic-partitions'] },
  {
    what: 'election: of a partition that is not there',
    tool: ELECTION,
    args: ['--election-type', 'preferred', '--path-to-json-file', '/dev/stdin'],
    input: toElect,
    unordered: true,
  },
  { what: 'reassign: list', tool: REASSIGN, args: ['--list'] },
  {
    what: 'reassign: generate',
    tool: REASSIGN,
    args: ['--generate', '--topics-to-move-json-file', '/dev/stdin', '--broker-list', '1'],
    input: topicsToMove,
  },
  {
    what: 'reassign: execute',
    tool: REASSIGN,
    args: ['--execute', '--reassignment-json-file', '/dev/stdin'],
    input: move([1]),
  },
  {
    what: 'reassign: verify',
    tool: REASSIGN,
    args: ['--verify', '--reassignment-json-file', '/dev/stdin'],
    input: move([1]),
  },
  {
    what: 'reassign: to a broker that is not there',
    tool: REASSIGN,
    args: ['--execute', '--reassignment-json-file', '/dev/stdin'],
    input: move([2]),
  },
  {
    what: 'reassign: cancel',
    tool: REASSIGN,
    args: ['--cancel', '--reassignment-json-file', '/dev/stdin'],
    input: move([1]),
  },
  {
    what: 'features: describe',
    tool: FEATURES,
    args: ['describe'],
    // only features that Millrace implements are told of
    ignore: /^Feature: (group|share|streams|transaction)\.version/,
  },
  {
    what: 'features: upgrade to what it is',
    tool: FEATURES,
    args: ['upgrade', '--feature', 'metadata.version=30'],
  },
  {
    what: 'features: downgrade metadata.version',
    tool: FEATURES,
    args: ['downgrade', '--feature', 'metadata.version=29'],
  },
  {
    what: 'features: lower one on trial',
    tool: FEATURES,
    args: ['downgrade', '--feature', 'eligible.leader.replicas.version=0', '--dry-run'],
  },
  { what: 'features: unknown', tool: FEATURES, args: ['upgrade', '--feature', 'no.such.version=1'] },
  { what: 'features: disable', tool: FEATURES, args: ['disable', '--feature', 'streams.version'] },
  {
    what: 'features: by release, on trial',
    tool: FEATURES,
    args: ['upgrade', '--release-version', '4.3', '--dry-run'],
    unordered: true,
  },
];

const CASES: readonly Case[] = [
  ...ADMIN_CASES,
  {
    what: 'topics: create',
    tool: TOPICS,
    args: [
      '--create',
      '--topic',
      'made',
      '--partitions',
      '3',
      '--config',
      'retention.ms=777000',
      '--config',
      'segment.bytes=2000000',
    ],
  },
  {
    what: 'topics: create with a dot',
    tool: TOPICS,
    args: ['--create', '--topic', 'with.dot', '--partitions', '1'],
  },
  { what: 'topics: create again', tool: TOPICS, args: ['--create', '--topic', 'made'] },
  {
    what: 'topics: create if not there',
    tool: TOPICS,
    args: ['--create', '--topic', 'made', '--if-not-exists'],
  },
  { what: 'topics: create what cannot be', tool: TOPICS, args: ['--create', '--topic', 'made wrong'] },
  {
    what: 'topics: create with too many replicas',
    tool: TOPICS,
    args: ['--create', '--topic', 'wide', '--replication-factor', '3'],
  },
  {
    what: 'topics: create with a wrong config',
    tool: TOPICS,
    args: ['--create', '--topic', 'wrong', '--config', 'retention.ms=soon'],
  },
  { what: 'topics: list', tool: TOPICS, args: ['--list'] },
  { what: 'topics: describe one', tool: TOPICS, args: ['--describe', '--topic', 'made'] },
  { what: 'topics: describe unknown', tool: TOPICS, args: ['--describe', '--topic', 'nobody'] },
  { what: 'topics: alter', tool: TOPICS, args: ['--alter', '--topic', 'made', '--partitions', '5'] },
  {
    what: 'topics: alter downwards',
    tool: TOPICS,
    args: ['--alter', '--topic', 'made', '--partitions', '2'],
  },
  { what: 'topics: describe all', tool: TOPICS, args: ['--describe'], unordered: true },
  {
    what: 'configs: alter a topic',
    tool: CONFIGS,
    args: [
      '--alter',
      '--entity-type',
      'topics',
      '--entity-name',
      'made',
      '--add-config',
      'cleanup.policy=[compact,delete],retention.ms=888000',
      '--delete-config',
      'segment.bytes',
    ],
  },
  {
    what: 'configs: alter wrongly',
    tool: CONFIGS,
    args: ['--alter', '--entity-type', 'topics', '--entity-name', 'made', '--add-config', 'retention.ms=x'],
  },
  {
    what: 'configs: describe a topic',
    tool: CONFIGS,
    args: ['--describe', '--entity-type', 'topics', '--entity-name', 'made'],
  },
  {
    what: 'configs: describe all of a topic',
    tool: CONFIGS,
    args: ['--describe', '--all', '--entity-type', 'topics', '--entity-name', 'made'],
  },
  {
    what: 'configs: alter the broker',
    tool: CONFIGS,
    args: [
      '--alter',
      '--entity-type',
      'brokers',
      '--entity-name',
      '1',
      '--add-config',
      'log.cleaner.threads=2',
    ],
  },
  {
    what: 'configs: describe the broker',
    tool: CONFIGS,
    args: ['--describe', '--entity-type', 'brokers', '--entity-name', '1'],
  },
  {
    what: 'configs: alter the default of brokers',
    tool: CONFIGS,
    args: [
      '--alter',
      '--entity-type',
      'brokers',
      '--entity-default',
      '--add-config',
      'message.max.bytes=1000013',
    ],
  },
  {
    what: 'configs: describe the default of brokers',
    tool: CONFIGS,
    args: ['--describe', '--entity-type', 'brokers', '--entity-default'],
  },
  {
    what: 'configs: alter what is read-only',
    tool: CONFIGS,
    args: ['--alter', '--entity-type', 'brokers', '--entity-name', '1', '--add-config', 'num.partitions=4'],
  },
  { what: 'offsets: latest', tool: OFFSETS, args: ['--topic', 'filled'] },
  { what: 'offsets: earliest', tool: OFFSETS, args: ['--topic', 'filled', '--time', 'earliest'] },
  {
    what: 'offsets: largest timestamp',
    tool: OFFSETS,
    args: ['--topic', 'filled', '--time', 'max-timestamp'],
  },
  { what: 'offsets: of all topics', tool: OFFSETS, args: ['--exclude-internal-topics'], unordered: true },
  { what: 'offsets: of nobody', tool: OFFSETS, args: ['--topic', 'nobody'] },
  {
    what: 'records: delete',
    tool: 'org.apache.kafka.tools.DeleteRecordsCommand',
    args: ['--offset-json-file', '/dev/stdin'],
    input: offsetsToDelete,
    unordered: true,
  },
  {
    what: 'log dirs',
    tool: 'org.apache.kafka.tools.LogDirsCommand',
    args: ['--describe', '--topic-list', 'filled,made'],
  },
  { what: 'topics: delete', tool: TOPICS, args: ['--delete', '--topic', 'with.dot'] },
  { what: 'topics: delete unknown', tool: TOPICS, args: ['--delete', '--topic', 'nobody'] },
  { what: 'topics: list at the end', tool: TOPICS, args: ['--list'] },
];

describeWith(['java', 'mvn', 'kcat'], "Kafka's tools", () => {
  let kafka: StartedBroker;
  let millrace: StartedBroker;

  beforeAll(async () => {
    [kafka, millrace] = await Promise.all([
      startKafka({ quorum: 'standalone' }),
      startMillrace(await millraceOptions()),
    ]);
    for (const { bootstrap } of [kafka, millrace]) {
      await kafkaTool(TOPICS, [
        '--bootstrap-server',
        bootstrap,
        '--create',
        '--topic',
        'filled',
        '--partitions',
        '1',
      ]);
      await kcatProduce(bootstrap, 'filled', 'a\nb\nc\nd\n');
    }
  });
  afterAll(async () => {
    await Promise.all([kafka?.stop(), millrace?.stop()]);
  });

  function normal(
    { code, stdout, stderr }: Ran,
    broker: StartedBroker,
    { ignore, unordered }: Partial<Case>,
  ): string[] {
    const text = `${stdout}\n${stderr}`
      .replaceAll(broker.data, '<data>')
      .replaceAll(`:${broker.port}`, ':<port>')
      .replaceAll(`:${broker.port + 1}`, ':<controller port>')
      .replace(/TopicId: \S{22}/g, 'TopicId: <id>')
      .replace(/("(?:total|usable)Bytes":)\d+/g, '$1<bytes>')
      .replace(/"size":\d+/g, '"size":<bytes>')
      .replace(/"directoryId": "\S{22}"/g, '"directoryId": "<id>"')
      .replace(
        /Configs: (\S+)/g,
        (_, list: string) =>
          `Configs: ${list
            .split(/,(?=[a-z.]+=)/)
            .sort()
            .join()}`,
      )
      .replace(/Epoch: \d+/g, 'Epoch: <offset>')
      .replace(/^\d{4}-\d\d-\d\dT\S+Z/gm, '<time>')
      .replace(/\[\d{4}-\d\d-\d\d [\d:,]+\]/g, '[<time>]');
    const lines = text
      .split('\n')
      .filter((line) => line.trim() !== '' && !/^\s+at /.test(line) && ignore?.test(line) !== true);
    return [`exit code ${code}`, ...(unordered ? lines.sort() : lines)];
  }

  async function both(each: Pick<Case, 'tool' | 'args'> & Partial<Case>): Promise<[string[], string[]]> {
    const ask = async (broker: StartedBroker): Promise<string[]> => {
      const options = each.input === undefined ? {} : { input: each.input };
      return normal(
        await kafkaTool(each.tool, ['--bootstrap-server', broker.bootstrap, ...each.args], options),
        broker,
        each,
      );
    };
    return Promise.all([ask(kafka), ask(millrace)]);
  }

  for (const each of CASES) {
    test(each.what, async () => {
      const [expected, got] = await both(each);
      expect(got).toEqual(expected);
    });
  }

  test('metadata-quorum: status', async () => {
    const [expected, got] = await both({
      tool: 'org.apache.kafka.tools.MetadataQuorumCommand',
      args: ['describe', '--status'],
    });
    const withoutNumbers = (lines: string[]): string[] =>
      lines.map((line) =>
        line.replace(/^(ClusterId|LeaderEpoch|HighWatermark|MaxFollowerLag(?:TimeMs)?):.*/, '$1'),
      );
    expect(withoutNumbers(got)).toEqual(withoutNumbers(expected));
  });

  test('broker-api-versions: a subset of what Kafka has', async () => {
    const [expected, got] = await both({ tool: 'org.apache.kafka.tools.BrokerApiVersionsCommand', args: [] });
    const supported = (lines: string[]): Map<string, string> =>
      new Map(
        lines.flatMap((line) =>
          [...line.matchAll(/(\w+)\(\d+\): (\d+(?: to \d+)?) \[usable: (\d+)\]/g)].map((m) => [m[1], m[3]]),
        ),
      );
    const ofKafka = supported(expected);
    const ours = supported(got);
    expect(ours.size).toBeGreaterThanOrEqual(20);
    for (const [api, usable] of ours) expect([api, usable]).toEqual([api, ofKafka.get(api)]);
  });
});
