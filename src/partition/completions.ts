/**
 * A worker's way back to the network threads: completions and fetch wake-ups go into each thread's ring, texts go ahead
 * on the port between the two, and every thread concerned is rung at most once per drain.
 *
 * A full ring never blocks the worker and nothing is dropped: what does not fit waits here in order and is tried again
 * before anything newer. It is bounded by what the thread has in flight, which its slab bounds. Owned by one worker.
 */
import type { MessagePort } from 'node:worker_threads';
import { assert } from '../base/assert.js';
import { Ring } from '../ring/ring.js';
import type { AppendCompletion } from './contract.js';
import { Counter } from './counters.js';
import { CompletionDouble, CompletionKind, CompletionWord } from './entries.js';
import type { ThreadMessage } from './messages.js';
import type { SeamMemory } from './seam-memory.js';

type Detail = NonNullable<AppendCompletion['detail']>;

/** Numbers of one overflowed completion: kind, slot, request, error, baseOffset, appendTime, logStartOffset. */
const OVERFLOW_NUMBERS = 7;

class ThreadOutbox {
  readonly ring: Ring;
  touched = false;
  private overflow: number[] = [];
  private overflowHead = 0;

  constructor(
    readonly thread: number,
    memory: SharedArrayBuffer,
    /** None where a helper writes: the threads it wakes have native pollers. */
    readonly port: MessagePort | undefined,
    private readonly worker: number,
  ) {
    this.ring = Ring.attach(memory);
  }

  get hasOverflow(): boolean {
    return this.overflow.length > 0;
  }

  /** False = it had to wait. */
  put(
    kind: number,
    slot: number,
    request: number,
    error: number,
    base: number,
    time: number,
    start: number,
  ): boolean {
    this.touched = true;
    if (!this.hasOverflow && this.write(kind, slot, request, error, base, time, start)) return true;
    this.overflow.push(kind, slot, request, error, base, time, start);
    return false;
  }

  /** Moves what waited into the ring, as much as fits. */
  retry(): void {
    const list = this.overflow;
    let at = this.overflowHead;
    while (at < list.length) {
      const fits = this.write(
        list[at],
        list[at + 1],
        list[at + 2],
        list[at + 3],
        list[at + 4],
        list[at + 5],
        list[at + 6],
      );
      if (!fits) break;
      this.touched = true;
      at += OVERFLOW_NUMBERS;
    }
    this.overflowHead = at;
    if (at === list.length) {
      this.overflow = [];
      this.overflowHead = 0;
    }
  }

  private write(
    kind: number,
    slot: number,
    request: number,
    error: number,
    base: number,
    time: number,
    start: number,
  ): boolean {
    const { ring } = this;
    if (!ring.reserve(1)) return false;
    const at = ring.word(0);
    const { words, doubles } = ring;
    words[at + CompletionWord.kind] = kind;
    words[at + CompletionWord.slot] = slot;
    words[at + CompletionWord.request] = request;
    words[at + CompletionWord.error] = error;
    words[at + CompletionWord.worker] = this.worker;
    const double = at >> 1;
    doubles[double + CompletionDouble.baseOffset] = base;
    doubles[double + CompletionDouble.appendTime] = time;
    doubles[double + CompletionDouble.logStartOffset] = start;
    ring.publish();
    return true;
  }
}

export class Completions {
  private readonly outboxes: ThreadOutbox[];
  private readonly wakeIds: Int32Array;

  constructor(
    memory: SeamMemory,
    ports: readonly MessagePort[],
    worker: number,
    /** Wakes the poller with this native id (io). */
    private readonly wakeNative: (id: number) => void,
    private readonly counters: Float64Array,
  ) {
    this.outboxes = memory.completions.map(
      (ring, thread) => new ThreadOutbox(thread, ring, ports[thread], worker),
    );
    this.wakeIds = new Int32Array(memory.wakeIds);
  }

  /** The outcome of one append. `wake` must follow. */
  append(
    thread: number,
    slot: number,
    request: number,
    error: number,
    base: number,
    time: number,
    start: number,
    detail: Detail | null,
  ): void {
    const outbox = this.outboxes[thread];
    let kind: number = CompletionKind.append;
    if (detail !== null) {
      // Ahead of the entry: a port hands over at once, so the thread finds the texts when it reads the entry.
      assert(outbox.port !== undefined, "texts travel on the worker's port");
      outbox.port.postMessage({ kind: 'detail', request, detail } satisfies ThreadMessage);
      kind = CompletionKind.appendWithDetail;
    }
    if (!outbox.put(kind, slot, request, error, base, time, start)) this.counters[Counter.overflows]++;
  }

  /** Tells each thread whose bit is set that `slot` changed. `wake` must follow. */
  readable(threads: number, slot: number): void {
    for (let bits = threads; bits !== 0; bits &= bits - 1) {
      const outbox = this.outboxes[31 - Math.clz32(bits & -bits)];
      if (!outbox.put(CompletionKind.readable, slot, 0, 0, -1, -1, -1)) this.counters[Counter.overflows]++;
    }
  }

  /** Those of `threads` (bits) that have no poller: a helper, which has no port to them either, cannot wake them. */
  withoutPoller(threads: number): number {
    let found = 0;
    for (let bits = threads; bits !== 0; bits &= bits - 1) {
      const bit = bits & -bits;
      if (Atomics.load(this.wakeIds, 31 - Math.clz32(bit)) <= 0) found |= bit;
    }
    return found;
  }

  /** Threads (bits) that found this worker's ring full: there is space again. `wake` must follow. */
  space(threads: number): void {
    for (let bits = threads; bits !== 0; bits &= bits - 1) {
      const outbox = this.outboxes[31 - Math.clz32(bits & -bits)];
      // A helper cannot ring a thread without a poller (the main thread, which tries again by itself). Signalling it
      // without a bell would leave it asleep for good.
      if (outbox.port !== undefined || Atomics.load(this.wakeIds, outbox.thread) > 0) outbox.touched = true;
    }
  }

  /** Something did not fit and must be tried again. */
  get hasOverflow(): boolean {
    for (const outbox of this.outboxes) if (outbox.hasOverflow) return true;
    return false;
  }

  /** Tries what waited, then rings every thread that got something and sleeps, once. */
  wake(): void {
    for (const outbox of this.outboxes) {
      if (outbox.hasOverflow) outbox.retry();
      if (!outbox.touched) continue;
      outbox.touched = false;
      if (outbox.ring.signal()) this.ringBell(outbox);
    }
  }

  private ringBell(outbox: ThreadOutbox): void {
    this.counters[Counter.wakes]++;
    const id = Atomics.load(this.wakeIds, outbox.thread);
    if (id > 0) this.wakeNative(id - 1);
    else outbox.port?.postMessage({ kind: 'wake' } satisfies ThreadMessage);
  }
}
