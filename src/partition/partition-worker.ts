/**
 * A partition worker: the single writer of its partitions. Drains its ring, carries out commands, does what time brings,
 * sleeps in `Atomics.wait`. It never returns to its event loop before it is told to stop, so nothing in it may rely on
 * timers, promises or message events; ports are read with `receiveMessageOnPort`.
 */
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { assert } from '../base/assert.js';
import { isDiskFull, OperationError } from '../base/errors.js';
import type { Clock } from '../io/clock.js';
import { Ring } from '../ring/ring.js';
import { AppendState, StateColumn, Trouble } from '../storage/append-state.js';
import type { LogDeps, LogSpec, PartitionLogApi } from '../storage/contract.js';
import { Completions } from './completions.js';
import { PartitionStatus } from './contract.js';
import { Counter, countersOf } from './counters.js';
import { Drain } from './drain.js';
import type { Command, ThreadMessage, WorkerMessage, WorkerStart } from './messages.js';
import { type OpenLog, reasonOf } from './open-log.js';
import { APPEND_STATE_STRIDE } from './seam-memory.js';
import { StateTable } from './state-table.js';
import { TimedWork } from './timed-work.js';
import { WorkerCommands } from './worker-commands.js';

/** What a log is given that differs from log to log. */
export type LogPlace = Pick<
  LogDeps,
  'report' | 'appendState' | 'appendStateOffset' | 'producerScope' | 'flushElsewhere' | 'removeElsewhere'
>;

/** What a worker needs from the world; its entry module puts it together. */
export interface WorkerWorld {
  clock: Clock;
  /** Wakes the poller with this native id. */
  wakeNative: (id: number) => void;
  /** Handle of the producer table that all logs of the worker share. */
  producers?: SharedArrayBuffer;
  /** Opens a log. The engine, randomness and the producer table are bound already. */
  openLog: (spec: LogSpec, deps: LogPlace) => PartitionLogApi;
}

/** At most one line about a full disk per log and so long. */
const DISK_FULL_REPORT_MS = 10_000;

const HELPER_FAILED = new OperationError(
  'STORAGE_FAILED',
  'an append by a network thread met a failing disk',
);

export class PartitionWorker {
  private readonly ring: Ring;
  private readonly logs = new Map<number, OpenLog>();
  private readonly completions: Completions;
  private readonly counters: Float64Array;
  private readonly drain: Drain;
  private readonly timed: TimedWork;
  private readonly commands: WorkerCommands;
  private readonly diskFullReportedMs = new Map<OpenLog, number>();
  private stopping = false;

  constructor(
    private readonly start: WorkerStart,
    private readonly world: WorkerWorld,
    private readonly main: MessagePort,
  ) {
    const { memory, worker, threadPorts } = start;
    const { logs } = this;
    this.ring = Ring.attach(memory.submissions[worker]);
    this.counters = countersOf(memory.counters, worker);
    this.completions = new Completions(memory, threadPorts, worker, world.wakeNative, this.counters);
    const goOffline = (log: OpenLog, error: unknown) => this.goOffline(log, error);
    this.drain = new Drain({
      ring: this.ring,
      logs,
      completions: this.completions,
      counters: this.counters,
      clock: world.clock,
      goOffline,
      diskFull: (log, error) => this.diskFull(log, error),
    });
    if (world.producers !== undefined) {
      const introduction: ThreadMessage = { kind: 'producers', handle: world.producers };
      for (const port of threadPorts) port.postMessage(introduction);
    }
    this.timed = new TimedWork({
      logs,
      clock: world.clock,
      housekeepingMs: start.housekeepingMs,
      retentionCheckMs: start.retentionCheckMs,
      goOffline,
      publish: (log) => log.publish(this.completions),
    });
    this.commands = new WorkerCommands({
      logs,
      table: StateTable.attach(memory.state),
      completions: this.completions,
      openLog: (slot, spec) => this.openLog(slot, spec),
      goOffline,
    });
  }

  /** Blocks until the main thread says shutdown. */
  run(): void {
    while (!this.stopping) {
      const entries = this.turn();
      if (entries > 0 || this.stopping) continue;
      this.counters[Counter.waits]++;
      this.ring.waitForWork(this.timed.sleepMs(this.completions.hasOverflow));
    }
    for (const port of this.start.threadPorts) port.close();
  }

  /** Everything there is to do now; returns the number of entries drained. */
  turn(): number {
    if (this.ring.takeControl()) this.obey();
    const entries = this.drainRing();
    this.timed.run();
    // Watchers told by housekeeping or commands, and completions that found no room.
    if (entries === 0) this.completions.wake();
    return entries;
  }

  private drainRing(): number {
    const entries = this.drain.run();
    if (entries > 0) for (const log of this.drain.touched) this.timed.appended(log);
    return entries;
  }

  private obey(): void {
    for (;;) {
      const received = receiveMessageOnPort(this.main);
      if (received === undefined) break;
      const command: Command = received.message;
      // What was queued before the command (at most a ring full) is still appended.
      if (command.name === 'shutdown') this.drain.run();
      this.answer(command);
      // Opening many logs takes long: the others' appends go between.
      if (command.name === 'open') this.drainRing();
      if (command.name === 'shutdown') {
        this.stopping = true;
        break;
      }
    }
    this.timed.logsChanged();
    for (const log of this.logs.values()) {
      if (log.online && this.appendState(log.slot).get(StateColumn.trouble) === Trouble.helperFailed)
        this.goOffline(log, HELPER_FAILED);
    }
  }

  private appendState(slot: number): AppendState {
    return new AppendState(this.start.memory.appendStates, slot * APPEND_STATE_STRIDE);
  }

  private answer(command: Command): void {
    let message: WorkerMessage;
    try {
      message = { kind: 'result', id: command.id, result: this.commands.run(command) };
    } catch (error) {
      const code =
        error instanceof OperationError ? error.code : isDiskFull(error) ? 'DISK_FULL' : 'STORAGE_FAILED';
      message = { kind: 'failure', id: command.id, code, message: reasonOf(error) };
    }
    this.completions.wake();
    this.say(message);
  }

  private openLog(slot: number, spec: LogSpec): PartitionLogApi {
    const { appendStates } = this.start.memory;
    const appendStateOffset = slot * APPEND_STATE_STRIDE;
    assert(
      appendStateOffset + APPEND_STATE_STRIDE <= appendStates.byteLength,
      `slot ${slot} has no append state`,
    );
    return this.world.openLog(spec, {
      appendState: appendStates,
      appendStateOffset,
      producerScope: slot,
      report: (level, message, fields) => this.say({ kind: 'report', level, message, fields: plain(fields) }),
      flushElsewhere: (fromOffset, upTo) =>
        this.say({ kind: 'flush', slot, directory: spec.directory, fromOffset, upTo }),
      removeElsewhere: (path) => this.say({ kind: 'remove', path }),
    });
  }

  private goOffline(log: OpenLog, error: unknown): void {
    log.api?.markFailed(); // nothing is written to it any more, at close neither
    log.publishAs(PartitionStatus.offline, this.completions);
    this.say({ kind: 'offline', slot: log.slot, reason: reasonOf(error) });
  }

  private diskFull(log: OpenLog, error: unknown): void {
    const now = this.world.clock.monotonicMs();
    const last = this.diskFullReportedMs.get(log);
    if (last !== undefined && now - last < DISK_FULL_REPORT_MS) return;
    this.diskFullReportedMs.set(log, now);
    this.say({
      kind: 'report',
      level: 'error',
      message: 'disk full: appends are refused until there is space',
      fields: { directory: log.api?.spec.directory, reason: reasonOf(error) },
    });
  }

  private say(message: WorkerMessage): void {
    this.main.postMessage(message);
  }
}

/** Fields of a report as they can be cloned: a log must not fail because of what it says. */
function plain(fields: Record<string, unknown> | undefined): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(fields ?? {})) {
    const simple =
      value === null || ['string', 'number', 'bigint', 'boolean', 'undefined'].includes(typeof value);
    kept[key] = simple ? value : String(value);
  }
  return kept;
}
