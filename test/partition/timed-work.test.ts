import { beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../src/io/clock.js';
import { Completions } from '../../src/partition/completions.js';
import { PartitionStatus } from '../../src/partition/contract.js';
import { OpenLog } from '../../src/partition/open-log.js';
import { createSeamMemory } from '../../src/partition/seam-memory.js';
import { StateTable } from '../../src/partition/state-table.js';
import { TimedWork } from '../../src/partition/timed-work.js';
import { FakeLog, fakeSpec } from './fake-log.js';

let clock: ManualClock;
let logs: Map<number, OpenLog>;
let timed: TimedWork;
let failed: number[];
let published: number[];
let table: StateTable;
let completions: Completions;

beforeEach(() => {
  clock = new ManualClock();
  logs = new Map();
  failed = [];
  published = [];
  const memory = createSeamMemory([new SharedArrayBuffer(64)], 1);
  table = StateTable.attach(memory.state);
  completions = new Completions(memory, [], 0, () => {}, new Float64Array(8));
  timed = new TimedWork({
    logs,
    clock,
    housekeepingMs: 30_000,
    retentionCheckMs: 300_000,
    goOffline: (log) => {
      log.publishAs(PartitionStatus.offline, completions);
      failed.push(log.slot);
    },
    publish: (log) => published.push(log.slot),
  });
});

function open(config: Parameters<typeof fakeSpec>[1] = {}): { log: OpenLog; fake: FakeLog } {
  const slot = table.allocate();
  const fake = new FakeLog(fakeSpec('/logs/x', config));
  const log = new OpenLog(slot, fake, table);
  log.publishAs(PartitionStatus.online, completions);
  logs.set(slot, log);
  timed.logsChanged();
  return { log, fake };
}

describe('timed work', () => {
  it('without logs nothing is bound to time', () => {
    expect(timed.sleepMs(false)).toBe(Number.POSITIVE_INFINITY);
    expect(timed.sleepMs(true)).toBe(1);
  });

  it('keeps house of every log now and then, and soon after an append until nothing is left', () => {
    const { log, fake } = open();
    expect(timed.sleepMs(false)).toBe(30_000);
    timed.appended(log);
    expect(timed.sleepMs(false)).toBe(50);
    timed.run();
    expect(fake.housekeepings).toBe(0);
    fake.housekeepMore = 2;
    clock.advance(50);
    timed.run();
    expect(fake.housekeepings).toBe(1);
    expect(timed.sleepMs(false)).toBe(10);
    clock.advance(10);
    timed.run();
    clock.advance(10);
    timed.run();
    expect(fake.housekeepings).toBe(3);
    expect(timed.sleepMs(false)).toBe(30_000 - 70);
    clock.advance(30_000);
    timed.run();
    expect([fake.housekeepings, fake.retentions]).toEqual([4, 1]);
    expect(published).toHaveLength(5);
    clock.advance(300_000 - 1);
    timed.run();
    expect(fake.retentions).toBe(1);
    clock.advance(1);
    timed.run();
    expect(fake.retentions).toBe(2);
  });

  it('flushes flush.ms after the first append that was not flushed', () => {
    const { log, fake } = open({ flushMs: 20 });
    const never = open();
    log.dirtySinceMs = clock.monotonicMs();
    never.log.dirtySinceMs = clock.monotonicMs();
    timed.appended(log);
    timed.appended(never.log);
    expect(timed.sleepMs(false)).toBe(20);
    clock.advance(19);
    timed.run();
    expect(fake.flushes).toBe(0);
    clock.advance(1);
    timed.run();
    expect([fake.flushes, never.fake.flushes]).toEqual([1, 0]);
    expect(log.dirtySinceMs).toBe(-1);
    expect(timed.sleepMs(false)).toBe(30); // housekeeping
  });

  it('a failing flush takes the log offline and is not tried again', () => {
    const { log, fake } = open({ flushMs: 20 });
    fake.failFlush = true;
    log.dirtySinceMs = clock.monotonicMs();
    timed.appended(log);
    clock.advance(20);
    timed.run();
    clock.advance(60_000);
    timed.run();
    timed.run();
    expect(failed).toEqual([log.slot]);
    expect(fake.housekeepings).toBe(0);
  });

  it('forgets logs that were closed', () => {
    const { log } = open();
    timed.appended(log);
    logs.delete(log.slot);
    timed.logsChanged();
    clock.advance(60_000);
    timed.run();
    expect(timed.sleepMs(false)).toBe(Number.POSITIVE_INFINITY);
  });
});
