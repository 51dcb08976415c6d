/** What happens when nothing is heard; the courses compared with Kafka hold the rest. */
import { describe, expect, it } from 'vitest';
import { KafkaError } from '../../../src/base/kafka-error.js';
import type { DescribedConsumerGroup } from '../../../src/coordinator/group/consumer/describe.js';
import type { GroupSettings } from '../../../src/coordinator/group/group-settings.js';
import { heartbeat, join as joinClassic, joined, sync, synced } from '../support/requests.js';
import { ShardRunner } from '../support/shard-runner.js';
import { beat, join, TOPICS } from './support/model.js';

const started = (settings: Partial<GroupSettings> = {}) => ShardRunner.started({ topics: TOPICS, settings });

function described(runner: ShardRunner, groupId = 'g'): DescribedConsumerGroup {
  return runner.ask<DescribedConsumerGroup[]>(1, (shard, call, nowMs) =>
    shard.consumerGroupDescribe(call, [groupId], nowMs),
  )[0];
}

const memberIds = (runner: ShardRunner, groupId?: string) =>
  described(runner, groupId).members.map(({ memberId }) => memberId);

const OWNED = (partitions: number[]) => [{ topicId: TOPICS[0].id, partitions }];

describe('sessions', () => {
  it('end 45 s after the last heartbeat; the others take over', () => {
    const runner = started();
    join(runner, 'm1');
    join(runner, 'm2');
    runner.advance(44_000);
    expect(beat(runner, { memberId: 'm1', memberEpoch: 2 }).errorCode).toBe(0);
    runner.advance(2_000);
    expect(memberIds(runner)).toEqual(['m1']);
    expect(beat(runner, { memberId: 'm2', memberEpoch: 2 }).errorCode).toBe(KafkaError.UNKNOWN_MEMBER_ID);
    const { memberEpoch, assignment } = beat(runner, {
      memberId: 'm1',
      memberEpoch: 2,
      topicPartitions: OWNED([0, 1]),
    });
    expect(memberEpoch).toBe(4);
    expect(assignment?.topicPartitions[0]?.partitions.length).toBe(4);
  });

  it('begin anew when the coordinator starts', () => {
    const before = started();
    join(before, 'm1');
    before.advance(40_000);
    const runner = before.restarted();
    runner.advance(44_000);
    expect(memberIds(runner)).toEqual(['m1']);
    runner.advance(2_000);
    expect(described(runner).groupState).toBe('Empty');
  });

  it('of a static member that left for a while end, too', () => {
    const runner = started();
    join(runner, 'm1', { instanceId: 'i' });
    beat(runner, { memberId: 'm1', memberEpoch: -2, instanceId: 'i' });
    runner.advance(44_000);
    expect(described(runner).members[0]?.memberEpoch).toBe(-2);
    runner.advance(2_000);
    expect(memberIds(runner)).toEqual([]);
  });
});

describe('revocation', () => {
  const asked = () => {
    const runner = started();
    join(runner, 'm1');
    join(runner, 'm2');
    runner.advance(1_000);
    beat(runner, { memberId: 'm2', memberEpoch: 2 });
    beat(runner, { memberId: 'm1', memberEpoch: 2 });
    return runner;
  };

  it('is waited for as long as the rebalance timeout, heartbeats or not', () => {
    const runner = asked();
    runner.advance(29_000);
    expect(beat(runner, { memberId: 'm1', memberEpoch: 2 }).errorCode).toBe(0);
    beat(runner, { memberId: 'm2', memberEpoch: 3 });
    runner.advance(1_000);
    expect(memberIds(runner)).toEqual(['m2']);
  });

  it('goes on after a restart with the whole timeout', () => {
    const runner = asked().restarted();
    runner.advance(29_000);
    beat(runner, { memberId: 'm1', memberEpoch: 2, topicPartitions: OWNED([0, 1]) });
    runner.advance(10_000);
    expect(memberIds(runner)).toEqual(['m1', 'm2']);
  });
});

describe('targets', () => {
  it('are computed once per interval, which a group may set', () => {
    const settings = { consumerGroupAssignmentIntervalMs: () => 5_000 };
    const runner = started(settings);
    join(runner, 'm1');
    join(runner, 'm2');
    runner.advance(4_999);
    expect(beat(runner, { memberId: 'm2', memberEpoch: 2 }).memberEpoch).toBe(2);
    runner.advance(1);
    expect(beat(runner, { memberId: 'm2', memberEpoch: 2 }).memberEpoch).toBe(3);
    const eager = started({ consumerGroupAssignmentIntervalMs: () => 0 });
    join(eager, 'm1');
    expect(join(eager, 'm2').memberEpoch).toBe(3);
  });

  it('follow topics that grow and go', () => {
    const topics = TOPICS.map((topic) => ({ ...topic }));
    const runner = ShardRunner.started({ topics });
    join(runner, 'm1');
    runner.advance(1_000);
    topics[0].partitions = 6;
    runner.apply(runner.shard.onMetadataChanged(runner.nowMs));
    const grown = beat(runner, { memberId: 'm1', memberEpoch: 2 });
    expect(grown.assignment?.topicPartitions[0]?.partitions.length).toBe(6);
    topics.shift();
    runner.apply(runner.shard.onMetadataChanged(runner.nowMs));
    runner.advance(1_000);
    const gone = beat(runner, { memberId: 'm1', memberEpoch: 3, topicPartitions: OWNED([0, 1, 2, 3, 4, 5]) });
    expect(gone.assignment?.topicPartitions).toEqual([]);
    expect(beat(runner, { memberId: 'm1', memberEpoch: 3, topicPartitions: [] }).memberEpoch).toBe(4);
  });
});

describe('classic members of a consumer group', () => {
  const name = [0, 2, ...Buffer.from('a1')];
  const metadata = Uint8Array.from([0, 0, 0, 0, 0, 1, ...name, 255, 255, 255, 255]);
  const protocols = [{ name: 'range', metadata }];
  const mixed = (settings: Partial<GroupSettings> = {}) => {
    const runner = started(settings);
    join(runner, 'm1', { groupId: 'group' });
    const { memberId } = joined(runner, joinClassic(runner, { protocols }));
    const { generationId } = joined(runner, joinClassic(runner, { protocols, memberId }));
    return { runner, memberId, generationId };
  };

  it('must sync within their rebalance timeout', () => {
    const { runner, memberId, generationId } = mixed();
    expect(synced(runner, sync(runner, generationId, memberId)).errorCode).toBe(0);
    runner.advance(9_000);
    expect(memberIds(runner, 'group')).toEqual(['m1', memberId]);
    const late = mixed();
    for (let seconds = 0; seconds < 60; seconds += 5) {
      heartbeat(late.runner, late.generationId, late.memberId);
      beat(late.runner, { groupId: 'group', memberId: 'm1', memberEpoch: 2 });
      late.runner.advance(5_000);
    }
    expect(memberIds(late.runner, 'group')).not.toContain(late.memberId);
  });

  it('must rejoin within it when they are told to', () => {
    const { runner, memberId, generationId } = mixed();
    sync(runner, generationId, memberId);
    runner.advance(1_000);
    beat(runner, { groupId: 'group', memberId: 'm1', memberEpoch: 2 });
    for (let seconds = 0; seconds < 60; seconds += 5) {
      expect(heartbeat(runner, generationId, memberId)).toBe(KafkaError.REBALANCE_IN_PROGRESS);
      const { memberEpoch } = described(runner, 'group').members[0];
      beat(runner, { groupId: 'group', memberId: 'm1', memberEpoch, topicPartitions: [] });
      runner.advance(5_000);
    }
    expect(memberIds(runner, 'group')).not.toContain(memberId);
  });

  it('are refused where the policy says so, and the group stays what it is', () => {
    const runner = started({ consumerGroupMigrationPolicy: 'disabled' });
    join(runner, 'm1', { groupId: 'group' });
    expect(joined(runner, joinClassic(runner, { protocols })).errorCode).toBe(
      KafkaError.INCONSISTENT_GROUP_PROTOCOL,
    );
    const upgradeOnly = mixed({ consumerGroupMigrationPolicy: 'upgrade' });
    beat(upgradeOnly.runner, { groupId: 'group', memberId: 'm1', memberEpoch: -1 });
    expect(memberIds(upgradeOnly.runner, 'group')).toEqual([upgradeOnly.memberId]);
    const both = mixed();
    beat(both.runner, { groupId: 'group', memberId: 'm1', memberEpoch: -1 });
    expect(described(both.runner, 'group').errorCode).toBe(KafkaError.GROUP_ID_NOT_FOUND);
  });

  it('that wait in a join phase are released by the upgrade, but not by a request that is refused', () => {
    const runner = started({ groupInitialRebalanceDelayMs: 0 });
    const { memberId } = joined(runner, joinClassic(runner, { protocols }));
    const first = joinClassic(runner, { protocols, memberId });
    runner.advance(0);
    const { generationId } = joined(runner, first);
    sync(runner, generationId, memberId, { assignments: [{ memberId, assignment: new Uint8Array(0) }] });
    const second = joined(runner, joinClassic(runner, { protocols })).memberId;
    const waiting = joinClassic(runner, { protocols, memberId: second });
    const bad = { subscribedTopicNames: null, subscribedTopicRegex: '(' };
    expect(join(runner, 'm1', { groupId: 'group', ...bad }).errorCode).toBe(
      KafkaError.INVALID_REGULAR_EXPRESSION,
    );
    expect(runner.isAnswered(waiting)).toBe(false);
    expect(join(runner, 'm1', { groupId: 'group' }).errorCode).toBe(0);
    expect(joined(runner, waiting).errorCode).toBe(KafkaError.REBALANCE_IN_PROGRESS);
    expect(memberIds(runner, 'group')).toEqual([memberId, second, 'm1']);
  });

  it('keep their group over a restart', () => {
    const { runner, memberId, generationId } = mixed();
    const next = runner.restarted();
    expect(described(next, 'group')).toEqual(described(runner, 'group'));
    expect(heartbeat(next, generationId, memberId)).toBe(KafkaError.NONE);
    beat(next, { groupId: 'group', memberId: 'm1', memberEpoch: -1 });
    // Downgraded, with a rebalance under way, and read again as that.
    expect(heartbeat(next, 3, memberId)).toBe(KafkaError.REBALANCE_IN_PROGRESS);
    expect(heartbeat(next.restarted(), 3, memberId)).toBe(KafkaError.NONE);
  });
});
