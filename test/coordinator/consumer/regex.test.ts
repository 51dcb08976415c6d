import { describe, expect, it } from 'vitest';
import { KafkaError } from '../../../src/base/kafka-error.js';
import type { Rejection } from '../../../src/coordinator/group/consumer/rejection.js';
import {
  compileTopicRegex,
  REGEX_INSTRUCTIONS_MAX,
  REGEX_LENGTH_MAX,
} from '../../../src/coordinator/group/consumer/topic-regex.js';
import { groupRecordSerde } from '../../../src/coordinator/group/records/group-record-serde.js';
import { ShardRunner } from '../support/shard-runner.js';
import { beat, GROUP_ID, join, TOPICS } from './support/model.js';

function refusal(text: string): Rejection {
  try {
    compileTopicRegex(text);
  } catch (error) {
    return error as Rejection;
  }
  throw new Error(`${text} is accepted`);
}

const regex = (subscribedTopicRegex: string) => ({ subscribedTopicNames: null, subscribedTopicRegex });

/** `owned` by topic name. */
function assigned(response: ReturnType<typeof beat>): Record<string, number[]> {
  return Object.fromEntries(
    (response.assignment?.topicPartitions ?? []).map(({ topicId, partitions }) => [
      TOPICS.find(({ id }) => id === topicId)?.name ?? topicId,
      partitions,
    ]),
  );
}

/** Types of the records that a heartbeat, and what it starts at once, write. */
function written(runner: ShardRunner, memberEpoch: number): string[] {
  const before = runner.log.length;
  expect(beat(runner, { memberId: 'm', memberEpoch }).errorCode).toBe(0);
  runner.advance(0);
  return runner.log.slice(before).map(({ key, value }) => groupRecordSerde.decode(key, value)?.type ?? '');
}

describe('a topic expression', () => {
  it('matches whole names', () => {
    const { matches } = compileTopicRegex('foo|ba.*');
    expect(['foo', 'bar', 'ba', 'foobar', 'xfoo', 'b'].map(matches)).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
    expect(compileTopicRegex('(?i)FOO-\\d+').matches('foo-12')).toBe(true);
    expect(compileTopicRegex('[\\pL]+').matches('ä')).toBe(true);
  });

  it("is refused with RE2/J's words", () => {
    for (const [text, description] of [
      ['(', 'missing closing )'],
      ['a**', 'invalid nested repetition operator'],
      ['(?=a)', 'invalid or unsupported Perl syntax'],
      ['[z-a]', 'invalid character class range'],
      ['x{2000}', 'invalid repeat count'],
      ['*a', 'missing argument to repetition operator'],
      ['[a', 'missing closing ]'],
      ['a\\', 'trailing backslash at end of expression'],
    ] as const) {
      const { code, message } = refusal(text);
      expect(code).toBe(KafkaError.INVALID_REGULAR_EXPRESSION);
      expect(message).toBe(
        `SubscribedTopicRegex \`${text}\` is not a valid regular expression: ${description}.`,
      );
    }
  });

  it('is limited before it is compiled', () => {
    for (const text of [
      '(a+)+'.repeat(10_000),
      'x'.repeat(REGEX_LENGTH_MAX + 1),
      'a{1000}'.repeat(140),
      `(${'x'.repeat(200)}){1000}`,
      '((a{100}){100}){100}'.padEnd(100, 'x'),
    ]) {
      expect(refusal(text).message).toContain('expression too large');
    }
    expect(compileTopicRegex('(a+)+$'.repeat(100)).instructions).toBeLessThan(REGEX_INSTRUCTIONS_MAX);
    expect(compileTopicRegex('prod-\\d{4}-\\d{2}-[a-z]{1,30}').matches('prod-2026-11-orders')).toBe(true);
  });

  it('takes time linear in the name', () => {
    const { matches } = compileTopicRegex('(a+)+$');
    const timeOf = (length: number) => {
      const name = `${'a'.repeat(length)}!`;
      const start = process.hrtime.bigint();
      expect(matches(name)).toBe(false);
      return Number(process.hrtime.bigint() - start) / 1e6;
    };
    timeOf(1_000);
    // A backtracking matcher would need 2^200 steps for the first of them.
    expect(timeOf(200)).toBeLessThan(1_000);
    expect(timeOf(100_000)).toBeLessThan(5_000);
  });
});

describe('a member with an expression', () => {
  const setUp = () => {
    const topics = TOPICS.map((topic) => ({ ...topic }));
    return { topics, runner: ShardRunner.started({ topics }) };
  };

  it('is assigned what matched, with the heartbeat after', () => {
    const { runner } = setUp();
    expect(assigned(join(runner, 'm', regex('a.')))).toEqual({});
    runner.advance(1_000);
    expect(assigned(beat(runner, { memberId: 'm', memberEpoch: 1 }))).toEqual({
      a1: [0, 1, 2, 3],
      a2: [0, 1, 2],
    });
  });

  it('gets topics that are created, at most every ten seconds', () => {
    const { runner, topics } = setUp();
    join(runner, 'm', regex('a.'));
    runner.advance(1_000);
    beat(runner, { memberId: 'm', memberEpoch: 1 });
    topics.push({ id: Buffer.alloc(16, 9).toString('base64url'), name: 'a9', partitions: 1 });
    runner.apply(runner.shard.onMetadataChanged(runner.nowMs));
    expect(written(runner, 2)).toEqual([]);
    runner.advance(9_001);
    expect(written(runner, 2)).toEqual(['ConsumerGroupRegularExpression', 'ConsumerGroupMetadata']);
    expect(assigned(beat(runner, { memberId: 'm', memberEpoch: 2 }))).toEqual({
      a1: [0, 1, 2, 3],
      a2: [0, 1, 2],
      [topics[3].id]: [0],
    });
  });

  it('is looked at again after ten minutes and after a restart', () => {
    let { runner } = setUp();
    join(runner, 'm', regex('a.'));
    runner.advance(1_000);
    beat(runner, { memberId: 'm', memberEpoch: 1 });
    // The topics of the start count as new.
    runner.advance(10_000);
    expect(written(runner, 2)).toEqual(['ConsumerGroupRegularExpression']);
    for (let seconds = 10; seconds <= 600; seconds += 10) {
      runner.advance(10_000);
      expect(written(runner, 2)).toEqual([]);
    }
    runner.advance(10_000);
    // The same topics: written down, but no rebalance.
    expect(written(runner, 2)).toEqual(['ConsumerGroupRegularExpression']);
    runner = runner.restarted();
    runner.advance(11_000);
    expect(written(runner, 2)).toEqual(['ConsumerGroupRegularExpression']);
  });

  it('has many topics matched in slices', () => {
    const topics = Array.from({ length: 3_000 }, (_, index) => ({
      id: Buffer.alloc(16, String(index).padStart(16, '0')).toString('base64url'),
      name: `topic-${index}`.padEnd(100, 'x'),
      partitions: 1,
    }));
    const runner = ShardRunner.started({ topics });
    join(runner, 'm', regex('topic-1.*'));
    let slices = 0;
    for (; runner.timers.has(`consumer-regex:${GROUP_ID.length}:${GROUP_ID}`); slices++) {
      const key = `consumer-regex:${GROUP_ID.length}:${GROUP_ID}`;
      runner.timers.delete(key);
      runner.apply(runner.shard.onTimer(key, runner.nowMs));
    }
    expect(slices).toBeGreaterThan(2);
    const [record] = runner.lastRecords;
    if (record.type !== 'ConsumerGroupRegularExpression') throw new Error(record.type);
    expect(record.value?.topics.length).toBe(1_111);
  });

  it('is refused a bad expression and keeps the one it has', () => {
    const { runner } = setUp();
    join(runner, 'm', regex('a.'));
    runner.advance(1_000);
    beat(runner, { memberId: 'm', memberEpoch: 1 });
    const before = runner.log.length;
    const refused = beat(runner, { memberId: 'm', memberEpoch: 2, subscribedTopicRegex: '(' });
    expect(refused.errorCode).toBe(KafkaError.INVALID_REGULAR_EXPRESSION);
    expect(runner.log.length).toBe(before);
    expect(written(runner, 2)).toEqual([]);
  });
});
