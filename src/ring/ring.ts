import { assert, assertInteger } from '../base/assert.js';
import { DrainToken } from './drain-token.js';
import {
  CAPACITY_MAX,
  CAPACITY_MIN,
  ENTRY_SHIFT,
  EntryWord,
  HEADER_WORDS,
  RING_MAGIC,
  RingWord,
  ringBytes,
} from './layout.js';

/**
 * A bounded ring for several producing threads and one draining thread at a time (whoever holds the drain token), after
 * D. Vyukov's bounded MPMC queue. Entries are one cache line; nothing is allocated after construction. One instance per
 * thread over the same memory; an instance is not shared between threads. Layout: layout.ts.
 *
 * Producer: `reserve(n)`, write the words at `word(i)`, `publish()`, then `signal()` once for everything it published.
 * Drainer: `ready(n)`, read the words at `taken(i)`, `release(n)`; then sleep by `rest` or `waitForWork`.
 *
 * Left out: a producer that dies between reserve and publish stops the ring; threads here die only with the process.
 */
export class Ring {
  readonly words: Int32Array;
  /** The same memory as doubles: index = word index / 2, for even word indexes. */
  readonly doubles: Float64Array;
  readonly capacity: number;
  readonly token: DrainToken;
  private readonly mask: number;
  private reservedAt = 0;
  private reservedCount = 0;
  /** Head as `ready` saw it: only the holder of the token moves it. */
  private headSeen = 0;

  private constructor(readonly memory: SharedArrayBuffer) {
    this.words = new Int32Array(memory);
    this.doubles = new Float64Array(memory);
    assert(this.words[RingWord.magic] === RING_MAGIC, 'memory is not a ring');
    this.capacity = this.words[RingWord.capacity];
    assert(memory.byteLength === ringBytes(this.capacity), 'ring memory has the wrong size');
    this.mask = this.capacity - 1;
    this.token = new DrainToken(this.words);
  }

  /** Memory of an empty ring; `capacity` is a power of two. The token starts as awake: the owner looks when it starts. */
  static create(capacity: number): SharedArrayBuffer {
    assertInteger(capacity, CAPACITY_MIN, CAPACITY_MAX, 'ring capacity');
    assert((capacity & (capacity - 1)) === 0, `ring capacity ${capacity} is not a power of two`);
    const memory = new SharedArrayBuffer(ringBytes(capacity));
    const words = new Int32Array(memory, 0, HEADER_WORDS);
    words[RingWord.magic] = RING_MAGIC;
    words[RingWord.capacity] = capacity;
    return memory;
  }

  static attach(memory: SharedArrayBuffer): Ring {
    return new Ring(memory);
  }

  // ── producers ────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Reserves `count` successive entries; false = that many are not free. Must be followed by `publish`. */
  reserve(count: number): boolean {
    assert(this.reservedCount === 0 && count > 0 && count <= this.capacity, 'ring reserve');
    for (;;) {
      const tail = Atomics.load(this.words, RingWord.tail);
      // Entries are released in order: when the last one is free, so are those before it.
      const last = (tail + count - 1) | 0;
      const turn = Atomics.load(this.words, this.wordOf(last));
      if (turn !== (last & ~this.mask)) {
        if (Atomics.load(this.words, RingWord.tail) === tail) return false;
        continue; // another producer moved on between the two loads
      }
      const next = (tail + count) | 0;
      if (Atomics.compareExchange(this.words, RingWord.tail, tail, next) === tail) {
        this.reservedAt = tail;
        this.reservedCount = count;
        return true;
      }
    }
  }

  /** Word index of the i-th reserved entry; its words 1 to 15 may be written. */
  word(index: number): number {
    return this.wordOf((this.reservedAt + index) | 0);
  }

  /** Makes the reserved entries readable, in order. */
  publish(): void {
    for (let i = 0; i < this.reservedCount; i++) {
      const position = (this.reservedAt + i) | 0;
      Atomics.store(this.words, this.wordOf(position), ((position & ~this.mask) + 1) | 0);
    }
    this.reservedCount = 0;
  }

  /** After publishing: true = the owner slept and the caller must ring its bell (waker.ts). */
  signal(): boolean {
    return this.token.signal();
  }

  /**
   * Asks for a bell when entries are released; `bit` (0 to 31) names the producer. Reserve once more after calling:
   * the drainer releases, then takes the bits; the producer sets its bit, then looks for space. One sees the other.
   */
  wantSpace(bit: number): void {
    Atomics.or(this.words, RingWord.spaceWanted, 1 << bit);
  }

  /** Tells the owner that something outside the ring waits for it (a message port). Needs no free entry; signal after it. */
  raiseControl(): void {
    Atomics.store(this.words, RingWord.control, 1);
  }

  // ── whoever holds the token ──────────────────────────────────────────────────────────────────────────────────────

  /** How many successive entries can be taken now, at most `max`. */
  ready(max: number): number {
    const head = Atomics.load(this.words, RingWord.head);
    this.headSeen = head;
    let count = 0;
    while (count < max && count < this.capacity) {
      const position = (head + count) | 0;
      if (Atomics.load(this.words, this.wordOf(position)) !== (((position & ~this.mask) + 1) | 0)) break;
      count++;
    }
    return count;
  }

  /** Word index of the i-th entry that `ready` counted. */
  taken(index: number): number {
    return this.wordOf((this.headSeen + index) | 0);
  }

  /** Gives the first `count` entries back to the producers; their words may be overwritten at once. */
  release(count: number): void {
    const head = this.headSeen;
    for (let i = 0; i < count; i++) {
      const position = (head + i) | 0;
      Atomics.store(this.words, this.wordOf(position), ((position & ~this.mask) + this.capacity) | 0);
    }
    this.headSeen = (head + count) | 0;
    Atomics.store(this.words, RingWord.head, this.headSeen);
  }

  /** After `release`: bits of the producers that wait for space, each handed out once. */
  takeSpaceWanted(): number {
    if (Atomics.load(this.words, RingWord.spaceWanted) === 0) return 0;
    return Atomics.exchange(this.words, RingWord.spaceWanted, 0);
  }

  /** Nothing can be taken and no control is raised. An entry reserved but not yet published counts as absent: its
   *  producer signals after publishing it. */
  isEmpty(): boolean {
    return this.ready(1) === 0 && Atomics.load(this.words, RingWord.control) === 0;
  }

  /** Entries reserved and not yet released: what a helping policy looks at. */
  queued(): number {
    return (Atomics.load(this.words, RingWord.tail) - Atomics.load(this.words, RingWord.head)) | 0;
  }

  /** Takes the raised control down; true = it was up. */
  takeControl(): boolean {
    return Atomics.exchange(this.words, RingWord.control, 0) !== 0;
  }

  // ── the owner's sleep ────────────────────────────────────────────────────────────────────────────────────────────

  /** Owner with an event loop: goes to sleep. False = entries came meanwhile and the owner is awake: drain again.
   *  True also when a producer has signalled in between: then its bell is under way. */
  rest(): boolean {
    this.token.sleep();
    if (this.isEmpty()) return true;
    return !this.token.claim();
  }

  /** Owner with an event loop: begins to drain, called or not. */
  begin(): void {
    assert(this.token.claim(), 'a ring with an event loop has no helpers');
  }

  /** Owner that may block: returns holding the token, when entries or control wait or `timeoutMs` passed (Infinity). */
  waitForWork(timeoutMs: number): void {
    this.token.sleep();
    if (this.isEmpty()) this.token.wait(timeoutMs);
    this.token.claimFromHelper();
  }

  // ── helpers ──────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Another thread takes the token of a sleeping owner; true = it may take entries until `endHelp`. */
  beginHelp(): boolean {
    return this.token.takeOver();
  }

  /** Hands the token back; true = the caller must ring the owner's bell (entries came, or the owner stands waiting). */
  endHelp(): boolean {
    this.token.handBack();
    if (this.isEmpty() && !this.token.wanted) return false;
    return this.token.signal();
  }

  private wordOf(position: number): number {
    return HEADER_WORDS + ((position & this.mask) << ENTRY_SHIFT);
  }
}

/** Word index of an entry's turn is the entry's first; asserted here because `wordOf` relies on it. */
assert(EntryWord.turn === 0, 'turn is the first word of an entry');
