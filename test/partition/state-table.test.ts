import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PartitionState } from '../../src/partition/contract.js';
import {
  SLOT_BYTES,
  SLOT_WORDS,
  SLOTS_FIRST,
  SLOTS_MAX,
  STATE_MAGIC,
  StateHeaderWord,
  StateWord,
  stateBytes,
} from '../../src/partition/state-layout.js';
import { emptyState, StateTable } from '../../src/partition/state-table.js';

const offset = fc.integer({ min: -1, max: Number.MAX_SAFE_INTEGER });
const int = fc.integer({ min: -1, max: 0x7fff_ffff });
const anyState: fc.Arbitrary<PartitionState> = fc.record({
  status: fc.integer({ min: 0, max: 4 }),
  leaderEpoch: int,
  logStartOffset: offset,
  highWatermark: offset,
  lastStableOffset: offset,
  logEndOffset: offset,
  recoveryPoint: offset,
  logToken: int,
  minInsyncReplicas: int,
  inSyncReplicas: int,
  sizeBytes: offset,
});

describe('partition state layout', () => {
  it('has the numbers of the picture', () => {
    expect({ SLOT_BYTES, SLOT_WORDS }).toEqual({ SLOT_BYTES: 128, SLOT_WORDS: 32 });
    expect(StateHeaderWord).toEqual({ magic: 0, slots: 1 });
    expect(StateWord).toEqual({
      sequence: 0,
      waiters: 1,
      status: 2,
      leaderEpoch: 3,
      logStartOffset: 4,
      highWatermark: 6,
      lastStableOffset: 8,
      logEndOffset: 10,
      recoveryPoint: 12,
      sizeBytes: 14,
      logToken: 16,
      minInsyncReplicas: 17,
      inSyncReplicas: 18,
      worker: 19,
    });
    expect(stateBytes(SLOTS_MAX)).toBe(16 * 1024 * 1024 + 128);
  });

  it('writes low word, then high word, behind a header of one slot', () => {
    const memory = StateTable.create(4);
    const table = StateTable.attach(memory);
    expect([table.allocate(), table.allocate()]).toEqual([0, 1]);
    table.publish(1, { ...emptyState(), highWatermark: 2 ** 40 + 5, lastStableOffset: -1, status: 2 });
    const words = new Int32Array(memory);
    expect([words[0], words[1]]).toEqual([STATE_MAGIC, 2]);
    expect([...words.subarray(64, 74)]).toEqual([2, 0, 2, -1, 0, 0, 5, 256, -1, -1]);
  });
});

describe('partition state table', () => {
  it('follows growth in every question that is asked first', () => {
    const memory = StateTable.create(1);
    const owner = StateTable.attach(memory);
    const questions: ((table: StateTable, slot: number) => unknown)[] = [
      (table, slot) => table.sequence(slot),
      (table, slot) => table.status(slot),
      (table, slot) => table.workerOf(slot),
      (table, slot) => table.takeWatchers(slot),
      (table, slot) => table.watch(slot, 3),
      (table, slot) => table.read(slot, emptyState()),
    ];
    owner.allocate();
    for (const ask of questions) {
      const before = memory.byteLength;
      const late = StateTable.attach(memory); // knows the slots there are now
      let slot = owner.allocate();
      while (memory.byteLength === before) slot = owner.allocate();
      owner.publish(slot, { ...emptyState(), status: 1 });
      expect(() => ask(late, slot)).not.toThrow();
    }
  });

  it('gives back what was published', () => {
    const table = StateTable.attach(StateTable.create());
    const slot = table.allocate();
    fc.assert(
      fc.property(anyState, (state) => {
        table.publish(slot, state);
        const out = emptyState();
        table.read(slot, out);
        expect(out).toEqual(state);
      }),
    );
  });

  it('an append publishes end, high watermark, last stable offset and size, and leaves the rest', () => {
    const table = StateTable.attach(StateTable.create());
    const slot = table.allocate();
    fc.assert(
      fc.property(anyState, anyState, (before, state) => {
        table.publish(slot, before);
        const sequence = table.sequence(slot);
        table.publishAppend(slot, state);
        expect(table.sequence(slot)).not.toBe(sequence);
        const { highWatermark, lastStableOffset, logEndOffset, sizeBytes } = state;
        const out = emptyState();
        table.read(slot, out);
        expect(out).toEqual({ ...before, highWatermark, lastStableOffset, logEndOffset, sizeBytes });
      }),
    );
  });

  it('grows under threads that attached before, and ends at its limit', () => {
    const memory = StateTable.create();
    const main = StateTable.attach(memory);
    const other = StateTable.attach(memory);
    for (let i = 0; i < SLOTS_FIRST * 3; i++) expect(main.allocate()).toBe(i);
    const last = SLOTS_FIRST * 3 - 1;
    main.setWorker(last, 5);
    main.publish(last, { ...emptyState(), logEndOffset: 77 });
    const out = emptyState();
    other.read(last, out);
    expect(out.logEndOffset).toBe(77);
    expect(other.workerOf(last)).toBe(5);
    expect([other.has(last), other.has(last + 1), other.has(-1)]).toEqual([true, false, false]);
    expect(() => other.read(SLOTS_MAX, out)).toThrow(/does not exist/);
    while (main.allocate() >= 0);
    expect(main.slots).toBe(SLOTS_MAX);
    expect(main.allocate()).toBe(-1);
  });

  it('hands out each watcher once', () => {
    const table = StateTable.attach(StateTable.create());
    const slot = table.allocate();
    table.watch(slot, 0);
    table.watch(slot, 31);
    table.watch(slot, 31);
    expect(table.takeWatchers(slot) >>> 0).toBe(0x8000_0001);
    expect(table.takeWatchers(slot)).toBe(0);
    expect(() => table.watch(slot, 32)).toThrow(/thread/);
  });

  it('asserts a single writer, and can be taken from one that died', () => {
    const table = StateTable.attach(StateTable.create());
    const slot = table.allocate();
    new Int32Array(table.memory)[SLOT_WORDS] = 7; // odd: in the middle of a write
    expect(() => table.publish(slot, emptyState())).toThrow(/two writers/);
    table.seizeFromDeadWriter(slot);
    table.publish(slot, { ...emptyState(), status: 3 });
    const out = emptyState();
    table.read(slot, out);
    expect(out.status).toBe(3);
  });

  it('never shows a reader a mixture while another thread writes', async () => {
    let reads = 0;
    let distinct = 0;
    // On a busy machine a writer may be done within one time slice, and nothing was read beside it: then another one.
    for (let writer = 0; writer < 50 && (reads <= 100 || distinct <= 10); writer++) {
      const seen = await readBesideWriter(200_000);
      reads += seen.reads;
      distinct += seen.distinct;
    }
    expect(reads).toBeGreaterThan(100);
    expect(distinct).toBeGreaterThan(10);
  });
});

/** Reads as long as another thread publishes states whose fields all have the same value; throws on a mixture. */
async function readBesideWriter(rounds: number): Promise<{ reads: number; distinct: number }> {
  const table = StateTable.attach(StateTable.create());
  const slot = table.allocate();
  const worker = new Worker(new URL('./fixtures/state-writer.mjs', import.meta.url), {
    workerData: { memory: table.memory, slot, rounds },
  });
  const exit = once(worker, 'exit');
  const out = emptyState();
  let reads = 0;
  let distinct = 0;
  let last = 0;
  while (last < rounds) {
    table.read(slot, out);
    const { logEndOffset: end } = out;
    const same = [
      out.logStartOffset,
      out.highWatermark,
      out.lastStableOffset,
      out.recoveryPoint,
      out.sizeBytes,
    ];
    if (same.some((value) => value !== end) || (out.leaderEpoch !== -1 && out.leaderEpoch !== end)) {
      throw new Error(`mixed state ${JSON.stringify(out)}`);
    }
    if (end < last) throw new Error('the state went back');
    if (end > last) distinct++;
    last = end;
    reads++;
  }
  await exit;
  return { reads, distinct };
}
