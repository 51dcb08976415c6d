/** The course of rebalances in time: initial delay, rebalance timeout, sync timeout, sessions. */
import { describe, expect, it } from 'vitest';
import { KafkaError } from '../../../src/base/kafka-error.js';
import {
  bytes,
  describeGroup,
  heartbeat,
  join,
  joined,
  joinWithId,
  leave,
  stateOf,
  sync,
  synced,
} from '../support/requests.js';
import { ShardRunner } from '../support/shard-runner.js';

/** A stable group of members that joined during the initial delay. */
function stable(count: number, runner = ShardRunner.started()): { runner: ShardRunner; ids: string[] } {
  const members = Array.from({ length: count }, () => joinWithId(runner));
  while (!runner.isAnswered(members[0]?.token ?? 0)) runner.advance(1_000);
  const ids = members.map(({ memberId }) => memberId);
  const generation = joined(runner, members[0]?.token ?? 0).generationId;
  for (const id of ids.slice(1)) sync(runner, generation, id);
  sync(runner, generation, ids[0] ?? '', {
    assignments: ids.map((memberId, index) => ({ memberId, assignment: bytes(index) })),
  });
  expect(stateOf(runner)).toBe('Stable');
  return { runner, ids };
}

/** Keeps members alive while time passes. */
function wait(runner: ShardRunner, ms: number, generation: number, ids: string[]): void {
  for (let passed = 0; passed < ms; passed += 1_000) {
    for (const id of ids) heartbeat(runner, generation, id);
    runner.advance(1_000);
  }
}

describe('initial delay', () => {
  it('holds the first join for 3 s', () => {
    const runner = ShardRunner.started();
    const { token } = joinWithId(runner);
    runner.advance(2_999);
    expect(runner.isAnswered(token)).toBe(false);
    runner.advance(1);
    expect(joined(runner, token)).toMatchObject({ errorCode: 0, generationId: 1, protocolName: 'range' });
  });

  it('is prolonged while members arrive, at most to the rebalance timeout', () => {
    const runner = ShardRunner.started();
    const first = joinWithId(runner, { rebalanceTimeoutMs: 7_000 });
    runner.advance(2_000);
    joinWithId(runner, { rebalanceTimeoutMs: 7_000 });
    runner.advance(3_000); // one slice later
    joinWithId(runner, { rebalanceTimeoutMs: 7_000 });
    runner.advance(1_999);
    expect(runner.isAnswered(first.token)).toBe(false);
    runner.advance(1);
    expect(joined(runner, first.token).members).toHaveLength(3);
  });

  it('ends early for nobody: not even when all known members have joined', () => {
    const runner = ShardRunner.started();
    const { token } = joinWithId(runner);
    join(runner); // asks for an id only
    runner.advance(3_000);
    expect(joined(runner, token).errorCode).toBe(0);
  });
});

describe('rebalance', () => {
  it('waits for all members, then makes the next generation', () => {
    const { runner, ids } = stable(2);
    const third = joinWithId(runner);
    expect(stateOf(runner)).toBe('PreparingRebalance');
    expect(heartbeat(runner, 1, ids[0] ?? '')).toBe(KafkaError.REBALANCE_IN_PROGRESS);
    const leader = join(runner, { memberId: ids[0] ?? '' });
    expect(runner.isAnswered(leader)).toBe(false);
    const follower = join(runner, { memberId: ids[1] ?? '' });
    expect(joined(runner, leader)).toMatchObject({ generationId: 2, leader: ids[0] });
    expect(
      joined(runner, leader)
        .members.map(({ memberId }) => memberId)
        .sort(),
    ).toEqual([...ids, third.memberId].sort());
    for (const token of [follower, third.token])
      expect(joined(runner, token)).toMatchObject({ generationId: 2, leader: ids[0], members: [] });
    expect(stateOf(runner)).toBe('CompletingRebalance');
  });

  it('drops who does not come back in time, and elects a leader among those who did', () => {
    const { runner, ids } = stable(2);
    const third = joinWithId(runner);
    const follower = join(runner, { memberId: ids[1] ?? '' });
    wait(runner, 59_000, 1, [ids[0] ?? '']);
    expect(runner.isAnswered(follower)).toBe(false);
    runner.advance(1_000);
    const answer = joined(runner, follower);
    expect(answer).toMatchObject({ errorCode: 0, generationId: 2, leader: ids[1] });
    expect(answer.members.map(({ memberId }) => memberId)).toEqual([ids[1], third.memberId]);
    expect(heartbeat(runner, 1, ids[0] ?? '')).toBe(KafkaError.UNKNOWN_MEMBER_ID);
  });

  it('members that wait are alive although they send nothing', () => {
    const { runner, ids } = stable(2);
    const leader = join(runner, { memberId: ids[0] ?? '', sessionTimeoutMs: 6_000 });
    wait(runner, 30_000, 1, [ids[1] ?? '']);
    expect(runner.isAnswered(leader)).toBe(false);
    join(runner, { memberId: ids[1] ?? '' });
    expect(joined(runner, leader)).toMatchObject({ errorCode: 0, generationId: 2 });
  });

  it('a new member that waits in a long join phase is given up after five minutes', () => {
    const { runner, ids } = stable(1, ShardRunner.started());
    const old = ids[0] ?? '';
    join(runner, { memberId: old, rebalanceTimeoutMs: 1_000_000 });
    sync(runner, 2, old);
    const fresh = joinWithId(runner, { rebalanceTimeoutMs: 1_000_000 });
    wait(runner, 299_000, 2, [old]);
    expect(runner.isAnswered(fresh.token)).toBe(false);
    wait(runner, 1_000, 2, [old]);
    expect(joined(runner, fresh.token).errorCode).toBe(KafkaError.UNKNOWN_MEMBER_ID);
  });

  it('a pending id holds up the join phase until its session ends', () => {
    const { runner, ids } = stable(1);
    joined(runner, join(runner, { sessionTimeoutMs: 6_000 })); // never comes back
    const leader = join(runner, { memberId: ids[0] ?? '' });
    runner.advance(5_999);
    expect(runner.isAnswered(leader)).toBe(false);
    runner.advance(1);
    expect(joined(runner, leader)).toMatchObject({ generationId: 2 });
  });

  it('the old version takes the session timeout for both', () => {
    const { runner } = stable(1);
    const v0 = join(runner, { sessionTimeoutMs: 20_000, rebalanceTimeoutMs: -1 }, 0);
    expect(describeGroup(runner).members).toHaveLength(2);
    runner.advance(60_000);
    expect(joined(runner, v0)).toMatchObject({ errorCode: 0, generationId: 2 });
  });
});

describe('sync', () => {
  it('answers everybody when the leader has assigned', () => {
    const runner = ShardRunner.started();
    const [leader, follower] = [joinWithId(runner), joinWithId(runner)];
    runner.advance(10_000);
    const waiting = sync(runner, 1, follower.memberId);
    expect(runner.isAnswered(waiting)).toBe(false);
    const assignments = [{ memberId: follower.memberId, assignment: bytes(7) }];
    const own = sync(runner, 1, leader.memberId, { assignments });
    expect(synced(runner, own)).toMatchObject({ errorCode: 0, assignment: bytes() });
    expect(synced(runner, waiting)).toMatchObject({
      errorCode: 0,
      protocolType: 'consumer',
      protocolName: 'range',
      assignment: bytes(7),
    });
  });

  it('who waits is told when the group rebalances instead', () => {
    const runner = ShardRunner.started();
    const [leader, follower] = [joinWithId(runner), joinWithId(runner)];
    runner.advance(10_000);
    const waiting = sync(runner, 1, follower.memberId);
    leave(runner, [{ memberId: leader.memberId }]);
    expect(synced(runner, waiting).errorCode).toBe(KafkaError.REBALANCE_IN_PROGRESS);
    expect(stateOf(runner)).toBe('PreparingRebalance');
  });

  it('a member that leaves while it waits is answered', () => {
    const runner = ShardRunner.started();
    const [, follower] = [joinWithId(runner), joinWithId(runner)];
    runner.advance(10_000);
    const waiting = sync(runner, 1, follower.memberId);
    leave(runner, [{ memberId: follower.memberId }]);
    expect(synced(runner, waiting).errorCode).toBe(KafkaError.UNKNOWN_MEMBER_ID);
  });

  it('members without SyncGroup lose their place after the rebalance timeout', () => {
    const runner = ShardRunner.started();
    const [leader, lazy] = [joinWithId(runner), joinWithId(runner)];
    runner.advance(10_000);
    sync(runner, 1, leader.memberId, { assignments: [] });
    wait(runner, 60_000, 1, [leader.memberId, lazy.memberId]);
    expect(heartbeat(runner, 1, lazy.memberId)).toBe(KafkaError.UNKNOWN_MEMBER_ID);
    expect(heartbeat(runner, 1, leader.memberId)).toBe(KafkaError.REBALANCE_IN_PROGRESS);
  });

  it('a second SyncGroup of a member answers its first', () => {
    const runner = ShardRunner.started();
    const [, follower] = [joinWithId(runner), joinWithId(runner)];
    runner.advance(10_000);
    const first = sync(runner, 1, follower.memberId);
    const second = sync(runner, 1, follower.memberId);
    expect(synced(runner, first).errorCode).toBe(KafkaError.REBALANCE_IN_PROGRESS);
    expect(runner.isAnswered(second)).toBe(false);
  });
});

describe('sessions', () => {
  it('a silent member leaves after its session timeout; heartbeats keep it', () => {
    const { runner, ids } = stable(2);
    wait(runner, 30_000, 1, ids);
    expect(stateOf(runner)).toBe('Stable');
    wait(runner, 10_000, 1, ids.slice(0, 1));
    expect(heartbeat(runner, 1, ids[0] ?? '')).toBe(KafkaError.REBALANCE_IN_PROGRESS);
    expect(heartbeat(runner, 1, ids[1] ?? '')).toBe(KafkaError.UNKNOWN_MEMBER_ID);
  });

  it('the last one leaves an Empty group with the next generation', () => {
    const { runner } = stable(1);
    runner.advance(10_000);
    expect(stateOf(runner)).toBe('Empty');
    expect(runner.lastRecords).toMatchObject([
      {
        type: 'GroupMetadata',
        value: { generation: 2, protocolType: 'consumer', protocol: null, members: [] },
      },
    ]);
  });

  it('leaves no timers behind but the shard’s own', () => {
    const { runner, ids } = stable(3);
    leave(
      runner,
      ids.map((memberId) => ({ memberId })),
    );
    expect(stateOf(runner)).toBe('Empty');
    expect([...runner.timers.keys()]).toEqual(['expire-offsets']);
  });
});

describe('group.max.size', () => {
  const settings = { groupMaxSize: 2, groupInitialRebalanceDelayMs: 3_000 };

  it('refuses one more than fits while the group is stable', () => {
    const { runner } = stable(2, ShardRunner.started({ settings }));
    expect(joined(runner, join(runner)).errorCode).toBe(KafkaError.GROUP_MAX_SIZE_REACHED);
    expect(stateOf(runner)).toBe('Stable');
  });

  it('counts who has joined while the group prepares', () => {
    const runner = ShardRunner.started({ settings });
    const pending = joined(runner, join(runner)).memberId;
    joinWithId(runner);
    joinWithId(runner);
    expect(joined(runner, join(runner, { memberId: pending })).errorCode).toBe(
      KafkaError.GROUP_MAX_SIZE_REACHED,
    );
  });

  it('a loaded group that is too large rebalances', () => {
    const { runner } = stable(3);
    const small = runner.restarted({ settings });
    expect(stateOf(small)).toBe('PreparingRebalance');
  });
});

describe('requests that repeat', () => {
  it('a second JoinGroup of a member answers its first', () => {
    const { runner, ids } = stable(2);
    const first = join(runner, { memberId: ids[0] ?? '' });
    const second = join(runner, { memberId: ids[0] ?? '' });
    expect(joined(runner, first).errorCode).toBe(KafkaError.REBALANCE_IN_PROGRESS);
    join(runner, { memberId: ids[1] ?? '' });
    expect(joined(runner, second)).toMatchObject({ errorCode: 0, generationId: 2 });
  });
});
