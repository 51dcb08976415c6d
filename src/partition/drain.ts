/**
 * One drain: everything queued in the worker's ring, grouped by partition in order, appended with one call a log,
 * published once, answered, each network thread woken once. Whoever calls `run` holds the ring's drain token.
 * Nothing is allocated while batches are accepted.
 */

import { assert } from '../base/assert.js';
import { isDiskFull } from '../base/errors.js';
import { KafkaError } from '../base/kafka-error.js';
import { BatchTable, Word } from '../io/batch-table.js';
import type { Clock } from '../io/clock.js';
import type { Ring } from '../ring/ring.js';
import type { AppendOutcomes } from '../storage/contract.js';
import type { Completions } from './completions.js';
import { PartitionStatus } from './contract.js';
import { Counter } from './counters.js';
import { SLOT_STRUCK_OUT, SubmissionWord } from './entries.js';
import type { OpenLog } from './open-log.js';

export interface DrainDeps {
  ring: Ring;
  logs: ReadonlyMap<number, OpenLog>;
  completions: Completions;
  counters: Float64Array;
  clock: Clock;
  /** The storage failed for good: the log is offline from now on. */
  goOffline: (log: OpenLog, error: unknown) => void;
  /** The disk is full: the log stays online and appends succeed again when there is space. */
  diskFull: (log: OpenLog, error: unknown) => void;
}

export class Drain {
  /** Logs of the latest drain that were appended to. */
  readonly touched: OpenLog[] = [];
  /** Those of them whose flush is due before the answers. */
  private readonly flushing: OpenLog[] = [];
  private readonly table: BatchTable;
  private readonly outcomes: AppendOutcomes;
  private readonly rowRequest: Int32Array;
  private readonly rowThread: Int32Array;
  private readonly rowSlot: Int32Array;

  constructor(private readonly deps: DrainDeps) {
    const rows = deps.ring.capacity;
    this.table = new BatchTable(rows);
    this.outcomes = {
      errors: new Int16Array(rows),
      baseOffsets: new Float64Array(rows),
      appendTimes: new Float64Array(rows),
      details: new Map(),
    };
    this.rowRequest = new Int32Array(rows);
    this.rowThread = new Int32Array(rows);
    this.rowSlot = new Int32Array(rows);
  }

  /** Returns the number of entries handled; 0 = the ring was empty. */
  run(): number {
    const { ring, completions, counters } = this.deps;
    const count = ring.ready(this.table.rowsMax);
    if (count === 0) return 0;
    const kept = this.group(count);
    this.fill(count, kept);
    ring.release(count);
    const waiting = ring.takeSpaceWanted();
    if (waiting !== 0) completions.space(waiting);
    for (const log of this.touched) this.append(log);
    this.flushTogether();
    for (const log of this.touched) log.publish(completions);
    // Counted before anybody can know of the outcome.
    counters[Counter.drains]++;
    counters[Counter.rows] += count;
    this.answer(count);
    completions.wake();
    return count;
  }

  /** Counts the entries of each log and gives each a range of rows, in order of appearance. Returns the rows given. */
  private group(count: number): number {
    const { ring, logs } = this.deps;
    const { touched } = this;
    touched.length = 0;
    for (let i = 0; i < count; i++) {
      const log = logs.get(ring.words[ring.taken(i) + SubmissionWord.slot]);
      if (log === undefined || !log.online) continue;
      if (log.count++ === 0) touched.push(log);
    }
    let row = 0;
    for (const log of touched) {
      log.from = row;
      log.next = row;
      row += log.count;
    }
    return row;
  }

  /** Copies the entries into their rows; those without a log follow behind the last range, already refused. */
  private fill(count: number, kept: number): void {
    const { ring, logs, counters } = this.deps;
    const { table, outcomes } = this;
    const { words } = ring;
    let refused = kept;
    let bytes = 0;
    for (let i = 0; i < count; i++) {
      const at = ring.taken(i);
      const slot = words[at + SubmissionWord.slot];
      const log = logs.get(slot);
      const row = log?.online ? log.next++ : refused++;
      const length = words[at + SubmissionWord.length];
      table.setWord(row, Word.slab, words[at + SubmissionWord.slab]);
      table.setWord(row, Word.position, words[at + SubmissionWord.position]);
      table.setWord(row, Word.length, length);
      table.setWord(row, Word.flags, words[at + SubmissionWord.flags]);
      this.rowSlot[row] = slot;
      this.rowRequest[row] = words[at + SubmissionWord.request];
      this.rowThread[row] = words[at + SubmissionWord.slab];
      bytes += length;
      outcomes.errors[row] =
        row < kept || log?.status === PartitionStatus.offline
          ? KafkaError.KAFKA_STORAGE_ERROR
          : KafkaError.NOT_LEADER_OR_FOLLOWER;
      outcomes.baseOffsets[row] = -1;
      outcomes.appendTimes[row] = -1;
    }
    assert(refused === count, 'every entry of a drain has a row');
    counters[Counter.bytes] += bytes;
  }

  private append(log: OpenLog): void {
    const { from, next: to } = log;
    const { outcomes } = this;
    log.count = 0;
    assert(log.api !== null, 'an online log has an implementation');
    try {
      log.api.append(this.table, from, to, outcomes);
    } catch (error) {
      // Rows that the log did not mark as kept are refused. A broken invariant counts as a failed disk: nobody writes
      // to this log any more, and the other partitions of the worker live on.
      this.deps.counters[Counter.failures]++;
      for (let row = from; row < to; row++) {
        if (outcomes.errors[row] === 0 && outcomes.baseOffsets[row] < 0) {
          outcomes.errors[row] = KafkaError.KAFKA_STORAGE_ERROR;
        }
      }
      if (isDiskFull(error)) this.deps.diskFull(log, error);
      else this.deps.goOffline(log, error);
    }
    if (log.dirtySinceMs < 0) log.dirtySinceMs = this.deps.clock.monotonicMs();
    if (log.online && log.flushesInTime && log.api.flushDue(this.deps.clock.now())) this.flushing.push(log);
  }

  /**
   * Group commit: one flush of a log covers every row of the drain before any of them is answered, and the disk starts on
   * all logs before the first is waited for.
   */
  private flushTogether(): void {
    const { flushing } = this;
    if (flushing.length > 1) for (const log of flushing) log.api?.startFlush();
    for (const log of flushing) this.flush(log);
    flushing.length = 0;
  }

  private flush(log: OpenLog): void {
    const { from, next: to } = log;
    assert(log.api !== null, 'an online log has an implementation');
    try {
      log.api.flush();
      log.dirtySinceMs = -1;
    } catch (error) {
      for (let row = from; row < to; row++) {
        if (this.outcomes.errors[row] !== 0) continue;
        this.outcomes.errors[row] = KafkaError.KAFKA_STORAGE_ERROR;
        this.outcomes.baseOffsets[row] = -1;
      }
      this.deps.goOffline(log, error);
    }
  }

  private answer(count: number): void {
    const { completions, logs } = this.deps;
    const { errors, baseOffsets, appendTimes, details } = this.outcomes;
    for (let row = 0; row < count; row++) {
      const slot = this.rowSlot[row];
      if (slot === SLOT_STRUCK_OUT) continue; // a helper answered it
      const detail = details.size > 0 ? (details.get(row) ?? null) : null;
      const start = errors[row] === 0 ? (logs.get(slot)?.api?.offsets.logStartOffset ?? -1) : -1;
      completions.append(
        this.rowThread[row],
        slot,
        this.rowRequest[row],
        errors[row],
        errors[row] === 0 ? baseOffsets[row] : -1,
        appendTimes[row],
        start,
        detail,
      );
    }
    if (details.size > 0) details.clear();
  }
}
