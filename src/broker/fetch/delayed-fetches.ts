/**
 * Purgatory of fetches that wait for data (DelayedFetch.scala). Woken by the append that satisfies them, never by
 * polling: a parked fetch is listed under each of its partition slots; the partition worker reports slots that changed.
 * One timer serves all deadlines. Owned by one network thread.
 */
export interface DelayedFetch {
  /** Slots whose change may complete the fetch. */
  readonly slots: readonly number[];
  readonly deadlineMs: number;
  /** Tries to complete; `expired` forces the answer. Returns true when answered. */
  attempt(expired: boolean): boolean;
  /** Set by this class. */
  done?: boolean;
}

export class DelayedFetches {
  /**
   * Not Maps and Sets: what they outgrow refers to what comes after it, so once an old table is in V8's old space every
   * later fetch survives its scavenge, and is promoted (seen: 5 MB/s at 3,200 fetches a second).
   */
  private readonly bySlot: (DelayedFetch[] | undefined)[] = [];
  private readonly heap: DelayedFetch[] = [];
  private timer: NodeJS.Timeout | undefined;
  private timerDeadlineMs = Number.POSITIVE_INFINITY;
  private waiting = 0;

  constructor(
    private readonly monotonicMs: () => number,
    /** Runs after timer-driven completions so that the answers leave. */
    private readonly endTurn: () => void,
  ) {}

  get size(): number {
    return this.waiting;
  }

  park(fetch: DelayedFetch): void {
    this.waiting++;
    for (const slot of fetch.slots) this.waitingOn(slot).push(fetch);
    this.push(fetch);
    this.arm();
  }

  /** A partition changed. Returns true when somebody still waits for it: the caller watches it again. */
  wake(slot: number): boolean {
    const waiting = this.bySlot[slot];
    if (waiting === undefined || waiting.length === 0) return false;
    for (const fetch of waiting.slice()) if (fetch.done !== true && fetch.attempt(false)) this.remove(fetch);
    return waiting.length > 0;
  }

  /** The client went away. */
  cancel(fetch: DelayedFetch): void {
    if (fetch.done !== true) this.remove(fetch);
  }

  close(): void {
    clearTimeout(this.timer);
    this.bySlot.length = 0;
    this.heap.length = 0;
    this.waiting = 0;
  }

  private remove(fetch: DelayedFetch): void {
    fetch.done = true;
    this.waiting--;
    for (const slot of fetch.slots) {
      const waiting = this.waitingOn(slot);
      const at = waiting.indexOf(fetch);
      if (at < 0) continue;
      waiting[at] = waiting[waiting.length - 1];
      waiting.pop();
    }
    // Finished fetches leave the heap when they reach its top; a rebuild keeps them from piling up under long waits.
    if (this.heap.length > 64 && this.heap.length > this.waiting * 2) this.rebuild();
  }

  /** Slots are small numbers without gaps; -1 (a partition that is not here) waits for its deadline alone. */
  private waitingOn(slot: number): DelayedFetch[] {
    if (slot < 0) return [];
    while (this.bySlot.length <= slot) this.bySlot.push(undefined);
    let waiting = this.bySlot[slot];
    if (waiting === undefined) {
      waiting = [];
      this.bySlot[slot] = waiting;
    }
    return waiting;
  }

  private arm(): void {
    while (this.heap[0]?.done === true) this.pop();
    const first = this.heap[0];
    if (first === undefined || first.deadlineMs >= this.timerDeadlineMs) return;
    clearTimeout(this.timer);
    this.timerDeadlineMs = first.deadlineMs;
    this.timer = setTimeout(
      () => this.expire(),
      Math.max(0, Math.ceil(first.deadlineMs - this.monotonicMs())),
    );
  }

  private expire(): void {
    this.timerDeadlineMs = Number.POSITIVE_INFINITY;
    const now = this.monotonicMs();
    for (let first = this.heap[0]; first !== undefined; first = this.heap[0]) {
      if (first.done !== true) {
        if (first.deadlineMs > now) break;
        first.attempt(true);
        this.remove(first);
      }
      if (this.heap[0] === first) this.pop();
    }
    this.arm();
    this.endTurn();
  }

  private rebuild(): void {
    const alive = this.heap.filter((fetch) => fetch.done !== true);
    this.heap.length = 0;
    for (const fetch of alive) this.push(fetch);
  }

  private push(fetch: DelayedFetch): void {
    const heap = this.heap;
    let index = heap.push(fetch) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (heap[parent].deadlineMs <= fetch.deadlineMs) break;
      heap[index] = heap[parent];
      index = parent;
    }
    heap[index] = fetch;
  }

  private pop(): void {
    const heap = this.heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = index * 2 + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && heap[child + 1].deadlineMs < heap[child].deadlineMs) child++;
      if (heap[child].deadlineMs >= last.deadlineMs) break;
      heap[index] = heap[child];
      index = child;
    }
    heap[index] = last;
  }
}
