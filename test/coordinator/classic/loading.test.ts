/** What a shard makes of a log: groups of every age, sessions that start again, shards that go. */
import { describe, expect, it } from 'vitest';
import { KafkaError } from '../../../src/base/kafka-error.js';
import type { GroupMetadataValue } from '../../../src/protocol/group-records/group-metadata.js';
import {
  bytes,
  describeGroup,
  GROUP,
  heartbeat,
  join,
  joined,
  joinWithId,
  stateOf,
  sync,
  synced,
} from '../support/requests.js';
import { ShardRunner, START_MS } from '../support/shard-runner.js';

const member = (memberId: string, more: Partial<GroupMetadataValue['members'][number]> = {}) => ({
  memberId,
  groupInstanceId: null,
  clientId: 'client',
  clientHost: '/10.0.0.1',
  rebalanceTimeout: 60_000,
  sessionTimeout: 10_000,
  subscription: bytes(1),
  assignment: bytes(2),
  ...more,
});

/** A shard that has read one group. */
function loaded(value: Partial<GroupMetadataValue>): ShardRunner {
  const runner = new ShardRunner();
  runner.store({
    type: 'GroupMetadata',
    group: GROUP,
    value: {
      protocolType: 'consumer',
      generation: 5,
      protocol: 'range',
      leader: 'a',
      currentStateTimestamp: START_MS,
      members: [],
      ...value,
    },
  });
  runner.apply(runner.shard.onLoaded(runner.nowMs));
  return runner;
}

describe('loading', () => {
  it('a group with members is stable and goes on', () => {
    const runner = loaded({ members: [member('a'), member('b')] });
    expect(describeGroup(runner)).toMatchObject({ groupState: 'Stable', protocolData: 'range' });
    expect(heartbeat(runner, 5, 'a')).toBe(KafkaError.NONE);
    expect(synced(runner, sync(runner, 5, 'b'))).toMatchObject({ errorCode: 0, assignment: bytes(2) });
    const leader = join(runner, { memberId: 'a' });
    const follower = join(runner, { memberId: 'b' });
    expect(joined(runner, leader)).toMatchObject({ generationId: 6, leader: 'a' });
    expect(joined(runner, follower).errorCode).toBe(0);
  });

  it('a follower that asks again with what it said before keeps the generation', () => {
    const runner = loaded({ members: [member('a'), member('b')] });
    const again = join(runner, { memberId: 'b' });
    expect(joined(runner, again)).toMatchObject({ errorCode: 0, generationId: 5, leader: 'a', members: [] });
  });

  it('sessions start anew', () => {
    const runner = loaded({ members: [member('a'), member('b', { sessionTimeout: 20_000 })] });
    runner.advance(9_999);
    expect(stateOf(runner)).toBe('Stable');
    runner.advance(1);
    expect(describeGroup(runner)).toMatchObject({
      groupState: 'PreparingRebalance',
      members: [{ memberId: 'b' }],
    });
  });

  it('an empty group remembers its generation', () => {
    const runner = loaded({ generation: 41, protocol: null, leader: null });
    expect(describeGroup(runner)).toMatchObject({ groupState: 'Empty', protocolType: 'consumer' });
    const { token } = joinWithId(runner);
    runner.advance(3_000);
    expect(joined(runner, token).generationId).toBe(42);
  });

  it('the oldest records have one timeout and no time', () => {
    const runner = loaded({
      currentStateTimestamp: -1,
      members: [member('a', { rebalanceTimeout: -1, sessionTimeout: 7_000 })],
    });
    joinWithId(runner, { rebalanceTimeoutMs: 1_000 });
    const second = 1_000;
    for (let passed = 0; passed < 7; passed++) {
      heartbeat(runner, 5, 'a');
      runner.advance(second);
    }
    expect(heartbeat(runner, 5, 'a')).toBe(KafkaError.UNKNOWN_MEMBER_ID);
  });

  it('a later record replaces an earlier one, a tombstone removes it', () => {
    const runner = loaded({ members: [member('a')] });
    runner.store({ type: 'GroupMetadata', group: GROUP, value: null });
    expect(stateOf(runner)).toBe('Dead');
    expect(stateOf(runner.restarted())).toBe('Dead');
  });

  it('a log that names a member or an instance twice is read', () => {
    const twice = [
      member('a', { groupInstanceId: 'i' }),
      member('a', { clientId: 'other' }),
      member('b', { groupInstanceId: 'i' }),
    ];
    expect(describeGroup(loaded({ members: twice })).members).toMatchObject([
      { memberId: 'a', clientId: 'client' },
    ]);
  });

  it('a leader that is no member is replaced by one who joins', () => {
    const runner = loaded({ leader: 'gone', members: [member('b')] });
    join(runner, { groupInstanceId: 'new' });
    const token = join(runner, { memberId: 'b' });
    expect(joined(runner, token)).toMatchObject({ errorCode: 0, leader: 'b' });
  });
});

describe('unloading', () => {
  it('answers everybody who waits', () => {
    const joining = ShardRunner.started();
    const { token } = joinWithId(joining);
    joining.apply(joining.shard.onUnloaded());
    expect(joined(joining, token).errorCode).toBe(KafkaError.NOT_COORDINATOR);

    const syncing = ShardRunner.started();
    joinWithId(syncing);
    const follower = joinWithId(syncing);
    syncing.advance(6_000);
    const waiting = sync(syncing, 1, follower.memberId);
    syncing.apply(syncing.shard.onUnloaded());
    expect(synced(syncing, waiting).errorCode).toBe(KafkaError.NOT_COORDINATOR);
  });
});
