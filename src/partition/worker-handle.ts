/**
 * The main thread's hold on one partition worker: starts it, sends commands, matches answers, notices its death.
 * A command is posted to the worker's port and announced by the control flag of its ring, because a worker that sleeps
 * in `Atomics.wait` receives no message events.
 */
import { type MessagePort, Worker } from 'node:worker_threads';
import { OperationError } from '../base/errors.js';
import type { ReportLevel } from '../base/report.js';
import { Ring } from '../ring/ring.js';
import { AtomicsWaker, signalAndWake } from '../ring/waker.js';
import type { CommandName, Commands, WorkerMessage, WorkerStart } from './messages.js';

export interface WorkerEvents {
  offline(slot: number, reason: string): void;
  flush(worker: WorkerHandle, slot: number, directory: string, fromOffset: number, upTo: number): void;
  remove(path: string): void;
  report(level: ReportLevel, message: string, fields: Record<string, unknown>): void;
  /** The thread ended without having been told to. */
  lost(worker: number, error: Error): void;
}

interface Pending {
  resolve: (result: unknown) => void;
  reject: (error: Error) => void;
}

export class WorkerHandle {
  /** Partitions assigned to it. */
  partitions = 0;
  private readonly thread: Worker;
  private readonly ring: Ring;
  private readonly waker: AtomicsWaker;
  private readonly pending = new Map<number, Pending>();
  private nextId = 1;
  private state: 'running' | 'stopping' | 'exited' = 'running';
  private failure: Error | null = null;
  private readonly exited: Promise<void>;

  constructor(
    readonly index: number,
    entry: URL,
    start: WorkerStart,
    threadPorts: MessagePort[],
    private readonly events: WorkerEvents,
  ) {
    this.ring = Ring.attach(start.memory.submissions[index]);
    this.waker = new AtomicsWaker(this.ring);
    this.thread = new Worker(entry, {
      workerData: start,
      transferList: threadPorts,
      name: `partition-${index}`,
    });
    this.thread.on('message', (message: WorkerMessage) => this.onMessage(message));
    this.thread.on('error', (error: unknown) => {
      this.failure = error instanceof Error ? error : new Error(String(error));
    });
    this.exited = new Promise((resolve) => {
      this.thread.once('exit', (code) => {
        this.onExit(code);
        resolve();
      });
    });
  }

  get alive(): boolean {
    return this.state === 'running';
  }

  /** Rejects with OperationError when the worker could not do it or is gone. */
  call<Name extends CommandName>(
    name: Name,
    slot: number,
    args: Commands[Name]['args'],
  ): Promise<Commands[Name]['result']> {
    if (this.state !== 'running') return Promise.reject(this.gone());
    if (name === 'shutdown') this.state = 'stopping';
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      this.pending.set(id, {
        resolve: (result) => resolve(result as Commands[Name]['result']),
        reject,
      });
      this.thread.postMessage({ id, slot, name, args });
      this.ring.raiseControl();
      signalAndWake(this.ring, this.waker);
    });
  }

  /** Resolves when the thread has ended, by itself or after `timeoutMs` by force. Never rejects. */
  async join(timeoutMs: number): Promise<void> {
    const timer = setTimeout(() => void this.thread.terminate(), timeoutMs);
    await this.exited;
    clearTimeout(timer);
  }

  private onMessage(message: WorkerMessage): void {
    switch (message.kind) {
      case 'offline':
        this.events.offline(message.slot, message.reason);
        break;
      case 'remove':
        this.events.remove(message.path);
        break;
      case 'flush':
        this.events.flush(this, message.slot, message.directory, message.fromOffset, message.upTo);
        break;
      case 'report':
        this.events.report(message.level, message.message, message.fields);
        break;
      case 'result':
        this.take(message.id)?.resolve(message.result);
        break;
      case 'failure':
        this.take(message.id)?.reject(new OperationError(message.code, message.message));
        break;
    }
  }

  private take(id: number): Pending | undefined {
    const pending = this.pending.get(id);
    this.pending.delete(id);
    return pending;
  }

  private onExit(code: number): void {
    const asked = this.state === 'stopping';
    this.state = 'exited';
    for (const { reject } of this.pending.values()) reject(this.gone());
    this.pending.clear();
    if (!asked || this.failure !== null) {
      this.events.lost(
        this.index,
        this.failure ?? new Error(`partition worker ${this.index} ended with ${code}`),
      );
    }
  }

  private gone(): OperationError {
    return new OperationError(
      'STORAGE_FAILED',
      `partition worker ${this.index} is ${this.state}`,
      this.failure === null ? undefined : { cause: this.failure },
    );
  }
}
