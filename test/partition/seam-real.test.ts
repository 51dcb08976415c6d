import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadAddon } from '../../src/io/addon.js';
import { openEngine } from '../../src/io/engine.js';
import { NativePoller } from '../../src/io/native-poller.js';
import { PartitionHost } from '../../src/partition/host.js';
import type { EngineKind } from '../../src/partition/messages.js';
import { emptyState } from '../../src/partition/state-table.js';
import type { LogSpec } from '../../src/storage/contract.js';
import { batchBytes } from '../io/batch-bytes.js';
import { fakeSpec } from './fake-log.js';
import { type SubmitterOptions, type SubmitterResult, submitAll } from './submitter.js';

const compiled = (name: string) => new URL(`../../dist/test/partition/${name}.js`, import.meta.url);
const workerModule = new URL('../../dist/src/partition/worker.js', import.meta.url);
const WINDOW = 400;
const addon = loadAddon();

let engine: EngineKind;

let root: string;
let host: PartitionHost;
beforeEach(() => {
  if (!existsSync(workerModule)) throw new Error('dist/ is missing: run npx tsc -p . first');
  root = mkdtempSync(join(tmpdir(), 'millrace-seam-'));
});
afterEach(async () => {
  await host?.shutdown(false).catch(() => {});
  rmSync(root, { recursive: true, force: true });
});

/** A slab with `WINDOW` copies of `batch`. */
function slabOf(batch: Uint8Array): SharedArrayBuffer {
  const slab = new SharedArrayBuffer(WINDOW * batch.length);
  for (let i = 0; i < WINDOW; i++) new Uint8Array(slab).set(batch, i * batch.length);
  return slab;
}

function create(slabs: SharedArrayBuffer[]): PartitionHost {
  host = PartitionHost.create({ slabs, workersMax: 2, engine, workerEntry: workerModule });
  return host;
}

function spec(partition: number, changes: Partial<LogSpec> = {}): LogSpec {
  return { ...fakeSpec(join(root, `orders-${partition}`)), partition, ...changes };
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

/** Base offsets of the batches in a `.log` file, from the bytes alone. */
function baseOffsets(path: string): number[] {
  const bytes = readFileSync(path);
  const found: number[] = [];
  for (let at = 0; at < bytes.length; at += 12 + bytes.readInt32BE(at + 8))
    found.push(Number(bytes.readBigInt64BE(at)));
  return found;
}

function endOf(slot: number): number {
  const out = emptyState();
  host.readState(slot, out);
  return out.logEndOffset;
}

describe.each([
  { kind: 'portable' as const, skip: false },
  { kind: 'native' as const, skip: addon.addon === undefined },
])('the seam over real logs, $kind engine', ({ kind, skip }) => {
  beforeEach((context) => {
    if (skip) context.skip(addon.addon === undefined ? addon.reason : '');
    engine = kind;
  });

  it('100,000 appends of two threads into three partitions of two workers: dense, in order, all on disk', async () => {
    const batch = batchBytes({ records: [{ value: new Uint8Array(100) }] });
    create([slabOf(batch), slabOf(batch)]);
    const opened = await Promise.all([0, 1, 2].map((partition) => host.open(spec(partition))));
    const slots = opened.map(({ slot, offlineReason }) => {
      expect(offlineReason).toBeNull();
      return slot;
    });
    const options = {
      appends: 50_000,
      window: WINDOW,
      batch: { stride: batch.length, length: batch.length },
    };
    const results = await Promise.all([
      submitAll(host.gatewayHandle(0), { ...options, slots }),
      submitInThread(1, { ...options, slots: [...slots].reverse() }),
    ]);
    expect(results.map(({ completed, errors }) => [completed, errors])).toEqual([
      [50_000, 0],
      [50_000, 0],
    ]);
    await host.shutdown(true);
    let total = 0;
    slots.forEach((slot, partition) => {
      const lists = [results[0].offsets[partition], results[1].offsets[2 - partition]];
      for (const list of lists)
        expect(list.every((offset, at) => at === 0 || offset > list[at - 1])).toBe(true);
      const all = lists.flat().sort((a, b) => a - b);
      expect(all.every((offset, at) => offset === at)).toBe(true);
      const path = join(root, `orders-${partition}`, '00000000000000000000.log');
      const onDisk = baseOffsets(path);
      expect(onDisk.length).toBe(all.length);
      expect(onDisk.every((offset, at) => offset === at)).toBe(true);
      expect(statSync(path).size).toBe(all.length * batch.length);
      expect(endOf(slot)).toBe(all.length);
      total += all.length;
    });
    expect(total).toBe(100_000);
  });

  it('refuses a corrupt batch with its texts and goes on after it; a restart finds what was kept', async () => {
    const good = batchBytes({ records: [{ value: new Uint8Array(10) }] });
    const bad = batchBytes({ records: [{ value: new Uint8Array(10) }], crcFlip: 1 });
    const [goodSlab, badSlab] = [slabOf(good), slabOf(bad)];
    create([goodSlab, badSlab]);
    const { slot } = await host.open(spec(0));
    const batch = { stride: good.length, length: good.length };
    const refused = await submitAll(host.gatewayHandle(1), { slots: [slot], appends: 3, window: 2, batch });
    expect([refused.completed, refused.errors]).toEqual([3, 3]);
    const kept = await submitAll(host.gatewayHandle(0), { slots: [slot], appends: 5, window: 5, batch });
    expect(kept.offsets).toEqual([[0, 1, 2, 3, 4]]);
    await host.shutdown(true);
    create([goodSlab]);
    const again = await host.open(spec(0, { recoveryPoint: 5 }));
    expect(again).toMatchObject({
      logStartOffset: 0,
      highWatermark: 5,
      logEndOffset: 5,
      offlineReason: null,
    });
    expect(await host.deleteRecords(again.slot, 3)).toEqual({ error: 0, lowWatermark: 3 });
    await host.delete(again.slot);
    expect(existsSync(join(root, 'orders-0'))).toBe(false);
  });
});

describe('waking a native poller', () => {
  it('brings every completion, by eventfd alone', async (context) => {
    if (addon.addon === undefined) return context.skip(addon.reason);
    const loaded = addon.addon;
    engine = 'native';
    const batch = batchBytes({ records: [{ value: new Uint8Array(10) }] });
    const slab = new SharedArrayBuffer(64 * 1024 * 1024);
    new Uint8Array(slab).set(batch);
    create([slab]);
    const { slot } = await host.open(spec(0));
    let poller: NativePoller | undefined;
    const done = await submitAll(
      host.gatewayHandle(0),
      { slots: [slot], appends: 2000, window: 1, batch: { stride: 0, length: batch.length } },
      (onWake) => {
        poller = new NativePoller(loaded, {
          slab: new Uint8Array(slab),
          frameBytesMax: 1 << 20,
          idleMsMax: -1,
          connectionsMax: 10,
          connectionsPerIpMax: 10,
          outboundQueueBytesMax: 1 << 20,
          sendBufferBytes: -1,
          receiveBufferBytes: -1,
          engine: openEngine().engine,
          onTurn: () => {},
          onWake,
        });
        return poller.wakeHandle;
      },
    );
    poller?.close();
    expect([done.completed, done.errors]).toEqual([2000, 0]);
  });
});
