import { afterEach, describe, expect, it } from 'vitest';
import { MetadataImage } from '../../src/metadata/image/metadata-image.js';
import { replayBatches } from '../../src/metadata/log/batch.js';
import { Bench, contentOf } from './node-support.js';

let bench: Bench;
afterEach(() => bench.dispose());

describe('directories of a real Kafka 4.3.1', () => {
  it('static voters, two clean stops: topics, configs, quotas, SCRAM; no leaders until we start', () => {
    bench = new Bench().take('static');
    const node = bench.open({ 'controller.quorum.voters': '1@127.0.0.1:21293' });
    const { image } = node;
    expect([...image.topics.all()].map((topic) => [topic.name, topic.partitions.size])).toEqual([
      ['a', 2],
      ['conf.b', 1],
      ['later', 1],
    ]);
    expect(image.topicByName('a')?.partitions.get(1)).toMatchObject({
      replicas: [1],
      isr: [],
      elr: [1],
      lastKnownElr: [1],
      leader: -1,
      leaderEpoch: 3,
      partitionEpoch: 3,
    });
    expect(new Map(image.topicConfig('conf.b'))).toEqual(new Map([['cleanup.policy', 'compact,delete']]));
    expect(image.brokerConfig('').get('log.retention.ms')).toBe('5000');
    expect(node.config.number('log.retention.ms')).toBe(5000);
    expect([...image.security.quotas()].map((quota) => [quota.key, quota.value])).toEqual([
      ['consumer_byte_rate', 2048],
      ['producer_byte_rate', 1024],
    ]);
    expect(image.security.scram('bob', 1)?.iterations).toBe(4096);
    expect(image.metadataVersion).toBe(30);
    expect(image.featureLevel('transaction.version')).toBe(2);
    expect(image.broker(1)).toMatchObject({ epoch: 34, fenced: true, inControlledShutdown: true });
    expect(node.leaderEpoch).toBe(3); // Kafka had claimed two
    node.start({ endpoints: [], controllerEndpoints: [], cleanStop: true });
    expect(image.topicByName('a')?.partitions.get(1)).toMatchObject({
      isr: [1],
      elr: [],
      leader: 1,
      leaderEpoch: 4,
    });
    expect(image.broker(1)).toMatchObject({ epoch: 50, fenced: false, inControlledShutdown: false });
    node.close();
  });

  it('dynamic quorum, killed: read from the newest snapshot and the tail behind it', () => {
    bench = new Bench().take('standalone-killed');
    const node = bench.open();
    expect([...node.image.topics.all()].map((topic) => [topic.name, topic.partitions.size])).toEqual([
      ['b', 3],
    ]);
    expect(node.image.topicConfig('b').get('segment.bytes')).toBe('2000000');
    expect(node.image.broker(1)?.fenced).toBe(false);
    node.start({ endpoints: [], controllerEndpoints: [], cleanStop: false });
    // fenced, ELR cleared, elected from lastKnownElr: what Kafka writes after a kill
    expect(node.image.topicByName('b')?.partitions.get(2)).toMatchObject({
      leader: 1,
      isr: [1],
      elr: [],
      lastKnownElr: [],
      leaderRecoveryState: 1,
      leaderEpoch: 2,
      partitionEpoch: 3,
    });
    node.leadersRecovered();
    expect(node.image.topicByName('b')?.partitions.get(2)).toMatchObject({
      leaderRecoveryState: 0,
      leaderEpoch: 2,
    });
    node.close();
  });

  it('metadata.version 19: older record versions are read and written', () => {
    bench = new Bench().take('metadata-version-19');
    const node = bench.start(true, { 'controller.quorum.voters': '1@127.0.0.1:21493' });
    expect(node.image.metadataVersion).toBe(19);
    expect(node.image.topicByName('old')?.partitions.get(0)).toMatchObject({
      leader: 1,
      leaderEpoch: 2,
      isr: [1],
      elr: [],
    });
    const versions: string[] = [];
    node.onRecords(({ records }) =>
      versions.push(...records.map((record) => `${record.type} ${record.version}`)),
    );
    node.shutdown();
    expect(versions).toEqual([
      'BrokerRegistrationChangeRecord 1',
      'PartitionChangeRecord 1',
      'PartitionChangeRecord 1',
      'BrokerRegistrationChangeRecord 0',
    ]);
  });

  it.each([
    ['static', { 'controller.quorum.voters': '1@127.0.0.1:21293' }],
    ['standalone-killed', {}],
    ['metadata-version-19', {}],
  ])('%s: snapshot, restart and another thread see the same image', (name, extra) => {
    bench = new Bench().take(name);
    const node = bench.open(extra);
    const before = contentOf(node.image);
    const other = new MetadataImage();
    for (const bytes of node.imageBatches()) replayBatches(other, bytes);
    expect(contentOf(other)).toEqual(before);
    node.snapshot();
    node.close();
    const again = bench.open(extra);
    expect(contentOf(again.image)).toEqual(before);
    again.close();
  });

  it('a quorum of several voters is refused', () => {
    bench = new Bench().take('static');
    expect(() => bench.open({ 'controller.quorum.voters': '1@a:1,2@b:1' })).toThrow('quorum of voters 1, 2');
  });
});
