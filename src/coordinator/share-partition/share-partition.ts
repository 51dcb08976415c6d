/**
 * One partition as one share group sees it (SharePartition.java): which offsets are free, held, done. Decides and
 * remembers; reads no log, writes no state, sets no timer. Main thread.
 *
 *   start                                    end
 *     | acked | held by A | free | held by B |  nobody has had these yet …
 *
 * Everything below `start` is done. A change that must be persisted is open (`StateChange`) until `commit` or `rollback`;
 * its offsets can meanwhile be neither acquired nor acknowledged.
 */
import { KafkaError } from '../../base/kafka-error.js';
import {
  type AcknowledgeBatch,
  AcknowledgeType,
  checkAcknowledgement,
  forEachType,
  type Refusal,
  stateAfter,
} from './acknowledge.js';
import { type AcquiredRange, type AcquireRequest, acquireKnown, acquireNew, free } from './acquire.js';
import { isFree, isTerminal, lengthOf, RecordState, type Run, Runs } from './runs.js';

/** Limits of the group, read at each decision. */
export interface ShareLimits {
  /** group.share.delivery.count.limit and its group key. */
  readonly deliveriesMax: number;
  /** group.share.partition.max.record.locks and its group key. */
  readonly inFlightMax: number;
}

/** Offsets [firstOffset, lastOffset] in one state, as they are persisted (available, acknowledged, archived). */
export interface PersistedBatch {
  readonly firstOffset: number;
  readonly lastOffset: number;
  readonly deliveryState: number;
  readonly deliveryCount: number;
}

/** A change on its way to the share coordinator. */
export interface StateChange {
  readonly id: number;
  readonly batches: readonly PersistedBatch[];
}

const MENTIONED_TWICE: Refusal = {
  error: KafkaError.INVALID_RECORD_STATE,
  message: 'The offset cannot be acknowledged. The offset is not acquired.',
};

export class SharePartition {
  private readonly runs = new Runs();
  private startOffset = 0;
  private endOffset = 0;
  private lastChange = 0;

  constructor(private readonly limits: () => ShareLimits) {}

  /** First offset whose delivery is not complete (SPSO). */
  get start(): number {
    return this.startOffset;
  }

  /** First offset that nobody has had yet. */
  get end(): number {
    return this.endOffset;
  }

  get deliveryCompleteCount(): number {
    let count = 0;
    for (const run of this.runs.all) if (isTerminal(run.state)) count += lengthOf(run);
    return count;
  }

  /**
   * What was persisted. Offsets between the batches were held when it was written, or never told: they are free again.
   * False: the batches cannot be (below the start, overlapping, of unknown state).
   */
  restore(start: number, batches: readonly PersistedBatch[]): boolean {
    let next = start;
    const states: readonly number[] = [RecordState.available, RecordState.acknowledged, RecordState.archived];
    for (const { firstOffset, lastOffset, deliveryState } of batches) {
      if (firstOffset < next || lastOffset < firstOffset || !states.includes(deliveryState)) return false;
      next = lastOffset + 1;
    }
    this.startOffset = start;
    this.endOffset = start;
    for (const { firstOffset, lastOffset, deliveryState, deliveryCount } of batches) {
      if (firstOffset > this.endOffset) this.runs.push(free(this.endOffset, firstOffset - 1));
      const run = free(firstOffset, lastOffset);
      run.state = deliveryState;
      run.count = deliveryCount;
      this.runs.push(run);
      this.endOffset = lastOffset + 1;
    }
    this.advance();
    return true;
  }

  /** Where a fetch for this group goes on: the first free offset, else the first that nobody has had. */
  nextFetchOffset(): number {
    return this.runs.all.find(isFree)?.first ?? this.endOffset;
  }

  /** False: nothing is free and as much is in flight as may be. */
  canAcquire(): boolean {
    return this.nextFetchOffset() < this.endOffset || this.inFlight < this.limits().inFlightMax;
  }

  acquire(request: AcquireRequest): AcquiredRange[] {
    const { batches, fetchOffset } = request;
    const { inFlightMax, deliveriesMax } = this.limits();
    if (request.recordsMax <= 0 || batches.length === 0) return [];
    let last = batches[batches.length - 1].lastOffset;
    if (last < this.startOffset) return [];
    let recordsMax = Math.min(request.recordsMax, inFlightMax - this.inFlight);
    if (recordsMax <= 0) {
      if (fetchOffset >= this.endOffset) return [];
      recordsMax = Math.min(request.recordsMax, this.endOffset - fetchOffset);
      last = Math.min(last, this.endOffset - 1);
    }
    const first = Math.max(this.startOffset, batches[0].baseOffset);
    // The log has nothing between where it was asked and where it went on: these offsets will never come.
    if (fetchOffset < first) this.archiveFree(fetchOffset, first - 1);
    const ranges: AcquiredRange[] = [];
    const known = acquireKnown(this.runs, request, first, last, recordsMax, deliveriesMax, ranges);
    if (!known.stop && known.count < recordsMax && last >= this.endOffset)
      this.goOn(request, last, recordsMax - known.count, ranges);
    this.advance();
    return ranges;
  }

  /** Offsets of aborted transactions: delivered to nobody, done. */
  archive(firstOffset: number, lastOffset: number): void {
    for (const run of this.runs.cut(firstOffset, lastOffset)) {
      if (run.change === 0 && !isTerminal(run.state)) settle(run, RecordState.archived);
    }
    this.advance();
  }

  /** Null: nothing to persist (locks were renewed, or the offsets are behind us). */
  acknowledge(
    member: string,
    batches: readonly AcknowledgeBatch[],
    renewedDueMs: number | null,
  ): StateChange | Refusal | null {
    let before = Number.NEGATIVE_INFINITY;
    for (const batch of batches) {
      // By then its offsets would no longer be held.
      if (batch.firstOffset <= before) return MENTIONED_TWICE;
      before = batch.lastOffset;
      const refusal = checkAcknowledgement(
        this.runs,
        member,
        batch,
        this.startOffset,
        this.endOffset,
        renewedDueMs !== null,
      );
      if (refusal !== null) return refusal;
    }
    const change = this.openChange();
    for (const batch of batches) {
      if (batch.lastOffset < this.startOffset) continue;
      forEachType(batch, Math.max(this.startOffset, batch.firstOffset), (first, last, type) => {
        const state = stateAfter(type);
        for (const run of this.runs.cut(first, last)) {
          if (state === null) run.dueMs = renewedDueMs ?? run.dueMs;
          else this.move(run, state, change);
        }
      });
    }
    return this.closeChange(change);
  }

  /** A member has left: what it holds is free again, or archived after the last attempt. */
  release(member: string): StateChange | null {
    const change = this.openChange();
    for (const run of this.runs.all) {
      if (run.state === RecordState.acquired && run.member === member && run.change === 0)
        this.move(run, RecordState.available, change);
    }
    return this.closeChange(change);
  }

  /** Locks that ended: free again, or archived after the last attempt. In force at once, whatever the write says. */
  expire(nowMs: number): StateChange | null {
    const change = this.openChange();
    for (const run of this.runs.all) {
      if (run.state === RecordState.acquired && run.change === 0 && run.dueMs <= nowMs)
        this.move(run, RecordState.available, change);
    }
    const closed = this.closeChange(change);
    if (closed !== null) this.commit(closed);
    return closed;
  }

  /** When the next lock ends; Infinity = nobody holds anything. */
  get nextDueMs(): number {
    let due = Number.POSITIVE_INFINITY;
    for (const run of this.runs.all) {
      if (run.state === RecordState.acquired && run.change === 0 && run.dueMs < due) due = run.dueMs;
    }
    return due;
  }

  commit({ id }: StateChange): void {
    for (const run of this.runs.all) {
      if (run.change !== id) continue;
      run.change = 0;
      run.before = null;
    }
    this.advance();
  }

  rollback({ id }: StateChange): void {
    for (const run of this.runs.all) {
      if (run.change !== id) continue;
      run.change = 0;
      if (run.before !== null) Object.assign(run, run.before);
      run.before = null;
    }
    this.advance();
  }

  /** The log begins later now: nothing below is delivered any more. */
  logStartMoved(logStart: number): void {
    if (logStart <= this.startOffset) return;
    this.runs.dropBefore(logStart);
    this.startOffset = logStart;
    this.endOffset = Math.max(this.endOffset, logStart);
    this.advance();
  }

  /** Runs in order, for tests and diagnostics. */
  get inFlightRuns(): readonly Readonly<Run>[] {
    return this.runs.all;
  }

  private get inFlight(): number {
    return this.endOffset - this.startOffset;
  }

  private goOn(request: AcquireRequest, last: number, recordsMax: number, ranges: AcquiredRange[]): void {
    const first = Math.max(this.endOffset, request.batches[0].baseOffset);
    if (this.runs.isEmpty) this.startOffset = first;
    else if (first > this.endOffset) {
      // Offsets without records (compaction): nobody will ever have them.
      const hole = free(this.endOffset, first - 1);
      hole.state = RecordState.archived;
      this.runs.push(hole);
    }
    const count = acquireNew(this.runs, request, first, last, recordsMax, ranges);
    this.endOffset = (this.runs.all[this.runs.all.length - 1]?.last ?? first + count - 1) + 1;
  }

  private archiveFree(first: number, last: number): void {
    for (const run of this.runs.cut(first, last)) if (isFree(run)) settle(run, RecordState.archived);
  }

  private openChange(): { id: number; batches: PersistedBatch[] } {
    this.lastChange++;
    return { id: this.lastChange, batches: [] };
  }

  private closeChange(change: { id: number; batches: PersistedBatch[] }): StateChange | null {
    return change.batches.length === 0 ? null : change;
  }

  private move(run: Run, state: number, change: { id: number; batches: PersistedBatch[] }): void {
    const { count, member, dueMs } = run;
    run.before = { state: run.state, count, member, dueMs };
    run.change = change.id;
    const exhausted = state === RecordState.available && count >= this.limits().deliveriesMax;
    settle(run, exhausted ? RecordState.archived : state);
    persist(change.batches, run);
  }

  /** Lets go of what is done at the beginning. */
  private advance(): void {
    this.runs.join();
    const first = this.runs.all.find((run) => !isTerminal(run.state) || run.change !== 0);
    const start = first?.first ?? this.endOffset;
    if (start <= this.startOffset) return;
    this.runs.dropBefore(start);
    this.startOffset = start;
  }
}

/** Adds what is to be written of a run; neighbours in the same state are one batch. */
function persist(batches: PersistedBatch[], { first, last, state, count }: Run): void {
  const before = batches.at(-1);
  const follows = before?.lastOffset === first - 1;
  const same = before?.deliveryState === state && before.deliveryCount === count;
  if (before !== undefined && follows && same) batches[batches.length - 1] = { ...before, lastOffset: last };
  else batches.push({ firstOffset: first, lastOffset: last, deliveryState: state, deliveryCount: count });
}

/** Nobody holds it from now on. */
function settle(run: Run, state: number): void {
  run.state = state;
  run.member = '';
  run.dueMs = Number.POSITIVE_INFINITY;
}

export { AcknowledgeType };
