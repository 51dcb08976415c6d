/** Share groups: Kafka's records for Kafka's course, membership, state of topics, and replay of what was written. */
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KafkaError } from '../../../src/base/kafka-error.js';
import { groupRecordSerde } from '../../../src/coordinator/group/records/group-record-serde.js';
import type { ShareHeartbeatAnswer } from '../../../src/coordinator/group/share/heartbeat.js';
import type { StatePartitions, StateToBegin } from '../../../src/coordinator/group/share/share-context.js';
import type {
  AlterAnswer,
  DeleteAnswer,
  StateOfGroup,
} from '../../../src/coordinator/group/share/share-groups.js';
import type { TopicInfo } from '../../../src/coordinator/group/topic-view.js';
import { readGroupLog } from '../support/kafka-log.js';
import { ShardRunner } from '../support/shard-runner.js';

const ORDERS: TopicInfo = { id: 'hIRIlMzJQEeQb1-mDSD05w', name: 'orders', partitions: 3 };
const OTHER: TopicInfo = { id: 'AAAAAAAAAAAAAAAAAAAAAQ', name: 'other', partitions: 2 };
const GROUP = 'sg';
const golden = join(import.meta.dirname, '../../golden/share-groups/consumer-offsets.log');

class Course {
  constructor(
    readonly runner = ShardRunner.started({ topics: [ORDERS, OTHER] }),
    readonly clientId = 'client',
  ) {}

  beat(memberId: string, memberEpoch: number, topics: string[] | null = null, groupId = GROUP) {
    const request = { groupId, memberId, memberEpoch, rackId: null, subscribedTopicNames: topics };
    const token = this.runner.send(
      1,
      (shard, call, nowMs) => shard.shareGroupHeartbeat(call, request, nowMs),
      this.clientId,
    );
    return this.runner.answer<ShareHeartbeatAnswer>(token);
  }

  /** What the share coordinator answers to a heartbeat. */
  begun(begin: readonly StateToBegin[], isBegun = true): void {
    const partitions = new Map<string, Set<number>>();
    for (const { topicId, partition } of begin)
      partitions.set(topicId, (partitions.get(topicId) ?? new Set()).add(partition));
    this.runner.ask<number>(1, (shard, call, nowMs) =>
      shard.shareStateAnswered(call, GROUP, partitions, isBegun, nowMs),
    );
  }

  describe() {
    return this.runner.ask<object[]>(1, (shard, call, nowMs) =>
      shard.shareGroupDescribe(call, [GROUP], nowMs),
    );
  }

  initialized() {
    return this.runner.ask<StatePartitions>(1, (shard, call, nowMs) =>
      shard.initializedSharePartitions(call, GROUP, nowMs),
    );
  }
}

/** Joined, with state begun and partitions assigned, at epoch 3. */
function stable(): Course {
  const course = new Course();
  course.begun(course.beat('a', 0, ['orders']).begin);
  course.runner.advance(5_000);
  expect(course.beat('a', 2).response.memberEpoch).toBe(3);
  return course;
}

describe('share groups', () => {
  it('write what Kafka wrote for the same course', () => {
    const stored = readGroupLog(golden).map(({ key, value }) => groupRecordSerde.decode(key, value));
    const member = stored.find((record) => record?.type === 'ShareGroupMemberMetadata');
    if (member?.type !== 'ShareGroupMemberMetadata') throw new Error('no member');
    const { memberId } = member;
    const course = new Course(undefined, 'console-share-consumer');
    const { begin } = course.beat(memberId, 0, ['orders']);
    course.begun(begin);
    course.runner.advance(5_000);
    course.beat(memberId, 2);
    course.beat(memberId, 3);
    course.beat(memberId, -1);
    const timeless = (record: unknown) =>
      JSON.stringify(record, (name, value) =>
        name === 'assignmentTimestamp' ? 'now' : typeof value === 'bigint' ? String(value) : value,
      );
    const written = course.runner.log.map(({ key, value }) => groupRecordSerde.decode(key, value));
    expect(written.map(timeless)).toEqual(stored.map(timeless));
  });

  it('are given partitions when their state is begun', () => {
    const course = new Course();
    const joined = course.beat('a', 0, ['orders']);
    expect(joined.response).toMatchObject({
      errorCode: 0,
      memberEpoch: 2,
      assignment: { topicPartitions: [] },
    });
    expect(joined.begin).toEqual(
      [0, 1, 2].map((partition) => ({ topicId: ORDERS.id, partition, stateEpoch: 2, startOffset: -1 })),
    );
    expect(course.beat('a', 2).begin).toEqual([]);
    course.begun(joined.begin);
    course.runner.advance(2_000);
    const { response } = course.beat('a', 2);
    expect(response.assignment).toEqual({ topicPartitions: [{ topicId: ORDERS.id, partitions: [0, 1, 2] }] });
    expect(course.beat('a', 3).response.assignment).toBeNull();
  });

  it('ask again when the state could not be begun, or nobody answered', () => {
    const course = new Course();
    const { begin } = course.beat('a', 0, ['orders']);
    course.begun(begin, false);
    expect(course.beat('a', 2).begin).toHaveLength(3);
    expect(course.beat('a', 2).begin).toHaveLength(0);
    course.runner.advance(30_000);
    expect(course.beat('a', 2).begin).toHaveLength(3);
    const restarted = new Course(course.runner.restarted());
    expect(restarted.beat('a', 2).begin).toHaveLength(3);
  });

  it('share partitions among more members than there are partitions', () => {
    const course = stable();
    for (const member of ['b', 'c', 'd', 'e', 'f']) course.beat(member, 0, ['orders']);
    course.runner.advance(2_000);
    course.beat('a', 3);
    const owned = new Map<number, number>();
    for (const member of ['a', 'b', 'c', 'd', 'e', 'f']) {
      const { response } = course.beat(member, 0, ['orders']);
      const partitions = response.assignment?.topicPartitions.flatMap((topic) => topic.partitions) ?? [];
      expect(partitions).toHaveLength(1);
      for (const partition of partitions) owned.set(partition, (owned.get(partition) ?? 0) + 1);
    }
    expect([...owned.values()]).toEqual([2, 2, 2]);
  });

  it('remove who is not heard of, a whole session after a restart too', () => {
    const course = stable();
    course.runner.advance(44_000);
    const restarted = new Course(course.runner.restarted());
    restarted.runner.advance(44_000);
    expect(restarted.beat('a', 3).response.errorCode).toBe(0);
    restarted.runner.advance(45_001);
    expect(restarted.beat('a', 3).response.errorCode).toBe(KafkaError.UNKNOWN_MEMBER_ID);
    expect(restarted.describe()).toMatchObject([{ groupState: 'Empty', members: [] }]);
  });

  it('are no consumer groups, and consumer groups no share groups', () => {
    const course = stable();
    expect(course.beat('x', 0, ['orders'], 'consumers').response.errorCode).toBe(0);
    const joined = course.runner.ask<{ errorCode: number }>(1, (shard, call, nowMs) =>
      shard.consumerGroupHeartbeat(
        call,
        {
          groupId: GROUP,
          memberId: 'x',
          memberEpoch: 0,
          instanceId: null,
          rackId: null,
          rebalanceTimeoutMs: 10_000,
          subscribedTopicNames: ['orders'],
          subscribedTopicRegex: null,
          serverAssignor: null,
          topicPartitions: [],
        },
        nowMs,
      ),
    );
    expect(joined.errorCode).toBe(KafkaError.GROUP_ID_NOT_FOUND);
  });

  it('outlive the retention of offsets', () => {
    const course = stable();
    course.beat('a', -1);
    course.runner.advance(30 * 86_400_000);
    expect(course.describe()).toMatchObject([{ errorCode: 0, groupState: 'Empty' }]);
    expect([...course.initialized().keys()]).toEqual([ORDERS.id]);
  });

  it('hand their state over when offsets are changed and when they are deleted', () => {
    const course = stable();
    const alter = () =>
      course.runner.ask<AlterAnswer>(0, (shard, call, nowMs) =>
        shard.alterShareGroupOffsets(
          call,
          {
            groupId: GROUP,
            topics: [{ topicName: 'orders', partitions: [{ partitionIndex: 1, startOffset: 7 }] }],
          },
          nowMs,
        ),
      );
    const forget = () =>
      course.runner.ask<DeleteAnswer>(0, (shard, call, nowMs) =>
        shard.beginDeleteShareGroupOffsets(
          call,
          { groupId: GROUP, topics: [{ topicName: 'orders' }] },
          nowMs,
        ),
      );
    expect(alter()).toMatchObject({ errorCode: KafkaError.NON_EMPTY_GROUP, begin: [] });
    expect(forget()).toMatchObject({ errorCode: KafkaError.NON_EMPTY_GROUP });
    course.beat('a', -1);
    expect(alter().begin).toEqual([{ topicId: ORDERS.id, partition: 1, stateEpoch: 4, startOffset: 7 }]);
    course.begun(alter().begin);
    const { remove } = forget();
    expect([...remove]).toEqual([[ORDERS.id, new Set([0, 1, 2])]]);
    expect(course.initialized().size).toBe(0);
    // Interrupted here, the next attempt takes it up.
    expect([...forget().remove.keys()]).toEqual([ORDERS.id]);
    const begin = () =>
      course.runner.ask<StateOfGroup[]>(0, (shard, call, nowMs) =>
        shard.beginDeleteShareGroups(call, [GROUP], nowMs),
      );
    expect([...(begin()[0]?.remove.keys() ?? [])]).toEqual([ORDERS.id]);
    course.runner.ask<number>(0, (shard, call, nowMs) =>
      shard.completeDeleteShareGroupOffsets(call, GROUP, new Set([ORDERS.id]), nowMs),
    );
    expect(begin()[0]?.remove.size).toBe(0);
    course.runner.ask(2, (shard, call, nowMs) => shard.deleteGroups(call, [GROUP], nowMs));
    expect(course.describe()).toMatchObject([{ errorCode: KafkaError.GROUP_ID_NOT_FOUND }]);
    expect(new Course(course.runner.restarted()).describe()).toEqual(course.describe());
  });

  it('come back from their records', () => {
    const member = fc.constantFrom('a', 'b', 'c');
    const topics = fc.subarray(['orders', 'other', 'missing'], { minLength: 1 });
    const step = fc.oneof(
      fc.record({ what: fc.constant('join' as const), member, topics }),
      fc.record({ what: fc.constant('beat' as const), member, topics: fc.option(topics) }),
      fc.record({ what: fc.constant('leave' as const), member }),
      fc.record({ what: fc.constant('answer' as const), member, isBegun: fc.boolean() }),
      fc.record({ what: fc.constant('wait' as const), member, ms: fc.integer({ min: 500, max: 50_000 }) }),
      fc.record({ what: fc.constant('gone' as const), member }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const course = new Course();
        const epochs = new Map<string, number>();
        let begin: readonly StateToBegin[] = [];
        for (const each of steps) {
          if (each.what === 'wait') course.runner.advance(each.ms);
          else if (each.what === 'answer') course.begun(begin, each.isBegun);
          else if (each.what === 'gone')
            course.runner.apply(
              course.runner.shard.onTopicIdsDeleted(new Set([OTHER.id]), course.runner.nowMs),
            );
          else {
            const epoch =
              each.what === 'join' ? 0 : each.what === 'leave' ? -1 : (epochs.get(each.member) ?? 1);
            const answer = course.beat(each.member, epoch, each.what === 'leave' ? null : each.topics);
            epochs.set(each.member, answer.response.memberEpoch);
            if (answer.begin.length > 0) begin = answer.begin;
          }
        }
        const restarted = new Course(course.runner.restarted());
        expect(restarted.describe()).toEqual(course.describe());
        expect(restarted.initialized()).toEqual(course.initialized());
      }),
    );
  });
});
