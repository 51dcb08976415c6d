/** Committing, fetching, deleting and expiring offsets; offsets in transactions. */
import { describe, expect, it } from 'vitest';
import { KafkaError } from '../../../src/base/kafka-error.js';
import type { DeletedGroup } from '../../../src/coordinator/group/delete-groups.js';
import type { ListedGroup } from '../../../src/coordinator/group/list-groups.js';
import { TOMBSTONES_MAX } from '../../../src/coordinator/group/offsets/expiry.js';
import type { FetchedGroup } from '../../../src/coordinator/group/offsets/fetch.js';
import type { OffsetDeleteResponse } from '../../../src/protocol/47-offset-delete.js';
import { ZERO_UUID } from '../../../src/wire/index.js';
import {
  bytes,
  type Commit,
  commit,
  commitRequest,
  fetchOne,
  GROUP,
  join,
  joined,
  joinWithId,
  leave,
  stateOf,
  sync,
} from '../support/requests.js';
import { ShardRunner } from '../support/shard-runner.js';

const DAY_MS = 24 * 3_600_000;
const TOPIC_ID = 'AAAAAAAAAAAAAAAAAAAAAQ';
const OTHER_ID = 'AAAAAAAAAAAAAAAAAAAAAg';

/** ConsumerProtocolSubscription version 0 of topics. */
function subscription(...topics: string[]): Uint8Array {
  const names = topics.flatMap((name) => [0, name.length, ...Buffer.from(name)]);
  return bytes(0, 0, 0, 0, 0, topics.length, ...names, 255, 255, 255, 255);
}

/** A stable group of one member that subscribes to `topics`. */
function stableGroup(
  topics: string[],
  runner = ShardRunner.started(),
): { runner: ShardRunner; memberId: string } {
  const protocols = [{ name: 'range', metadata: subscription(...topics) }];
  const { memberId, token } = joinWithId(runner, { protocols, sessionTimeoutMs: 1_800_000 });
  runner.advance(3_000);
  expect(joined(runner, token).errorCode).toBe(0);
  sync(runner, 1, memberId, { assignments: [{ memberId, assignment: bytes(1) }] });
  return { runner, memberId };
}

function deleteOffset(runner: ShardRunner, topic: string, partition = 0): number {
  const request = { groupId: GROUP, topics: [{ name: topic, partitions: [{ partitionIndex: partition }] }] };
  const answer = runner.ask<OffsetDeleteResponse>(0, (shard, call, nowMs) =>
    shard.deleteOffsets(call, request, nowMs),
  );
  return answer.errorCode || (answer.topics[0]?.partitions[0]?.errorCode ?? 0);
}

function deleteGroup(runner: ShardRunner, groupId = GROUP): number | undefined {
  return runner.ask<DeletedGroup[]>(2, (shard, call, nowMs) => shard.deleteGroups(call, [groupId], nowMs))[0]
    ?.errorCode;
}

function groups(runner: ShardRunner): string[] {
  const filters = { statesFilter: [], typesFilter: [] };
  return runner
    .ask<ListedGroup[]>(5, (shard, call, nowMs) => shard.listGroups(call, filters, nowMs))
    .map(({ groupId }) => groupId);
}

describe('commit', () => {
  it('is seen by the next fetch, and after a restart', () => {
    const runner = ShardRunner.started();
    expect(commit(runner, { offset: 5, metadata: 'x' })).toBe(KafkaError.NONE);
    expect(fetchOne(runner)).toEqual([5, 0]);
    expect(fetchOne(runner.restarted())).toEqual([5, 0]);
    expect(fetchOne(runner, 'topic', 1)).toEqual([-1, 0]);
    expect(fetchOne(runner, 'other')).toEqual([-1, 0]);
  });

  it('makes a group without members that may be committed to again', () => {
    const runner = ShardRunner.started();
    commit(runner);
    expect(stateOf(runner)).toBe('Empty');
    expect(commit(runner, { offset: 9 })).toBe(KafkaError.NONE);
    expect(commit(runner, {}, { generationIdOrMemberEpoch: 1, memberId: 'm' })).toBe(
      KafkaError.UNKNOWN_MEMBER_ID,
    );
  });

  it('nothing is written when all metadata is too large', () => {
    const runner = ShardRunner.started({ settings: { offsetMetadataMaxBytes: 3 } });
    expect(commit(runner, { metadata: 'long' })).toBe(KafkaError.OFFSET_METADATA_TOO_LARGE);
    expect(groups(runner)).toEqual([]);
    expect(commit(runner, { metadata: 'abc' })).toBe(KafkaError.NONE);
    expect(commit(runner, { metadata: null })).toBe(KafkaError.NONE);
  });

  it('keeps the member’s session alive', () => {
    const { runner, memberId } = stableGroup(['topic']);
    join(runner, { memberId, sessionTimeoutMs: 10_000 });
    sync(runner, 2, memberId);
    for (let second = 0; second < 20; second += 5) {
      runner.advance(5_000);
      expect(commit(runner, {}, { generationIdOrMemberEpoch: 2, memberId })).toBe(KafkaError.NONE);
    }
    runner.advance(10_000);
    expect(stateOf(runner)).toBe('Empty');
  });

  it('all fail alike when the records cannot be written', () => {
    const runner = ShardRunner.started();
    const outcome = runner.shard.commitOffsets(
      { token: 1, version: 9, clientId: '', clientHost: '' },
      commitRequest({}),
      runner.nowMs,
    );
    expect(outcome.answers[0]?.failure(KafkaError.NOT_COORDINATOR)).toMatchObject({
      topics: [{ name: 'topic', partitions: [{ partitionIndex: 0, errorCode: KafkaError.NOT_COORDINATOR }] }],
    });
    expect(fetchOne(runner)).toEqual([-1, 0]);
  });
});

describe('fetch', () => {
  const fetchAll = (runner: ShardRunner, version = 8) =>
    runner.ask<FetchedGroup>(version, (shard, call, nowMs) =>
      shard.fetchOffsets(
        call,
        { groupId: GROUP, memberId: null, memberEpoch: -1, topics: null },
        false,
        nowMs,
      ),
    );

  it('all topics of a group, of none, and with ids', () => {
    const topics = [{ id: TOPIC_ID, name: 'topic', partitions: 3 }];
    const runner = ShardRunner.started({ topics });
    expect(fetchAll(runner)).toEqual({ groupId: GROUP, topics: [], errorCode: 0 });
    for (const partition of [2, 0, 1]) commit(runner, { partition, offset: partition });
    commit(runner, { topic: 'gone' });
    const found = fetchAll(runner);
    expect(found.topics.map(({ name, partitions }) => [name, partitions.length])).toEqual([
      ['topic', 3],
      ['gone', 1],
    ]);
    expect(
      found.topics[0]?.partitions.map(({ partitionIndex, committedOffset }) => [
        partitionIndex,
        committedOffset,
      ]),
    ).toEqual([
      [2, 2],
      [0, 0],
      [1, 1],
    ]);
    expect(fetchAll(runner, 10).topics.map(({ name, topicId }) => [name, topicId])).toEqual([
      ['topic', TOPIC_ID],
    ]);
  });

  it('by id does not find what was committed for an earlier topic of the name', () => {
    const runner = ShardRunner.started();
    commit(runner, { topicId: TOPIC_ID, offset: 3 }, {}, 10);
    const fetch = (topicId: string) =>
      runner.ask<FetchedGroup>(10, (shard, call, nowMs) => {
        const topics = [{ name: 'topic', topicId, partitionIndexes: [0] }];
        return shard.fetchOffsets(
          call,
          { groupId: GROUP, memberId: null, memberEpoch: -1, topics },
          false,
          nowMs,
        );
      }).topics[0]?.partitions[0]?.committedOffset;
    expect(fetch(TOPIC_ID)).toBe(3);
    expect(fetch(OTHER_ID)).toBe(-1);
    expect(fetchOne(runner)).toEqual([3, 0]);
  });
});

describe('transactions', () => {
  const pend = (runner: ShardRunner, what: Commit, producerId: bigint) => {
    const request = commitRequest(what);
    const [topic] = request.topics;
    const [partition] = topic?.partitions ?? [];
    if (topic === undefined || partition === undefined) throw new Error('nothing to commit');
    const value = {
      offset: partition.committedOffset,
      leaderEpoch: -1,
      metadata: '',
      commitTimestamp: runner.nowMs,
      expireTimestamp: -1,
      topicId: ZERO_UUID,
    };
    runner.store(
      { type: 'OffsetCommit', group: GROUP, topic: topic.name, partition: partition.partitionIndex, value },
      producerId,
    );
  };

  it('an offset is pending until the marker, and unstable for who wants it stable', () => {
    const runner = ShardRunner.started();
    commit(runner, { offset: 1 });
    pend(runner, { offset: 2 }, 7n);
    expect(fetchOne(runner)).toEqual([1, 0]);
    expect(fetchOne(runner, 'topic', 0, true)).toEqual([-1, KafkaError.UNSTABLE_OFFSET_COMMIT]);
    runner.shard.replayEndTransaction(7n, true);
    expect(fetchOne(runner, 'topic', 0, true)).toEqual([2, 0]);
  });

  it('an aborted one is forgotten; the other producer’s stays open', () => {
    const runner = ShardRunner.started();
    commit(runner, { offset: 1 });
    pend(runner, { offset: 2 }, 7n);
    pend(runner, { offset: 3 }, 8n);
    runner.shard.replayEndTransaction(7n, false);
    expect(fetchOne(runner, 'topic', 0, true)[1]).toBe(KafkaError.UNSTABLE_OFFSET_COMMIT);
    runner.shard.replayEndTransaction(8n, false);
    expect(fetchOne(runner, 'topic', 0, true)).toEqual([1, 0]);
  });

  it('a commit that came later in the log wins over the transaction', () => {
    const runner = ShardRunner.started();
    pend(runner, { offset: 2 }, 7n);
    commit(runner, { offset: 5 });
    runner.shard.replayEndTransaction(7n, true);
    expect(fetchOne(runner)).toEqual([5, 0]);
  });

  it('OffsetDelete and DeleteGroups take pending ones too; they do not expire', () => {
    const runner = ShardRunner.started();
    pend(runner, { offset: 2 }, 7n);
    runner.advance(30 * DAY_MS);
    expect(groups(runner)).toEqual([GROUP]);
    expect(deleteOffset(runner, 'topic')).toBe(KafkaError.NONE);
    runner.shard.replayEndTransaction(7n, true);
    expect(fetchOne(runner)).toEqual([-1, 0]);
    pend(runner, { offset: 2, topic: 'other' }, 8n);
    expect(deleteGroup(runner)).toBe(KafkaError.NONE);
    runner.shard.replayEndTransaction(8n, true);
    expect(fetchOne(runner, 'other')).toEqual([-1, 0]);
  });
});

describe('deletion', () => {
  it('of offsets: not of topics that the group subscribes to', () => {
    const { runner, memberId } = stableGroup(['topic']);
    for (const topic of ['topic', 'other'])
      commit(runner, { topic }, { generationIdOrMemberEpoch: 1, memberId });
    expect(deleteOffset(runner, 'topic')).toBe(KafkaError.GROUP_SUBSCRIBED_TO_TOPIC);
    expect(deleteOffset(runner, 'other')).toBe(KafkaError.NONE);
    expect(deleteOffset(runner, 'never-committed')).toBe(KafkaError.NONE);
    expect([fetchOne(runner), fetchOne(runner, 'other')]).toEqual([
      [1, 0],
      [-1, 0],
    ]);
    leave(runner, [{ memberId }]);
    expect(deleteOffset(runner, 'topic')).toBe(KafkaError.NONE);
  });

  it('a subscription that cannot be read counts as one to everything', () => {
    const runner = ShardRunner.started();
    const { memberId } = joinWithId(runner, { protocols: [{ name: 'range', metadata: bytes(0) }] });
    runner.advance(3_000);
    sync(runner, 1, memberId);
    expect(deleteOffset(runner, 'any')).toBe(KafkaError.GROUP_SUBSCRIBED_TO_TOPIC);
  });

  it('of groups: removes offsets and group from memory and log', () => {
    const { runner, memberId } = stableGroup(['topic']);
    commit(runner, {}, { generationIdOrMemberEpoch: 1, memberId });
    expect(deleteGroup(runner)).toBe(KafkaError.NON_EMPTY_GROUP);
    leave(runner, [{ memberId }]);
    expect(deleteGroup(runner)).toBe(KafkaError.NONE);
    expect(deleteGroup(runner)).toBe(KafkaError.GROUP_ID_NOT_FOUND);
    expect(groups(runner.restarted())).toEqual([]);
    expect(fetchOne(runner)).toEqual([-1, 0]);
  });

  it('of topics: all groups forget them, in batches of bounded size', () => {
    const runner = ShardRunner.started();
    const partitions = Array.from({ length: TOMBSTONES_MAX + 10 }, (_, partitionIndex) => ({
      partitionIndex,
      committedOffset: 1,
      committedLeaderEpoch: -1,
      committedMetadata: '',
    }));
    const topics = [{ name: 'gone', topicId: ZERO_UUID, partitions }];
    runner.send(9, (shard, call, nowMs) => shard.commitOffsets(call, commitRequest({}, { topics }), nowMs));
    commit(runner, { topic: 'gone' }, { groupId: 'second' });
    commit(runner, { topic: 'stays' });
    runner.apply(runner.shard.onTopicsDeleted(['gone'], runner.nowMs));
    expect(runner.lastRecords).toHaveLength(TOMBSTONES_MAX);
    runner.advance(0);
    expect(fetchOne(runner, 'gone', TOMBSTONES_MAX + 9)).toEqual([-1, 0]);
    expect(fetchOne(runner, 'stays')).toEqual([1, 0]);
    expect(runner.timers.has('deleted-topics')).toBe(false);
  });
});

describe('a topic of the same name', () => {
  it('keeps what was committed for it when the old one’s offsets go', () => {
    const runner = ShardRunner.started({ topics: [{ id: TOPIC_ID, name: 'topic', partitions: 2 }] });
    commit(runner, { partition: 0, topicId: OTHER_ID });
    commit(runner, { partition: 1, topicId: TOPIC_ID });
    runner.apply(runner.shard.onTopicsDeleted(['topic'], runner.nowMs));
    expect([fetchOne(runner), fetchOne(runner, 'topic', 1)]).toEqual([
      [-1, 0],
      [1, 0],
    ]);
  });
});

describe('expiry', () => {
  it('a simple group’s offsets go seven days after their commit, then the group', () => {
    const runner = ShardRunner.started();
    commit(runner, { partition: 0 });
    runner.advance(DAY_MS);
    commit(runner, { partition: 1 });
    runner.advance(6 * DAY_MS + 600_000);
    expect([fetchOne(runner), fetchOne(runner, 'topic', 1)]).toEqual([
      [-1, 0],
      [1, 0],
    ]);
    runner.advance(DAY_MS);
    expect(groups(runner)).toEqual([]);
    expect(groups(runner.restarted())).toEqual([]);
  });

  it('an empty consumer group’s go seven days after its last member', () => {
    const { runner, memberId } = stableGroup(['topic']);
    commit(runner, {}, { generationIdOrMemberEpoch: 1, memberId });
    for (let day = 0; day < 8; day++) {
      for (let minutes = 0; minutes < 24 * 60; minutes += 20) {
        commit(runner, { topic: 'busy' }, { generationIdOrMemberEpoch: 1, memberId });
        runner.advance(20 * 60_000);
      }
    }
    expect(fetchOne(runner)).toEqual([1, 0]);
    leave(runner, [{ memberId }]);
    runner.advance(7 * DAY_MS - 600_000);
    expect(fetchOne(runner)).toEqual([1, 0]);
    runner.advance(1_200_000);
    expect(groups(runner)).toEqual([]);
  });

  it('a stable consumer group loses topics that nobody subscribes to any more', () => {
    const { runner, memberId } = stableGroup(['topic']);
    const mine = { generationIdOrMemberEpoch: 1, memberId };
    for (const topic of ['topic', 'old']) commit(runner, { topic }, mine);
    for (let hour = 0; hour < 7 * 24 + 1; hour++) {
      commit(runner, { partition: 1 }, mine);
      runner.advance(20 * 60_000);
      commit(runner, { partition: 1 }, mine);
      runner.advance(20 * 60_000);
      commit(runner, { partition: 1 }, mine);
      runner.advance(20 * 60_000);
    }
    expect([fetchOne(runner), fetchOne(runner, 'old')]).toEqual([
      [1, 0],
      [-1, 0],
    ]);
  });

  it('a retention time of its own decides alone', () => {
    const runner = ShardRunner.started();
    commit(runner, { partition: 0 }, { retentionTimeMs: 3_600_000 }, 2);
    commit(runner, { partition: 1 }, { retentionTimeMs: 30 * DAY_MS }, 4);
    runner.advance(3_600_000 + 600_000);
    expect(fetchOne(runner)).toEqual([-1, 0]);
    runner.advance(20 * DAY_MS);
    expect(fetchOne(runner, 'topic', 1)).toEqual([1, 0]);
    expect(fetchOne(runner.restarted(), 'topic', 1)).toEqual([1, 0]);
  });

  it('many at once go in batches of bounded size', () => {
    const runner = ShardRunner.started();
    const partitions = Array.from({ length: TOMBSTONES_MAX + 10 }, (_, partitionIndex) => ({
      partitionIndex,
      committedOffset: 1,
      committedLeaderEpoch: -1,
      committedMetadata: '',
    }));
    const topics = [{ name: 'topic', topicId: ZERO_UUID, partitions }];
    runner.send(9, (shard, call, nowMs) => shard.commitOffsets(call, commitRequest({}, { topics }), nowMs));
    runner.advance(7 * DAY_MS + 600_000);
    expect(runner.lastRecords).toHaveLength(11);
    expect(groups(runner)).toEqual([]);
  });

  it('a group that never had an offset nor a member goes with the next check', () => {
    const runner = ShardRunner.started();
    join(runner); // an id, never used
    expect(groups(runner)).toEqual([GROUP]);
    runner.advance(600_000);
    expect(groups(runner)).toEqual([]);
    expect([...runner.timers.keys()]).toEqual(['expire-offsets']);
  });
});
