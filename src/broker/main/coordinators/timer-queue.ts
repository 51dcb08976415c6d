/**
 * All timers of all coordinator shards behind one timer of the event loop, which is armed only while there is one to wait
 * for. A heap by deadline; each entry knows its place, so a heartbeat moves its session's timer in O(log n) and leaves
 * nothing behind. Deadlines are kept on the monotonic clock: a step of the wall clock neither expires nor freezes sessions.
 * Main thread.
 */
import type { Clock } from '../../../io/clock.js';

/** Longest wait setTimeout takes; a later deadline is looked at again then. */
const WAIT_MS_MAX = 2 ** 31 - 1;

/** Who gets a timer's call; `nowMs` is never before the time that was asked for. */
export interface TimerOwner {
  timerExpired(key: string, nowMs: number): void;
}

interface Entry {
  readonly owner: TimerOwner;
  readonly key: string;
  atMs: number;
  /** The same on the monotonic clock: what the heap is ordered by. */
  due: number;
  index: number;
}

export class TimerQueue {
  private readonly heap: Entry[] = [];
  private readonly byOwner = new Map<TimerOwner, Map<string, Entry>>();
  private armed: NodeJS.Timeout | undefined;
  private armedDue = Number.POSITIVE_INFINITY;
  private firing = false;

  constructor(private readonly clock: Clock) {}

  get size(): number {
    return this.heap.length;
  }

  /** Sets or moves a timer; null cancels it. `atMs` is wall-clock time, ms since 1970. */
  set(owner: TimerOwner, key: string, atMs: number | null): void {
    const known = this.byOwner.get(owner)?.get(key);
    if (atMs === null) {
      if (known !== undefined) this.remove(known);
      return;
    }
    const due = this.clock.monotonicMs() + (atMs - this.clock.now());
    if (known === undefined) this.add({ owner, key, atMs, due, index: this.heap.length });
    else {
      known.atMs = atMs;
      known.due = due;
      this.settle(known);
    }
    if (due < this.armedDue && !this.firing) this.arm();
  }

  /** Forgets every timer of `owner`. */
  clear(owner: TimerOwner): void {
    for (const entry of [...(this.byOwner.get(owner)?.values() ?? [])]) this.remove(entry);
  }

  private add(entry: Entry): void {
    const entries = this.byOwner.get(entry.owner) ?? new Map<string, Entry>();
    entries.set(entry.key, entry);
    this.byOwner.set(entry.owner, entries);
    this.heap.push(entry);
    this.settle(entry);
  }

  private remove(entry: Entry): void {
    const entries = this.byOwner.get(entry.owner);
    entries?.delete(entry.key);
    if (entries?.size === 0) this.byOwner.delete(entry.owner);
    const last = this.heap.pop();
    if (last !== undefined && last !== entry) {
      this.place(last, entry.index);
      this.settle(last);
    }
    if (this.heap.length === 0) this.disarm();
  }

  private place(entry: Entry, index: number): void {
    this.heap[index] = entry;
    entry.index = index;
  }

  /** Moves an entry whose deadline changed to where it belongs. */
  private settle(entry: Entry): void {
    const { heap } = this;
    let { index } = entry;
    while (index > 0 && heap[(index - 1) >> 1].due > entry.due) {
      this.place(heap[(index - 1) >> 1], index);
      index = (index - 1) >> 1;
    }
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && heap[child + 1].due < heap[child].due) child++;
      if (heap[child] === entry || heap[child].due >= entry.due) break;
      this.place(heap[child], index);
      index = child;
    }
    this.place(entry, index);
  }

  private arm(): void {
    this.disarm();
    if (this.heap.length === 0) return;
    this.armedDue = this.heap[0].due;
    const wait = Math.ceil(this.armedDue - this.clock.monotonicMs());
    this.armed = setTimeout(() => this.fire(), Math.min(WAIT_MS_MAX, Math.max(0, wait)));
  }

  private disarm(): void {
    clearTimeout(this.armed);
    this.armed = undefined;
    this.armedDue = Number.POSITIVE_INFINITY;
  }

  private fire(): void {
    this.disarm();
    this.firing = true;
    const until = this.clock.monotonicMs();
    try {
      // One at a time, for a call may cancel others; what it sets for now waits for the next turn.
      for (let left = this.heap.length; left > 0 && this.heap.length > 0; left--) {
        const [{ owner, key, atMs, due }] = this.heap;
        if (due > until) break;
        this.remove(this.heap[0]);
        owner.timerExpired(key, Math.max(atMs, this.clock.now()));
      }
    } finally {
      this.firing = false;
      this.arm();
    }
  }
}
