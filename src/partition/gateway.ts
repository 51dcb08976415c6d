/**
 * A thread's side of the seam: it submits appends to partition workers, takes completions and fetch wake-ups, and reads
 * published states. One instance per network thread (or main thread), owned by it; nothing is allocated per request.
 *
 * Workers and partitions are introduced on the control port by the main thread before anybody can refer to them, so a
 * number not known yet is answered by reading that port, never by an error.
 */
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { assert } from '../base/assert.js';
import type { WakeHandle } from '../io/poller.js';
import type { LogToken, SegmentEngine } from '../io/segment-engine.js';
import { Ring } from '../ring/ring.js';
import { AtomicsWaker } from '../ring/waker.js';
import type {
  AppendCompletion,
  PartitionGateway as PartitionGatewayApi,
  PartitionState,
} from './contract.js';
import { CompletionDouble, CompletionKind, CompletionWord, SubmissionWord } from './entries.js';
import type { GatewayMessage, ThreadMessage } from './messages.js';
import type { SeamMemory } from './seam-memory.js';
import { emptyState, StateTable } from './state-table.js';

type Detail = NonNullable<AppendCompletion['detail']>;

/** Made by the main thread for one thread; structured-clonable, `control` must be in the transfer list. */
export interface GatewayHandle {
  readonly thread: number;
  readonly memory: SeamMemory;
  readonly control: MessagePort;
}

/** Decides when this thread drains on behalf of a sleeping worker, and does it. None by default. */
export interface Helping {
  /** `queued`: entries in the sleeping worker's ring. */
  mayHelp(worker: number, queued: number): boolean;
  /** Runs the worker's drain; this thread holds the ring's drain token meanwhile. */
  drain(worker: number, ring: Ring): void;
  /** Hands out what `drain` did; the token is handed back. */
  deliver?(): void;
  forget?(slot: number): void;
}

export interface GatewayOptions {
  /** Attaches the logs that workers opened. */
  engine: Pick<SegmentEngine, 'attachLog' | 'closeLog'>;
  /** Of this thread's poller; `port` (and threads without a poller) are woken by message and `onWake`. */
  wakeHandle: WakeHandle | null;
  /** Something waits for `drain`. Not used with a native wake handle: the poller tells. */
  onWake: () => void;
  helping?: Helping;
}

/** Completions handed over by one `drain` call before the thread turns to its sockets again. */
const DRAIN_ENTRIES_MAX = 65_536;
const NO_WORKER = -1;

interface AttachedLog {
  directory: string;
  /** The worker's token this thread's token was made from; -1 = not attached. */
  published: LogToken;
  token: LogToken;
}

export class PartitionGateway implements PartitionGatewayApi {
  private readonly table: StateTable;
  private readonly completions: Ring;
  private readonly submissions: Ring[];
  private readonly wakers: AtomicsWaker[];
  /** Workers that got entries since the last flushWakes, and whether each is among them. */
  private readonly touched: Int32Array;
  private readonly isTouched: Uint8Array;
  private touchedCount = 0;
  /** By slot; grows with the slots learnt. */
  private workerOf = new Int16Array(256).fill(NO_WORKER);
  private readonly logs = new Map<number, AttachedLog>();
  private readonly ports = new Map<number, MessagePort>();
  /** Texts that arrived before their completion was read; by request. */
  private readonly details = new Map<number, Detail>();
  private readonly state: PartitionState = emptyState();
  private readonly wokenByPort: boolean;
  private readonly completion: AppendCompletion = {
    request: 0,
    slot: 0,
    error: 0,
    baseOffset: -1,
    appendTime: -1,
    logStartOffset: -1,
    detail: null,
  };

  private readonly producers = new Map<number, SharedArrayBuffer>();
  private helping: Helping | undefined;

  private constructor(
    private readonly handle: GatewayHandle,
    private readonly options: GatewayOptions,
  ) {
    const { memory, thread } = handle;
    this.table = StateTable.attach(memory.state);
    this.completions = Ring.attach(memory.completions[thread]);
    this.submissions = memory.submissions.map((ring) => Ring.attach(ring));
    this.wakers = this.submissions.map((ring) => new AtomicsWaker(ring));
    this.touched = new Int32Array(this.submissions.length);
    this.isTouched = new Uint8Array(this.submissions.length);
    const { wakeHandle } = options;
    this.helping = options.helping;
    this.wokenByPort = wakeHandle?.kind !== 'native';
    const wakeId = wakeHandle?.kind === 'native' ? wakeHandle.id + 1 : 0;
    Atomics.store(new Int32Array(memory.wakeIds), thread, wakeId);
    handle.control.on('message', (message: GatewayMessage) => this.onControl(message));
    handle.control.unref();
    // From here on this thread counts as asleep: whoever publishes rings.
    if (!this.completions.rest()) this.wakeSelf();
  }

  static attach(handle: GatewayHandle, options: GatewayOptions): PartitionGateway {
    return new PartitionGateway(handle, options);
  }

  /** A helper needs the gateway it helps, so it comes after it. */
  startHelping(helping: Helping): void {
    this.helping = helping;
  }

  /** Producer table of a worker's logs; null until the worker has introduced itself. */
  producersOf(worker: number): SharedArrayBuffer | null {
    if (!this.ports.has(worker)) this.readControl();
    const port = this.ports.get(worker);
    if (port !== undefined && !this.producers.has(worker)) this.readPort(worker, port);
    return this.producers.get(worker) ?? null;
  }

  directoryOf(slot: number): string {
    return (this.logs.get(slot) ?? this.learnt(slot)).directory;
  }

  get thread(): number {
    return this.handle.thread;
  }

  /** Memory of this thread's frames, registered in every worker under the index of this thread. */
  get slab(): SharedArrayBuffer {
    return this.handle.memory.slabs[this.handle.thread];
  }

  submitAppend(slot: number, request: number, slabPosition: number, length: number, flags: number): boolean {
    const worker = this.workerFor(slot);
    const ring = this.submissions[worker];
    if (!ring.reserve(1)) {
      ring.wantSpace(this.handle.thread);
      this.touch(worker);
      if (!ring.reserve(1)) return false;
    }
    const at = ring.word(0);
    const { words } = ring;
    words[at + SubmissionWord.slot] = slot;
    words[at + SubmissionWord.request] = request;
    words[at + SubmissionWord.slab] = this.handle.thread;
    words[at + SubmissionWord.position] = slabPosition;
    words[at + SubmissionWord.length] = length;
    words[at + SubmissionWord.flags] = flags;
    ring.publish();
    this.touch(worker);
    return true;
  }

  flushWakes(): void {
    // From the end: what a helper delivers may submit more.
    while (this.touchedCount > 0) {
      const worker = this.touched[--this.touchedCount];
      this.isTouched[worker] = 0;
      const ring = this.submissions[worker];
      if (this.helping !== undefined && this.help(worker, ring, this.helping)) continue;
      if (ring.signal()) this.wakers[worker].wake();
    }
  }

  /** Each callback gets the same object again: copy what must outlive the call. Returns the number handed over. */
  drain(onAppend: (completion: AppendCompletion) => void, onReadable: (slot: number) => void): number {
    const ring = this.completions;
    ring.begin();
    let total = 0;
    let asleep = false;
    try {
      while (!asleep && total < DRAIN_ENTRIES_MAX) {
        const count = ring.ready(ring.capacity);
        for (let i = 0; i < count; i++) this.handOver(ring, onAppend, onReadable);
        total += count;
        asleep = count === 0 && ring.rest();
      }
    } finally {
      // Awake still (the sockets shall have their turn, or a callback threw): nobody else will ring.
      if (!asleep) this.wakeSelf();
    }
    return total;
  }

  status(slot: number): number {
    return this.table.status(slot);
  }

  readState(slot: number, out: PartitionState): void {
    this.table.read(slot, out);
  }

  watch(slot: number): void {
    this.table.watch(slot, this.handle.thread);
  }

  /** -1 = the partition is not online. */
  logToken(slot: number): number {
    this.table.read(slot, this.state);
    const published = this.state.logToken;
    const log = this.logs.get(slot) ?? this.learnt(slot);
    if (published === log.published) return log.token;
    this.detach(log);
    if (published !== -1) {
      log.token = this.options.engine.attachLog(log.directory, published);
      log.published = published;
    }
    return log.token;
  }

  learn(slot: number, directory: string, worker: number): void {
    assert(worker >= 0 && worker < this.submissions.length, `worker ${worker} does not exist`);
    if (slot >= this.workerOf.length) {
      const grown = new Int16Array(Math.max(slot + 1, this.workerOf.length * 2)).fill(NO_WORKER);
      grown.set(this.workerOf);
      this.workerOf = grown;
    }
    this.workerOf[slot] = worker;
    if (!this.logs.has(slot)) this.logs.set(slot, { directory, published: -1, token: -1 });
  }

  /** Lets go of the log in this thread. The slot may be learnt again. */
  forget(slot: number): void {
    const log = this.logs.get(slot);
    if (log === undefined) return;
    this.detach(log);
    this.helping?.forget?.(slot);
    this.logs.delete(slot);
    this.workerOf[slot] = NO_WORKER;
  }

  /** Lets go of everything; the thread can exit. */
  close(): void {
    for (const log of this.logs.values()) this.detach(log);
    this.logs.clear();
    for (const port of this.ports.values()) port.close();
    this.ports.clear();
    this.handle.control.close();
  }

  private handOver(
    ring: Ring,
    onAppend: (completion: AppendCompletion) => void,
    onReadable: (slot: number) => void,
  ): void {
    const at = ring.taken(0);
    const slot = ring.words[at + CompletionWord.slot];
    const readable = ring.words[at + CompletionWord.kind] === CompletionKind.readable;
    if (!readable) this.takeCompletion(ring, at);
    ring.release(1); // before the callback, which may throw
    if (readable) onReadable(slot);
    else onAppend(this.completion);
  }

  private touch(worker: number): void {
    if (this.isTouched[worker] === 1) return;
    this.isTouched[worker] = 1;
    this.touched[this.touchedCount++] = worker;
  }

  private help(worker: number, ring: Ring, helping: Helping): boolean {
    if (!helping.mayHelp(worker, ring.queued()) || !ring.beginHelp()) return false;
    try {
      helping.drain(worker, ring);
    } finally {
      if (ring.endHelp()) this.wakers[worker].wake();
    }
    helping.deliver?.();
    return true;
  }

  private takeCompletion(ring: Ring, at: number): void {
    const { completion } = this;
    const { words, doubles } = ring;
    const double = at >> 1;
    completion.slot = words[at + CompletionWord.slot];
    completion.request = words[at + CompletionWord.request];
    completion.error = words[at + CompletionWord.error];
    completion.baseOffset = doubles[double + CompletionDouble.baseOffset];
    completion.appendTime = doubles[double + CompletionDouble.appendTime];
    completion.logStartOffset = doubles[double + CompletionDouble.logStartOffset];
    completion.detail =
      words[at + CompletionWord.kind] === CompletionKind.appendWithDetail
        ? this.takeDetail(words[at + CompletionWord.worker], completion.request)
        : null;
  }

  private takeDetail(worker: number, request: number): Detail {
    if (!this.ports.has(worker)) this.readControl();
    const port = this.ports.get(worker);
    assert(port !== undefined, `worker ${worker} was not introduced`);
    for (;;) {
      const detail = this.details.get(request);
      if (detail !== undefined) {
        this.details.delete(request);
        return detail;
      }
      const more = this.readPort(worker, port);
      assert(more, `texts of request ${request} are missing`);
    }
  }

  /** Takes one message that is not an event; false = there is none. */
  private readPort(worker: number, port: MessagePort): boolean {
    const received = receiveMessageOnPort(port);
    if (received === undefined) return false;
    this.onThreadMessage(worker, received.message);
    return true;
  }

  private onThreadMessage(worker: number, message: ThreadMessage): void {
    switch (message.kind) {
      case 'detail':
        this.details.set(message.request, message.detail);
        break;
      case 'producers':
        this.producers.set(worker, message.handle);
        break;
      case 'wake':
        if (this.wokenByPort) this.options.onWake();
        break;
    }
  }

  private workerFor(slot: number): number {
    if (slot >= this.workerOf.length || this.workerOf[slot] === NO_WORKER) this.learnt(slot);
    return this.workerOf[slot];
  }

  private learnt(slot: number): AttachedLog {
    this.readControl();
    const log = this.logs.get(slot);
    assert(log !== undefined, `slot ${slot} is not known in thread ${this.handle.thread}`);
    return log;
  }

  private readControl(): void {
    for (;;) {
      const received = receiveMessageOnPort(this.handle.control);
      if (received === undefined) return;
      this.onControl(received.message);
    }
  }

  private onControl(message: GatewayMessage): void {
    if (message.kind === 'learn') {
      for (const { slot, directory, worker } of message.logs) this.learn(slot, directory, worker);
      return;
    }
    const { worker, port } = message;
    this.ports.set(worker, port);
    if (!this.wokenByPort) return;
    port.on('message', (threadMessage: ThreadMessage) => this.onThreadMessage(worker, threadMessage));
    port.unref();
  }

  private wakeSelf(): void {
    setImmediate(this.options.onWake);
  }

  private detach(log: AttachedLog): void {
    if (log.published !== -1) this.options.engine.closeLog(log.token);
    log.published = -1;
    log.token = -1;
  }
}
