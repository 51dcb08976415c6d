/** Epoch cache, retention, deletion, look-ups, layout of the shared append state, helping from another thread's view. */
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BatchTable, Word } from '../../src/io/batch-table.js';
import {
  APPEND_STATE_BYTES,
  AppendState,
  ConfigColumn,
  StateColumn,
} from '../../src/storage/append-state.js';
import { Appender } from '../../src/storage/appender.js';
import type { LogConfig } from '../../src/storage/contract.js';
import { LeaderEpochCache } from '../../src/storage/leader-epoch-cache.js';
import { ProducerTable } from '../../src/storage/producer-table.js';
import { planRetention } from '../../src/storage/retention-rules.js';
import { batchOf, CONFIG, logFiles, read, specOf, TestLog, world } from './helpers.js';

const NOW = 1_700_000_000_000;

function open(config: Partial<LogConfig> = {}): TestLog {
  const w = world(NOW);
  return new TestLog(w, specOf(w, {}, config));
}

describe('leader epoch cache', () => {
  const cache = (entries: [number, number][] = []) =>
    new LeaderEpochCache(
      entries.map(([epoch, startOffset]) => ({ epoch, startOffset })),
      () => {},
    );
  const rows = (of: LeaderEpochCache) => of.all.map(({ epoch, startOffset }) => [epoch, startOffset]);

  it('answers end offsets', () => {
    const of = cache([
      [2, 10],
      [4, 20],
      [7, 30],
    ]);
    expect(of.endOffsetFor(-1, 99)).toEqual({ leaderEpoch: -1, endOffset: -1 });
    expect(of.endOffsetFor(8, 99)).toEqual({ leaderEpoch: -1, endOffset: -1 });
    expect(of.endOffsetFor(7, 99)).toEqual({ leaderEpoch: 7, endOffset: 99 });
    expect(of.endOffsetFor(6, 99)).toEqual({ leaderEpoch: 4, endOffset: 30 });
    expect(of.endOffsetFor(1, 99)).toEqual({ leaderEpoch: 1, endOffset: 10 });
    expect(cache().endOffsetFor(0, 99)).toEqual({ leaderEpoch: -1, endOffset: -1 });
    expect([9, 10, 29, 30].map((offset) => of.epochAt(offset))).toEqual([-1, 2, 4, 7]);
  });

  it('truncates at both ends', () => {
    const of = cache([
      [2, 10],
      [4, 20],
      [7, 30],
    ]);
    of.truncateFromEnd(30);
    expect(rows(of)).toEqual([
      [2, 10],
      [4, 20],
    ]);
    of.truncateFromStart(25);
    expect(rows(of)).toEqual([[4, 25]]);
    of.truncateFromStart(5);
    expect(rows(of)).toEqual([[4, 25]]);
    of.truncateFromEnd(0);
    expect(rows(of)).toEqual([]);
  });

  it('rises strictly in both columns whatever is assigned, and agrees with a plain model', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('assign' as const), epoch: fc.nat(8), offset: fc.nat(40) }),
      fc.record({
        kind: fc.constantFrom('start' as const, 'end' as const, 'persist' as const),
        epoch: fc.constant(0),
        offset: fc.nat(40),
      }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let written: readonly { epoch: number; startOffset: number }[] = [];
        const of = new LeaderEpochCache([], (entries) => {
          written = entries;
        });
        let model: [number, number][] = [];
        let recoveryPoint = 0;
        let logStart = 0;
        for (const { kind, epoch, offset } of steps) {
          if (kind === 'assign') {
            of.assign(epoch, offset);
            recoveryPoint = Math.min(recoveryPoint, offset);
            logStart = Math.min(logStart, offset);
            const last = model.at(-1);
            if (!last || epoch !== last[0] || offset < last[1]) {
              while (
                model.length > 0 &&
                (model[model.length - 1][0] >= epoch || model[model.length - 1][1] >= offset)
              )
                model.pop();
              model.push([epoch, offset]);
            }
          } else if (kind === 'end') {
            of.truncateFromEnd(offset);
            recoveryPoint = Math.min(recoveryPoint, offset);
            logStart = Math.min(logStart, offset);
            model = model.filter(([, start]) => start < offset);
          } else if (kind === 'persist') {
            of.persist(offset);
            recoveryPoint = offset;
          } else {
            logStart = Math.max(logStart, offset);
            of.truncateFromStart(offset);
            const below = model.filter(([, start]) => start <= offset);
            const last = below.at(-1);
            if (last) model = [[last[0], offset], ...model.slice(below.length)];
          }
          expect(rows(of)).toEqual(model);
          // What a start reads, cut to the log as a start does, tells all epochs below the recovery point.
          const loaded = new LeaderEpochCache(written, () => {});
          loaded.truncateFromStart(logStart);
          const known = (entries: unknown[][]) =>
            entries.filter(([, start]) => Number(start) < recoveryPoint);
          expect(known(rows(loaded))).toEqual(known(model));
        }
      }),
    );
  });

  it('a leader that wrote nothing is replaced by the next at the same offset', () => {
    const test = open();
    test.log.becomeLeader(3);
    test.log.becomeLeader(5);
    test.append(batchOf(2, NOW));
    test.log.flush();
    expect(read(test.spec.directory, 'leader-epoch-checkpoint')).toEqual(
      new TextEncoder().encode('0\n1\n5 0\n'),
    );
    test.log.becomeLeader(6);
    expect(test.log.endOffsetForEpoch(5)).toEqual({ leaderEpoch: 5, endOffset: 2 });
    expect([test.log.epochAt(1), test.log.epochAt(2)]).toEqual([5, 6]);
  });
});

describe('retention', () => {
  const segment = (baseOffset: number, sizeBytes: number, largestTimestamp: number) => ({
    baseOffset,
    sizeBytes,
    largestTimestamp,
  });
  const three = [segment(0, 100, NOW - 30), segment(10, 100, NOW - 20), segment(20, 100, NOW - 10)];
  const plan = (config: Partial<LogConfig>, start = 0, hw = 30) =>
    planRetention(three, { ...CONFIG, retentionMs: -1, ...config }, start, hw, 30, NOW);

  it('plans by age, size, log start; contiguous from the front, below the high watermark', () => {
    expect(plan({ retentionMs: 20 })).toEqual({ count: 1, reason: 'time' });
    expect(plan({ retentionMs: 19 })).toEqual({ count: 2, reason: 'time' });
    expect(plan({ retentionMs: 0 })).toEqual({ count: 3, reason: 'time' });
    expect(plan({ retentionMs: 0 }, 0, 19)).toEqual({ count: 1, reason: 'time' });
    expect(plan({ retentionMs: 0, cleanupDelete: false })).toEqual({ count: 0, reason: null });
    expect(plan({ retentionBytes: 200 })).toEqual({ count: 1, reason: 'size' });
    expect(plan({ retentionBytes: 201 })).toEqual({ count: 0, reason: null });
    expect(plan({ retentionBytes: 0 })).toEqual({ count: 3, reason: 'size' });
    expect(plan({}, 10)).toEqual({ count: 1, reason: 'log-start' });
    expect(plan({}, 30)).toEqual({ count: 2, reason: 'log-start' });
    expect(plan({ cleanupDelete: false }, 19)).toEqual({ count: 1, reason: 'log-start' });
  });

  it('removes segments, raises the start, deletes files after the delay; the active segment is rolled first', () => {
    const test = open({ segmentBytes: 100, retentionMs: 1000 });
    for (let index = 0; index < 4; index++)
      test.append(batchOf(2, NOW, { producerId: 1n, producerEpoch: 0, baseSequence: index * 2 }));
    expect(test.log.segmentBases).toEqual([0, 2, 4, 6]);
    expect(test.log.enforceRetention(NOW + 500)).toBe(0);
    expect(test.log.enforceRetention(NOW + 2000)).toBe(4);
    expect(test.log.segmentBases).toEqual([8]);
    expect(test.log.offsets).toMatchObject({ logStartOffset: 8, logEndOffset: 8 });
    const deleted = () => readdirSync(test.spec.directory).filter((name) => name.endsWith('.deleted'));
    expect(deleted()).toContain('00000000000000000002.snapshot.deleted');
    expect(deleted().filter((name) => name.endsWith('.log.deleted')).length).toBe(4);
    while (test.log.housekeep(NOW + 2000));
    // One file waits for the next segment, the others for file.delete.delay.ms.
    expect(deleted().length).toBeGreaterThan(8);
    while (test.log.housekeep(NOW + 62_000));
    expect(deleted().length).toBeLessThanOrEqual(1);
    expect(test.append(batchOf(1, NOW, { producerId: 1n, producerEpoch: 0, baseSequence: 8 }))).toEqual([0]);
    expect(test.outcomes.baseOffsets[0]).toBe(8);
  });

  it('at full speed beside flushes and appends the log stays whole (KAFKA-19571), also after a crash on recycled files', () => {
    const test = open({ segmentBytes: 400, retentionBytes: 900, fileDeleteDelayMs: 0 });
    for (let round = 0; round < 200; round++) {
      test.append(batchOf(1 + (round % 3), NOW + round, { bytes: 40 + (round % 50) }));
      if (round % 3 === 0) test.log.flush();
      if (round % 2 === 0) test.log.enforceRetention(NOW + round);
      test.log.housekeep(NOW + round);
    }
    const { logEndOffset, logStartOffset } = test.log.offsets;
    expect(test.log.sizeBytes()).toBeLessThan(1400);
    const spec = { ...test.spec, recoveryPoint: test.log.recoveryPoint, logStartOffset };
    test.log.close(false);
    const again = new TestLog(test.world, spec);
    expect(again.log.offsets).toMatchObject({ logEndOffset, logStartOffset });
    expect(test.world.reports.filter((line) => line.startsWith('warn'))).toEqual([]);
  });

  it('DeleteRecords moves the start; the files follow with retention', () => {
    const test = open({ segmentBytes: 100 });
    for (let index = 0; index < 3; index++) test.append(batchOf(2, NOW));
    test.log.raiseLogStartOffset(3);
    test.log.raiseLogStartOffset(1);
    expect(test.log.offsets.logStartOffset).toBe(3);
    expect(test.log.segmentBases).toEqual([0, 2, 4]);
    expect(test.log.enforceRetention(NOW)).toBe(1);
    expect(test.log.offsets.logStartOffset).toBe(3);
    test.log.raiseLogStartOffset(1000);
    expect(test.log.offsets.logStartOffset).toBe(6);
  });
});

describe('look-ups', () => {
  it.each([0, 4] as const)('find records inside batches, codec %i', (codec) => {
    const test = open({ segmentBytes: 300 });
    for (let index = 0; index < 6; index++) test.append(batchOf(4, NOW + index * 100, { codec }));
    expect(test.log.findByTimestamp(0)).toEqual({ offset: 0, timestamp: NOW, leaderEpoch: 0 });
    expect(test.log.findByTimestamp(NOW + 302)).toEqual({ offset: 14, timestamp: NOW + 302, leaderEpoch: 0 });
    expect(test.log.findByTimestamp(NOW + 304)).toEqual({ offset: 16, timestamp: NOW + 400, leaderEpoch: 0 });
    expect(test.log.findByTimestamp(NOW + 504)).toBe(null);
    expect(test.log.findMaxTimestamp()).toEqual({ offset: 23, timestamp: NOW + 503, leaderEpoch: 0 });
    test.log.raiseLogStartOffset(15);
    expect(test.log.findByTimestamp(NOW)).toEqual({ offset: 15, timestamp: NOW + 303, leaderEpoch: 0 });
  });

  it('LogAppendTime: the first record of the batch', () => {
    const test = open({ messageTimestampType: 'LogAppendTime' });
    test.append(batchOf(3, 5));
    test.world.clock.advance(10);
    test.append(batchOf(3, 5));
    expect(test.log.findByTimestamp(NOW + 1)).toEqual({ offset: 3, timestamp: NOW + 10, leaderEpoch: 0 });
    expect(test.log.findMaxTimestamp()).toEqual({ offset: 3, timestamp: NOW + 10, leaderEpoch: 0 });
  });

  it('an empty log has none', () => {
    const { log } = open();
    expect([log.findByTimestamp(0), log.findMaxTimestamp()]).toEqual([null, null]);
  });
});

describe('directories', () => {
  it('partition.metadata comes first and must agree', () => {
    const test = open();
    expect(new TextDecoder().decode(read(test.spec.directory, 'partition.metadata'))).toBe(
      `version: 0\ntopic_id: ${test.spec.topicId}`,
    );
    test.log.close(true);
    expect(() => new TestLog(test.world, { ...test.spec, topicId: 'YxW9AAAAQACAAAAAAAAAAA' })).toThrow(
      'belongs to topic id',
    );
  });

  it('markDeleted renames within 255 characters', () => {
    const w = world(NOW);
    const test = new TestLog(
      w,
      specOf(w, { topic: 'x'.repeat(249), directory: join(w.root, `${'x'.repeat(249)}-0`) }),
    );
    test.append(batchOf(1, NOW));
    const path = test.log.markDeleted();
    expect(basename(path)).toMatch(/^x+-0\.[0-9a-f]{32}-delete$/);
    expect(basename(path).length).toBe(255);
    expect([existsSync(path), existsSync(test.spec.directory)]).toEqual([true, false]);
    expect(w.producers.size).toBe(0);
  });

  it('a directory that cannot be read is an error, never an empty log (KAFKA-16234)', () => {
    const test = open();
    test.append(batchOf(1, NOW));
    test.log.close(true);
    writeFileSync(join(test.spec.directory, 'leader-epoch-checkpoint'), 'rubbish');
    expect(() => new TestLog(test.world, test.spec)).toThrow('Malformed checkpoint');
    expect(logFiles(test.spec.directory)).toEqual(['00000000000000000000.log']);
  });

  it('flush intervals', () => {
    const test = open({ flushMessages: 3, flushMs: 1000 });
    test.append(batchOf(2, NOW));
    expect([test.log.flushDue(NOW), test.log.flushDue(NOW + 1000), test.log.flushDue(NOW + 1001)]).toEqual([
      false,
      false,
      true,
    ]);
    test.append(batchOf(1, NOW));
    expect(test.log.flushDue(NOW)).toBe(true);
    test.log.flush();
    expect([test.log.recoveryPoint, test.log.flushDue(NOW + 5000)]).toEqual([3, false]);
  });
});

describe('append state', () => {
  it('has the drawn layout', () => {
    expect(APPEND_STATE_BYTES).toBe(320);
    expect(Object.values(StateColumn)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 32]);
    expect(Object.values(ConfigColumn)).toEqual([16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29]);
    const memory = new SharedArrayBuffer(APPEND_STATE_BYTES + 16);
    const state = new AppendState(memory, 8);
    state.initialize();
    state.set(StateColumn.logEndOffset, 5);
    expect(new Float64Array(memory)[1 + 3]).toBe(5);
    expect(new Float64Array(memory)[1]).toBe(1);
  });

  it('lets another holder of the token append, and stops it where the owner is needed', () => {
    const test = open({ segmentBytes: 250, compressionType: 'producer' });
    const first = { producerId: 6n, producerEpoch: 0, baseSequence: 0 };
    test.append(batchOf(1, NOW, first));
    // In the addon the token names the log on every thread; here the helper borrows the owner's engine.
    const helper = new Appender({
      engine: test.world.engine,
      token: test.log.token,
      clock: test.world.clock,
      state: new AppendState(test.deps.appendState, 0),
      producers: ProducerTable.attach(test.world.producers.handle),
      producerScope: 7,
      name: 't-0',
      slab: () => test.slab,
    });
    const table = new BatchTable(8);
    const batches = [
      batchOf(1, NOW, { ...first, baseSequence: 1 }),
      batchOf(1, NOW, first),
      batchOf(1, NOW, { ...first, baseSequence: 2 }),
      batchOf(1, NOW),
    ];
    let at = 0;
    batches.forEach((batch, row) => {
      test.slab.set(batch, at);
      table.setWord(row, Word.position, at);
      table.setWord(row, Word.length, batch.length);
      at += batch.length;
    });
    expect(helper.append(table, 0, 4, test.outcomes, null)).toBe(3); // the fourth would roll
    expect([...test.outcomes.errors.subarray(0, 3)]).toEqual([0, 0, 0]);
    expect([...test.outcomes.baseOffsets.subarray(0, 3)]).toEqual([1, 0, 2]);
    expect(
      test.append(batchOf(1, NOW, { ...first, baseSequence: 3 }), batchOf(1, NOW, { codec: 4 })),
    ).toEqual([0, 0]);
    expect(test.log.offsets.logEndOffset).toBe(5);
    expect(test.log.segmentBases).toEqual([0, 3]);
    test.slab.set(batchOf(1, NOW, { codec: 4 }), 0);
    table.setWord(0, Word.position, 0);
    table.setWord(0, Word.length, batchOf(1, NOW, { codec: 4 }).length);
    expect(helper.append(table, 0, 1, test.outcomes, null)).toBe(0); // compressed: the owner unpacks
  });
});
