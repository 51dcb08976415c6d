/** Share partitions between a small log and a share coordinator that fails when told to: loading, refused writes, resets. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { KafkaError } from '../../../src/base/kafka-error.js';
import { AbortedRanges } from '../../../src/broker/main/share/aborted-ranges.js';
import type { SharePersister, ShareState, StateBatch } from '../../../src/broker/main/share/persister.js';
import type { LogBatch, ShareLogReader } from '../../../src/broker/main/share/share-log.js';
import { SharePartitions } from '../../../src/broker/main/share/share-partitions.js';
import { systemClock } from '../../../src/io/clock.js';
import { BrokerConfig } from '../../../src/metadata/config/broker-config.js';
import { MetadataImage } from '../../../src/metadata/image/metadata-image.js';
import { ConfigResource } from '../../../src/metadata/image/model.js';
import { Attribute } from '../../../src/record/layout.js';
import { encodeAborted } from '../../../src/storage/transaction-index.js';

const TOPIC_ID = 'AAAAAAAAAAAAAAAAAAAAAQ';
const PARTITION = { topicId: TOPIC_ID, partition: 0 };
const SLOT = 3;
const PROPERTIES = new Map([
  ['node.id', '1'],
  ['process.roles', 'broker,controller'],
  ['listeners', 'PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093'],
  ['controller.listener.names', 'CONTROLLER'],
  ['controller.quorum.voters', '1@127.0.0.1:9093'],
  ['log.dirs', '/nowhere'],
  ['group.share.record.lock.duration.ms', '1000'],
  ['group.share.min.record.lock.duration.ms', '1000'],
]);

class FakeLog implements ShareLogReader {
  error = 0;
  start = 0;
  batchesOfLog: LogBatch[] = [];
  readonly watched: number[] = [];

  append(records: number): void {
    const baseOffset = this.end;
    const lastOffset = baseOffset + records - 1;
    this.batchesOfLog.push({ baseOffset, lastOffset, sizeBytes: 100, attributes: 0, producerId: -1 });
  }
  get end(): number {
    return (this.batchesOfLog.at(-1)?.lastOffset ?? -1) + 1;
  }
  state(slot: number) {
    const error = slot === SLOT ? this.error : KafkaError.NOT_LEADER_OR_FOLLOWER;
    return { error, leaderEpoch: 4, start: this.start, highWatermark: this.end, lastStableOffset: this.end };
  }
  available(_slot: number, offset: number, end: number): number {
    return (
      this.batchesOfLog.filter((batch) => batch.lastOffset >= offset && batch.baseOffset < end).length * 100
    );
  }
  batches(_slot: number, offset: number, end: number): LogBatch[] {
    return this.batchesOfLog.filter((batch) => batch.lastOffset >= offset && batch.baseOffset < end);
  }
  records(_slot: number, batches: readonly LogBatch[]): Uint8Array {
    return new Uint8Array(batches.length);
  }
  drop(): void {}
  watch(slot: number): void {
    this.watched.push(slot);
  }
}

class FakePersister implements SharePersister {
  error = 0;
  stateEpoch = 1;
  startOffset = -1;
  reads = 0;
  readonly writes: {
    stateEpoch: number;
    leaderEpoch: number;
    startOffset: number;
    done: number;
    batches: readonly StateBatch[];
  }[] = [];
  private get result() {
    return { error: this.error, errorMessage: null };
  }
  async initialize() {
    return this.result;
  }
  async read(): Promise<ShareState> {
    this.reads++;
    return { ...this.result, stateEpoch: this.stateEpoch, startOffset: this.startOffset, batches: [] };
  }
  async write(
    _key: unknown,
    stateEpoch: number,
    leaderEpoch: number,
    startOffset: number,
    done: number,
    batches: readonly StateBatch[],
  ) {
    const error =
      this.error !== 0 ? this.error : stateEpoch < this.stateEpoch ? KafkaError.FENCED_STATE_EPOCH : 0;
    if (error === 0) this.writes.push({ stateEpoch, leaderEpoch, startOffset, done, batches });
    return { error, errorMessage: null };
  }
  async readSummary() {
    return { ...this.result, stateEpoch: 1, leaderEpoch: 0, startOffset: 0, deliveryCompleteCount: 0 };
  }
  async delete() {
    return this.result;
  }
}

let log: FakeLog;
let persister: FakePersister;
let image: MetadataImage;
let shares: SharePartitions;
let found: { offset: number } | null;
let directory: string | undefined;

beforeEach(() => {
  log = new FakeLog();
  persister = new FakePersister();
  image = new MetadataImage();
  found = null;
  directory = undefined;
  image.replay({ type: 'TopicRecord', version: 0, value: { name: 'topic', topicId: TOPIC_ID } });
  const replicas = { replicas: [1], isr: [1], removingReplicas: [], addingReplicas: [], directories: [] };
  const value = {
    partitionId: 0,
    topicId: TOPIC_ID,
    ...replicas,
    leader: 1,
    leaderEpoch: 4,
    partitionEpoch: 0,
  };
  image.replay({
    type: 'PartitionRecord',
    version: 0,
    value: { ...value, leaderRecoveryState: 0, eligibleLeaderReplicas: null, lastKnownElr: null },
  });
  const config = BrokerConfig.fromProperties(PROPERTIES);
  shares = new SharePartitions({
    log,
    aborted: new AbortedRanges(() => directory),
    persister,
    clock: systemClock,
    report: () => undefined,
    config: () => config,
    image: () => image,
    slotOf: (topicId, partition) => (topicId === TOPIC_ID && partition === 0 ? SLOT : -1),
    findByTimestamp: async () => found,
  });
});

function setGroup(name: string, value: string): void {
  const resourceType = ConfigResource.GROUP;
  image.replay({ type: 'ConfigRecord', version: 0, value: { resourceType, resourceName: 'g', name, value } });
}

async function fetch(member: string, waitMs = 100, connection = 1): Promise<string[]> {
  const params = {
    groupId: 'g',
    memberId: member,
    connection,
    deadlineMs: systemClock.monotonicMs() + waitMs,
    bytesMin: 1,
    bytesMax: 1_000_000,
    recordsMax: 500,
    batchSize: 500,
    mode: 0,
  };
  const results = await shares.fetch(params, [PARTITION]);
  return results.flatMap(({ error, acquired }) => [
    ...(error === 0 ? [] : [`error ${error}`]),
    ...acquired.map((one) => `${one.firstOffset}-${one.lastOffset} x${one.deliveryCount}`),
  ]);
}

async function accept(member: string, firstOffset: number, lastOffset: number): Promise<number> {
  const batches = [{ firstOffset, lastOffset, acknowledgeTypes: [1] }];
  const [result] = await shares.acknowledge('g', member, [{ ...PARTITION, batches }], false);
  return result?.error ?? -1;
}

describe('where a group begins that has said nothing yet', () => {
  it.each([
    ['latest', []],
    ['earliest', ['5-19 x1']],
    ['by_duration:PT1H', ['12-19 x1']],
  ])('%s', async (reset, first) => {
    log.append(10);
    log.append(10);
    log.start = 5;
    found = { offset: 12 };
    setGroup('share.auto.offset.reset', reset);
    expect(await fetch('a', 30)).toEqual(first);
    log.append(10);
    expect(await fetch('a')).toEqual(['20-29 x1']);
  });

  it('by duration, when nothing is that young: at the end', async () => {
    log.append(10);
    setGroup('share.auto.offset.reset', 'by_duration:PT1H');
    await fetch('a', 30);
    log.append(5);
    expect(await fetch('a')).toEqual(['10-14 x1']);
  });
});

describe('the share coordinator', () => {
  beforeEach(() => {
    persister.startOffset = 0;
    log.append(10);
  });

  it('gets what changed, with the epochs of the state and of the leader', async () => {
    expect(await fetch('a')).toEqual(['0-9 x1']);
    expect(await accept('a', 0, 3)).toBe(0);
    expect(persister.writes).toEqual([
      {
        stateEpoch: 1,
        leaderEpoch: 4,
        startOffset: 0,
        done: 4,
        batches: [{ firstOffset: 0, lastOffset: 3, deliveryState: 2, deliveryCount: 1 }],
      },
    ]);
  });

  it('refuses a write: the member still holds its records', async () => {
    await fetch('a');
    persister.error = KafkaError.COORDINATOR_NOT_AVAILABLE;
    expect(await accept('a', 0, 9)).toBe(KafkaError.COORDINATOR_NOT_AVAILABLE);
    persister.error = 0;
    expect(await fetch('b', 20)).toEqual([]);
    expect(await accept('a', 0, 9)).toBe(0);
  });

  it('has a newer state: ours is dropped and loaded again', async () => {
    await fetch('a');
    persister.stateEpoch = 2;
    persister.startOffset = 5;
    expect(await accept('a', 0, 9)).toBe(KafkaError.NOT_LEADER_OR_FOLLOWER);
    expect(await accept('a', 0, 9)).toBe(KafkaError.UNKNOWN_TOPIC_OR_PARTITION);
    expect(await fetch('a')).toEqual(['5-9 x1']);
    expect(persister.reads).toBe(2);
  });

  it('is not there yet: nothing is told as an error, and the next request asks again', async () => {
    persister.error = KafkaError.COORDINATOR_NOT_AVAILABLE;
    expect(await fetch('a', 50)).toEqual([]);
    persister.error = 0;
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(await fetch('a')).toEqual(['0-9 x1']);
  });

  it('cannot read the state: the error is told at once', async () => {
    persister.error = KafkaError.GROUP_ID_NOT_FOUND;
    expect(await fetch('a', 10_000)).toEqual([`error ${KafkaError.GROUP_ID_NOT_FOUND}`]);
  });
});

describe('a group that reads committed records only', () => {
  it('never gets what an aborted transaction wrote; the rest, markers included, is delivered', async () => {
    persister.startOffset = 0;
    setGroup('share.isolation.level', 'read_committed');
    const { transactional, control } = Attribute;
    const shape: [number, number, number][] = [
      [5, 0, -1], // 0-4
      [5, transactional, 7], // 5-9: aborted
      [5, transactional, 8], // 10-14: committed
      [1, transactional | control, 7], // 15: the abort
      [4, transactional, 7], // 16-19: the producer's next transaction
    ];
    for (const [count, attributes, producerId] of shape) {
      const baseOffset = log.end;
      log.batchesOfLog.push({
        baseOffset,
        lastOffset: baseOffset + count - 1,
        sizeBytes: 100,
        attributes,
        producerId,
      });
    }
    directory = mkdtempSync(join(tmpdir(), 'millrace-aborted-'));
    const aborted = { producerId: 7n, firstOffset: 5, lastOffset: 15, lastStableOffset: 20 };
    writeFileSync(join(directory, '00000000000000000000.txnindex'), encodeAborted(aborted));
    expect(await fetch('a')).toEqual(['0-4 x1', '10-19 x1']);
    expect(await accept('a', 0, 4)).toBe(0);
    expect(await accept('a', 10, 19)).toBe(0);
    expect(persister.writes.at(-1)?.startOffset).toBe(10);
    rmSync(directory, { recursive: true });
  });
});

describe('who waits', () => {
  beforeEach(() => {
    persister.startOffset = 0;
  });

  it('is woken by records, by released records and by the end of a lock', async () => {
    const waiting = fetch('a', 10_000);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(log.watched).toEqual([SLOT]);
    log.append(4);
    shares.readable(SLOT);
    expect(await waiting).toEqual(['0-3 x1']);
    shares.sessions.open('g', 'b', 2, [PARTITION]);
    const second = fetch('b', 10_000);
    await shares.memberLeft('g', 'a');
    expect(await second).toEqual(['0-3 x2']);
    expect(await fetch('c', 5_000)).toEqual(['0-3 x3']);
  });

  it('is given nothing once its connection, or its partition, is gone', async () => {
    const gone = fetch('a', 10_000, 77);
    await new Promise((resolve) => setTimeout(resolve, 20));
    shares.connectionClosed(77);
    expect(await gone).toEqual([]);
    const removed = fetch('a', 10_000);
    await new Promise((resolve) => setTimeout(resolve, 20));
    shares.removed([SLOT]);
    expect(await removed).toEqual([]);
    log.append(1);
    log.error = KafkaError.KAFKA_STORAGE_ERROR;
    expect(await fetch('a')).toEqual([`error ${KafkaError.KAFKA_STORAGE_ERROR}`]);
  });

  it('is answered at a stop', async () => {
    const waiting = fetch('a', 10_000);
    await new Promise((resolve) => setTimeout(resolve, 20));
    shares.stop();
    expect(await waiting).toEqual([]);
  });
});
