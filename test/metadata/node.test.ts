import {
  appendFileSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OperationError } from '../../src/base/errors.js';
import { alterConfigs, incrementalAlterConfigs } from '../../src/metadata/controller/alter-configs.js';
import { createPartitions } from '../../src/metadata/controller/create-partitions.js';
import { createTopics } from '../../src/metadata/controller/create-topics.js';
import { deleteTopics } from '../../src/metadata/controller/delete-topics.js';
import { formatDirectories, identifyDirectories } from '../../src/metadata/format.js';
import { MetadataImage } from '../../src/metadata/image/metadata-image.js';
import { ZERO_UUID } from '../../src/metadata/image/model.js';
import { encodeDataBatch, replayBatches } from '../../src/metadata/log/batch.js';
import { MetadataLog } from '../../src/metadata/log/metadata-log.js';
import { MetadataNode } from '../../src/metadata/metadata-node.js';
import type { MetadataRecordInput } from '../../src/protocol/records/metadata-record.js';
import { systemFiles } from '../../src/storage/files/file-ops.js';
import { Bench, CLUSTER_ID, contentOf } from './node-support.js';

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});
afterEach(() => bench.dispose());

const logPath = (): string => join(bench.directory, '__cluster_metadata-0/00000000000000000000.log');
const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof OperationError) return error.code;
    throw error;
  }
  return 'none';
};
const topic = (name: string, numPartitions = 1) => ({
  name,
  numPartitions,
  replicationFactor: 1,
  assignments: [],
  configs: [],
});
const create = (node: MetadataNode, name: string): void => {
  node.submit(createTopics(node.context, [topic(name)], false));
};

describe('format', () => {
  const options = () => ({
    directories: [bench.directory, join(bench.root, 'second')],
    metadataDirectory: bench.directory,
    clusterId: CLUSTER_ID,
    nodeId: 1,
    controllerEndpoint: { name: 'CONTROLLER', host: 'localhost', port: 9093 },
    ignoreFormatted: false,
    nowMs: 1_700_000_000_000,
    newUuid: bench.newUuid,
  });
  it('writes what kafka-storage format --standalone writes, and only once', () => {
    const { directories } = options();
    expect(formatDirectories(options())).toEqual(directories);
    expect(readdirSync(bench.directory).sort()).toEqual([
      '__cluster_metadata-0',
      'bootstrap.checkpoint',
      'meta.properties',
    ]);
    expect(readdirSync(directories[1]).sort()).toEqual(['bootstrap.checkpoint', 'meta.properties']);
    const checkpoint = join(
      bench.directory,
      '__cluster_metadata-0/00000000000000000000-0000000000.checkpoint',
    );
    expect(statSync(checkpoint).mode & 0o777).toBe(0o400);
    const text = readFileSync(join(bench.directory, 'meta.properties'), 'utf8');
    for (const line of ['version=1', 'node.id=1', `cluster.id=${CLUSTER_ID}`]) expect(text).toContain(line);
    expect(codeOf(() => formatDirectories(options()))).toBe('ALREADY_FORMATTED');
    expect(formatDirectories({ ...options(), ignoreFormatted: true })).toEqual([]);
    const other = { ...options(), ignoreFormatted: true, clusterId: 'AAAAAAAAAAAAAAAAAAAAAg' };
    expect(codeOf(() => formatDirectories(other))).toBe('CLUSTER_ID_MISMATCH');
    expect(codeOf(() => formatDirectories({ ...options(), clusterId: 'short' }))).toBe('CONFIG_INVALID');
  });
  it('identifies directories: mismatch, wrong node, not formatted, one that is new', () => {
    formatDirectories({ ...options(), directories: [bench.directory] });
    const [first, second] = options().directories;
    const world = { nowMs: 1, newUuid: bench.newUuid };
    expect(codeOf(() => identifyDirectories([first], join(bench.root, 'none'), 1, world))).toBe(
      'NOT_FORMATTED',
    );
    expect(codeOf(() => identifyDirectories([first], first, 2, world))).toBe('CONFIG_INVALID');
    // metadata.log.dir of its own: checked with the others, holds no partitions
    expect(identifyDirectories([second], first, 1, world).directoryIds).toHaveLength(1);
    const { clusterId, directoryIds } = identifyDirectories([first, second], first, 1, world);
    expect(clusterId).toBe(CLUSTER_ID);
    expect(new Set(directoryIds).size).toBe(2);
    expect(identifyDirectories([first, second], first, 1, world).directoryIds).toEqual(directoryIds);
    writeFileSync(
      join(second, 'meta.properties'),
      'version=1\nnode.id=1\ncluster.id=AAAAAAAAAAAAAAAAAAAAAg\n',
    );
    expect(codeOf(() => identifyDirectories([first, second], first, 1, world))).toBe('CLUSTER_ID_MISMATCH');
    for (const id of ['nonsense', 'AAAAAAAAAAAAAAAAAAAAAQ']) {
      writeFileSync(
        join(second, 'meta.properties'),
        `version=1\nnode.id=1\ncluster.id=${CLUSTER_ID}\ndirectory.id=${id}\n`,
      );
      expect(codeOf(() => identifyDirectories([first, second], first, 1, world))).toBe('CONFIG_INVALID');
    }
    writeFileSync(join(second, 'meta.properties'), readFileSync(join(first, 'meta.properties')));
    expect(codeOf(() => identifyDirectories([first, second], first, 1, world))).toBe('CONFIG_INVALID');
  });
});

describe('start and stop', () => {
  it('writes the sequences of the real Kafka', () => {
    bench.format();
    let node = bench.open();
    const seen: string[] = [];
    node.onRecords(({ records }) => seen.push(records.map((one) => `${one.type}/${one.version}`).join(' ')));
    const endpoint = { name: 'PLAINTEXT', host: 'h', port: 1, securityProtocol: 0 };
    node.start({ endpoints: [endpoint], controllerEndpoints: [], cleanStop: true });
    create(node, 't');
    node.shutdown();
    expect(seen).toEqual([
      'RegisterControllerRecord/0',
      'RegisterBrokerRecord/4',
      'BrokerRegistrationChangeRecord/0',
      'BrokerRegistrationChangeRecord/3',
      'TopicRecord/0 PartitionRecord/2',
      'BrokerRegistrationChangeRecord/1 PartitionChangeRecord/2',
      'BrokerRegistrationChangeRecord/0',
    ]);
    node = bench.start();
    expect(node.leaderEpoch).toBe(2);
    expect(node.image.topicByName('t')?.partitions.get(0)).toMatchObject({
      leader: 1,
      isr: [1],
      elr: [],
      leaderEpoch: 2,
      partitionEpoch: 2,
    });
    expect(node.brokerEpoch).toBe(node.image.broker(1)?.epoch);
    node.close();
    // a crash: fenced, eligible no more, elected from lastKnownElr
    node = bench.start(false);
    expect(node.image.topicByName('t')?.partitions.get(0)).toMatchObject({
      leader: 1,
      leaderRecoveryState: 1,
      leaderEpoch: 4,
      partitionEpoch: 5,
    });
    node.shutdown();
  });
  it('brokerEpoch is the first offset of the batch that registers', () => {
    bench.format();
    const node = bench.open();
    let at = -1;
    node.onRecords((change) => {
      if (change.records.some((one) => one.type === 'RegisterBrokerRecord')) at = change.baseOffset;
    });
    node.start({ endpoints: [], controllerEndpoints: [], cleanStop: false });
    expect(node.brokerEpoch).toBe(at);
    node.shutdown();
  });
  it('a transaction that was left open is aborted', () => {
    bench.format();
    const node = bench.start();
    const begin: MetadataRecordInput = { type: 'BeginTransactionRecord', version: 0, value: { name: 'x' } };
    const inside: MetadataRecordInput = {
      type: 'TopicRecord',
      version: 0,
      value: { name: 'never', topicId: bench.newUuid() },
    };
    node.submit({ records: [begin, inside], response: null });
    expect(node.image.topicByName('never')).toBeUndefined();
    node.close();
    const again = bench.start();
    expect(again.image.inTransaction).toBe(false);
    expect(again.image.topicByName('never')).toBeUndefined();
    create(again, 'after');
    again.shutdown();
  });
  it('metadata.version outside 7..30 is refused with its own code', () => {
    bench.format();
    const node = bench.start();
    const level = (featureLevel: number): MetadataRecordInput => ({
      type: 'FeatureLevelRecord',
      version: 0,
      value: { name: 'metadata.version', featureLevel },
    });
    expect(codeOf(() => node.submit({ records: [level(31)], response: null }))).toBe(
      'METADATA_VERSION_UNSUPPORTED',
    );
    node.close();
    expect(codeOf(() => bench.open())).toBe('METADATA_VERSION_UNSUPPORTED');
    for (const bad of [6, 31]) {
      const bytes = encodeDataBatch([level(bad)], { baseOffset: 0, leaderEpoch: 1, timestamp: 1 });
      expect(codeOf(() => replayBatches(new MetadataImage(), bytes))).toBe('METADATA_VERSION_UNSUPPORTED');
    }
  });
});

describe('damage', () => {
  const prepared = (): { before: string[]; size: number } => {
    bench.format();
    const node = bench.start();
    create(node, 'one');
    const before = contentOf(node.image);
    const size = statSync(logPath()).size;
    create(node, 'two');
    node.close();
    return { before, size };
  };
  it('a torn last batch is cut at every length, and its bytes are kept', () => {
    const { before, size } = prepared();
    const whole = readFileSync(logPath());
    for (const keep of [1, 16, 17, 60, 61, 70, whole.length - size - 1]) {
      writeFileSync(logPath(), whole.subarray(0, size + keep));
      const node = bench.open();
      expect(contentOf(node.image)).toEqual(before);
      node.close();
      truncateSync(logPath(), size);
    }
    const kept = readdirSync(bench.directory).filter((name) => name.startsWith('__cluster_metadata-0.'));
    expect(kept.length).toBeGreaterThan(0);
    expect(bench.reports.some((line) => line.includes('torn tail cut'))).toBe(true);
  });
  it('a tail of zeros is cut, a last batch with a wrong CRC too', () => {
    const { before, size } = prepared();
    const whole = readFileSync(logPath());
    writeFileSync(logPath(), new Uint8Array([...whole.subarray(0, size), ...new Uint8Array(5000)]));
    let node = bench.open();
    expect(contentOf(node.image)).toEqual(before);
    node.close();
    whole[whole.length - 1] ^= 1;
    writeFileSync(logPath(), whole);
    node = bench.open();
    expect(contentOf(node.image)).toEqual(before);
    node.close();
  });
  it('a bad batch with good ones behind it is corruption: nothing is changed', () => {
    prepared();
    const bytes = readFileSync(logPath());
    bytes[200] ^= 0xff;
    writeFileSync(logPath(), bytes);
    expect(codeOf(() => bench.open())).toBe('METADATA_CORRUPT');
    expect(readFileSync(logPath())).toEqual(bytes);
  });
  it('any one byte flipped never crashes or hangs: it opens or is refused with a code', () => {
    prepared();
    const whole = readFileSync(logPath());
    for (let at = 0; at < whole.length; at += 17) {
      const bytes = Uint8Array.from(whole);
      bytes[at] ^= 0x55;
      writeFileSync(logPath(), bytes);
      const open = (): unknown =>
        MetadataLog.open(
          {
            root: bench.directory,
            nodeId: 1,
            segmentBytes: 1e9,
            retentionBytes: 1e9,
            report: () => {},
            nowMs: at,
          },
          () => {},
        );
      expect(['none', 'METADATA_CORRUPT']).toContain(codeOf(open));
    }
  });
  it('a damaged snapshot is skipped for an older one and the log', () => {
    bench.format();
    let node = bench.start();
    create(node, 'one');
    node.snapshot();
    create(node, 'two');
    const before = contentOf(node.image);
    node.close();
    const directory = join(bench.directory, '__cluster_metadata-0');
    const newest =
      readdirSync(directory)
        .filter((name) => name.endsWith('.checkpoint'))
        .sort()
        .at(-1) ?? '';
    const bytes = readFileSync(join(directory, newest));
    rmSync(join(directory, newest));
    writeFileSync(join(directory, newest), bytes.subarray(0, bytes.length - 5));
    node = bench.open();
    expect(contentOf(node.image)).toEqual(before);
    expect(bench.reports.some((line) => line.includes('snapshot skipped'))).toBe(true);
    node.close();
  });
  it('quorum-state that is no JSON is refused with what to do', () => {
    prepared();
    writeFileSync(join(bench.directory, '__cluster_metadata-0/quorum-state'), '{');
    expect(codeOf(() => bench.open())).toBe('METADATA_CORRUPT');
  });
  it('a failed fsync ends the log at once and for good', () => {
    bench.format();
    bench.start().shutdown();
    let broken = false;
    let syncs = 0;
    const files = {
      ...systemFiles,
      sync(path: string): void {
        if (path.endsWith('.log')) syncs++;
        if (broken) throw Object.assign(new Error('EIO: i/o error, fsync'), { code: 'EIO' });
        systemFiles.sync(path);
      },
    };
    const config = bench.config();
    const node = MetadataNode.open({
      config,
      directoryIds: [bench.newUuid()],
      clock: bench.clock,
      report: () => {},
      newUuid: bench.newUuid,
      files,
    });
    node.start({ endpoints: [], controllerEndpoints: [], cleanStop: true });
    broken = true;
    const before = contentOf(node.image);
    expect(codeOf(() => create(node, 'lost'))).toBe('STORAGE_FAILED');
    const tried = syncs;
    broken = false;
    expect(codeOf(() => create(node, 'refused'))).toBe('STORAGE_FAILED');
    expect(syncs).toBe(tried);
    expect(contentOf(node.image)).toEqual(before);
    node.close();
  });
});

describe('segments and snapshots', () => {
  it('rolls, snapshots by bytes, trims what only old snapshots covered, and opens again', () => {
    bench.format();
    const extra = {
      'internal.metadata.log.segment.bytes': '700',
      'metadata.max.retention.bytes': '3000',
      'metadata.log.max.record.bytes.between.snapshots': '1500',
    };
    let node = bench.start(true, extra);
    for (let i = 0; i < 40; i++) create(node, `t${i}`);
    const before = contentOf(node.image);
    node.close();
    const names = readdirSync(join(bench.directory, '__cluster_metadata-0'));
    const logs = names.filter((name) => name.endsWith('.log'));
    expect(names.filter((name) => name.endsWith('.checkpoint'))).toHaveLength(2);
    expect(logs.length).toBeGreaterThan(1);
    expect(logs).not.toContain('00000000000000000000.log');
    expect(names.filter((name) => name.endsWith('.index'))).toHaveLength(logs.length);
    node = bench.open(extra);
    expect(contentOf(node.image)).toEqual(before);
    node.close();
  });
  it('a segment that is missing in the middle is corruption', () => {
    bench.format();
    const extra = { 'internal.metadata.log.segment.bytes': '700' };
    const node = bench.start(true, extra);
    for (let i = 0; i < 20; i++) create(node, `t${i}`);
    node.close();
    const directory = join(bench.directory, '__cluster_metadata-0');
    const logs = readdirSync(directory)
      .filter((name) => name.endsWith('.log'))
      .sort();
    rmSync(join(directory, logs[1]));
    expect(codeOf(() => bench.open(extra))).toBe('METADATA_CORRUPT');
  });
  it('a log larger than the read window', () => {
    bench.format();
    const node = bench.start();
    for (let i = 0; i < 7; i++) node.submit(createTopics(node.context, [topic(`big${i}`, 9000)], false));
    node.close();
    expect(statSync(logPath()).size).toBeGreaterThan(4.5 * 1024 * 1024);
    const again = bench.open();
    const partitions = [...again.image.topics.partitions()];
    expect(partitions).toHaveLength(63_000);
    expect(partitions.at(-1)).toMatchObject({
      topic: { name: 'big6' },
      partition: { index: 8999, leader: 1 },
    });
    again.close();
  });
});

type Step =
  | { do: 'create'; name: string; partitions: number; retention: string | null }
  | { do: 'delete'; name: string }
  | { do: 'grow'; name: string; by: number }
  | { do: 'alter'; name: string; key: string; value: string; operation: number }
  | { do: 'replace'; name: string; value: string }
  | { do: 'ids' }
  | { do: 'snapshot' }
  | { do: 'restart'; clean: boolean }
  | { do: 'tear' };

const names = fc.constantFrom('a', 'b', 'c.d', 'e_f', 'g');
const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('create' as const),
    name: names,
    partitions: fc.integer({ min: 0, max: 4 }),
    retention: fc.option(fc.constantFrom('1', '-2', '500')),
  }),
  fc.record({ do: fc.constant('delete' as const), name: names }),
  fc.record({ do: fc.constant('grow' as const), name: names, by: fc.integer({ min: 0, max: 3 }) }),
  fc.record({
    do: fc.constant('alter' as const),
    name: names,
    key: fc.constantFrom('retention.ms', 'cleanup.policy', 'nope'),
    value: fc.constantFrom('7', 'compact', 'delete,compact', ''),
    operation: fc.integer({ min: 0, max: 3 }),
  }),
  fc.record({ do: fc.constant('replace' as const), name: names, value: fc.constantFrom('1', '2') }),
  fc.constant<Step>({ do: 'ids' }),
  fc.constant<Step>({ do: 'snapshot' }),
  fc.record({ do: fc.constant('restart' as const), clean: fc.boolean() }),
  fc.constant<Step>({ do: 'tear' }),
);

describe('random histories', () => {
  it('live image = image of the log = image of snapshot and tail = image of another thread', () => {
    fc.assert(
      fc.property(fc.array(steps, { minLength: 1, maxLength: 25 }), (history) => {
        bench.dispose();
        bench = new Bench().format();
        const extra = {
          'internal.metadata.log.segment.bytes': '2000',
          'metadata.max.retention.bytes': '4000',
        };
        let node = bench.start(true, extra);
        let follower = new MetadataImage();
        const follow = (): void => {
          follower = new MetadataImage();
          for (const bytes of node.imageBatches()) replayBatches(follower, bytes);
          node.onRecords(({ bytes }) => replayBatches(follower, bytes));
        };
        follow();
        for (const step of history) {
          node = perform(node, step, extra);
          if (step.do === 'restart' || step.do === 'tear') follow();
          expect(contentOf(follower)).toEqual(contentOf(node.image));
        }
        const before = contentOf(node.image);
        node.close();
        node = bench.open(extra);
        expect(contentOf(node.image)).toEqual(before);
        node.close();
      }),
      { numRuns: 40 },
    );
  });
});

/** Runs one step and checks what must hold after it. */
function perform(node: MetadataNode, step: Step, extra: Record<string, string>): MetadataNode {
  switch (step.do) {
    case 'create': {
      const configs = step.retention === null ? [] : [{ name: 'retention.ms', value: step.retention }];
      node.submit(createTopics(node.context, [{ ...topic(step.name, step.partitions), configs }], false));
      return node;
    }
    case 'delete':
      node.submit(deleteTopics(node.context, [{ name: step.name, topicId: ZERO_UUID }]));
      expect(node.image.topicByName(step.name)).toBeUndefined();
      expect(node.image.topicConfig(step.name).size).toBe(0);
      return node;
    case 'grow': {
      const count = (node.image.topicByName(step.name)?.partitions.size ?? 0) + step.by;
      node.submit(createPartitions(node.context, [{ name: step.name, count, assignments: null }], false));
      return node;
    }
    case 'alter': {
      const configs = [{ name: step.key, configOperation: step.operation, value: step.value }];
      node.submit(
        incrementalAlterConfigs(node.context, [{ resourceType: 2, resourceName: step.name, configs }], false),
      );
      return node;
    }
    case 'replace': {
      const configs = [{ name: 'retention.ms', value: step.value }];
      node.submit(alterConfigs(node.context, [{ resourceType: 2, resourceName: step.name, configs }], false));
      return node;
    }
    case 'ids': {
      const { nextProducerId } = node.image;
      expect(node.allocateProducerIds().start).toBe(nextProducerId);
      return node;
    }
    case 'snapshot':
      node.snapshot();
      return node;
    case 'restart':
    case 'tear':
      return restart(node, step, extra);
  }
}

function restart(node: MetadataNode, step: Step, extra: Record<string, string>): MetadataNode {
  const clean = step.do === 'restart' && step.clean;
  const topics = [...node.image.topics.all()].map((one) => [one.name, one.id, one.partitions.size]);
  const epochs = new Map(
    [...node.image.topics.partitions()].map(({ topic: { id }, partition: { index, leaderEpoch } }) => [
      `${id}-${index}`,
      leaderEpoch,
    ]),
  );
  if (clean) node.shutdown();
  else node.close();
  if (step.do === 'tear') {
    const directory = join(bench.directory, '__cluster_metadata-0');
    const last =
      readdirSync(directory)
        .filter((name) => name.endsWith('.log'))
        .sort()
        .at(-1) ?? '';
    appendFileSync(join(directory, last), new Uint8Array([0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 0, 90, 1]));
  }
  const next = bench.start(clean, extra);
  next.leadersRecovered();
  expect([...next.image.topics.all()].map((one) => [one.name, one.id, one.partitions.size]).sort()).toEqual(
    topics.sort(),
  );
  for (const {
    topic: { id },
    partition,
  } of next.image.topics.partitions()) {
    expect(partition).toMatchObject({ leader: 1, isr: [1], elr: [], leaderRecoveryState: 0 });
    expect(partition.leaderEpoch).toBeGreaterThan(epochs.get(`${id}-${partition.index}`) ?? 0);
  }
  return next;
}
