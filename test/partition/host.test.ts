import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/io/clock.js';
import { PartitionStatus } from '../../src/partition/contract.js';
import { defaultWorkersMax, PartitionHost, type PartitionHostOptions } from '../../src/partition/host.js';
import { emptyState } from '../../src/partition/state-table.js';
import { fakeConfig, fakeSpec } from './fake-log.js';
import { type SubmitterOptions, type SubmitterResult, submitAll } from './submitter.js';

const compiled = (name: string) => new URL(`../../dist/test/partition/${name}.js`, import.meta.url);
beforeAll(() => {
  if (!existsSync(compiled('fake-worker'))) throw new Error('dist/ is missing: run npx tsc -p . first');
});

let host: PartitionHost;
afterEach(() => host.shutdown(false).catch(() => {}));

function create(options: Partial<PartitionHostOptions> = {}): PartitionHost {
  host = PartitionHost.create({
    slabs: [new SharedArrayBuffer(4096), new SharedArrayBuffer(4096)],
    workersMax: 2,
    workerEntry: compiled('fake-worker'),
    ...options,
  });
  return host;
}

function stateOf(slot: number) {
  const out = emptyState();
  host.readState(slot, out);
  return out;
}

async function submitInThread(thread: number, options: SubmitterOptions): Promise<SubmitterResult> {
  const handle = host.gatewayHandle(thread);
  const worker = new Worker(compiled('submitter-thread'), {
    workerData: { handle, options },
    transferList: [handle.control],
  });
  const [result] = await once(worker, 'message');
  await worker.terminate();
  return result;
}

describe('partition host', () => {
  it('carries 100,000 appends of several submitters through two workers, dense and in order', async () => {
    create();
    const opened = await Promise.all([0, 1, 2, 3].map((i) => host.open(fakeSpec(`/logs/orders-${i}`))));
    const slots = opened.map(({ slot }) => slot);
    const batch = { stride: 0, length: 70 };
    const [mine, theirs] = await Promise.all([
      submitAll(host.gatewayHandle(0), { slots: slots.slice(0, 3), appends: 60_000, window: 500, batch }),
      submitInThread(1, { slots: slots.slice(1), appends: 40_000, window: 5000, batch }),
    ]);
    expect([mine.completed, theirs.completed, mine.errors, theirs.errors]).toEqual([60_000, 40_000, 0, 0]);
    const ends: number[] = [];
    slots.forEach((slot, i) => {
      const lists = [mine.offsets[i] ?? [], theirs.offsets[i - 1] ?? []];
      for (const list of lists)
        expect(list.every((offset, at) => at === 0 || offset > list[at - 1])).toBe(true);
      const all = lists.flat().sort((x, y) => x - y);
      expect(all.every((offset, at) => offset === at)).toBe(true);
      expect(stateOf(slot).logEndOffset).toBe(all.length);
      ends.push(all.length);
    });
    expect(ends.reduce((sum, end) => sum + end)).toBe(100_000);
    const counters = host.counters();
    expect(counters).toHaveLength(2);
    expect(counters.reduce((sum, { rows }) => sum + rows, 0)).toBe(100_000);
    await host.shutdown(true);
  });

  it('starts workers lazily, one a partition up to the limit, then fills the least loaded', async () => {
    create({ workersMax: 2 });
    expect(host.counters()).toHaveLength(0);
    const first = await host.open(fakeSpec('/logs/a-0'));
    expect(host.counters()).toHaveLength(1);
    const second = await host.open(fakeSpec('/logs/a-1'));
    const third = await host.open(fakeSpec('/logs/a-2'));
    await host.delete(second.slot);
    const fourth = await host.open(fakeSpec('/logs/a-3'));
    const state = host.memory.state;
    expect(host.counters()).toHaveLength(2);
    expect(
      [first, second, third, fourth].map(({ slot }) => new Int32Array(state)[(slot + 1) * 32 + 19]),
    ).toEqual([0, 1, 0, 1]);
    expect(defaultWorkersMax(1)).toBe(4);
    expect(defaultWorkersMax(8)).toBe(16);
  });

  it('passes commands on and publishes what they change', async () => {
    create();
    const { slot, offlineReason } = await host.open(fakeSpec('/logs/orders-0'));
    expect(offlineReason).toBeNull();
    await submitAll(host.gatewayHandle(0), {
      slots: [slot],
      appends: 10,
      window: 10,
      batch: { stride: 0, length: 70 },
    });
    await host.setConfig(slot, fakeConfig({ minInsyncReplicas: 2 }));
    await host.becomeLeader(slot, 8);
    await host.flush(slot);
    expect(await host.deleteRecords(slot, 4)).toEqual({ error: 0, lowWatermark: 4 });
    expect(await host.deleteRecords(slot, 2)).toEqual({ error: 0, lowWatermark: 4 });
    expect(await host.deleteRecords(slot, 11)).toEqual({ error: 1, lowWatermark: -1 });
    expect(stateOf(slot)).toMatchObject({
      status: PartitionStatus.online,
      leaderEpoch: 8,
      logStartOffset: 4,
      highWatermark: 10,
      recoveryPoint: 10,
      minInsyncReplicas: 2,
      sizeBytes: 700,
      logToken: 42,
    });
    expect(await host.describe(slot)).toEqual({ sizeBytes: 700, producers: [] });
    expect(await host.findByTimestamp(slot, 5)).toEqual({ offset: 7, timestamp: 5, leaderEpoch: 8 });
    expect(await host.findByTimestamp(slot, 5000)).toBeNull();
    expect(await host.findMaxTimestamp(slot)).toEqual({ offset: 9, timestamp: 1000, leaderEpoch: 8 });
    expect(await host.endOffsetForEpoch(slot, 8)).toEqual({ leaderEpoch: 8, endOffset: 10 });
    expect(await host.abortedTransactions(slot, 3, 9)).toEqual([
      { producerId: 9_007_199_254_740_993n, firstOffset: 3 },
    ]);
    await host.setConfig(slot, fakeConfig({ cleanupDelete: false, cleanupCompact: true }));
    expect(await host.deleteRecords(slot, 5)).toEqual({ error: 44, lowWatermark: -1 });
    await host.delete(slot);
    expect(stateOf(slot).status).toBe(PartitionStatus.deleted);
    await expect(host.flush(slot)).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
  });

  it('opens a corrupt log as offline and says why', async () => {
    create();
    const { slot, offlineReason } = await host.open(fakeSpec('/logs/orders-corrupt'));
    expect(offlineReason).toBe('a hole in the middle');
    expect(stateOf(slot).status).toBe(PartitionStatus.offline);
    expect(await host.deleteRecords(slot, 0)).toEqual({ error: 56, lowWatermark: -1 });
    await expect(host.flush(slot)).rejects.toThrow(/not online/);
  });

  it('ends idle workers well within two seconds and refuses what comes later', async () => {
    create();
    await Promise.all([host.open(fakeSpec('/logs/a-0')), host.open(fakeSpec('/logs/a-1'))]);
    await sleep(50); // both sleep without a timeout worth waiting for
    const began = systemClock.monotonicMs();
    await host.shutdown(true);
    expect(systemClock.monotonicMs() - began).toBeLessThan(2000);
    expect(stateOf(0).status).toBe(PartitionStatus.offline);
    await expect(host.open(fakeSpec('/logs/a-2'))).rejects.toThrow(/shut down/);
    await expect(host.flush(0)).rejects.toThrow(/exited/);
  });

  it('a worker that dies takes its partitions offline and is reported', async () => {
    const lost: [number, string][] = [];
    create({ workersMax: 1, onWorkerLost: (worker, error) => lost.push([worker, error.message]) });
    const { slot } = await host.open(fakeSpec('/logs/a-0'));
    await expect(host.open(fakeSpec('/logs/a-die'))).rejects.toThrow(/worker 0 is exited/);
    expect(stateOf(slot).status).toBe(PartitionStatus.offline);
    expect(lost).toEqual([[0, 'partition worker 0 ended with 9']]);
    await expect(host.open(fakeSpec('/logs/a-2'))).rejects.toThrow(/has died/);
  });

  it('leaves no threads behind when the thread that hosts it is terminated', async () => {
    create();
    const threads = () => readdirSync('/proc/self/task').length;
    const before = threads();
    const worker = new Worker(compiled('host-thread'));
    await once(worker, 'message');
    expect(threads()).toBeGreaterThanOrEqual(before + 3);
    await worker.terminate();
    for (let i = 0; i < 50 && threads() > before; i++) await sleep(20);
    expect(threads()).toBeLessThanOrEqual(before);
  });
});
