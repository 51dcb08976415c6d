/**
 * Appends on behalf of a sleeping partition worker (design: waking it costs more than a small append). Runs on a network
 * thread that holds the worker's drain token, on the state both share: append state, producer table, the log's mapped
 * files. One per network thread, owned by it; nothing is allocated while batches are accepted.
 *
 * It takes a drain whole or not at all, with one exception: a log may find on the way that a row needs its owner (roll,
 * compression). That row and all behind it that were not appended stay in the ring; those that were are struck out there.
 * Left to the worker: other threads' entries, much at once, logs with a flush interval, and every so often a drain of each
 * log, so that its owner looks after it (next segment, snapshots).
 */
import { basename } from 'node:path';
import { assert } from '../base/assert.js';
import { isDiskFull } from '../base/errors.js';
import { KafkaError } from '../base/kafka-error.js';
import { BatchTable, Word } from '../io/batch-table.js';
import type { Clock } from '../io/clock.js';
import type { SegmentEngine } from '../io/segment-engine.js';
import type { Ring } from '../ring/ring.js';
import { AppendState, ConfigColumn, LogStatus, StateColumn, Trouble } from '../storage/append-state.js';
import { Appender } from '../storage/appender.js';
import type { AppendOutcomes } from '../storage/contract.js';
import { ProducerTable } from '../storage/producer-table.js';
import { Completions } from './completions.js';
import { type AppendCompletion, type PartitionState, PartitionStatus } from './contract.js';
import { COUNTERS, Counter, countersOf } from './counters.js';
import { SLOT_STRUCK_OUT, SubmissionWord } from './entries.js';
import type { Helping, PartitionGateway } from './gateway.js';
import { APPEND_STATE_STRIDE, type SeamMemory } from './seam-memory.js';
import { emptyState, StateTable } from './state-table.js';

/** More than this, and the worker on another core is the better place. */
export const HELP_ENTRIES_MAX = 512;
export const HELP_BYTES_MAX = 256 * 1024;
/** A log's worker gets a drain of it after so many bytes at the latest: one wake in some thousand small requests. */
export const HELP_BYTES_PER_LOG = 8 * 1024 * 1024;
/** The same against segment.bytes, for logs with small segments: the worker prepares the next one at half. */
const SEGMENT_SHARE = 8;
/** Completions for other threads that found no room are tried again after so long. */
const OVERFLOW_RETRY_MS = 1;

/** A log as this thread knows it. Valid while the worker publishes the same token. */
class HelpedLog {
  readonly published: PartitionState = emptyState();
  /** Of the state table when `published` was read or written; -1 = never. */
  sequence = -1;
  /** Rows of the drain at hand: first, next to fill, first not appended. */
  from = 0;
  next = 0;
  stop = 0;
  count = 0;
  bytes = 0;
  /** Before the drain at hand. */
  segmentSizeBytes = 0;
  /** Since the worker last drained it. */
  bytesHelped = 0;

  constructor(
    readonly slot: number,
    readonly token: number,
    readonly state: AppendState,
    readonly appender: Appender,
  ) {}
}

export interface AppendHelperDeps {
  thread: number;
  memory: SeamMemory;
  gateway: PartitionGateway;
  /** Must share its logs with the workers' engines (the addon); this thread's slab is registered with it. */
  engine: SegmentEngine;
  clock: Clock;
  /** Wakes the poller with this native id. */
  wakeNative: (id: number) => void;
  /** Gets the outcomes, once the token is handed back; one object, reused. */
  onAppend: (completion: AppendCompletion) => void;
  /** A slot that this thread watches has changed; told behind the outcomes, without a way through its own ring and a wake. */
  onReadable: (slot: number) => void;
  /** The same for the main thread, whose ring a helper can fill but whose bell it cannot ring: it has no poller. */
  onReadableByMain: (slot: number) => void;
}

export class AppendHelper implements Helping {
  private readonly states: StateTable;
  private readonly slab: Uint8Array;
  private readonly table = new BatchTable(HELP_ENTRIES_MAX);
  private readonly outcomes: AppendOutcomes = {
    errors: new Int16Array(HELP_ENTRIES_MAX),
    baseOffsets: new Float64Array(HELP_ENTRIES_MAX),
    appendTimes: new Float64Array(HELP_ENTRIES_MAX),
    details: new Map(),
  };
  private readonly logStarts = new Float64Array(HELP_ENTRIES_MAX);
  private readonly requests = new Int32Array(HELP_ENTRIES_MAX);
  private readonly slots = new Int32Array(HELP_ENTRIES_MAX);
  private readonly rows = new Int32Array(HELP_ENTRIES_MAX);
  /** By entry: 1 = appended or refused here. */
  private readonly done = new Uint8Array(HELP_ENTRIES_MAX);
  private entries = 0;
  /** Slots that this thread watched: changed by the drain at hand, at most one an entry. */
  private readonly readable = new Int32Array(HELP_ENTRIES_MAX);
  private readableCount = 0;
  /** The same for the main thread. */
  private readonly readableByMain = new Int32Array(HELP_ENTRIES_MAX);
  private readableByMainCount = 0;
  /** Logs of the drain at hand: the first `touchedCount`. Not cut to length, which is a call into the runtime. */
  private readonly touched: HelpedLog[] = [];
  private touchedCount = 0;
  /** By slot, without gaps. */
  private readonly logs: (HelpedLog | undefined)[] = [];
  private readonly producers = new Map<number, ProducerTable>();
  /** By worker. */
  private readonly counters: (Float64Array | undefined)[] = [];
  private readonly completions: Completions;
  private readonly completion: AppendCompletion = {
    request: 0,
    slot: 0,
    error: 0,
    baseOffset: -1,
    appendTime: -1,
    logStartOffset: -1,
    detail: null,
  };

  constructor(private readonly deps: AppendHelperDeps) {
    const { memory, thread } = deps;
    this.states = StateTable.attach(memory.state);
    this.slab = new Uint8Array(memory.slabs[thread]);
    // Only what other threads watch goes this way, which needs no port; where it overflows is counted for nobody.
    this.completions = new Completions(memory, [], -1, deps.wakeNative, new Float64Array(COUNTERS));
  }

  mayHelp(_worker: number, queued: number): boolean {
    return queued <= HELP_ENTRIES_MAX;
  }

  drain(worker: number, ring: Ring): void {
    this.entries = 0;
    const count = ring.ready(HELP_ENTRIES_MAX);
    if (!this.admit(worker, ring, count)) return;
    this.fill(ring, count);
    let failed = false;
    for (let i = 0; i < this.touchedCount; i++) failed = !this.append(this.touched[i]) || failed;
    this.release(ring, count);
    for (let i = 0; i < this.touchedCount; i++) this.publish(this.touched[i]);
    this.count(worker, count);
    const waiting = ring.takeSpaceWanted();
    if (waiting !== 0) this.completions.space(waiting);
    this.completions.wake();
    if (this.completions.hasOverflow) setTimeout(() => this.completions.wake(), OVERFLOW_RETRY_MS);
    // The worker finds the mark and takes the log offline.
    if (failed) ring.raiseControl();
  }

  /** Hands out what the latest drain did. Not under the token: a handler may take its time, or submit more. */
  deliver(): void {
    const { completion, outcomes } = this;
    const { entries } = this;
    this.entries = 0;
    for (let entry = 0; entry < entries; entry++) {
      if (this.done[entry] === 0) continue;
      const row = this.rows[entry];
      completion.slot = this.slots[entry];
      completion.request = this.requests[entry];
      completion.error = outcomes.errors[row];
      completion.baseOffset = completion.error === 0 ? outcomes.baseOffsets[row] : -1;
      completion.appendTime = outcomes.appendTimes[row];
      completion.logStartOffset = completion.error === 0 ? this.logStarts[row] : -1;
      completion.detail = outcomes.details.size > 0 ? (outcomes.details.get(row) ?? null) : null;
      this.deps.onAppend(completion);
    }
    if (outcomes.details.size > 0) outcomes.details.clear();
    const changed = this.readableCount;
    this.readableCount = 0;
    for (let i = 0; i < changed; i++) this.deps.onReadable(this.readable[i]);
    const byMain = this.readableByMainCount;
    this.readableByMainCount = 0;
    for (let i = 0; i < byMain; i++) this.deps.onReadableByMain(this.readableByMain[i]);
  }

  /** The partition is gone. */
  forget(slot: number): void {
    if (slot < this.logs.length) this.logs[slot] = undefined;
  }

  /** Looks at the entries, counts those of each log. False = the worker shall do it; nothing was changed. */
  private admit(worker: number, ring: Ring, count: number): boolean {
    const { touched, deps } = this;
    const { words } = ring;
    for (let i = 0; i < this.touchedCount; i++) touched[i].count = touched[i].bytes = 0;
    this.touchedCount = 0;
    let bytes = 0;
    for (let i = 0; i < count; i++) {
      const at = ring.taken(i);
      if (words[at + SubmissionWord.slab] !== deps.thread) return false;
      const log = this.logOf(worker, words[at + SubmissionWord.slot]);
      if (log === null) return false;
      const length = words[at + SubmissionWord.length];
      bytes += length;
      log.bytes += length;
      log.count++;
    }
    if (bytes > HELP_BYTES_MAX) return false;
    let due = false;
    for (let i = 0; i < this.touchedCount; i++) {
      const log = touched[i];
      log.bytesHelped += log.bytes;
      due ||=
        log.bytesHelped >
        Math.min(HELP_BYTES_PER_LOG, log.state.get(ConfigColumn.segmentBytes) / SEGMENT_SHARE);
    }
    if (due) for (let i = 0; i < this.touchedCount; i++) touched[i].bytesHelped = 0;
    return count > 0 && !due;
  }

  /** The log of an entry, checked once a drain. null = not to be helped with. */
  private logOf(worker: number, slot: number): HelpedLog | null {
    let log: HelpedLog | null | undefined = this.logs[slot];
    if (log !== undefined && log.count > 0) return log;
    if (!this.states.has(slot)) return null;
    const sequence = this.states.sequence(slot);
    if (log === undefined || log.sequence !== sequence) {
      if (this.states.status(slot) !== PartitionStatus.online) return null;
      const token = this.deps.gateway.logToken(slot);
      if (log === undefined || log.token !== token) log = this.makeLog(worker, slot, token);
      if (log === null) return null;
      // Nobody else publishes while we hold the token.
      this.states.read(slot, log.published);
      log.sequence = sequence;
    }
    if (log.state.get(ConfigColumn.flushesInTime) === 1) return null;
    if (log.state.get(StateColumn.status) !== LogStatus.open) return null;
    if (log.state.get(StateColumn.trouble) !== Trouble.none) return null;
    this.touched[this.touchedCount++] = log;
    return log;
  }

  private makeLog(worker: number, slot: number, token: number): HelpedLog | null {
    const { gateway, memory, engine, clock } = this.deps;
    let producers = this.producers.get(worker);
    if (producers === undefined) {
      const handle = gateway.producersOf(worker);
      if (handle === null) return null;
      producers = ProducerTable.attach(handle);
      this.producers.set(worker, producers);
    }
    const state = new AppendState(memory.appendStates, slot * APPEND_STATE_STRIDE);
    const appender = new Appender({
      engine,
      token,
      clock,
      state,
      producers,
      producerScope: slot,
      name: basename(gateway.directoryOf(slot)),
      slab: (index) => {
        assert(index === this.deps.thread, 'a slab of another thread');
        return this.slab;
      },
    });
    const log = new HelpedLog(slot, token, state, appender);
    while (this.logs.length < slot) this.logs.push(undefined);
    this.logs[slot] = log;
    return log;
  }

  /** Copies the entries into rows, each log's side by side. */
  private fill(ring: Ring, count: number): void {
    const { table } = this;
    const { words } = ring;
    let row = 0;
    for (let i = 0; i < this.touchedCount; i++) {
      const log = this.touched[i];
      log.from = log.next = row;
      row += log.count;
    }
    for (let i = 0; i < count; i++) {
      const at = ring.taken(i);
      const slot = words[at + SubmissionWord.slot];
      const log = this.logs[slot];
      assert(log !== undefined, 'an entry without a log');
      const to = log.next++;
      table.setWord(to, Word.slab, words[at + SubmissionWord.slab]);
      table.setWord(to, Word.position, words[at + SubmissionWord.position]);
      table.setWord(to, Word.length, words[at + SubmissionWord.length]);
      table.setWord(to, Word.flags, words[at + SubmissionWord.flags]);
      this.rows[i] = to;
      this.slots[i] = slot;
      this.requests[i] = words[at + SubmissionWord.request];
    }
    this.entries = count;
  }

  /** False = the storage failed; rows not kept by then are refused. */
  private append(log: HelpedLog): boolean {
    const { outcomes } = this;
    const { from, next: to } = log;
    log.segmentSizeBytes = log.state.get(StateColumn.segmentSizeBytes);
    log.stop = to;
    try {
      log.stop = log.appender.append(this.table, from, to, outcomes, null);
      return true;
    } catch (error) {
      const full = isDiskFull(error);
      log.state.set(StateColumn.status, full ? LogStatus.open : LogStatus.failed);
      log.state.set(StateColumn.trouble, full ? Trouble.helperDiskFull : Trouble.helperFailed);
      for (let row = from; row < to; row++) {
        if (outcomes.errors[row] === 0 && outcomes.baseOffsets[row] < 0) {
          outcomes.errors[row] = KafkaError.KAFKA_STORAGE_ERROR;
        }
      }
      return false;
    }
  }

  /** Gives back the entries up to the first that waits for the owner; those done behind it are struck out. */
  private release(ring: Ring, count: number): void {
    let released = count;
    for (let i = 0; i < count; i++) {
      const log = this.logs[this.slots[i]];
      assert(log !== undefined, 'an entry without a log');
      this.done[i] = this.rows[i] < log.stop ? 1 : 0;
      this.logStarts[this.rows[i]] = log.published.logStartOffset;
      if (this.done[i] === 0) released = Math.min(released, i);
      else if (released < i) ring.words[ring.taken(i) + SubmissionWord.slot] = SLOT_STRUCK_OUT;
    }
    ring.release(released);
  }

  /** As OpenLog.publish, for what an append changes. */
  private publish(log: HelpedLog): void {
    const { published, state, slot } = log;
    const end = state.get(StateColumn.logEndOffset);
    if (end === published.logEndOffset) return;
    const unstable = state.get(StateColumn.unstableOffset);
    published.logEndOffset = end;
    published.highWatermark = end;
    published.lastStableOffset = unstable >= 0 ? Math.min(unstable, end) : end;
    published.sizeBytes += state.get(StateColumn.segmentSizeBytes) - log.segmentSizeBytes; // a helper never rolls
    this.states.publishAppend(slot, published);
    log.sequence = this.states.sequence(slot);
    const watchers = this.states.takeWatchers(slot);
    if (watchers === 0) return;
    const own = 1 << this.deps.thread;
    if ((watchers & own) !== 0) this.readable[this.readableCount++] = slot;
    const others = watchers & ~own;
    if (others === 0) return;
    const deaf = this.completions.withoutPoller(others);
    if (deaf !== 0) this.readableByMain[this.readableByMainCount++] = slot;
    if (others !== deaf) this.completions.readable(others & ~deaf, slot);
  }

  private count(worker: number, count: number): void {
    let counters = this.counters[worker];
    if (counters === undefined) {
      counters = countersOf(this.deps.memory.counters, worker);
      this.counters[worker] = counters;
    }
    counters[Counter.drains]++;
    counters[Counter.rows] += count;
    for (let i = 0; i < this.touchedCount; i++) counters[Counter.bytes] += this.touched[i].bytes;
  }
}
