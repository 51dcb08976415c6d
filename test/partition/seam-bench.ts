import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import { ManualClock } from '../../src/io/clock.js';
import type { AppendCompletion } from '../../src/partition/contract.js';
import { counterBytes, readCounters } from '../../src/partition/counters.js';
import { type GatewayOptions, PartitionGateway } from '../../src/partition/gateway.js';
import type { CommandName, Commands, GatewayMessage, WorkerMessage } from '../../src/partition/messages.js';
import { PartitionWorker } from '../../src/partition/partition-worker.js';
import { APPEND_STATE_STRIDE, allocateSlot, type SeamMemory } from '../../src/partition/seam-memory.js';
import { StateTable } from '../../src/partition/state-table.js';
import { Ring } from '../../src/ring/ring.js';
import type { LogConfig } from '../../src/storage/contract.js';
import { FakeLog, fakeSpec } from './fake-log.js';

/** One worker and some network threads in a single thread, moved step by step: what threads do, without their luck. */
export class SeamBench {
  readonly clock = new ManualClock();
  readonly memory: SeamMemory;
  readonly table: StateTable;
  readonly worker: PartitionWorker;
  readonly gateways: PartitionGateway[] = [];
  readonly logs = new Map<number, FakeLog>();
  readonly said: WorkerMessage[] = [];
  /** Native wakes, as thread index. */
  readonly wakes: number[] = [];
  readonly submissions: Ring;
  private readonly main = new MessageChannel();
  private readonly controls: MessageChannel[];
  private readonly ports: MessageChannel[];
  private nextId = 1;

  constructor(options: {
    threads: number;
    submissionEntries?: number;
    completionEntries?: number;
    gateway?: Partial<GatewayOptions>;
  }) {
    const threads = Array.from({ length: options.threads }, (_, i) => i);
    this.memory = {
      state: StateTable.create(),
      appendStates: new SharedArrayBuffer(64 * APPEND_STATE_STRIDE),
      submissions: [Ring.create(options.submissionEntries ?? 64)],
      completions: threads.map(() => Ring.create(options.completionEntries ?? 64)),
      slabs: threads.map(() => new SharedArrayBuffer(64)),
      wakeIds: new SharedArrayBuffer(128),
      counters: new SharedArrayBuffer(counterBytes(1)),
    };
    this.table = StateTable.attach(this.memory.state);
    this.submissions = Ring.attach(this.memory.submissions[0]);
    this.controls = threads.map(() => new MessageChannel());
    this.ports = threads.map(() => new MessageChannel());
    for (const thread of threads) {
      this.gateways.push(
        PartitionGateway.attach(
          { thread, memory: this.memory, control: this.controls[thread].port2 },
          {
            engine: { attachLog: (_directory, token) => token + 1000, closeLog: () => {} },
            wakeHandle: { kind: 'native', id: thread },
            onWake: () => {},
            ...options.gateway,
          },
        ),
      );
      const port = this.ports[thread].port2;
      this.tell(thread, { kind: 'worker', worker: 0, port });
    }
    this.worker = new PartitionWorker(
      {
        worker: 0,
        memory: this.memory,
        threadPorts: this.ports.map(({ port1 }) => port1),
        engine: 'portable',
        housekeepingMs: 30_000,
        retentionCheckMs: 300_000,
      },
      {
        clock: this.clock,
        wakeNative: (id) => this.wakes.push(id),
        openLog: (spec, deps) => {
          const log = new FakeLog(spec);
          this.logs.set(deps.producerScope, log);
          return log;
        },
      },
      this.main.port2,
    );
  }

  open(config: Partial<LogConfig> = {}, directory = '/logs/orders'): number {
    const slot = allocateSlot(this.memory, this.table);
    this.gateways.forEach((_, thread) => {
      this.tell(thread, { kind: 'learn', logs: [{ slot, directory: `${directory}-${slot}`, worker: 0 }] });
    });
    this.command('open', -1, { slots: [slot], specs: [fakeSpec(directory, config)] });
    return slot;
  }

  /** Sends a command, lets the worker take one turn, and returns its answer. */
  command<Name extends CommandName>(
    name: Name,
    slot: number,
    args: Commands[Name]['args'],
  ): WorkerMessage | undefined {
    const id = this.nextId++;
    this.main.port1.postMessage({ id, slot, name, args });
    this.submissions.raiseControl();
    this.worker.turn();
    this.listen();
    return this.said.find((message) => 'id' in message && message.id === id);
  }

  /** Collects what the worker said to main. */
  listen(): WorkerMessage[] {
    for (;;) {
      const received = receiveMessageOnPort(this.main.port1);
      if (received === undefined) return this.said;
      this.said.push(received.message);
    }
  }

  drain(thread: number): { completions: AppendCompletion[]; readable: number[] } {
    const completions: AppendCompletion[] = [];
    const readable: number[] = [];
    this.gateways[thread].drain(
      (completion) => completions.push({ ...completion }),
      (slot) => readable.push(slot),
    );
    return { completions, readable };
  }

  log(slot: number): FakeLog {
    const log = this.logs.get(slot);
    if (log === undefined) throw new Error(`no log at ${slot}`);
    return log;
  }

  get counters() {
    return readCounters(this.memory.counters, 0);
  }

  close(): void {
    for (const gateway of this.gateways) gateway.close();
    for (const channel of [this.main, ...this.controls, ...this.ports]) {
      channel.port1.close();
      channel.port2.close();
    }
  }

  private tell(thread: number, message: GatewayMessage): void {
    this.controls[thread].port1.postMessage(message, message.kind === 'worker' ? [message.port] : []);
  }
}
