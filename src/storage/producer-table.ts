/**
 * State of idempotent and transactional producers (Kafka's ProducerStateEntry), for all logs of one partition worker,
 * in shared memory: whoever holds the worker's drain token reads and writes it, on whichever thread. One writer, so
 * plain loads and stores; the token's compare-and-swap orders them.
 *
 * ```
 *  words   0       1         2          3      4        5      6..15
 *  header  layout  buckets   highWater  used   free+1   hand   reserved
 *  16 ..               buckets: entry+1 of the first in the chain, 0 = none (room for BUCKETS_MAX, the first are used)
 *  then entries of 48 words:
 *   0       1      2..3          4      5            6      7       8..9          10..11         12..41
 *   next+1  scope  id low, high  epoch  coordinator  count  oldest  txn first     last           5 batches
 *           -1=free                     Epoch                       offset (f64)  timestamp f64
 *  a batch: lastSequence i32, offsetDelta i32, lastOffset f64, timestamp f64 (6 words)
 * ```
 * Growth: the buffer grows at its end, entries never move; the bucket count doubles and chains are relinked. At
 * PRODUCERS_MAX the oldest of a sample without an open transaction gives way, as if it had expired.
 */
import { assert } from '../base/assert.js';

export const PRODUCER_TABLE_LAYOUT = 1;
/** 262,144 × 192 B = 48 MiB per worker at most; memory is touched as it is used. */
export const PRODUCERS_MAX = 262_144;
export const CACHED_BATCHES = 5;
export const ENTRY_WORDS = 48;
/** How many entries a full table looks at to find one that may go. */
const EVICTION_SAMPLE = 64;
const HEADER_WORDS = 16;
const BUCKETS_MIN = 1024;
const ENTRIES_FIRST = 256;

const Header = { layout: 0, buckets: 1, highWater: 2, used: 3, free: 4, hand: 5 } as const;
/** Words of an entry. */
export const Entry = {
  next: 0,
  scope: 1,
  idLow: 2,
  idHigh: 3,
  epoch: 4,
  coordinatorEpoch: 5,
  count: 6,
  oldest: 7,
  transactionFirstOffset: 8,
  lastTimestamp: 10,
  batches: 12,
} as const;
/** Words of a cached batch. */
export const Batch = { lastSequence: 0, offsetDelta: 1, lastOffset: 2, timestamp: 4, words: 6 } as const;
const FREE_SCOPE = -1;

function entriesStart(entriesMax: number): number {
  return HEADER_WORDS + entriesMax * 2;
}

/** An entry is named by its index, valid until it is removed. -1 = none. */
export class ProducerTable {
  // Views of fixed length: those that follow a growing buffer cost five times as much per access (measured).
  private words: Int32Array;
  private doubles: Float64Array;
  private readonly start: number;
  /** Entries the views reach. */
  private room = 0;

  private constructor(
    readonly handle: SharedArrayBuffer,
    private readonly entriesMax: number,
  ) {
    this.start = entriesStart(entriesMax);
    this.words = new Int32Array(0);
    this.doubles = new Float64Array(0);
    this.reach();
  }

  /** New views after the buffer has grown, here or in another thread. */
  private reach(): void {
    const { byteLength } = this.handle;
    this.words = new Int32Array(this.handle, 0, byteLength / 4);
    this.doubles = new Float64Array(this.handle, 0, byteLength / 8);
    this.room = Math.floor((byteLength / 4 - this.start) / ENTRY_WORDS);
  }

  /** Entries given out so far; the views reach them all. */
  private highWater(): number {
    const end = this.words[Header.highWater];
    if (end > this.room) this.reach();
    return end;
  }

  /** `entriesMax`: a power of two from 1,024 to PRODUCERS_MAX. */
  static create(entriesMax: number = PRODUCERS_MAX): ProducerTable {
    assert(Number.isInteger(Math.log2(entriesMax)), 'entriesMax is a power of two');
    assert(entriesMax >= BUCKETS_MIN && entriesMax <= PRODUCERS_MAX, 'entriesMax in range');
    const bytes = (entries: number): number => (entriesStart(entriesMax) + entries * ENTRY_WORDS) * 4;
    const handle = new SharedArrayBuffer(bytes(ENTRIES_FIRST), { maxByteLength: bytes(entriesMax) });
    const words = new Int32Array(handle);
    words[Header.layout] = PRODUCER_TABLE_LAYOUT;
    words[Header.buckets] = BUCKETS_MIN;
    return new ProducerTable(handle, entriesMax);
  }

  /** The same table in another thread. */
  static attach(handle: SharedArrayBuffer): ProducerTable {
    const words = new Int32Array(handle);
    assert(words[Header.layout] === PRODUCER_TABLE_LAYOUT, 'producer table layout');
    const entriesMax = (handle.maxByteLength / 4 - HEADER_WORDS) / (ENTRY_WORDS + 2);
    assert(Number.isInteger(entriesMax), 'producer table size');
    return new ProducerTable(handle, entriesMax);
  }

  get size(): number {
    return this.words[Header.used];
  }

  find(scope: number, idLow: number, idHigh: number): number {
    this.highWater();
    let entry = this.words[this.bucket(scope, idLow, idHigh)] - 1;
    while (entry >= 0) {
      const at = this.at(entry);
      if (
        this.words[at + Entry.idLow] === idLow &&
        this.words[at + Entry.idHigh] === idHigh &&
        this.words[at + Entry.scope] === scope
      ) {
        return entry;
      }
      entry = this.words[at + Entry.next] - 1;
    }
    return -1;
  }

  /** Finds or makes the entry (epoch -1, no batches). -1 = full of producers with open transactions. */
  obtain(scope: number, idLow: number, idHigh: number): number {
    assert(scope >= 0, 'producer scope');
    const found = this.find(scope, idLow, idHigh);
    if (found >= 0) return found;
    const entry = this.allocate();
    if (entry < 0) return -1;
    if (
      this.words[Header.used] > this.words[Header.buckets] &&
      this.words[Header.buckets] < this.entriesMax * 2
    ) {
      this.doubleBuckets();
    }
    const at = this.at(entry);
    this.words.fill(0, at, at + ENTRY_WORDS);
    this.words[at + Entry.scope] = scope;
    this.words[at + Entry.idLow] = idLow;
    this.words[at + Entry.idHigh] = idHigh;
    this.words[at + Entry.epoch] = -1;
    this.words[at + Entry.coordinatorEpoch] = -1;
    this.setTransactionFirstOffset(entry, -1);
    this.doubles[(at + Entry.lastTimestamp) >> 1] = -1;
    this.link(entry);
    return entry;
  }

  remove(entry: number): void {
    const at = this.at(entry);
    assert(this.words[at + Entry.scope] !== FREE_SCOPE, 'removing a free producer entry');
    this.unlink(entry);
    this.words[at + Entry.scope] = FREE_SCOPE;
    this.words[at + Entry.next] = this.words[Header.free];
    this.words[Header.free] = entry + 1;
    this.words[Header.used]--;
  }

  /** Entries of one log. `visit` may remove the entry it is given. */
  forEach(scope: number, visit: (entry: number) => void): void {
    const end = this.highWater();
    for (let entry = 0; entry < end; entry++) {
      if (this.words[this.at(entry) + Entry.scope] === scope) visit(entry);
    }
  }

  removeScope(scope: number): void {
    this.forEach(scope, (entry) => this.remove(entry));
  }

  /** Removes producers whose last append is `expirationMs` or more ago and that have no open transaction. */
  expire(scope: number, nowMs: number, expirationMs: number): number {
    let removed = 0;
    this.forEach(scope, (entry) => {
      if (this.transactionFirstOffset(entry) >= 0 || nowMs - this.lastTimestamp(entry) < expirationMs) return;
      this.remove(entry);
      removed++;
    });
    return removed;
  }

  producerId(entry: number): bigint {
    const at = this.at(entry);
    return (BigInt(this.words[at + Entry.idHigh]) << 32n) | BigInt(this.words[at + Entry.idLow] >>> 0);
  }
  epoch(entry: number): number {
    return this.words[this.at(entry) + Entry.epoch];
  }
  coordinatorEpoch(entry: number): number {
    return this.words[this.at(entry) + Entry.coordinatorEpoch];
  }
  setCoordinatorEpoch(entry: number, epoch: number): void {
    this.words[this.at(entry) + Entry.coordinatorEpoch] = epoch;
  }
  /** First offset of the open transaction, -1 = none. */
  transactionFirstOffset(entry: number): number {
    return this.doubles[(this.at(entry) + Entry.transactionFirstOffset) >> 1];
  }
  setTransactionFirstOffset(entry: number, offset: number): void {
    this.doubles[(this.at(entry) + Entry.transactionFirstOffset) >> 1] = offset;
  }
  lastTimestamp(entry: number): number {
    return this.doubles[(this.at(entry) + Entry.lastTimestamp) >> 1];
  }
  setLastTimestamp(entry: number, timestamp: number): void {
    this.doubles[(this.at(entry) + Entry.lastTimestamp) >> 1] = timestamp;
  }
  batchCount(entry: number): number {
    return this.words[this.at(entry) + Entry.count];
  }
  /** Of the newest cached batch; -1 = none. */
  lastSequence(entry: number): number {
    const batch = this.newest(entry);
    return batch < 0 ? -1 : this.words[batch + Batch.lastSequence];
  }
  /** Last offset of the newest cached batch; -1 = none. */
  lastOffset(entry: number): number {
    const batch = this.newest(entry);
    return batch < 0 ? -1 : this.doubles[(batch + Batch.lastOffset) >> 1];
  }
  lastOffsetDelta(entry: number): number {
    const batch = this.newest(entry);
    return batch < 0 ? 0 : this.words[batch + Batch.offsetDelta];
  }

  /** A new epoch forgets the batches of the old one. */
  setEpoch(entry: number, epoch: number): void {
    const at = this.at(entry);
    if (this.words[at + Entry.epoch] === epoch) return;
    this.words[at + Entry.epoch] = epoch;
    this.words[at + Entry.count] = 0;
    this.words[at + Entry.oldest] = 0;
  }

  /** Remembers a batch; the oldest of five gives way. */
  addBatch(
    entry: number,
    epoch: number,
    lastSequence: number,
    lastOffset: number,
    offsetDelta: number,
    timestamp: number,
  ): void {
    this.setEpoch(entry, epoch);
    const at = this.at(entry);
    const count = this.words[at + Entry.count];
    const oldest = this.words[at + Entry.oldest];
    const batch = at + Entry.batches + ((oldest + count) % CACHED_BATCHES) * Batch.words;
    if (count === CACHED_BATCHES) this.words[at + Entry.oldest] = (oldest + 1) % CACHED_BATCHES;
    else this.words[at + Entry.count] = count + 1;
    this.words[batch + Batch.lastSequence] = lastSequence;
    this.words[batch + Batch.offsetDelta] = offsetDelta;
    this.doubles[(batch + Batch.lastOffset) >> 1] = lastOffset;
    this.doubles[(batch + Batch.timestamp) >> 1] = timestamp;
    this.setLastTimestamp(entry, timestamp);
  }

  /** Position of the cached batch with this last sequence and length, for `batchOffset`/`batchTimestamp`; -1 = none. */
  findBatch(entry: number, lastSequence: number, offsetDelta: number): number {
    const at = this.at(entry);
    const count = this.words[at + Entry.count];
    for (let age = 0; age < count; age++) {
      const batch =
        at + Entry.batches + ((this.words[at + Entry.oldest] + age) % CACHED_BATCHES) * Batch.words;
      if (
        this.words[batch + Batch.lastSequence] === lastSequence &&
        this.words[batch + Batch.offsetDelta] === offsetDelta
      ) {
        return batch;
      }
    }
    return -1;
  }
  /** Base offset of a batch found by `findBatch`. */
  batchBaseOffset(batch: number): number {
    return this.doubles[(batch + Batch.lastOffset) >> 1] - this.words[batch + Batch.offsetDelta];
  }
  batchTimestamp(batch: number): number {
    return this.doubles[(batch + Batch.timestamp) >> 1];
  }

  /** Chains and counters agree. For tests. */
  assertValid(): void {
    let linked = 0;
    for (let bucket = 0; bucket < this.words[Header.buckets]; bucket++) {
      let entry = this.words[HEADER_WORDS + bucket] - 1;
      while (entry >= 0) {
        const at = this.at(entry);
        const [scope, low, high] = [Entry.scope, Entry.idLow, Entry.idHigh].map(
          (word) => this.words[at + word],
        );
        assert(this.bucket(scope, low, high) === HEADER_WORDS + bucket, 'producer entry in its bucket');
        entry = this.words[at + Entry.next] - 1;
        linked++;
        assert(linked <= this.size, 'producer chains end');
      }
    }
    assert(linked === this.size, 'every producer entry is linked');
  }

  private at(entry: number): number {
    return this.start + entry * ENTRY_WORDS;
  }

  private newest(entry: number): number {
    const at = this.at(entry);
    const count = this.words[at + Entry.count];
    if (count === 0) return -1;
    return at + Entry.batches + ((this.words[at + Entry.oldest] + count - 1) % CACHED_BATCHES) * Batch.words;
  }

  private bucket(scope: number, idLow: number, idHigh: number): number {
    let hash = Math.imul(idLow ^ 0x9e3779b9, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 15) ^ idHigh, 0xc2b2ae35);
    hash = Math.imul(hash ^ (hash >>> 13) ^ scope, 0x27d4eb2f);
    return HEADER_WORDS + ((hash ^ (hash >>> 16)) & (this.words[Header.buckets] - 1));
  }

  private allocate(): number {
    const free = this.words[Header.free] - 1;
    if (free >= 0) {
      this.words[Header.free] = this.words[this.at(free) + Entry.next];
      this.words[Header.used]++;
      return free;
    }
    const entry = this.words[Header.highWater];
    if (entry === this.entriesMax) return this.evict() ? this.allocate() : -1;
    if (entry === this.room) {
      this.handle.grow((this.start + Math.min(this.room * 2, this.entriesMax) * ENTRY_WORDS) * 4);
      this.reach();
    }
    this.words[Header.highWater] = entry + 1;
    this.words[Header.used]++;
    this.words[this.at(entry) + Entry.scope] = FREE_SCOPE; // until obtain() fills it in: doubleBuckets() skips it
    return entry;
  }

  private evict(): boolean {
    let oldest = -1;
    for (let step = 0; step < EVICTION_SAMPLE; step++) {
      const entry = this.words[Header.hand];
      this.words[Header.hand] = (entry + 1) % this.entriesMax;
      if (this.transactionFirstOffset(entry) >= 0) continue;
      if (oldest < 0 || this.lastTimestamp(entry) < this.lastTimestamp(oldest)) oldest = entry;
    }
    if (oldest < 0) return false;
    this.remove(oldest);
    return true;
  }

  private link(entry: number): void {
    const at = this.at(entry);
    const bucket = this.bucket(
      this.words[at + Entry.scope],
      this.words[at + Entry.idLow],
      this.words[at + Entry.idHigh],
    );
    this.words[at + Entry.next] = this.words[bucket];
    this.words[bucket] = entry + 1;
  }

  private unlink(entry: number): void {
    const at = this.at(entry);
    let slot = this.bucket(
      this.words[at + Entry.scope],
      this.words[at + Entry.idLow],
      this.words[at + Entry.idHigh],
    );
    while (this.words[slot] - 1 !== entry) {
      assert(this.words[slot] > 0, 'producer entry is in its chain');
      slot = this.at(this.words[slot] - 1) + Entry.next;
    }
    this.words[slot] = this.words[at + Entry.next];
  }

  private doubleBuckets(): void {
    const buckets = this.words[Header.buckets] * 2;
    this.words.fill(0, HEADER_WORDS, HEADER_WORDS + buckets);
    this.words[Header.buckets] = buckets;
    const end = this.highWater();
    for (let entry = 0; entry < end; entry++) {
      if (this.words[this.at(entry) + Entry.scope] !== FREE_SCOPE) this.link(entry);
    }
  }
}
