import { describe, expect, it } from 'vitest';
import { KafkaError } from '../../../src/base/kafka-error.js';
import { isWellFormed } from '../../../src/broker/main/share/acknowledgements.js';
import { durationMs } from '../../../src/broker/main/share/iso-duration.js';
import { nextEpoch, ShareSessions, updateSession } from '../../../src/broker/main/share/share-session.js';

const at = (partition: number) => ({ topicId: 't', partition });

describe('share sessions', () => {
  it('go from epoch to epoch and refuse every other', () => {
    const sessions = new ShareSessions(() => 10);
    expect(sessions.resume('g', 'a', 1)).toBe(KafkaError.SHARE_SESSION_NOT_FOUND);
    const opened = sessions.open('g', 'a', 7, [at(0)]);
    expect(opened).toMatchObject({ epoch: 1, connection: 7 });
    expect(sessions.resume('g', 'a', 2)).toBe(KafkaError.INVALID_SHARE_SESSION_EPOCH);
    expect(sessions.resume('g', 'a', 1)).toMatchObject({ epoch: 2 });
    expect(sessions.resume('g', 'a', -1)).toMatchObject({ epoch: 2 });
    expect(nextEpoch(0x7fff_ffff)).toBe(1);
  });

  it('remember what was added and forgotten', () => {
    const session = new ShareSessions(() => 10).open('g', 'a', 7, [at(0), at(1)]);
    if (typeof session === 'number') throw new Error('no session');
    updateSession(session, [at(2), at(1)], [at(0), at(9)]);
    expect([...session.partitions.values()]).toEqual([at(1), at(2)]);
  });

  it('are limited, replaced by their member, and found by connection', () => {
    const sessions = new ShareSessions(() => 2);
    sessions.open('g', 'a', 1, []);
    sessions.open('h', 'a', 1, []);
    expect(sessions.open('g', 'b', 2, [])).toBe(KafkaError.SHARE_SESSION_LIMIT_REACHED);
    expect(sessions.open('g', 'a', 3, [])).toMatchObject({ epoch: 1 });
    expect(sessions.ofConnection(1).map(({ groupId }) => groupId)).toEqual(['h']);
    expect([sessions.remove('g', 'a'), sessions.remove('g', 'a'), sessions.hasGroup('g')]).toEqual([
      true,
      false,
      false,
    ]);
    expect(sessions.size).toBe(1);
  });
});

it('acknowledgements are in order, without overlaps, with one type or one for each offset', () => {
  const batch = (firstOffset: number, lastOffset: number, ...acknowledgeTypes: number[]) => ({
    firstOffset,
    lastOffset,
    acknowledgeTypes,
  });
  expect(isWellFormed([batch(0, 4, 1), batch(5, 6, 2, 3)], false)).toBe(true);
  expect(isWellFormed([batch(0, 4, 4)], true)).toBe(true);
  for (const wrong of [
    [batch(4, 0, 1)],
    [batch(5, 6, 1), batch(0, 4, 1)],
    [batch(0, 4)],
    [batch(0, 4, 1, 1)],
    [batch(0, 4, 4)],
    [batch(0, 4, 5)],
    [batch(0, 4, -1)],
  ])
    expect(isWellFormed(wrong, false)).toBe(false);
});

it('ISO 8601 durations', () => {
  expect([durationMs('PT1H30M'), durationMs('P2D'), durationMs('PT0.5S'), durationMs('-PT1S')]).toEqual([
    5_400_000, 172_800_000, 500, -1_000,
  ]);
  expect([durationMs('P'), durationMs('PT'), durationMs('1H'), durationMs('P1Y'), durationMs('')]).toEqual([
    null,
    null,
    null,
    null,
    null,
  ]);
});
