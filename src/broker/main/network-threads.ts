/**
 * The network threads as the main thread sees them: starts them, sends them metadata and placements, serves what they
 * forward, stops them. Main thread.
 */
import { Worker } from 'node:worker_threads';
import { OperationError, type OperationErrorCode } from '../../base/errors.js';
import type { Report } from '../../base/report.js';
import { threadEntry } from '../../io/thread-entry.js';
import type { ForwardedRequest, FromNetwork, ServedAnswer, ToNetwork } from '../channel.js';
import type { NetworkThreadData } from '../network/thread-data.js';
import type { QuotaClient } from '../quota/client-quotas.js';

/** Answers still being written get this long at a stop before their connections are cut. */
const DRAIN_MS_MAX = 1_000;

export interface BoundListener {
  name: string;
  host: string;
  port: number;
}

export interface NetworkThreadsDeps {
  readonly report: Report;
  serve(request: ForwardedRequest): Promise<ServedAnswer | null>;
  /** A connection is gone that had fetched for a share group. */
  closed(connection: number): void;
  /** A partition that the main thread watches has changed. */
  readable(slot: number): void;
  createTopics(names: string[], client: QuotaClient): void;
  onLost(thread: number, error: Error): void;
}

class NetworkThreadHandle {
  private readonly worker: Worker;
  private readonly waiting = new Map<
    FromNetwork['type'],
    { resolve: (message: FromNetwork) => void; reject: (error: Error) => void }
  >();
  private deps: NetworkThreadsDeps | undefined;
  private failure: Error | undefined;
  private stopping = false;
  private readonly exited: Promise<void>;

  constructor(private readonly index: number) {
    this.worker = new Worker(threadEntry(import.meta.url, '../network/network-thread.js'), {
      name: `millrace-net-${index}`,
    });
    this.worker.on('message', (message: FromNetwork) => this.receive(message));
    this.worker.on('error', (error: Error) => this.fail(error));
    this.exited = new Promise((resolve) => this.worker.once('exit', () => resolve()));
  }

  /** Gives it its work; resolves when it is set up, rejects with its failure. Messages may be sent at once. */
  async begin(data: NetworkThreadData, deps: NetworkThreadsDeps): Promise<void> {
    if (this.failure !== undefined) throw this.failure;
    this.deps = deps;
    const started = this.expect('started');
    this.worker.postMessage(data, [data.gateway.control]);
    await started;
  }

  send(message: ToNetwork, transfer: ArrayBuffer[] = []): void {
    this.worker.postMessage(message, transfer);
  }

  /** Resolves with the next message of this type; rejects with the thread's failure. */
  expect(type: FromNetwork['type']): Promise<FromNetwork> {
    return new Promise((resolve, reject) => this.waiting.set(type, { resolve, reject }));
  }

  async stop(): Promise<void> {
    this.stopping = true;
    if (this.deps === undefined) return void (await this.worker.terminate());
    this.send({ type: 'shutdown' });
    const late = setTimeout(() => void this.worker.terminate(), DRAIN_MS_MAX);
    await this.exited;
    clearTimeout(late);
  }

  private receive(message: FromNetwork): void {
    const waiting = this.waiting.get(message.type);
    if (waiting !== undefined) {
      this.waiting.delete(message.type);
      waiting.resolve(message);
    }
    switch (message.type) {
      case 'request':
        void this.answer(message.request);
        break;
      case 'closed':
        this.deps?.closed(message.connection);
        break;
      case 'readable':
        this.deps?.readable(message.slot);
        break;
      case 'create-topics':
        this.deps?.createTopics(message.names, message.client);
        break;
      case 'report':
        this.deps?.report(message.level, message.message, message.fields);
        break;
      case 'failed':
        this.fail(new OperationError(message.code as OperationErrorCode, message.message));
        break;
      case 'started':
      case 'listening':
      case 'drained':
        break;
    }
  }

  private async answer(request: ForwardedRequest): Promise<void> {
    const answer = (await this.deps?.serve(request)) ?? null;
    const moved = answer === null ? [] : [answer.body.buffer as ArrayBuffer];
    this.send({ type: 'answer', id: request.id, answer }, moved);
  }

  private fail(error: Error): void {
    this.failure = error;
    const waiting = [...this.waiting.values()];
    this.waiting.clear();
    for (const { reject } of waiting) reject(error);
    if (waiting.length === 0 && !this.stopping) this.deps?.onLost(this.index, error);
  }
}

export class NetworkThreads {
  private constructor(private readonly threads: readonly NetworkThreadHandle[]) {}

  /** The threads load their code while the main thread reads its directories; each then waits for `begin`. */
  static spawn(count: number): NetworkThreads {
    return new NetworkThreads(Array.from({ length: count }, (_, index) => new NetworkThreadHandle(index)));
  }

  /** Resolves when every thread is set up. `data` is one a thread. */
  async begin(data: readonly NetworkThreadData[], deps: NetworkThreadsDeps): Promise<void> {
    await Promise.all(this.threads.map((thread, index) => thread.begin(data[index], deps)));
  }

  broadcast(message: ToNetwork): void {
    for (const thread of this.threads) thread.send(message);
  }

  /** Binds the listeners. Port 0 is chosen by the first thread and shared by the others. */
  async listen(listeners: readonly BoundListener[]): Promise<BoundListener[]> {
    let bound = [...listeners];
    for (const thread of this.threads) {
      const answer = thread.expect('listening');
      thread.send({ type: 'listen', listeners: bound });
      const message = await answer;
      if (message.type === 'listening') bound = message.listeners;
    }
    return bound;
  }

  async stop(): Promise<void> {
    await Promise.all(this.threads.map((thread) => thread.stop()));
  }
}
