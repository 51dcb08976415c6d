import * as fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { PartitionStatus } from '../../src/partition/contract.js';
import { emptyState } from '../../src/partition/state-table.js';
import { NEVER, Trouble } from './fake-log.js';
import { SeamBench } from './seam-bench.js';

const STORAGE_ERROR = 56;
const NOT_LEADER = 6;

let bench: SeamBench;
afterEach(() => bench.close());

function stateOf(slot: number) {
  const out = emptyState();
  bench.gateways[0].readState(slot, out);
  return out;
}

describe('a drain', () => {
  it('appends one run a log, in order, publishes, answers and wakes each thread once', () => {
    bench = new SeamBench({ threads: 2 });
    const [a, b] = [bench.open(), bench.open()];
    const [first, second] = bench.gateways;
    bench.drain(0);
    bench.drain(1);
    bench.wakes.length = 0;
    first.submitAppend(a, 1, 100, 70, 0);
    second.submitAppend(b, 1, 200, 70, 0);
    first.submitAppend(b, 2, 101, 70, 0);
    first.submitAppend(a, 3, 102, 80, 0);
    expect(bench.worker.turn()).toBe(4);
    expect(bench.log(a).appends).toEqual([[0, 2]]);
    expect(bench.log(a).positions).toEqual([100, 102]);
    expect(bench.log(b).appends).toEqual([[2, 4]]);
    expect(bench.log(b).positions).toEqual([200, 101]);
    expect(bench.wakes).toEqual([0, 1]);
    expect(stateOf(a)).toMatchObject({
      status: 2,
      highWatermark: 2,
      logEndOffset: 2,
      sizeBytes: 150,
      leaderEpoch: 3,
    });
    const line = { error: 0, appendTime: -1, logStartOffset: 0, detail: null };
    expect(bench.drain(0).completions).toEqual([
      { ...line, slot: a, request: 1, baseOffset: 0 },
      { ...line, slot: a, request: 3, baseOffset: 1 },
      { ...line, slot: b, request: 2, baseOffset: 1 },
    ]);
    expect(bench.drain(1).completions).toEqual([{ ...line, slot: b, request: 1, baseOffset: 0 }]);
    expect(bench.counters).toMatchObject({ drains: 1, rows: 4, bytes: 290 });
  });

  it('brings refusal texts together with their completion, in any mixture', () => {
    bench = new SeamBench({ threads: 1 });
    const slot = bench.open();
    const gateway = bench.gateways[0];
    for (const [i, flags] of [0, Trouble.refuse, 0, Trouble.refuse].entries()) {
      gateway.submitAppend(slot, i, i * 10, 70, flags);
    }
    bench.worker.turn();
    const { completions } = bench.drain(0);
    expect(completions.map(({ request, error, baseOffset }) => [request, error, baseOffset])).toEqual([
      [0, 0, 0],
      [1, 87, -1],
      [2, 0, 1],
      [3, 87, -1],
    ]);
    expect(completions.map(({ detail }) => detail?.message)).toEqual([
      undefined,
      'bad batch at 10',
      undefined,
      'bad batch at 30',
    ]);
    expect(completions[3].detail?.recordErrors).toEqual([{ batchIndex: 0, message: 'bad record' }]);
  });

  it('refuses what is addressed to nobody', () => {
    bench = new SeamBench({ threads: 1 });
    const slot = bench.open();
    const offline = bench.open({}, '/logs/x-corrupt');
    bench.gateways[0].submitAppend(slot, 1, 0, 70, 0);
    bench.gateways[0].submitAppend(offline, 2, 0, 70, 0);
    bench.command('delete', slot, {});
    bench.gateways[0].submitAppend(slot, 3, 0, 70, 0);
    bench.worker.turn();
    const answers = bench
      .drain(0)
      .completions.map(({ request, error, baseOffset }) => [request, error, baseOffset]);
    // The command overtakes what was queued before it: both appends find no log.
    expect(answers).toEqual([
      [1, NOT_LEADER, -1],
      [2, STORAGE_ERROR, -1],
      [3, NOT_LEADER, -1],
    ]);
    expect(stateOf(slot).status).toBe(PartitionStatus.deleted);
    expect(stateOf(offline).status).toBe(PartitionStatus.offline);
  });
});

describe('failing storage', () => {
  it('a full disk refuses the rows not kept and leaves the partition online', () => {
    bench = new SeamBench({ threads: 1 });
    const slot = bench.open();
    const gateway = bench.gateways[0];
    for (const [i, flags] of [0, Trouble.diskFull, 0].entries()) gateway.submitAppend(slot, i, 0, 70, flags);
    bench.worker.turn();
    const { completions } = bench.drain(0);
    expect(completions.map(({ error, baseOffset }) => [error, baseOffset])).toEqual([
      [0, 0],
      [STORAGE_ERROR, -1],
      [STORAGE_ERROR, -1],
    ]);
    expect(stateOf(slot)).toMatchObject({ status: PartitionStatus.online, logEndOffset: 1 });
    gateway.submitAppend(slot, 9, 0, 70, 0);
    bench.worker.turn();
    expect(bench.drain(0).completions[0]).toMatchObject({ request: 9, error: 0, baseOffset: 1 });
    gateway.submitAppend(slot, 10, 0, 70, Trouble.diskFull);
    bench.worker.turn();
    expect(bench.listen().filter(({ kind }) => kind === 'report')).toHaveLength(1); // not one line an append
  });

  it.each([
    ['an I/O error', Trouble.ioError, 'EIO'],
    ['a broken invariant', Trouble.bug, 'not a function'],
  ])('%s takes the partition offline, and only that one', (_name, trouble, reason) => {
    bench = new SeamBench({ threads: 1 });
    const [bad, good] = [bench.open(), bench.open()];
    const gateway = bench.gateways[0];
    gateway.watch(bad);
    gateway.submitAppend(bad, 1, 0, 70, 0);
    gateway.submitAppend(bad, 2, 0, 70, trouble);
    gateway.submitAppend(good, 3, 0, 70, 0);
    bench.worker.turn();
    const { completions, readable } = bench.drain(0);
    expect(completions.map(({ request, error }) => [request, error])).toEqual([
      [1, 0],
      [2, STORAGE_ERROR],
      [3, 0],
    ]);
    expect(readable).toEqual([bad]);
    expect(stateOf(bad)).toMatchObject({ status: PartitionStatus.offline, logToken: -1 });
    expect(stateOf(good).status).toBe(PartitionStatus.online);
    expect(bench.listen()).toContainEqual({ kind: 'offline', slot: bad, reason });
    gateway.submitAppend(bad, 4, 0, 70, 0);
    bench.worker.turn();
    expect(bench.drain(0).completions[0].error).toBe(STORAGE_ERROR);
    expect(bench.log(bad).appends).toHaveLength(1);
    expect([bench.log(bad).failed, bench.log(good).failed]).toEqual([true, false]);
  });

  it('flush-before-ack flushes once for the whole drain; its failure refuses every row', () => {
    bench = new SeamBench({ threads: 1 });
    const slot = bench.open({ flushMessages: 1 });
    const gateway = bench.gateways[0];
    for (let i = 0; i < 5; i++) gateway.submitAppend(slot, i, 0, 70, 0);
    bench.worker.turn();
    expect(bench.log(slot).flushes).toBe(1);
    expect(stateOf(slot).recoveryPoint).toBe(5);
    expect(bench.drain(0).completions.every(({ error }) => error === 0)).toBe(true);
    bench.log(slot).failFlush = true;
    for (let i = 0; i < 3; i++) gateway.submitAppend(slot, i, 0, 70, i === 1 ? Trouble.refuse : 0);
    bench.worker.turn();
    expect(bench.drain(0).completions.map(({ error, baseOffset }) => [error, baseOffset])).toEqual([
      [STORAGE_ERROR, -1],
      [87, -1],
      [STORAGE_ERROR, -1],
    ]);
    expect(stateOf(slot).status).toBe(PartitionStatus.offline);
  });

  it('flushes of several logs are all started before one is waited for; one that fails leaves the others alone', () => {
    bench = new SeamBench({ threads: 1 });
    const [bad, good, lazy] = [
      bench.open({ flushMessages: 1 }),
      bench.open({ flushMessages: 1 }),
      bench.open(),
    ];
    bench.log(bad).failFlush = true;
    const gateway = bench.gateways[0];
    for (const slot of [bad, good, lazy]) gateway.submitAppend(slot, slot, 0, 70, 0);
    bench.worker.turn();
    expect([bad, good, lazy].map((slot) => bench.log(slot).flushesStarted)).toEqual([1, 1, 0]);
    expect([bad, good, lazy].map((slot) => bench.log(slot).flushes)).toEqual([0, 1, 0]);
    expect(bench.drain(0).completions.map(({ error }) => error)).toEqual([STORAGE_ERROR, 0, 0]);
  });
});

describe('watching', () => {
  it('tells each watcher of the next change, once', () => {
    bench = new SeamBench({ threads: 2 });
    const slot = bench.open();
    bench.gateways[0].watch(slot);
    bench.gateways[1].watch(slot);
    bench.gateways[0].submitAppend(slot, 1, 0, 70, Trouble.refuse); // changes nothing a reader sees
    bench.worker.turn();
    expect(bench.drain(1).readable).toEqual([]);
    bench.gateways[0].submitAppend(slot, 1, 0, 70, 0);
    bench.worker.turn();
    bench.gateways[0].submitAppend(slot, 1, 0, 70, 0);
    bench.worker.turn();
    expect(bench.drain(0).readable).toEqual([slot]);
    expect(bench.drain(1).readable).toEqual([slot]);
  });

  it('tells of deleted records and deletion', () => {
    bench = new SeamBench({ threads: 1 });
    const slot = bench.open();
    bench.gateways[0].submitAppend(slot, 1, 0, 70, 0);
    bench.worker.turn();
    bench.gateways[0].watch(slot);
    expect(bench.command('deleteRecords', slot, { offset: -1 })).toMatchObject({
      result: { error: 0, lowWatermark: 1 },
    });
    expect(bench.drain(0).readable).toEqual([slot]);
    bench.gateways[0].watch(slot);
    bench.command('delete', slot, {});
    expect(bench.drain(0).readable).toEqual([slot]);
  });
});

describe('full rings', () => {
  it('completions that find no room wait in order and are tried again', () => {
    bench = new SeamBench({ threads: 2, completionEntries: 4 });
    const slot = bench.open();
    for (let i = 0; i < 10; i++) bench.gateways[0].submitAppend(slot, i, 0, 70, 0);
    bench.gateways[1].submitAppend(slot, 99, 0, 70, 0);
    bench.worker.turn();
    expect(bench.drain(1).completions).toHaveLength(1); // the other thread is not held up
    const seen: number[] = [];
    for (let round = 0; round < 3; round++) {
      seen.push(...bench.drain(0).completions.map(({ request }) => request));
      bench.worker.turn();
    }
    expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(bench.counters.overflows).toBe(6);
  });

  it('a thread that found the submission ring full is rung when there is space, with nothing else in flight', () => {
    bench = new SeamBench({ threads: 2, submissionEntries: 4 });
    const slot = bench.open();
    bench.drain(0);
    bench.drain(1);
    for (let i = 0; i < 4; i++) expect(bench.gateways[0].submitAppend(slot, i, 0, 70, 0)).toBe(true);
    expect(bench.gateways[1].submitAppend(slot, 4, 0, 70, 0)).toBe(false);
    bench.wakes.length = 0;
    bench.worker.turn();
    expect(bench.wakes).toEqual([0, 1]);
    expect(bench.drain(1).completions).toEqual([]);
    expect(bench.gateways[1].submitAppend(slot, 4, 0, 70, 0)).toBe(true);
  });
});

describe('any interleaving', () => {
  it('answers every append once, with dense offsets in submission order', () => {
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.record({ thread: fc.nat(2), slot: fc.nat(2) }) },
      { weight: 2, arbitrary: fc.constant('turn' as const) },
      { weight: 1, arbitrary: fc.record({ drain: fc.nat(2) }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        bench = new SeamBench({ threads: 3, submissionEntries: 16, completionEntries: 4 });
        const slots = [bench.open(), bench.open(), bench.open({ flushMessages: 2, flushMs: NEVER })];
        const answers = new Map<string, number>();
        const sent: { key: string; slot: number; thread: number }[] = [];
        let request = 0;
        const collect = (thread: number) => {
          for (const { request, slot, baseOffset, error } of bench.drain(thread).completions) {
            expect(error).toBe(0);
            expect(answers.has(`${request}`)).toBe(false);
            answers.set(`${request}`, baseOffset);
            expect(sent.find(({ key }) => key === `${request}`)).toMatchObject({ slot, thread });
          }
        };
        for (const step of steps) {
          if (step === 'turn') bench.worker.turn();
          else if ('drain' in step) collect(step.drain);
          else if (bench.gateways[step.thread].submitAppend(slots[step.slot], request, 0, 70, 0)) {
            sent.push({ key: `${request++}`, slot: slots[step.slot], thread: step.thread });
          }
        }
        while (answers.size < sent.length) {
          bench.worker.turn();
          for (let thread = 0; thread < 3; thread++) collect(thread);
        }
        for (const slot of slots) {
          const offsets = sent.filter((one) => one.slot === slot).map(({ key }) => answers.get(key));
          expect(offsets).toEqual(offsets.map((_, i) => i));
        }
        bench.close();
      }),
      { numRuns: 60 },
    );
  });
});
