/** The share coordinator's decisions, their records, and that the records alone bring the state back. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KafkaError } from '../../../src/base/kafka-error.js';
import { COLD_MS, keyOf, ShareShardRunner, TOPIC_ID, UPDATES_PER_SNAPSHOT } from './support.js';

const batch = (firstOffset: number, lastOffset: number, deliveryState = 2, deliveryCount = 1) => ({
  firstOffset,
  lastOffset,
  deliveryState,
  deliveryCount,
});

describe('a share partition', () => {
  it('is begun, read, written and forgotten', () => {
    const runner = ShareShardRunner.started();
    expect(runner.read(keyOf(), 0)).toMatchObject({ error: KafkaError.INVALID_REQUEST });
    expect(runner.write(keyOf(), 1, 0, 0)).toMatchObject({ error: KafkaError.INVALID_REQUEST });
    expect(runner.readSummary(keyOf())).toMatchObject({
      error: 0,
      startOffset: -1,
      deliveryCompleteCount: -1,
    });
    expect(runner.initialize(keyOf(), 2, -1)).toEqual({ error: 0, errorMessage: null });
    expect(runner.lastRecords).toMatchObject([
      {
        type: 'ShareSnapshot',
        value: { snapshotEpoch: 0, stateEpoch: 2, startOffset: -1, stateBatches: [] },
      },
    ]);
    expect(runner.write(keyOf(), 2, 0, 5, [batch(7, 9), batch(5, 6)], 5)).toMatchObject({ error: 0 });
    expect(runner.lastRecords).toMatchObject([
      {
        type: 'ShareUpdate',
        value: { startOffset: 5, deliveryCompleteCount: 5, stateBatches: [batch(5, 9)] },
      },
    ]);
    expect(runner.read(keyOf(), 0)).toMatchObject({ stateEpoch: 2, startOffset: 5, batches: [batch(5, 9)] });
    expect(runner.delete(keyOf())).toMatchObject({ error: 0 });
    expect(runner.lastRecords).toMatchObject([{ type: 'ShareSnapshot', value: null }]);
    expect(runner.read(keyOf(), 0)).toMatchObject({ error: KafkaError.INVALID_REQUEST });
    const written = runner.log.length;
    expect(runner.delete(keyOf())).toMatchObject({ error: 0 });
    expect(runner.log.length).toBe(written);
  });

  it('fences older leaders and older states, after a restart too', () => {
    let runner = ShareShardRunner.started();
    runner.initialize(keyOf(), 2, -1);
    expect(runner.read(keyOf(), 5)).toMatchObject({ error: 0 });
    for (let round = 0; round < 2; round++) {
      expect(runner.read(keyOf(), 4)).toMatchObject({ error: KafkaError.FENCED_LEADER_EPOCH });
      expect(runner.write(keyOf(), 2, 4, 0)).toMatchObject({ error: KafkaError.FENCED_LEADER_EPOCH });
      expect(runner.write(keyOf(), 1, 5, 0)).toMatchObject({ error: KafkaError.FENCED_STATE_EPOCH });
      expect(runner.initialize(keyOf(), 1, 0)).toMatchObject({ error: KafkaError.FENCED_STATE_EPOCH });
      runner = runner.restarted();
    }
  });

  it('is written down whole after so many updates', () => {
    const runner = ShareShardRunner.started();
    runner.initialize(keyOf(), 1, 0);
    const types = Array.from({ length: 2 * UPDATES_PER_SNAPSHOT + 2 }, (_, offset) => {
      runner.write(keyOf(), 1, 0, offset, [batch(offset + 2, offset + 2)]);
      return runner.lastRecords[0]?.type;
    });
    const updates = Array<string>(UPDATES_PER_SNAPSHOT).fill('ShareUpdate');
    expect(types).toEqual([...updates, 'ShareSnapshot', ...updates, 'ShareSnapshot']);
    expect(runner.lastRecords[0]?.value).toMatchObject({ snapshotEpoch: 2, stateEpoch: 1 });
    expect(runner.restarted().read(keyOf(), -1)).toEqual(runner.read(keyOf(), -1));
  });

  it.each([
    ['the end before the beginning', batch(9, 5)],
    ['a negative offset', batch(-3, 5)],
  ])('refuses batches with %s', (_, bad) => {
    const runner = ShareShardRunner.started();
    runner.initialize(keyOf(), 1, 0);
    const answer = runner.write(keyOf(), 1, 0, 0, [batch(0, 20), bad]);
    expect(answer).toMatchObject({ error: KafkaError.INVALID_REQUEST });
    expect(runner.log).toHaveLength(1);
  });

  it('belongs to a topic that exists', () => {
    const runner = ShareShardRunner.started();
    const unknown = { error: KafkaError.UNKNOWN_TOPIC_OR_PARTITION };
    expect(runner.initialize(keyOf(3), 1, 0)).toMatchObject(unknown);
    expect(runner.initialize(keyOf(0, 'g', 'AAAAAAAAAAAAAAAAAAAAAQ'), 1, 0)).toMatchObject(unknown);
    expect(runner.initialize(keyOf(-1), 1, 0)).toMatchObject({ error: KafkaError.INVALID_REQUEST });
    expect(runner.readSummary(keyOf(3))).toMatchObject(unknown);
    expect(runner.delete(keyOf(3))).toMatchObject(unknown);
    runner.initialize(keyOf(1), 1, 0);
    runner.apply(runner.shard.onTopicsDeleted(new Set([TOPIC_ID]), runner.nowMs));
    expect(runner.read(keyOf(1), 0)).toMatchObject({ error: KafkaError.INVALID_REQUEST });
  });
});

describe('the log', () => {
  it('is not needed before the oldest snapshot', () => {
    const runner = ShareShardRunner.started();
    expect(runner.shard.redundantBefore).toBeNull();
    runner.initialize(keyOf(0), 1, 0); // offset 0
    runner.initialize(keyOf(1), 1, 0); // 1
    expect(runner.shard.redundantBefore).toBeNull();
    runner.initialize(keyOf(0), 2, 0); // 2
    expect(runner.shard.redundantBefore).toBe(1);
    runner.delete(keyOf(1)); // 3
    expect(runner.shard.redundantBefore).toBe(2);
  });

  it('gets snapshots of partitions that rest while others are written', () => {
    const runner = ShareShardRunner.started();
    runner.initialize(keyOf(0), 1, 0);
    runner.write(keyOf(0), 1, 0, 3, [batch(4, 5)]);
    runner.advance(COLD_MS);
    expect(runner.lastRecords).toMatchObject([
      { type: 'ShareSnapshot', value: { snapshotEpoch: 1, startOffset: 3, stateBatches: [batch(4, 5)] } },
    ]);
    const written = runner.log.length;
    runner.advance(COLD_MS);
    expect(runner.log).toHaveLength(written);
  });

  it('brings back what was answered, from any redundant start', () => {
    const partition = fc.nat(2);
    const course = fc.array(
      fc.oneof(
        fc.record({
          what: fc.constant('initialize' as const),
          partition,
          epoch: fc.nat(4),
          start: fc.nat(20),
        }),
        fc.record({ what: fc.constant('read' as const), partition, epoch: fc.nat(3) }),
        fc.record({
          what: fc.constant('write' as const),
          partition,
          epoch: fc.integer({ min: -1, max: 4 }),
          start: fc.integer({ min: -1, max: 30 }),
          batches: fc.array(
            fc
              .tuple(fc.nat(30), fc.nat(5), fc.constantFrom(0, 2, 4), fc.integer({ min: 1, max: 3 }))
              .map(([first, length, state, count]) => batch(first, first + length, state, count)),
            { maxLength: 4 },
          ),
        }),
        fc.record({ what: fc.constant('delete' as const), partition }),
        fc.record({ what: fc.constant('wait' as const), partition }),
      ),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(course, (steps) => {
        const runner = ShareShardRunner.started();
        for (const step of steps) {
          const key = keyOf(step.partition);
          if (step.what === 'initialize') runner.initialize(key, step.epoch, step.start);
          else if (step.what === 'read') runner.read(key, step.epoch);
          else if (step.what === 'write') runner.write(key, step.epoch, -1, step.start, step.batches);
          else if (step.what === 'delete') runner.delete(key);
          else runner.advance(COLD_MS);
        }
        const told = (of: ShareShardRunner) =>
          [0, 1, 2].map((each) => [of.read(keyOf(each), -1), of.readSummary(keyOf(each))]);
        expect(told(runner.restarted())).toEqual(told(runner));
        expect(told(runner.restarted(runner.shard.redundantBefore ?? 0))).toEqual(told(runner));
      }),
    );
  });
});
