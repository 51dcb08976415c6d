/** Static members (KIP-345): instance ids keep their place across restarts of their process. */
import { describe, expect, it } from 'vitest';
import { KafkaError } from '../../../src/base/kafka-error.js';
import { joinTimerKey } from '../../../src/coordinator/group/classic/timers.js';
import {
  bytes,
  GROUP,
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

function stable(): { runner: ShardRunner; leader: string; follower: string } {
  const runner = ShardRunner.started();
  const tokens = [join(runner, { groupInstanceId: 'i1' }), join(runner, { groupInstanceId: 'i2' })];
  runner.advance(10_000);
  const [leader = '', follower = ''] = tokens.map((token) => joined(runner, token).memberId);
  sync(runner, 1, follower, { groupInstanceId: 'i2' });
  sync(runner, 1, leader, {
    groupInstanceId: 'i1',
    assignments: [
      { memberId: leader, assignment: bytes(1) },
      { memberId: follower, assignment: bytes(2) },
    ],
  });
  return { runner, leader, follower };
}

describe('static members', () => {
  it('get an id made of their instance id, without a second JoinGroup', () => {
    const { leader } = stable();
    expect(leader).toMatch(/^i1-0{35}1$/);
  });

  it('a follower that comes back keeps its assignment, nobody rebalances, the new id is stored', () => {
    const { runner, follower } = stable();
    const back = joined(runner, join(runner, { groupInstanceId: 'i2' }));
    expect(back).toMatchObject({ errorCode: 0, generationId: 1, skipAssignment: false, members: [] });
    expect(back.memberId).not.toBe(follower);
    expect(stateOf(runner)).toBe('Stable');
    expect(runner.lastRecords).toHaveLength(1);
    const token = sync(runner, 1, back.memberId, { groupInstanceId: 'i2' });
    expect(synced(runner, token)).toMatchObject({ errorCode: 0, assignment: bytes(2) });
    expect(heartbeat(runner, 1, follower, { groupInstanceId: 'i2' })).toBe(KafkaError.FENCED_INSTANCE_ID);
    expect(heartbeat(runner, 1, follower)).toBe(KafkaError.UNKNOWN_MEMBER_ID);
    const reloaded = runner.restarted();
    expect(heartbeat(reloaded, 1, back.memberId, { groupInstanceId: 'i2' })).toBe(KafkaError.NONE);
  });

  it('a leader that comes back leads on: told to skip (v9), or told that another leads (v8)', () => {
    const { runner, leader } = stable();
    const v9 = joined(runner, join(runner, { groupInstanceId: 'i1' }, 9));
    expect(v9).toMatchObject({ leader: v9.memberId, skipAssignment: true });
    expect(v9.members).toHaveLength(2);
    const v8 = joined(runner, join(runner, { groupInstanceId: 'i1' }, 8));
    expect(v8).toMatchObject({ leader: v9.memberId, skipAssignment: false, members: [] });
    expect(leader).not.toBe(v9.memberId);
  });

  it('a successor ends the wait of its predecessor', () => {
    const { runner, leader } = stable();
    const waiting = join(runner, { groupInstanceId: 'i1', memberId: leader });
    expect(runner.isAnswered(waiting)).toBe(false);
    join(runner, { groupInstanceId: 'i1' });
    expect(joined(runner, waiting)).toMatchObject({
      errorCode: KafkaError.FENCED_INSTANCE_ID,
      memberId: leader,
      protocolName: null,
    });
  });

  it('a successor while the group completes makes it rebalance', () => {
    const runner = ShardRunner.started();
    const first = join(runner, { groupInstanceId: 'i1' });
    runner.advance(3_000);
    const { memberId } = joined(runner, first);
    const waiting = sync(runner, 1, memberId, { groupInstanceId: 'i1' });
    expect(synced(runner, waiting).errorCode).toBe(0); // a leader is answered at once
    const follower = joinWithId(runner);
    join(runner, { memberId, groupInstanceId: 'i1' });
    expect(stateOf(runner)).toBe('CompletingRebalance');
    const lost = sync(runner, 2, follower.memberId);
    join(runner, { groupInstanceId: 'i1' });
    expect(synced(runner, lost).errorCode).toBe(KafkaError.REBALANCE_IN_PROGRESS);
    expect(stateOf(runner)).toBe('PreparingRebalance');
  });

  it('keep their place when they do not rejoin, until their sessions end', () => {
    const { runner, follower } = stable();
    joinWithId(runner, { rebalanceTimeoutMs: 60_000 });
    const answered = join(runner, { groupInstanceId: 'i1', memberId: stableLeader(runner) });
    for (let second = 0; second < 60; second++) {
      heartbeat(runner, 1, follower, { groupInstanceId: 'i2' });
      runner.advance(1_000);
    }
    expect(joined(runner, answered).members.map(({ groupInstanceId }) => groupInstanceId)).toContain('i2');
  });

  it('nobody rejoined but static ones keep their place: the join phase goes on', () => {
    const { runner, leader, follower } = stable();
    const pending = joinWithId(runner);
    leave(runner, [{ memberId: pending.memberId }]);
    for (let second = 0; second < 61; second++) {
      heartbeat(runner, 1, leader, { groupInstanceId: 'i1' });
      heartbeat(runner, 1, follower, { groupInstanceId: 'i2' });
      runner.advance(1_000);
    }
    expect(stateOf(runner)).toBe('PreparingRebalance');
    join(runner, { groupInstanceId: 'i1', memberId: leader });
    join(runner, { groupInstanceId: 'i2', memberId: follower });
    expect(stateOf(runner)).toBe('CompletingRebalance');
  });

  it('with a rebalance timeout of 0 do not keep the coordinator busy', () => {
    const runner = ShardRunner.started();
    const token = join(runner, { groupInstanceId: 'i1' });
    runner.advance(3_000);
    const { memberId } = joined(runner, token);
    sync(runner, 1, memberId, { groupInstanceId: 'i1' });
    join(runner, { groupInstanceId: 'i1', memberId, rebalanceTimeoutMs: 0 });
    sync(runner, 2, memberId, { groupInstanceId: 'i1' });
    // Somebody starts a rebalance and is gone before the static member joins.
    const passing = joinWithId(runner, { rebalanceTimeoutMs: -5 });
    leave(runner, [{ memberId: passing.memberId }]);
    runner.advance(0);
    expect(stateOf(runner)).toBe('PreparingRebalance');
    expect(runner.timers.get(joinTimerKey(GROUP))).toBe(runner.nowMs + 1_000);
    const back = join(runner, { groupInstanceId: 'i1', memberId, rebalanceTimeoutMs: 0 });
    expect(joined(runner, back)).toMatchObject({ errorCode: 0, generationId: 3 });
  });

  it('leave by instance id or by both; the wrong one is fenced', () => {
    const { runner, leader } = stable();
    const errors = leave(runner, [
      { memberId: '', groupInstanceId: 'i2' },
      { memberId: 'other', groupInstanceId: 'i1' },
      { memberId: leader, groupInstanceId: 'nobody' },
      { memberId: '', groupInstanceId: null },
      { memberId: leader, groupInstanceId: 'i1' },
    ]).members.map(({ errorCode }) => errorCode);
    expect(errors).toEqual([
      KafkaError.NONE,
      KafkaError.FENCED_INSTANCE_ID,
      KafkaError.UNKNOWN_MEMBER_ID,
      KafkaError.UNKNOWN_MEMBER_ID,
      KafkaError.NONE,
    ]);
    expect(stateOf(runner)).toBe('Empty');
  });

  function stableLeader(runner: ShardRunner): string {
    const id = runner.log.length > 0 ? 'i1-' : '';
    return `${id}${'1'.padStart(36, '0')}`;
  }
});
