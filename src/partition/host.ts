/**
 * The main thread's side of the seam: makes the shared memory, gives each thread its gateway handle, assigns partitions
 * to workers (started when first needed) and passes commands on. Owned by the main thread.
 *
 * A worker that dies takes its partitions offline; what it had in hand is never answered, so `onWorkerLost` should end
 * the process, as Kafka halts on a fatal error.
 */
import { rm } from 'node:fs/promises';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { assert } from '../base/assert.js';
import { OperationError } from '../base/errors.js';
import type { Report } from '../base/report.js';
import { threadEntry } from '../io/thread-entry.js';
import type { LogConfig, LogSpec } from '../storage/contract.js';
import {
  type OpenedPartition,
  type PartitionHost as PartitionHostApi,
  type PartitionState,
  PartitionStatus,
} from './contract.js';
import { readCounters, type WorkerCounters } from './counters.js';
import type { GatewayHandle } from './gateway.js';
import type { EngineKind, GatewayMessage, RecordPosition } from './messages.js';
import { allocateSlot, createSeamMemory, type SeamMemory } from './seam-memory.js';
import { flushSegments } from './segment-flush.js';
import { emptyState, StateTable } from './state-table.js';
import { WorkerHandle } from './worker-handle.js';

export interface PartitionHostOptions {
  /** One per thread at the seam, in order of thread index: the memory its frames land in. At most 32. */
  slabs: readonly SharedArrayBuffer[];
  /** partition.workers.max; `defaultWorkersMax` when in doubt. */
  workersMax: number;
  engine?: EngineKind;
  /** How often a log is looked after although nothing is appended; default 30 s. */
  housekeepingMs?: number;
  /** log.retention.check.interval.ms; default 5 min. */
  retentionCheckMs?: number;
  report?: Report;
  /** The storage of a partition failed; its status is offline already. */
  onOffline?: (slot: number, reason: string) => void;
  onWorkerLost?: (worker: number, error: Error) => void;
  /** Module a worker runs; compiled. */
  workerEntry?: URL;
}

const HOUSEKEEPING_MS = 30_000;
const RETENTION_CHECK_MS = 300_000;
/** A clean stop flushes and snapshots every log; a worker that takes longer is ended by force. */
const CLEAN_STOP_MS_MAX = 60_000;
/** After its last answer a worker has only to leave its loop. */
const EXIT_MS_MAX = 2_000;
/** Logs opened by one command: small enough that the worker's other logs do not wait long for their turn. */
const OPEN_TOGETHER = 32;
const MAIN_CLOSED = 'the partition host is shut down';

interface Placed {
  worker: WorkerHandle;
  fileDeleteDelayMs: number;
}

export class PartitionHost implements PartitionHostApi {
  readonly memory: SeamMemory;
  private readonly table: StateTable;
  /** By thread index: main's end of the control port, and the end that travels. */
  private readonly controls: { mine: MessagePort; theirs: MessagePort }[];
  private readonly workers: WorkerHandle[] = [];
  private readonly placed = new Map<number, Placed>();
  private closing: Promise<void> | null = null;

  private constructor(private readonly options: PartitionHostOptions) {
    this.memory = createSeamMemory(options.slabs, options.workersMax);
    this.table = StateTable.attach(this.memory.state);
    this.controls = options.slabs.map(() => {
      const { port1, port2 } = new MessageChannel();
      port1.unref();
      return { mine: port1, theirs: port2 };
    });
  }

  static create(options: PartitionHostOptions): PartitionHost {
    return new PartitionHost(options);
  }

  /** For PartitionGateway.attach in the thread with this index; once. `control` goes into the transfer list. */
  gatewayHandle(thread: number): GatewayHandle {
    assert(thread >= 0 && thread < this.controls.length, `thread ${thread} is not at the seam`);
    return { thread, memory: this.memory, control: this.controls[thread].theirs };
  }

  async open(spec: LogSpec): Promise<OpenedPartition> {
    const [opened] = await this.openAll([spec]);
    return opened;
  }

  async openAll(specs: readonly LogSpec[]): Promise<OpenedPartition[]> {
    if (this.closing !== null) throw new OperationError('STORAGE_FAILED', MAIN_CLOSED);
    const opening = specs.map((spec) => ({ spec, ...this.place(spec) }));
    // Before anybody can hear of the slots from elsewhere: gateways look here first.
    const logs = opening.map(({ spec, slot, worker }) => ({
      slot,
      directory: spec.directory,
      worker: worker.index,
    }));
    this.tell({ kind: 'learn', logs });
    const reasons = new Map<number, string | null>();
    const calls: Promise<void>[] = [];
    for (const worker of new Set(opening.map((one) => one.worker))) {
      const mine = opening.filter((one) => one.worker === worker);
      for (let from = 0; from < mine.length; from += OPEN_TOGETHER) {
        const some = mine.slice(from, from + OPEN_TOGETHER);
        const args = { slots: some.map(({ slot }) => slot), specs: some.map(({ spec }) => spec) };
        const call = worker.call('open', -1, args).then(({ offlineReasons }) => {
          for (const [index, { slot }] of some.entries()) reasons.set(slot, offlineReasons[index]);
        });
        calls.push(call);
      }
    }
    await Promise.all(calls);
    const state = emptyState();
    return opening.map(({ slot }) => {
      this.table.read(slot, state);
      const { logStartOffset, highWatermark, logEndOffset } = state;
      return { slot, logStartOffset, highWatermark, logEndOffset, offlineReason: reasons.get(slot) ?? null };
    });
  }

  /** A slot and a worker for a new partition. */
  private place(spec: LogSpec): { slot: number; worker: WorkerHandle } {
    const worker = this.choose();
    const slot = allocateSlot(this.memory, this.table);
    if (slot < 0)
      throw new OperationError('STORAGE_FAILED', 'no partition slots are left; restart the broker');
    worker.partitions++;
    this.placed.set(slot, { worker, fileDeleteDelayMs: spec.config.fileDeleteDelayMs });
    this.table.setWorker(slot, worker.index);
    this.table.publish(slot, {
      ...emptyState(),
      status: PartitionStatus.loading,
      leaderEpoch: spec.leaderEpoch,
    });
    return { slot, worker };
  }

  async setConfig(slot: number, config: LogConfig): Promise<void> {
    const placed = this.placedAt(slot);
    await placed.worker.call('setConfig', slot, { config });
    placed.fileDeleteDelayMs = config.fileDeleteDelayMs;
  }

  async becomeLeader(slot: number, leaderEpoch: number): Promise<void> {
    await this.placedAt(slot).worker.call('becomeLeader', slot, { leaderEpoch });
  }

  async deleteRecords(slot: number, offset: number): Promise<{ error: number; lowWatermark: number }> {
    return this.placedAt(slot).worker.call('deleteRecords', slot, { offset });
  }

  async flush(slot: number): Promise<void> {
    await this.placedAt(slot).worker.call('flush', slot, {});
  }

  async delete(slot: number): Promise<void> {
    const { worker, fileDeleteDelayMs } = this.placedAt(slot);
    this.placed.delete(slot);
    worker.partitions--;
    const { removed } = await worker.call('delete', slot, {});
    if (removed === null) return;
    // Not waited for at shutdown: what is left with the suffix -delete goes at the next start, as with Kafka.
    const timer = setTimeout(() => {
      rm(removed, { recursive: true, force: true }).catch((error: unknown) => {
        this.options.report?.('warn', 'could not remove a deleted partition', {
          directory: removed,
          error: String(error),
        });
      });
    }, fileDeleteDelayMs);
    timer.unref();
  }

  async describe(slot: number): Promise<{ sizeBytes: number; producers: unknown[] }> {
    return this.placedAt(slot).worker.call('describe', slot, {});
  }

  async findByTimestamp(slot: number, timestamp: number): Promise<RecordPosition | null> {
    return this.placedAt(slot).worker.call('findByTimestamp', slot, { timestamp });
  }

  async findMaxTimestamp(slot: number): Promise<RecordPosition | null> {
    return this.placedAt(slot).worker.call('findMaxTimestamp', slot, {});
  }

  async endOffsetForEpoch(
    slot: number,
    leaderEpoch: number,
  ): Promise<{ leaderEpoch: number; endOffset: number }> {
    return this.placedAt(slot).worker.call('endOffsetForEpoch', slot, { leaderEpoch });
  }

  async abortedTransactions(
    slot: number,
    from: number,
    to: number,
  ): Promise<{ producerId: bigint; firstOffset: number }[]> {
    return this.placedAt(slot).worker.call('abortedTransactions', slot, { from, to });
  }

  readState(slot: number, out: PartitionState): void {
    this.table.read(slot, out);
  }

  /** What each started worker did so far. */
  counters(): WorkerCounters[] {
    return this.workers.map((worker) => readCounters(this.memory.counters, worker.index));
  }

  /** The states stay readable afterwards: checkpoints are written from them. Rejects with the first log that could not
   *  be closed as asked, after all workers have exited. */
  shutdown(clean: boolean): Promise<void> {
    this.closing ??= this.stopAll(clean);
    return this.closing;
  }

  private async stopAll(clean: boolean): Promise<void> {
    const results = await Promise.allSettled(this.workers.map((worker) => this.stop(worker, clean)));
    for (const { mine } of this.controls) mine.close();
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  }

  private async stop(worker: WorkerHandle, clean: boolean): Promise<void> {
    const closed = worker.call('shutdown', -1, { clean });
    const exit = worker.join(clean ? CLEAN_STOP_MS_MAX : EXIT_MS_MAX);
    try {
      await closed;
    } finally {
      await exit;
    }
  }

  /** Starts the workers that `partitions` will need, ahead of them. */
  startWorkers(partitions: number): void {
    const wanted = Math.min(partitions, this.options.workersMax);
    while (this.workers.length < wanted) this.startWorker();
  }

  /** An idle worker, else a new one up to the limit, else the one with the fewest partitions. */
  private choose(): WorkerHandle {
    let least: WorkerHandle | null = null;
    for (const worker of this.workers) {
      if (worker.alive && (least === null || worker.partitions < least.partitions)) least = worker;
    }
    const mayStart = this.workers.length < this.options.workersMax;
    if (least !== null && (least.partitions === 0 || !mayStart)) return least;
    if (!mayStart) throw new OperationError('STORAGE_FAILED', 'every partition worker has died');
    return this.startWorker();
  }

  private startWorker(): WorkerHandle {
    const index = this.workers.length;
    const threadPorts: MessagePort[] = [];
    this.controls.forEach((control) => {
      const { port1, port2 } = new MessageChannel();
      threadPorts.push(port1);
      control.mine.postMessage({ kind: 'worker', worker: index, port: port2 } satisfies GatewayMessage, [
        port2,
      ]);
    });
    const start = {
      worker: index,
      memory: this.memory,
      threadPorts,
      engine: this.options.engine ?? 'auto',
      housekeepingMs: this.options.housekeepingMs ?? HOUSEKEEPING_MS,
      retentionCheckMs: this.options.retentionCheckMs ?? RETENTION_CHECK_MS,
    };
    const entry = this.options.workerEntry ?? threadEntry(import.meta.url, './worker.js');
    const worker = new WorkerHandle(index, entry, start, threadPorts, {
      offline: (slot, reason) => this.options.onOffline?.(slot, reason),
      flush: (from, slot, directory, fromOffset, upTo) =>
        void this.flushFor(from, slot, directory, fromOffset, upTo),
      remove: (path) => void this.removeFile(path),
      report: (level, message, fields) => this.options.report?.(level, message, fields),
      lost: (lost, error) => this.onLost(lost, error),
    });
    this.workers.push(worker);
    return worker;
  }

  /** Its partition's directory may have been moved or removed meanwhile: nothing is left to do then. */
  private async removeFile(path: string): Promise<void> {
    try {
      await rm(path, { force: true });
    } catch (error) {
      this.options.report?.(
        'warn',
        `${path} could not be deleted and goes at the next start: ${String(error)}`,
      );
    }
  }

  /** Flushes for a worker after a roll and tells it the outcome; a worker that is stopping flushes everything itself. */
  private async flushFor(
    worker: WorkerHandle,
    slot: number,
    directory: string,
    fromOffset: number,
    upTo: number,
  ): Promise<void> {
    let outcome: { upTo: number | null; reason: string } = { upTo, reason: '' };
    try {
      await flushSegments(directory, fromOffset, upTo);
    } catch (error) {
      outcome = { upTo: null, reason: `Flushing ${directory} failed: ${String(error)}` };
    }
    // The log may be deleted or offline by now, and says so itself.
    await worker.call('flushed', slot, outcome).catch(() => undefined);
  }

  private onLost(lost: number, error: Error): void {
    for (const [slot, { worker }] of this.placed) {
      if (worker.index !== lost) continue;
      this.table.seizeFromDeadWriter(slot);
      const state = emptyState();
      this.table.read(slot, state);
      this.table.publish(slot, { ...state, status: PartitionStatus.offline, logToken: -1 });
    }
    this.options.onWorkerLost?.(lost, error);
  }

  private tell(message: GatewayMessage): void {
    for (const { mine } of this.controls) mine.postMessage(message);
  }

  private placedAt(slot: number): Placed {
    const placed = this.placed.get(slot);
    if (placed === undefined)
      throw new OperationError('STORAGE_FAILED', `partition slot ${slot} is not open`);
    return placed;
  }
}

/** Workers for a machine with `cores` cores: a few per core, because they sleep in I/O, and never so few that one busy
 *  partition holds up all others. */
export function defaultWorkersMax(cores: number): number {
  return Math.max(4, 2 * cores);
}
