/** Error codes and texts below were taken from a real Kafka 4.3.1 that had topics a (2 partitions) and conf.b. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alterConfigs, incrementalAlterConfigs } from '../../src/metadata/controller/alter-configs.js';
import { createPartitions } from '../../src/metadata/controller/create-partitions.js';
import { createTopics } from '../../src/metadata/controller/create-topics.js';
import { deleteTopics } from '../../src/metadata/controller/delete-topics.js';
import { topicNameProblem } from '../../src/metadata/controller/topic-name.js';
import { ZERO_UUID } from '../../src/metadata/image/model.js';
import type { MetadataNode } from '../../src/metadata/metadata-node.js';
import { Bench } from './node-support.js';

interface Topic {
  name: string;
  p?: number;
  r?: number;
  a?: [number, number[]][];
  c?: [string, string | null][];
}
const wanted = ({ name, p = -1, r = -1, a = [], c = [] }: Topic) => ({
  name,
  numPartitions: p,
  replicationFactor: r,
  assignments: a.map(([partitionIndex, brokerIds]) => ({ partitionIndex, brokerIds })),
  configs: c.map(([key, value]) => ({ name: key, value })),
});

const bench = new Bench().format();
let node: MetadataNode;
beforeAll(() => {
  node = bench.start();
  node.submit(createTopics(node.context, [wanted({ name: 'a', p: 2 }), wanted({ name: 'conf.b' })], false));
});
afterAll(() => {
  node.shutdown();
  bench.dispose();
});

describe('CreateTopics', () => {
  const create = (...topics: Topic[]) => createTopics(node.context, topics.map(wanted), true).response;
  const answer = (topic: Topic) => create(topic).map((one) => [one.errorCode, one.errorMessage])[0];
  const manual = 'The manual partition assignment includes ';
  const set = 'A manual partition assignment was specified, but ';
  it.each<[Topic, number, string | null]>([
    [{ name: '' }, 17, 'Topic name is invalid: the empty string is not allowed'],
    [{ name: '.' }, 17, "Topic name is invalid: '.' is not allowed"],
    [{ name: '..' }, 17, "Topic name is invalid: '..' is not allowed"],
    [
      { name: 'x y' },
      17,
      "Topic name is invalid: 'x y' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'",
    ],
    [{ name: 'conf_b' }, 17, "Topic 'conf_b' collides with existing topic: conf.b"],
    [{ name: 'a' }, 36, "Topic 'a' already exists."],
    [{ name: 'conf.b' }, 36, "Topic 'conf.b' already exists."],
    [{ name: '__cluster_metadata' }, 42, 'Creation of internal topic __cluster_metadata is prohibited.'],
    [{ name: 'q', p: 0 }, 37, 'Number of partitions was set to an invalid non-positive value.'],
    [
      { name: 'q', r: 0, p: 0 },
      38,
      'Replication factor must be larger than 0, or -1 to use the default value.',
    ],
    [{ name: 'q', r: -2 }, 38, 'Replication factor must be larger than 0, or -1 to use the default value.'],
    [
      { name: 'q', r: 2 },
      38,
      'Unable to replicate the partition 2 time(s): The target replication factor of 2 cannot be reached because only 1 broker(s) are registered or some brokers have all their log directories cordoned.',
    ],
    [{ name: 'q', p: 10001 }, 44, 'Excessively large number of partitions per request.'],
    [{ name: 'q', p: 1, a: [[0, [1]]] }, 42, `${set}numPartitions was not set to -1.`],
    [{ name: 'q', r: 1, a: [[0, [1]]] }, 42, `${set}replication factor was not set to -1.`],
    [{ name: 'q', a: [[1, [1]]] }, 39, 'partitions should be a consecutive 0-based integer sequence'],
    [
      {
        name: 'q',
        a: [
          [0, [1]],
          [0, [1]],
        ],
      },
      39,
      'Found multiple manual partition assignments for partition 0',
    ],
    [{ name: 'q', a: [[0, []]] }, 39, `${manual}an empty replica list.`],
    [{ name: 'q', a: [[0, [2]]] }, 39, `${manual}broker 2, but no such broker is registered.`],
    [{ name: 'q', a: [[0, [-1]]] }, 39, `${manual}broker -1, but no such broker is registered.`],
    [{ name: 'q', a: [[0, [1, 1]]] }, 39, `${manual}the broker 1 more than once.`],
    [{ name: 'q', c: [['nope', '1']] }, 40, 'Unknown topic config name: nope'],
    [
      { name: 'q', c: [['retention.ms', null]] },
      40,
      'Null value not supported for topic configs: retention.ms',
    ],
    [
      { name: 'q', c: [['retention.ms', 'x']] },
      40,
      'Invalid value x for configuration retention.ms: Not a number of type LONG',
    ],
    [
      {
        name: 'q',
        c: [
          ['min.compaction.lag.ms', '9'],
          ['max.compaction.lag.ms', '2'],
        ],
      },
      40,
      'conflict topic config setting min.compaction.lag.ms (9) > max.compaction.lag.ms (2)',
    ],
    [
      {
        name: 'q',
        c: [
          ['retention.ms', '1'],
          ['retention.ms', '2'],
        ],
      },
      0,
      null,
    ],
    [{ name: 'a..b' }, 0, null],
  ])('%j', (topic, code, message) => {
    expect(answer(topic)).toEqual([code, message]);
  });
  it('the longest name, duplicates, too many in all, one bad topic among good ones', () => {
    expect(topicNameProblem('x'.repeat(249))).toBeNull();
    expect(topicNameProblem('x'.repeat(250))).toContain('is longer than the max allowed length 249');
    expect(
      create({ name: 'q' }, { name: 'q' }).map((one) => [one.name, one.errorCode, one.errorMessage]),
    ).toEqual([['q', 42, 'Duplicate topic name.']]);
    expect(create({ name: 'q', p: 6000 }, { name: 'r', p: 6000 }).map((one) => one.errorCode)).toEqual([
      44, 44,
    ]);
    expect(
      create({ name: 'q' }, { name: '' }, { name: 'q.1' }, { name: 'q_1' }).map((one) => one.errorCode),
    ).toEqual([0, 17, 0, 0]);
  });
  it('answers with counts and all settings; a refused topic with -1 and none', () => {
    const [good] = create({ name: 'q', c: [['retention.ms', '77']] });
    expect(good).toMatchObject({ numPartitions: 1, replicationFactor: 1, topicId: ZERO_UUID });
    expect(good.configs?.length).toBe(33);
    expect(good.configs?.find((one) => one.name === 'retention.ms')).toEqual({
      name: 'retention.ms',
      value: '77',
      readOnly: false,
      configSource: 1,
      isSensitive: false,
    });
    expect(good.configs?.find((one) => one.name === 'min.insync.replicas')?.configSource).toBe(3);
    expect(create({ name: '' })[0]).toMatchObject({ numPartitions: -1, replicationFactor: -1, configs: [] });
    expect(createTopics(node.context, [wanted({ name: 'q' })], true).records).toEqual([]);
  });
  it('writes topic, settings and partitions with the directory that holds them', () => {
    const { records } = createTopics(
      node.context,
      [
        wanted({
          name: 'q',
          a: [
            [1, [1]],
            [0, [1]],
          ],
          c: [['retention.ms', '5']],
        }),
      ],
      false,
    );
    expect(records.map((one) => one.type)).toEqual([
      'TopicRecord',
      'ConfigRecord',
      'PartitionRecord',
      'PartitionRecord',
    ]);
    const directory = node.image.broker(1)?.directories[0];
    expect(records[2]).toMatchObject({
      version: 2,
      value: {
        partitionId: 0,
        replicas: [1],
        isr: [1],
        leader: 1,
        leaderEpoch: 0,
        partitionEpoch: 0,
        directories: [directory],
      },
    });
  });
});

describe('CreatePartitions', () => {
  const grow = (name: string, count: number, assignments: number[][] | null = null) =>
    createPartitions(
      node.context,
      [{ name, count, assignments: assignments?.map((brokerIds) => ({ brokerIds })) ?? null }],
      true,
    ).response.map((one) => [one.errorCode, one.errorMessage])[0];
  it.each<[string, number, number[][] | null, number, string | null]>([
    ['a', 2, null, 37, 'Topic already has 2 partition(s).'],
    ['a', 1, null, 37, 'The topic a currently has 2 partition(s); 1 would not be an increase.'],
    ['a', -1, null, 37, 'The topic a currently has 2 partition(s); -1 would not be an increase.'],
    ['zz', 1, null, 3, null],
    ['a', 3, [], 39, 'Attempted to add 1 additional partition(s), but only 0 assignment(s) were specified.'],
    [
      'a',
      3,
      [[1], [1]],
      39,
      'Attempted to add 1 additional partition(s), but only 2 assignment(s) were specified.',
    ],
    [
      'a',
      3,
      [[2]],
      39,
      'The manual partition assignment includes broker 2, but no such broker is registered.',
    ],
    ['a', 3, [[]], 39, 'The manual partition assignment includes an empty replica list.'],
    ['a', 4, [[1], [1]], 0, null],
    ['a', 3, null, 0, null],
    ['a', 20_000, null, 44, 'Excessively large number of partitions per request.'],
  ])('%s to %d %j', (name, count, assignments, code, message) => {
    expect(grow(name, count, assignments)).toEqual([code, message]);
  });
  it('a topic named twice', () => {
    const topics = [3, 4].map((count) => ({ name: 'a', count, assignments: null }));
    expect(createPartitions(node.context, topics, false)).toEqual({
      records: [],
      response: [{ name: 'a', errorCode: 42, errorMessage: 'Duplicate topic name.' }],
    });
  });
});

describe('DeleteTopics', () => {
  const remove = (...topics: [string | null, string?][]) =>
    deleteTopics(
      node.context,
      topics.map(([name, topicId = ZERO_UUID]) => ({ name, topicId })),
    ).response.map((one) => [one.name, one.errorCode, one.errorMessage]);
  it('refuses in the real words', () => {
    const id = node.image.topicByName('a')?.id ?? '';
    expect(remove(['nope'])).toEqual([['nope', 3, 'This server does not host this topic-partition.']]);
    expect(remove([null, 'Le3FhQmCS6-RVQNJxtcCzw'])).toEqual([
      [null, 100, 'This server does not host this topic ID.'],
    ]);
    expect(remove([null])).toEqual([[null, 42, 'Neither topic name nor id were specified.']]);
    expect(remove(['nope'], ['nope'])).toEqual([['nope', 42, 'Duplicate topic name.']]);
    expect(remove([null, id], [null, id])).toEqual([[null, 42, 'Duplicate topic id.']]);
    expect(remove(['a', id])).toEqual([['a', 42, 'You may not specify both topic name and topic id.']]);
  });
  it('by id answers with the name; a topic named both by name and by id is refused', () => {
    const id = node.image.topicByName('a')?.id ?? '';
    const plan = deleteTopics(node.context, [
      { name: null, topicId: id },
      { name: 'a', topicId: ZERO_UUID },
    ]);
    expect(plan.records).toHaveLength(0);
    expect(plan.response.map((one) => [one.name, one.topicId, one.errorCode])).toEqual([['a', id, 42]]);
    const byId = deleteTopics(node.context, [{ name: null, topicId: id }]);
    expect(byId.response.map((one) => [one.name, one.topicId, one.errorCode])).toEqual([['a', id, 0]]);
  });
});

describe('IncrementalAlterConfigs and AlterConfigs', () => {
  type Change = [string, number, string | null];
  const alter = (resourceType: number, resourceName: string, ...configs: Change[]) =>
    incrementalAlterConfigs(
      node.context,
      [
        {
          resourceType,
          resourceName,
          configs: configs.map(([name, configOperation, value]) => ({ name, configOperation, value })),
        },
      ],
      true,
    ).response.map((one) => [one.errorCode, one.errorMessage])[0];
  const invalid = (value: string, key: string, why: string) =>
    `Invalid value ${value} for configuration ${key}: ${why}`;
  const pool = (key: string, value: string, why: string) =>
    `Invalid value org.apache.kafka.common.config.ConfigException: Dynamic thread count update validation failed for ${key}=${value}, ${why} for configuration Invalid dynamic configuration`;
  it.each<[number, string, Change[], number, string | null]>([
    [2, 'a', [['retention.ms', 0, '-2']], 40, invalid('-2', 'retention.ms', 'Value must be at least -1')],
    [2, 'a', [['nope', 0, '1']], 40, 'Unknown topic config name: nope'],
    [2, 'a', [['retention.ms', 0, null]], 42, 'Null value not supported for : retention.ms'],
    [2, 'a', [['retention.ms', 1, null]], 0, null],
    [
      2,
      'a',
      [['retention.ms', 2, '1']],
      40,
      "Can't APPEND to key retention.ms because its type is not LIST.",
    ],
    [
      2,
      'a',
      [['retention.ms', 3, '1']],
      40,
      "Can't SUBTRACT to key retention.ms because its type is not LIST.",
    ],
    [2, 'a', [['cleanup.policy', 2, 'compact']], 0, null],
    [
      2,
      'a',
      [['cleanup.policy', 2, 'foo']],
      40,
      invalid('foo', 'cleanup.policy', 'String must be one of: compact, delete'),
    ],
    [2, 'a', [['cleanup.policy', 0, '']], 0, null],
    [2, 'a', [['cleanup.policy', 0, 'delete,delete']], 0, null],
    [
      2,
      'a',
      [['compression.type', 0, 'foo']],
      40,
      invalid(
        'foo',
        'compression.type',
        'String must be one of: uncompressed, zstd, lz4, snappy, gzip, producer',
      ),
    ],
    [
      2,
      'a',
      [['segment.bytes', 0, '99999999999']],
      40,
      invalid('99999999999', 'segment.bytes', 'Not a number of type INT'),
    ],
    [
      2,
      'a',
      [['preallocate', 0, 'maybe']],
      40,
      invalid('maybe', 'preallocate', 'Expected value to be either true or false'),
    ],
    [
      2,
      'a',
      [['min.cleanable.dirty.ratio', 0, '2']],
      40,
      invalid('2.0', 'min.cleanable.dirty.ratio', 'Value must be no more than 1'),
    ],
    [
      2,
      'a',
      [['compression.gzip.level', 0, '0']],
      40,
      invalid('0', 'compression.gzip.level', 'Value must be between 1 and 9 or equal to -1'),
    ],
    [
      2,
      'a',
      [['compression.zstd.level', 0, '23']],
      40,
      invalid('23', 'compression.zstd.level', 'Value must be no more than 22'),
    ],
    [
      2,
      'a',
      [
        ['retention.ms', 0, '1'],
        ['retention.ms', 0, '2'],
      ],
      42,
      'Error due to duplicate config keys',
    ],
    [2, 'nope', [['retention.ms', 0, '1']], 3, "The topic 'nope' does not exist."],
    [2, '', [['retention.ms', 0, '1']], 42, 'Default topic resources are not allowed.'],
    [
      2,
      'a',
      [['leader.replication.throttled.replicas', 0, 'x']],
      40,
      "Invalid value [x] for configuration leader.replication.throttled.replicas: leader.replication.throttled.replicas must be the literal '*' or a list of replicas in the following format: [partitionId]:[brokerId],[partitionId]:[brokerId],...",
    ],
    [
      2,
      'a',
      [['remote.storage.enable', 0, 'true']],
      40,
      'Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log storage.',
    ],
    [2, 'a', [['internal.segment.bytes', 0, '1000']], 0, null],
    [2, 'a', [['retention.ms', 0, ' 77 ']], 0, null],
    [
      2,
      'a',
      [['cleanup.policy', 0, 'x'.repeat(33_000)]],
      40,
      'The configuration value cannot be added because it exceeds the maximum value size of 32767 bytes.',
    ],
    [99, 'a', [['retention.ms', 0, '1']], 42, 'Unknown resource type 99'],
    [4, '1', [['log.retention.ms', 0, '1']], 0, null],
    [
      4,
      '1',
      [['log.retention.ms', 0, 'x']],
      42,
      invalid('x', 'log.retention.ms', 'Not a number of type LONG'),
    ],
    [
      4,
      '1',
      [['log.retention.hours', 0, '1']],
      42,
      'Cannot update these configs dynamically: [log.retention.hours]',
    ],
    [4, '1', [['nope', 0, '1']], 0, null],
    [
      4,
      '',
      [['ssl.keystore.location', 0, '/x']],
      42,
      'These security configs can be dynamically updated only per-listener using the listener prefix: [ssl.keystore.location]',
    ],
    [
      4,
      '',
      [['listeners', 0, 'PLAINTEXT://:1']],
      42,
      'Cannot update these configs at default cluster level, broker id must be specified: [listeners]',
    ],
    [
      4,
      '1',
      [['min.insync.replicas', 0, '2']],
      40,
      'Broker-level min.insync.replicas cannot be altered while ELR is enabled.',
    ],
    [4, '', [['min.insync.replicas', 0, '2']], 0, null],
    [
      4,
      '',
      [['log.segment.bytes', 0, '10']],
      42,
      invalid('10', 'log.segment.bytes', 'Value must be at least 1048576'),
    ],
    [
      4,
      '1',
      [['num.io.threads', 0, '100']],
      42,
      pool('num.io.threads', '100', 'value should not be greater than double the current value 8'),
    ],
    [
      4,
      '1',
      [['num.io.threads', 0, '1']],
      42,
      pool('num.io.threads', '1', 'value should be at least half the current value 8'),
    ],
    [4, '7', [['log.retention.ms', 0, '1']], 42, 'Unexpected broker id, expected 1, but received 7'],
    [4, 'x', [['log.retention.ms', 0, '1']], 42, 'Node id must be an integer, but it is: x'],
    [
      4,
      '1',
      [['log.retention.ms', 2, '1']],
      40,
      'Config value append is not allowed for config key: log.retention.ms',
    ],
    [4, '1', [['log.cleanup.policy', 2, 'compact']], 0, null],
    [
      4,
      '1',
      [['log.retention.ms', 0, '0']],
      42,
      'requirement failed: log.retention.ms must be unlimited (-1) or, greater than or equal to 1',
    ],
    [
      4,
      '1',
      [['leader.replication.throttled.rate', 0, '-5']],
      42,
      invalid('-5', 'leader.replication.throttled.rate', 'Value must be at least 0'),
    ],
    [4, '1', [['listener.name.plaintext.ssl.keystore.location', 0, '/x']], 0, null],
    [16, 'm', [['nope', 0, '1']], 42, 'Unknown client metrics configuration: nope'],
    [
      16,
      'm',
      [['interval.ms', 0, '1']],
      42,
      'Invalid value 1 for interval.ms, interval must be between 100 and 3600000 (1 hour)',
    ],
    [32, 'g', [['nope', 0, '1']], 40, 'Unknown group config name: nope'],
    [
      32,
      'g',
      [['consumer.session.timeout.ms', 0, '1']],
      40,
      'consumer.session.timeout.ms must be greater than or equal to group.consumer.min.session.timeout.ms',
    ],
    [
      32,
      'g',
      [['consumer.session.timeout.ms', 0, '999999']],
      40,
      'consumer.session.timeout.ms must be less than or equal to group.consumer.max.session.timeout.ms',
    ],
    [32, '', [['consumer.session.timeout.ms', 0, '50000']], 42, 'Default group resources are not allowed.'],
    [
      32,
      'g',
      [['share.auto.offset.reset', 0, 'zz']],
      40,
      "Invalid value zz for configuration share.auto.offset.reset: Invalid value `zz` for configuration share.auto.offset.reset. The value must be either 'earliest', 'latest' or of the format 'by_duration:<PnDTnHnMn.nS>'.",
    ],
  ])('%d %s %j', (type, name, changes, code, message) => {
    expect(alter(type, name, ...changes)).toEqual([code, message]);
  });
  it('a resource named twice', () => {
    const resource = { resourceType: 2, resourceName: 'a', configs: [] };
    const { response } = incrementalAlterConfigs(node.context, [resource, resource], false);
    expect(response.map((one) => one.errorMessage)).toEqual(
      Array(2).fill('Each resource must appear at most once.'),
    );
  });
  it('set, append, subtract, delete; the legacy form replaces the whole set', () => {
    const run = (...configs: Change[]): unknown => {
      const list = configs.map(([name, configOperation, value]) => ({ name, configOperation, value }));
      node.submit(
        incrementalAlterConfigs(node.context, [{ resourceType: 2, resourceName: 'a', configs: list }], false),
      );
      return Object.fromEntries(node.image.topicConfig('a'));
    };
    expect(run(['cleanup.policy', 2, 'compact'], ['retention.ms', 0, '5'])).toEqual({
      'cleanup.policy': 'delete,compact',
      'retention.ms': '5',
    });
    expect(run(['cleanup.policy', 2, 'compact'])).toEqual({
      'cleanup.policy': 'delete,compact',
      'retention.ms': '5',
    });
    expect(run(['cleanup.policy', 3, 'delete'])).toEqual({
      'cleanup.policy': 'compact',
      'retention.ms': '5',
    });
    expect(run(['retention.ms', 1, null])).toEqual({ 'cleanup.policy': 'compact' });
    const configs = [{ name: 'retention.ms', value: '9' }];
    node.submit(alterConfigs(node.context, [{ resourceType: 2, resourceName: 'a', configs }], false));
    expect(Object.fromEntries(node.image.topicConfig('a'))).toEqual({ 'retention.ms': '9' });
    const same = alterConfigs(node.context, [{ resourceType: 2, resourceName: 'a', configs }], false);
    expect(same.records).toEqual([]);
  });
  it('a dynamic broker setting is in force at once', () => {
    const set = (value: string | null, configOperation: number) =>
      node.submit(
        incrementalAlterConfigs(
          node.context,
          [
            {
              resourceType: 4,
              resourceName: '1',
              configs: [{ name: 'log.retention.ms', configOperation, value }],
            },
          ],
          false,
        ),
      );
    set('4000', 0);
    expect(node.config.number('log.retention.ms')).toBe(4000);
    expect(node.config.origin('log.retention.ms')).toBe('dynamic-broker');
    set(null, 1);
    expect(node.config.value('log.retention.ms')).toBeNull();
  });
});

describe('producer ids and quorum', () => {
  it('blocks of 1000 follow each other', () => {
    expect(node.allocateProducerIds()).toEqual({ start: 0n, length: 1000 });
    expect(node.allocateProducerIds()).toEqual({ start: 1000n, length: 1000 });
  });
  it('one voter, who has committed everything', () => {
    const quorum = node.describeQuorum();
    expect(quorum).toMatchObject({
      leaderId: 1,
      leaderEpoch: 1,
      highWatermark: node.endOffset,
      observers: [],
    });
    expect(quorum.currentVoters[0]).toMatchObject({ replicaId: 1, logEndOffset: node.endOffset });
    expect(quorum.currentVoters[0].replicaDirectoryId).toBe(node.image.broker(1)?.directories[0]);
  });
});
