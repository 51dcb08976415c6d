/**
 * Shared memory in which partition workers publish what readers may rely on. One writer per slot (the main thread until
 * the partition is opened, then its worker), any number of readers, a seqlock per slot. Every word goes through Atomics,
 * so that the order holds on ARM as well as on x86. Layout: state-layout.ts. One instance per thread.
 *
 * The memory grows by doubling. Views have a fixed length and are renewed when a slot lies behind them: a view that
 * follows the length costs four times as much per access (measured: 90 against 20 ns for a store and a load).
 */
import { assert, assertInteger } from '../base/assert.js';
import type { PartitionState } from './contract.js';
import {
  SLOT_WORDS,
  SLOTS_FIRST,
  SLOTS_MAX,
  STATE_MAGIC,
  StateHeaderWord,
  StateWord,
  stateBytes,
  THREADS_MAX,
} from './state-layout.js';

/** A writer needs about 100 ns; a reader that meets it more often than this yields its core, because the writer lost its. */
const READ_SPINS_MAX = 200;
const READ_YIELD_MS = 0.05;
/** 20,000 yields are at least a second: the writer died while writing. */
const READ_YIELDS_MAX = 20_000;
const TWO_32 = 4_294_967_296;

export class StateTable {
  private words: Int32Array;
  private slotsSeen: number;

  private constructor(readonly memory: SharedArrayBuffer) {
    this.words = new Int32Array(memory, 0, memory.byteLength >> 2);
    this.slotsSeen = this.words.length / SLOT_WORDS - 1;
    assert(this.words[StateHeaderWord.magic] === STATE_MAGIC, 'memory is not a state table');
  }

  static create(slots = SLOTS_FIRST): SharedArrayBuffer {
    const memory = new SharedArrayBuffer(stateBytes(slots), { maxByteLength: stateBytes(SLOTS_MAX) });
    new Int32Array(memory, 0, 1)[StateHeaderWord.magic] = STATE_MAGIC;
    return memory;
  }

  static attach(memory: SharedArrayBuffer): StateTable {
    return new StateTable(memory);
  }

  /** Main thread only: the next slot, -1 when all have been handed out. */
  allocate(): number {
    const slot = this.words[StateHeaderWord.slots];
    if (slot >= SLOTS_MAX) return -1;
    if (stateBytes(slot + 1) > this.memory.byteLength) {
      this.memory.grow(stateBytes(Math.min(SLOTS_MAX, slot * 2)));
    }
    Atomics.store(this.words, StateHeaderWord.slots, slot + 1);
    return slot;
  }

  get slots(): number {
    return Atomics.load(this.words, StateHeaderWord.slots);
  }

  /** Writes all fields of `state`. Only the slot's writer may call it. */
  publish(slot: number, state: PartitionState): void {
    const at = this.at(slot);
    const { words } = this;
    const sequence = Atomics.load(words, at);
    assert((sequence & 1) === 0, 'a state has two writers');
    Atomics.store(words, at, (sequence + 1) | 0);
    Atomics.store(words, at + StateWord.status, state.status);
    Atomics.store(words, at + StateWord.leaderEpoch, state.leaderEpoch);
    Atomics.store(words, at + StateWord.logToken, state.logToken);
    Atomics.store(words, at + StateWord.minInsyncReplicas, state.minInsyncReplicas);
    Atomics.store(words, at + StateWord.inSyncReplicas, state.inSyncReplicas);
    this.storeWide(at + StateWord.logStartOffset, state.logStartOffset);
    this.storeWide(at + StateWord.highWatermark, state.highWatermark);
    this.storeWide(at + StateWord.lastStableOffset, state.lastStableOffset);
    this.storeWide(at + StateWord.logEndOffset, state.logEndOffset);
    this.storeWide(at + StateWord.recoveryPoint, state.recoveryPoint);
    this.storeWide(at + StateWord.sizeBytes, state.sizeBytes);
    Atomics.store(words, at, (sequence + 2) | 0);
  }

  /** As `publish`, of what an append changes: end, high watermark, last stable offset and size. */
  publishAppend(slot: number, state: PartitionState): void {
    const at = this.at(slot);
    const { words } = this;
    const sequence = Atomics.load(words, at);
    assert((sequence & 1) === 0, 'a state has two writers');
    Atomics.store(words, at, (sequence + 1) | 0);
    this.storeWide(at + StateWord.highWatermark, state.highWatermark);
    this.storeWide(at + StateWord.lastStableOffset, state.lastStableOffset);
    this.storeWide(at + StateWord.logEndOffset, state.logEndOffset);
    this.storeWide(at + StateWord.sizeBytes, state.sizeBytes);
    Atomics.store(words, at, (sequence + 2) | 0);
  }

  /** PartitionStatus alone: one word needs no agreement with others, and every produce request asks. */
  status(slot: number): number {
    const at = this.at(slot);
    return Atomics.load(this.words, at + StateWord.status);
  }

  /** Changes with every publish; the same number twice = nothing was published in between. */
  sequence(slot: number): number {
    const at = this.at(slot); // may renew `words`
    return Atomics.load(this.words, at);
  }

  /** Copies a consistent state into `out`. */
  read(slot: number, out: PartitionState): void {
    const at = this.at(slot);
    const { words } = this;
    for (let spins = 1; ; spins++) {
      const sequence = Atomics.load(words, at);
      if ((sequence & 1) === 0) {
        out.status = Atomics.load(words, at + StateWord.status);
        out.leaderEpoch = Atomics.load(words, at + StateWord.leaderEpoch);
        out.logToken = Atomics.load(words, at + StateWord.logToken);
        out.minInsyncReplicas = Atomics.load(words, at + StateWord.minInsyncReplicas);
        out.inSyncReplicas = Atomics.load(words, at + StateWord.inSyncReplicas);
        out.logStartOffset = this.loadWide(at + StateWord.logStartOffset);
        out.highWatermark = this.loadWide(at + StateWord.highWatermark);
        out.lastStableOffset = this.loadWide(at + StateWord.lastStableOffset);
        out.logEndOffset = this.loadWide(at + StateWord.logEndOffset);
        out.recoveryPoint = this.loadWide(at + StateWord.recoveryPoint);
        out.sizeBytes = this.loadWide(at + StateWord.sizeBytes);
        if (Atomics.load(words, at) === sequence) return;
      }
      if (spins % READ_SPINS_MAX === 0) {
        assert(spins < READ_SPINS_MAX * READ_YIELDS_MAX, `state of slot ${slot} is being written for ever`);
        Atomics.wait(words, at, sequence, READ_YIELD_MS);
      }
    }
  }

  /** Main thread, after the slot's worker died: ends a write that it left half done. The fields may be mixed. */
  seizeFromDeadWriter(slot: number): void {
    const at = this.at(slot);
    const sequence = Atomics.load(this.words, at);
    if ((sequence & 1) === 1) Atomics.store(this.words, at, (sequence + 1) | 0);
  }

  /** Main thread, before the slot becomes known to anybody else. */
  setWorker(slot: number, worker: number): void {
    const at = this.at(slot); // may renew `words`
    Atomics.store(this.words, at + StateWord.worker, worker);
  }

  workerOf(slot: number): number {
    const at = this.at(slot);
    return Atomics.load(this.words, at + StateWord.worker);
  }

  /** The slot exists: some thread may have published something for it. */
  has(slot: number): boolean {
    return slot >= 0 && slot < this.slots;
  }

  /** Asks that `thread` be told of the slot's next change. Read the state again afterwards: a change that came before
   *  the bit was set tells nobody. (Reader: bit, then read. Writer: publish, then take the bits. One sees the other.) */
  watch(slot: number, thread: number): void {
    assertInteger(thread, 0, THREADS_MAX - 1, 'thread');
    const at = this.at(slot);
    Atomics.or(this.words, at + StateWord.waiters, 1 << thread);
  }

  /** After publish: the bits of the threads to tell, each handed out once. */
  takeWatchers(slot: number): number {
    const word = this.at(slot) + StateWord.waiters;
    if (Atomics.load(this.words, word) === 0) return 0;
    return Atomics.exchange(this.words, word, 0);
  }

  private at(slot: number): number {
    if (slot >= this.slotsSeen) {
      this.words = new Int32Array(this.memory, 0, this.memory.byteLength >> 2);
      this.slotsSeen = this.words.length / SLOT_WORDS - 1;
    }
    // The text is made only when it is needed: every request comes here.
    if (slot < 0 || slot >= this.slotsSeen) assert(false, `slot ${slot} does not exist`);
    return (slot + 1) * SLOT_WORDS;
  }

  private storeWide(word: number, value: number): void {
    Atomics.store(this.words, word, value | 0);
    Atomics.store(this.words, word + 1, Math.floor(value / TWO_32));
  }

  private loadWide(word: number): number {
    return Atomics.load(this.words, word + 1) * TWO_32 + (Atomics.load(this.words, word) >>> 0);
  }
}

/** A state that says "nothing yet". */
export function emptyState(): PartitionState {
  return {
    status: 0,
    leaderEpoch: -1,
    logStartOffset: 0,
    highWatermark: 0,
    lastStableOffset: 0,
    logEndOffset: 0,
    recoveryPoint: 0,
    logToken: -1,
    minInsyncReplicas: 1,
    inSyncReplicas: 1,
    sizeBytes: 0,
  };
}
