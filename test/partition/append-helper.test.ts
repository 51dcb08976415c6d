import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KafkaError } from '../../src/base/kafka-error.js';
import { loadAddon } from '../../src/io/addon.js';
import { systemClock } from '../../src/io/clock.js';
import { NativeSegmentEngine } from '../../src/io/native-engine.js';
import type { SegmentEngine } from '../../src/io/segment-engine.js';
import { AppendHelper, HELP_BYTES_MAX, HELP_BYTES_PER_LOG } from '../../src/partition/append-helper.js';
import { type AppendCompletion, PartitionStatus } from '../../src/partition/contract.js';
import { PartitionGateway } from '../../src/partition/gateway.js';
import { PartitionWorker } from '../../src/partition/partition-worker.js';
import { allocateSlot, createSeamMemory } from '../../src/partition/seam-memory.js';
import { emptyState, StateTable } from '../../src/partition/state-table.js';
import { createWorkerWorld } from '../../src/partition/worker-world.js';
import { TokenState } from '../../src/ring/drain-token.js';
import { Ring } from '../../src/ring/ring.js';
import type { LogConfig } from '../../src/storage/contract.js';
import { type BatchSpec, batchBytes } from '../io/batch-bytes.js';
import { fakeSpec } from './fake-log.js';

const SLAB_BYTES = 32 * 1024 * 1024;

/** A real worker and a real helper, moved step by step in one thread. */
class HelpBench {
  readonly memory = createSeamMemory(
    [new SharedArrayBuffer(SLAB_BYTES), new SharedArrayBuffer(SLAB_BYTES)],
    1,
  );
  readonly states = StateTable.attach(this.memory.state);
  readonly ring = Ring.attach(this.memory.submissions[0]);
  readonly gateway: PartitionGateway;
  readonly worker: PartitionWorker;
  readonly outcomes: AppendCompletion[] = [];
  /** Slots that were told as changed, and how many outcomes had been told before. */
  readonly readable: { slot: number; outcomes: number }[] = [];
  readonly readableByMain: number[] = [];
  /** Why the next append of the helper's engine fails. */
  failure: Error | null = null;
  private readonly main = new MessageChannel();
  private readonly controls = [new MessageChannel(), new MessageChannel()];
  private readonly ports = [new MessageChannel(), new MessageChannel()];
  private readonly slab = new Uint8Array(this.memory.slabs[0]);
  private position = 0;
  private nextRequest = 1;

  constructor(private readonly root: string) {
    const engine = new NativeSegmentEngine();
    const wakeNative = (): void => {};
    this.gateway = PartitionGateway.attach(
      { thread: 0, memory: this.memory, control: this.controls[0].port2 },
      { engine, wakeHandle: { kind: 'native', id: 0 }, onWake: () => {} },
    );
    const threadPorts = this.ports.map(({ port1 }) => port1);
    const start = {
      worker: 0,
      memory: this.memory,
      threadPorts,
      engine: 'native' as const,
      housekeepingMs: 30_000,
      retentionCheckMs: 300_000,
    };
    this.worker = new PartitionWorker(start, createWorkerWorld(start, engine, wakeNative), this.main.port2);
    this.controls[0].port1.postMessage({ kind: 'worker', worker: 0, port: this.ports[0].port2 }, [
      this.ports[0].port2,
    ]);
    this.gateway.startHelping(
      new AppendHelper({
        thread: 0,
        memory: this.memory,
        gateway: this.gateway,
        engine: this.failing(engine),
        clock: systemClock,
        wakeNative,
        onAppend: (outcome) => this.outcomes.push({ ...outcome }),
        onReadable: (slot) => this.readable.push({ slot, outcomes: this.outcomes.length }),
        onReadableByMain: (slot) => this.readableByMain.push(slot),
      }),
    );
  }

  /** The engine as the helper sees it. */
  private failing(engine: NativeSegmentEngine): SegmentEngine {
    const append: SegmentEngine['append'] = (log, table, from, to) => {
      if (this.failure !== null) throw this.failure;
      engine.append(log, table, from, to);
    };
    return new Proxy<SegmentEngine>(engine, {
      get: (target, name) => {
        if (name === 'append') return append;
        const value: unknown = Reflect.get(target, name);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  }

  open(config: Partial<LogConfig> = {}): number {
    const slot = allocateSlot(this.memory, this.states);
    const directory = join(this.root, `orders-${slot}`);
    this.controls[0].port1.postMessage({ kind: 'learn', logs: [{ slot, directory, worker: 0 }] });
    this.main.port1.postMessage({
      id: slot + 1,
      slot: -1,
      name: 'open',
      args: { slots: [slot], specs: [{ ...fakeSpec(directory, config), partition: slot }] },
    });
    this.ring.raiseControl();
    this.worker.turn();
    return slot;
  }

  sleep(): void {
    if (this.ring.token.state === TokenState.awake) this.ring.token.sleep();
  }

  submit(slot: number, batch: BatchSpec = {}, flush = true): number {
    const bytes = batchBytes({ records: [{ value: new Uint8Array(40) }], ...now(), ...batch });
    this.slab.set(bytes, this.position);
    const request = this.nextRequest++;
    expect(this.gateway.submitAppend(slot, request, this.position, bytes.length, 0)).toBe(true);
    this.position += bytes.length;
    if (flush) this.gateway.flushWakes();
    return request;
  }

  /** The worker drains if it was woken; its answers come back through the ring. */
  work(): void {
    if (this.ring.token.state !== TokenState.awake) return;
    this.worker.turn();
    this.gateway.drain(
      (outcome) => this.outcomes.push({ ...outcome }),
      () => {},
    );
  }

  state(slot: number) {
    const out = emptyState();
    this.states.read(slot, out);
    return out;
  }

  close(): void {
    this.gateway.close();
    for (const { port1, port2 } of [this.main, ...this.controls, ...this.ports]) {
      port1.close();
      port2.close();
    }
  }
}

function now(): { baseTimestamp: bigint; maxTimestamp: bigint } {
  const timestamp = BigInt(systemClock.now());
  return { baseTimestamp: timestamp, maxTimestamp: timestamp };
}

function error(code: string): Error {
  return Object.assign(new Error(`${code}: append`), { code });
}

describe.skipIf(loadAddon().addon === undefined)('a helper appends for a sleeping worker', () => {
  let root: string;
  let bench: HelpBench;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'millrace-helper-'));
    bench = new HelpBench(root);
  });
  afterEach(() => {
    bench.close();
    rmSync(root, { recursive: true, force: true });
  });

  it('answers at once, publishes, and leaves it asleep; the worker goes on where it stopped', () => {
    const slot = bench.open();
    bench.sleep();
    bench.submit(slot);
    bench.submit(slot);
    expect(bench.outcomes).toMatchObject([
      { request: 1, slot, error: 0, baseOffset: 0, logStartOffset: 0, detail: null },
      { request: 2, slot, error: 0, baseOffset: 1 },
    ]);
    expect(bench.state(slot)).toMatchObject({ logEndOffset: 2, highWatermark: 2, lastStableOffset: 2 });
    const { sizeBytes } = bench.state(slot);
    expect(sizeBytes).toBeGreaterThan(2 * 61);
    expect(bench.ring.token.state).toBe(TokenState.asleep);
    bench.ring.token.claim();
    bench.submit(slot);
    bench.work();
    expect(bench.outcomes[2]).toMatchObject({ request: 3, error: 0, baseOffset: 2 });
    expect(bench.state(slot)).toMatchObject({
      logEndOffset: 3,
      highWatermark: 3,
      sizeBytes: (sizeBytes * 3) / 2,
    });
  });

  it('tells this thread of what it watches, behind the outcomes, and other threads through their rings', () => {
    const slot = bench.open();
    bench.sleep();
    bench.gateway.watch(slot);
    bench.states.watch(slot, 1);
    new Int32Array(bench.memory.wakeIds)[1] = 1; // a thread with a poller
    bench.submit(slot);
    expect(bench.readable).toEqual([{ slot, outcomes: 1 }]);
    const others = Ring.attach(bench.memory.completions[1]);
    expect(others.queued()).toBe(1);
    bench.submit(slot); // nobody watches any more
    expect(bench.readable).toHaveLength(1);
    expect(others.queued()).toBe(1);
  });

  it('tells a thread without a poller, whose bell it cannot ring, by the way of its own thread', () => {
    const slot = bench.open();
    bench.sleep();
    bench.states.watch(slot, 1);
    bench.submit(slot);
    expect(bench.readableByMain).toEqual([slot]);
    const others = Ring.attach(bench.memory.completions[1]);
    expect(others.queued()).toBe(0);
    bench.submit(slot); // nobody watches any more
    expect(bench.readableByMain).toEqual([slot]);
  });

  it('knows the producers that the worker knows, and the other way round', () => {
    const slot = bench.open();
    const producer = { producerId: 7n, producerEpoch: 0 };
    bench.submit(slot, { ...producer, baseSequence: 0 });
    bench.work();
    bench.sleep();
    bench.submit(slot, { ...producer, baseSequence: 0 }); // a duplicate of what the worker appended
    bench.submit(slot, { ...producer, baseSequence: 1 });
    bench.submit(slot, { ...producer, baseSequence: 9 });
    expect(bench.outcomes.map(({ error, baseOffset }) => [error, baseOffset])).toEqual([
      [0, 0],
      [0, 0],
      [0, 1],
      [KafkaError.OUT_OF_ORDER_SEQUENCE_NUMBER, -1],
    ]);
    expect(bench.outcomes[3].detail?.message).toContain('Out of order');
    bench.ring.token.claim();
    bench.submit(slot, { ...producer, baseSequence: 1 }); // a duplicate of what the helper appended
    bench.work();
    expect(bench.outcomes[4]).toMatchObject({ error: 0, baseOffset: 1 });
  });

  it('leaves rows that need the owner, with all behind them of that log, and strikes the others out', () => {
    const small = bench.open({ segmentBytes: 1000 });
    const other = bench.open();
    bench.sleep();
    const counts = new Map([
      [small, 0],
      [other, 0],
    ]);
    for (let i = 0; i < 30; i++) {
      const slot = i % 2 === 0 ? small : other;
      bench.submit(slot, {}, i % 10 === 9);
      counts.set(slot, (counts.get(slot) ?? 0) + 1);
      if (i % 10 === 9) {
        bench.work();
        bench.sleep();
      }
    }
    expect(bench.outcomes.map(({ request }) => request).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 30 }, (_, i) => i + 1),
    );
    for (const slot of [small, other]) {
      const mine = bench.outcomes.filter((outcome) => outcome.slot === slot);
      expect(mine.map(({ baseOffset }) => baseOffset)).toEqual(mine.map((_, i) => i));
      expect(mine.map(({ request }) => request)).toEqual(
        mine.map(({ request }) => request).sort((a, b) => a - b),
      );
      expect(bench.state(slot).logEndOffset).toBe(15);
    }
  });

  it('leaves alone: logs that flush in time, entries of other threads, much at once', () => {
    const flushing = bench.open({ flushMessages: 1 });
    const slot = bench.open();
    bench.sleep();
    bench.submit(flushing);
    expect([bench.outcomes.length, bench.ring.token.state]).toEqual([0, TokenState.awake]);
    bench.work();
    bench.sleep();
    bench.submit(slot, { records: [{ value: new Uint8Array(HELP_BYTES_MAX) }] });
    expect([bench.outcomes.length, bench.ring.token.state]).toEqual([1, TokenState.awake]);
    bench.work();
    bench.sleep();
    expect(bench.ring.reserve(1)).toBe(true);
    bench.ring.words[bench.ring.word(0) + 1] = slot;
    bench.ring.words[bench.ring.word(0) + 3] = 1; // thread 1
    bench.ring.publish();
    bench.submit(slot);
    expect([bench.outcomes.length, bench.ring.token.state]).toEqual([2, TokenState.awake]);
  });

  it('gives the worker a drain of a log every so many bytes', () => {
    const slot = bench.open();
    let helped = 0;
    const drains = 600;
    for (let i = 0; i < drains; i++) {
      bench.sleep();
      const before = bench.outcomes.length;
      bench.submit(slot, { records: [{ value: new Uint8Array(30_000) }] });
      if (bench.outcomes.length > before) helped++;
      bench.work();
    }
    expect(bench.outcomes).toHaveLength(drains);
    expect(drains - helped).toBe(2);
    expect(drains - helped).toBe(Math.floor((drains * 30_068) / HELP_BYTES_PER_LOG));
  });

  it('lets the worker take the log offline when the disk fails', () => {
    const slot = bench.open();
    bench.sleep();
    bench.failure = error('EIO');
    bench.submit(slot);
    expect(bench.outcomes).toMatchObject([{ error: KafkaError.KAFKA_STORAGE_ERROR, baseOffset: -1 }]);
    expect(bench.ring.token.state).toBe(TokenState.awake);
    bench.work();
    expect(bench.state(slot).status).toBe(PartitionStatus.offline);
  });

  it('leaves a log on a full disk to its worker, which lets it go on', async () => {
    const slot = bench.open();
    bench.sleep();
    bench.failure = error('ENOSPC');
    bench.submit(slot);
    bench.failure = null;
    bench.submit(slot);
    bench.work();
    expect(bench.outcomes.map((outcome) => outcome.error)).toEqual([
      KafkaError.KAFKA_STORAGE_ERROR,
      KafkaError.KAFKA_STORAGE_ERROR,
    ]);
    await new Promise((resolve) => setTimeout(resolve, 600)); // the next probe
    bench.submit(slot);
    bench.work();
    bench.sleep();
    bench.submit(slot);
    expect(bench.outcomes.slice(2)).toMatchObject([
      { error: 0, baseOffset: 0 },
      { error: 0, baseOffset: 1 },
    ]);
    expect(bench.state(slot).status).toBe(PartitionStatus.online);
  });

  it('in any mixture with the worker every request is answered once and offsets follow each other', () => {
    const slots = [bench.open({ segmentBytes: 2000 }), bench.open()];
    const step = fc.record({
      slot: fc.constantFrom(...slots),
      records: fc.integer({ min: 1, max: 3 }),
      bad: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
      flush: fc.boolean(),
      sleep: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), (steps) => {
        bench.outcomes.length = 0;
        const ends = new Map(slots.map((slot) => [slot, bench.state(slot).logEndOffset]));
        const sent = new Map<number, { slot: number; records: number; bad: boolean }>();
        for (const { slot, records, bad, flush, sleep } of steps) {
          if (sleep && bench.ring.isEmpty()) bench.sleep();
          const spec = {
            records: Array.from({ length: records }, () => ({ value: new Uint8Array(40) })),
            crcFlip: bad ? 1 : 0,
          };
          sent.set(bench.submit(slot, spec, flush), { slot, records, bad });
          if (flush) bench.work();
        }
        bench.gateway.flushWakes();
        bench.work();
        expect(bench.outcomes).toHaveLength(steps.length);
        for (const { request, slot, error, baseOffset } of bench.outcomes) {
          const what = sent.get(request);
          sent.delete(request);
          expect(what?.slot).toBe(slot);
          expect(error).toBe(what?.bad ? KafkaError.CORRUPT_MESSAGE : 0);
          if (error !== 0) continue;
          expect(baseOffset).toBe(ends.get(slot));
          ends.set(slot, baseOffset + (what?.records ?? 0));
        }
        for (const slot of slots) expect(bench.state(slot).logEndOffset).toBe(ends.get(slot));
      }),
      { numRuns: 60 },
    );
  });
});
