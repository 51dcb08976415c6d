/**
 * The real Kafka 4.3.1 on metadata that Millrace wrote, and back: its DumpLogSegments reads every file, its broker
 * starts on the directory, and Millrace opens what Kafka leaves behind.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { incrementalAlterConfigs } from '../../src/metadata/controller/alter-configs.js';
import { alterClientQuotas } from '../../src/metadata/controller/client-quotas.js';
import { createPartitions } from '../../src/metadata/controller/create-partitions.js';
import { createTopics } from '../../src/metadata/controller/create-topics.js';
import { deleteTopics } from '../../src/metadata/controller/delete-topics.js';
import { updateFeatures } from '../../src/metadata/controller/update-features.js';
import { ZERO_UUID } from '../../src/metadata/image/model.js';
import type { MetadataNode } from '../../src/metadata/metadata-node.js';
import { Bench } from '../metadata/node-support.js';
import { freePort } from '../support/millrace.js';
import { describeWithPath } from '../support/needs.js';

const KAFKA = resolve(import.meta.dirname, '../../../shared/apache-kafka/kafka');
const COMMAND_MS_MAX = 120_000;

function kafka(args: string[], standalone = true): string {
  const env = { ...process.env, KAFKA_HEAP: '-Xmx512M -Xms128M', ...(standalone ? { STANDALONE: '1' } : {}) };
  return execFileSync(KAFKA, args, {
    env,
    encoding: 'utf8',
    timeout: COMMAND_MS_MAX,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** A port whose successor is free too: the controller listens there. */
async function freePortPair(): Promise<number> {
  for (let tries = 0; tries < 20; tries++) {
    const port = await freePort();
    const free = await new Promise<boolean>((done) => {
      const server = createServer();
      server.once('error', () => done(false));
      server.listen(port + 1, '127.0.0.1', () => server.close(() => done(true)));
    });
    if (free) return port;
  }
  throw new Error('no two free ports in a row');
}

function dump(paths: string[]): string {
  const tool = ['tool', 'org.apache.kafka.tools.DumpLogSegments', '--cluster-metadata-decoder', '--files'];
  return kafka([...tool, paths.join(',')]);
}

function describeTopics(port: number): string {
  const tool = ['tool', 'org.apache.kafka.tools.TopicCommand', '--bootstrap-server', `127.0.0.1:${port}`];
  return kafka([...tool, '--describe']);
}

function topic(name: string, numPartitions: number, configs: [string, string][] = []) {
  const pairs = configs.map(([key, value]) => ({ name: key, value }));
  return { name, numPartitions, replicationFactor: 1, assignments: [], configs: pairs };
}

/** Every kind of record that a single node writes. */
function work(node: MetadataNode): void {
  node.submit(
    createTopics(node.context, [topic('logs', 3, [['retention.ms', '86400000']]), topic('gone', 1)], false),
  );
  node.submit(createTopics(node.context, [topic('grown', 1)], false));
  node.submit(createPartitions(node.context, [{ name: 'grown', count: 4, assignments: null }], false));
  node.submit(deleteTopics(node.context, [{ name: 'gone', topicId: ZERO_UUID }]));
  const set = (name: string, value: string) => ({ name, configOperation: 0, value });
  const resources = [
    {
      resourceType: 2,
      resourceName: 'logs',
      configs: [set('cleanup.policy', 'compact'), set('segment.bytes', '2000000')],
    },
    { resourceType: 4, resourceName: '', configs: [set('log.retention.ms', '60000')] },
    { resourceType: 4, resourceName: '1', configs: [set('log.cleaner.threads', '2')] },
    { resourceType: 32, resourceName: 'g', configs: [set('consumer.session.timeout.ms', '50000')] },
  ];
  const { response } = incrementalAlterConfigs(node.context, resources, true);
  expect(response.map((one) => [one.errorCode, one.errorMessage])).toEqual(resources.map(() => [0, null]));
  node.submit(incrementalAlterConfigs(node.context, resources, false));
  const parts = [
    { entityType: 'user', entityName: 'alice' },
    { entityType: 'client-id', entityName: null },
  ];
  const ops = ['producer_byte_rate', 'consumer_byte_rate'].map((key) => ({
    key,
    value: 5000,
    remove: false,
  }));
  node.submit(alterClientQuotas(node.context, [{ entity: parts, ops }], false, new Set()));
  const gone = [{ key: 'consumer_byte_rate', value: 0, remove: true }];
  node.submit(alterClientQuotas(node.context, [{ entity: parts, ops: gone }], false, new Set()));
  const lowered = { feature: 'streams.version', maxVersionLevel: 0, upgradeType: 2, allowDowngrade: false };
  node.submit(updateFeatures(node.context, { featureUpdates: [lowered], validateOnly: false }, 2));
  node.allocateProducerIds();
}

describeWithPath(KAFKA, 'metadata directories, Millrace and the real Kafka', () => {
  let bench: Bench;
  let running = false;
  beforeEach(async () => {
    bench = new Bench(await freePortPair()).withSync();
    bench.clock.advance(Date.now() - bench.clock.now());
  });
  afterEach(() => {
    if (running) kafka(['kill', bench.root]);
    running = false;
    bench.dispose();
  });
  const start = (...settings: string[]): void => {
    running = true;
    try {
      kafka(['start', bench.root, String(bench.port), ...settings]);
    } catch (error) {
      // the command shows only the last lines, which are mostly Kafka's own configuration
      const lines = readFileSync(join(bench.root, 'kafka.out'), 'utf8').split('\n');
      const told = lines.filter((line) => /ERROR|FATAL|Exception|Caused by|Shut/.test(line)).slice(0, 40);
      throw new Error(`Kafka did not start (${lines.length} lines):\n${told.join('\n')}`, { cause: error });
    }
  };
  const stop = (): void => {
    kafka(['stop', bench.root]);
    running = false;
  };
  const logFiles = (pattern: RegExp): string[] => {
    const directory = join(bench.directory, '__cluster_metadata-0');
    return readdirSync(directory)
      .filter((name) => pattern.test(name))
      .sort()
      .map((name) => join(directory, name));
  };

  it('its tools read what we wrote, its broker starts on it, and we start after it', () => {
    bench.format();
    let node = bench.start();
    work(node);
    node.snapshot();
    node.submit(createTopics(node.context, [topic('tail', 1)], false));
    node.shutdown();

    const text = dump([
      ...logFiles(/\.(log|checkpoint|index|timeindex)$/),
      join(bench.directory, 'bootstrap.checkpoint'),
    ]);
    expect(text).not.toMatch(/isvalid: false|[Ee]xception|mismatch|Found timestamp/);
    for (const type of [
      'LeaderChange',
      'KRaftVoters',
      'SnapshotHeader',
      'SnapshotFooter',
      'BEGIN_TRANSACTION_RECORD',
      'FEATURE_LEVEL_RECORD',
      'REGISTER_CONTROLLER_RECORD',
      'REGISTER_BROKER_RECORD',
      'BROKER_REGISTRATION_CHANGE_RECORD',
      'TOPIC_RECORD',
      'PARTITION_RECORD',
      'PARTITION_CHANGE_RECORD',
      'CONFIG_RECORD',
      'REMOVE_TOPIC_RECORD',
      'PRODUCER_IDS_RECORD',
    ]) {
      expect(text, type).toContain(type);
    }

    start();
    const topics = describeTopics(bench.port);
    expect(topics).toMatch(/Topic: logs\s.*PartitionCount: 3\s.*retention\.ms=86400000/);
    expect(topics).toMatch(/Topic: grown\s.*PartitionCount: 4/);
    expect(topics).toMatch(/Topic: tail\s+Partition: 0\s+Leader: 1\s+Replicas: 1\s+Isr: 1/);
    expect(topics).not.toMatch(/gone|Leader: none/);
    const admin = [
      'tool',
      'org.apache.kafka.tools.TopicCommand',
      '--bootstrap-server',
      `127.0.0.1:${bench.port}`,
    ];
    kafka([...admin, '--create', '--topic', 'from-kafka', '--partitions', '2']);
    stop();

    bench.clock.advance(Date.now() - bench.clock.now());
    node = bench.start();
    expect([...node.image.topics.all()].map((one) => one.name).sort()).toEqual([
      'from-kafka',
      'grown',
      'logs',
      'tail',
    ]);
    expect([...node.image.topics.partitions()].every(({ partition }) => partition.leader === 1)).toBe(true);
    expect(node.image.nextProducerId).toBe(1000n);
    expect(node.config.number('log.cleaner.threads')).toBe(2);
    node.shutdown();
  });

  it('it starts from our snapshot when the log before it is gone', () => {
    bench.format();
    const small = { 'internal.metadata.log.segment.bytes': '600', 'metadata.max.retention.bytes': '1' };
    const node = bench.start(true, small);
    work(node);
    for (const name of ['one', 'two', 'three']) {
      node.submit(createTopics(node.context, [topic(name, 1)], false));
      node.snapshot();
    }
    node.shutdown();
    expect(logFiles(/00000\.log$/)).toEqual([]);
    expect(logFiles(/\.checkpoint$/).length).toBe(2);
    start();
    expect(describeTopics(bench.port)).toMatch(/Topic: three\s+Partition: 0\s+Leader: 1/);
    stop();
    const again = bench.start();
    expect(again.image.topics.size).toBe(5);
    again.shutdown();
  });

  it('it starts after a crash of ours, and we after a crash of its', () => {
    bench.format();
    const node = bench.start();
    work(node);
    node.close(); // no clean stop: leaders stay in the log
    const [log] = logFiles(/\.log$/);
    chmodSync(log, 0o644);
    writeFileSync(log, new Uint8Array([0, 0, 0, 0, 0, 0, 0, 99, 0, 0, 1]), { flag: 'a' });
    start();
    expect(describeTopics(bench.port)).toMatch(/Topic: logs\s+Partition: 2\s+Leader: 1/);
    kafka(['kill', bench.root]);
    running = false;
    const again = bench.start(false);
    expect(again.image.topicByName('logs')?.partitions.get(2)).toMatchObject({ leader: 1, isr: [1] });
    again.shutdown();
    expect(readFileSync(join(bench.directory, '__cluster_metadata-0/quorum-state'), 'utf8')).toContain(
      '"leaderEpoch":3',
    );
  });
});
