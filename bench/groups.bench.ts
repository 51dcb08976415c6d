/**
 * The group coordinator's shard alone (layers.ts runs it): offsets of one group read from their bytes, as a start does, and
 * what a consumer asks all day long. In memory, no files.
 */
import { Bench, type BenchOptions } from 'tinybench';
import type { CoordinatorRecord } from '../src/coordinator/framework/contract.js';
import type { GroupSettings } from '../src/coordinator/group/group-settings.js';
import { GroupShard } from '../src/coordinator/group/group-shard.js';
import { groupRecordSerde } from '../src/coordinator/group/records/group-record-serde.js';
import type { TopicView } from '../src/coordinator/group/topic-view.js';
import { ZERO_UUID } from '../src/wire/index.js';
import type { ByteBench } from './record.bench.js';

/** A hundredth of the largest group that a start must read within 3 s. */
const OFFSETS = 10_000;
const PARTITIONS = 100;
const NOW_MS = 1_700_000_000_000;
const GROUP = 'billing';
const MEMBER = 'consumer-1-00000000-0000-0000-0000-000000000000';
const SUBSCRIPTION = Uint8Array.from([0, 1, 0, 0, 0, 1, 0, 1, 116, 255, 255, 255, 255, 0, 0, 0, 0]);

const NO_TOPICS: TopicView = { byName: () => undefined, byId: () => undefined, names: () => [] };
const SETTINGS: GroupSettings = {
  groupMinSessionTimeoutMs: 6_000,
  groupMaxSessionTimeoutMs: 1_800_000,
  groupInitialRebalanceDelayMs: 3_000,
  groupMaxSize: 1_000,
  offsetMetadataMaxBytes: 4_096,
  offsetsRetentionMs: 604_800_000,
  offsetsRetentionCheckIntervalMs: 600_000,
  consumerGroupMaxSize: 1_000,
  consumerGroupAssignors: ['uniform', 'range'],
  consumerGroupMigrationPolicy: 'bidirectional',
  consumerGroupSessionTimeoutMs: () => 45_000,
  consumerGroupHeartbeatIntervalMs: () => 5_000,
  consumerGroupAssignmentIntervalMs: () => 1_000,
  shareGroupMaxSize: 200,
  shareGroupInitializeRetryIntervalMs: 30_000,
  shareGroupSessionTimeoutMs: () => 45_000,
  shareGroupHeartbeatIntervalMs: () => 5_000,
  shareGroupAssignmentIntervalMs: () => 1_000,
};

function newShard(): GroupShard {
  return new GroupShard({
    topics: () => NO_TOPICS,
    settings: SETTINGS,
    randomUuid: () => ZERO_UUID,
    report: () => {},
  });
}

/** Records of the whole group in one array, as a read of the log gives them. */
function offsetRecords(): { records: CoordinatorRecord[]; bytes: number } {
  const encoded = Array.from({ length: OFFSETS }, (_, index) =>
    groupRecordSerde.encode({
      type: 'OffsetCommit',
      group: GROUP,
      topic: `orders.region-${Math.floor(index / PARTITIONS)}`,
      partition: index % PARTITIONS,
      value: {
        offset: 123_456_789 + index,
        leaderEpoch: 1,
        metadata: '',
        commitTimestamp: NOW_MS,
        expireTimestamp: -1,
        topicId: ZERO_UUID,
      },
    }),
  );
  const bytes = encoded.reduce((sum, { key, value }) => sum + key.length + (value?.length ?? 0), 0);
  const log = new Uint8Array(bytes);
  let at = 0;
  const place = (part: Uint8Array): Uint8Array => {
    log.set(part, at);
    at += part.length;
    return log.subarray(at - part.length, at);
  };
  return {
    records: encoded.map(({ key, value }) => ({ key: place(key), value: value && place(value) })),
    bytes,
  };
}

function replayAll(shard: GroupShard, records: readonly CoordinatorRecord[]): void {
  for (const [offset, { key, value }] of records.entries()) {
    const record = groupRecordSerde.decode(key, value);
    if (record !== null) shard.replay(record, { offset, producerId: -1n, producerEpoch: 0 });
  }
}

/** A shard with one stable classic group. */
function stableShard(): GroupShard {
  const shard = newShard();
  const member = {
    memberId: MEMBER,
    groupInstanceId: null,
    clientId: 'consumer-1',
    clientHost: '/127.0.0.1',
    rebalanceTimeout: 300_000,
    sessionTimeout: 45_000,
    subscription: SUBSCRIPTION,
    assignment: SUBSCRIPTION,
  };
  const value = { protocolType: 'consumer', generation: 1, protocol: 'range', leader: MEMBER };
  shard.replay(
    {
      type: 'GroupMetadata',
      group: GROUP,
      value: { ...value, currentStateTimestamp: NOW_MS, members: [member] },
    },
    { offset: 0, producerId: -1n, producerEpoch: 0 },
  );
  shard.onLoaded(NOW_MS);
  return shard;
}

export function groupsBench(options: BenchOptions): Omit<ByteBench, 'ratios'> {
  const bench = new Bench(options);
  const { records, bytes } = offsetRecords();
  const replay = `replay ${OFFSETS} committed offsets`;
  bench.add(replay, () => replayAll(newShard(), records));

  const shard = stableShard();
  const call = { token: 1, version: 4, clientId: 'consumer-1', clientHost: '/127.0.0.1' };
  const own = { groupId: GROUP, memberId: MEMBER, groupInstanceId: null };
  bench.add('heartbeat', () => {
    shard.heartbeat(call, { ...own, generationId: 1 }, NOW_MS);
  });
  const partitions = Array.from({ length: 10 }, (_, partitionIndex) => ({
    partitionIndex,
    committedOffset: 123_456_789,
    committedLeaderEpoch: 1,
    committedMetadata: '',
  }));
  const topics = [{ name: 't', topicId: ZERO_UUID, partitions }];
  bench.add('commit of 10 partitions, its records encoded', () => {
    const request = { ...own, generationIdOrMemberEpoch: 1, retentionTimeMs: -1, topics };
    const outcome = shard.commitOffsets({ ...call, version: 9 }, request, NOW_MS);
    for (const record of outcome.records) groupRecordSerde.encode(record);
  });
  return { bench, bytesOf: new Map([[replay, bytes]]) };
}
