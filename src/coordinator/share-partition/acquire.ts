/**
 * Which of the offsets a member has just been able to read it gets (SharePartition.acquire): released ones first, then new
 * ones, up to a limit that is soft in the batch-optimized mode. Offsets that failed often travel in ever smaller company,
 * so that one poisonous record does not take its neighbours along. Main thread; pure.
 */
import { isFree, lengthOf, RecordState, type Run, type Runs } from './runs.js';

/** ShareAcquireMode of ShareFetch v2 (KIP-1206). */
export const AcquireMode = { batchOptimized: 0, recordLimit: 1 } as const;

/** A record batch as it lies in the log: what the fetch found. */
export interface FetchedBatch {
  readonly baseOffset: number;
  readonly lastOffset: number;
}

export interface AcquireRequest {
  readonly member: string;
  /** AcquireMode */
  readonly mode: number;
  /** Records wanted. */
  readonly recordsMax: number;
  /** New offsets are acquired in pieces of about this many. */
  readonly batchSize: number;
  /** Where the fetch began. */
  readonly fetchOffset: number;
  /** Not empty, in order. */
  readonly batches: readonly FetchedBatch[];
  /** When the locks end, ms. */
  readonly dueMs: number;
}

export interface AcquiredRange {
  readonly firstOffset: number;
  lastOffset: number;
  readonly deliveryCount: number;
}

/** From this many deliveries on a record's company shrinks. */
export function throttleFrom(deliveriesMax: number): number {
  return Math.max(2, Math.ceil(deliveriesMax / 2));
}

function take(run: Run, request: AcquireRequest): void {
  run.state = RecordState.acquired;
  run.count++;
  run.member = request.member;
  run.dueMs = request.dueMs;
}

/** Adds a run to the answer; neighbours with the same count are one range unless they belong to different batches. */
function tell(run: Run, ranges: AcquiredRange[], joins: boolean): void {
  const last = ranges[ranges.length - 1];
  const follows = last !== undefined && last.lastOffset + 1 === run.first;
  if (joins && follows && last.deliveryCount === run.count) last.lastOffset = run.last;
  else ranges.push({ firstOffset: run.first, lastOffset: run.last, deliveryCount: run.count });
}

/** Acquires what is free of known offsets in [first, last]; returns how many, and whether to stop there. */
export function acquireKnown(
  runs: Runs,
  request: AcquireRequest,
  first: number,
  last: number,
  recordsMax: number,
  deliveriesMax: number,
  ranges: AcquiredRange[],
): { count: number; stop: boolean } {
  const free = runs.cut(first, last).filter(isFree);
  let count = 0;
  for (let at = 0; at < free.length; ) {
    if (count >= recordsMax) return { count, stop: true };
    const { batchFirst } = free[at];
    let to = at;
    while (to < free.length && free[to].batchFirst === batchFirst) to++;
    const batch = free.slice(at, to);
    at = to;
    if (batch.some((run) => run.count >= throttleFrom(deliveriesMax))) {
      if (count > 0) return { count, stop: true };
      const taken = acquireThrottled(runs, batch, request, recordsMax, deliveriesMax, ranges);
      if (taken > 0) return { count: taken, stop: true };
      continue;
    }
    for (const [index, run] of batch.entries()) {
      const limit = request.mode === AcquireMode.recordLimit ? recordsMax - count : Number.POSITIVE_INFINITY;
      if (limit <= 0) return { count, stop: true };
      const whole = lengthOf(run) <= limit ? run : runs.cut(run.first, run.first + limit - 1)[0];
      take(whole, request);
      tell(whole, ranges, index > 0);
      count += lengthOf(whole);
    }
  }
  return { count, stop: false };
}

/** Offset by offset: a record on its last attempt travels alone, one that failed half of its attempts with few others. */
function acquireThrottled(
  runs: Runs,
  batch: readonly Run[],
  request: AcquireRequest,
  recordsMax: number,
  deliveriesMax: number,
  ranges: AcquiredRange[],
): number {
  const from = throttleFrom(deliveriesMax);
  const limit = request.mode === AcquireMode.recordLimit ? recordsMax : Number.POSITIVE_INFINITY;
  let throttled = Number.POSITIVE_INFINITY;
  let count = 0;
  for (const whole of batch) {
    for (let offset = whole.first, { last } = whole; offset <= last; offset++) {
      const run = runs.cut(offset, offset)[0];
      const { count: before } = run;
      if (deliveriesMax !== 2 && before === deliveriesMax - 1 && count > 0) return count;
      if (before >= from && throttled === Number.POSITIVE_INFINITY) {
        const size = run.batchLast - run.batchFirst + 1;
        throttled = Math.max(1, Math.floor(size / 2 ** (before - from + 1)));
      }
      take(run, request);
      tell(run, ranges, count > 0);
      count++;
      if ((run.count === deliveriesMax && deliveriesMax > 2) || count >= limit || count >= throttled)
        return count;
    }
  }
  return count;
}

/** Acquires offsets nobody has had yet, from `first` on; returns how many. `first` follows the last known offset. */
export function acquireNew(
  runs: Runs,
  request: AcquireRequest,
  first: number,
  last: number,
  recordsMax: number,
  ranges: AcquiredRange[],
): number {
  const { batches, batchSize, mode } = request;
  const limit = first + recordsMax - 1;
  // Up to the end of the batch that holds the last wanted record.
  const aligned = batches.find(({ lastOffset }) => lastOffset >= limit)?.lastOffset ?? last;
  const end = Math.min(last, recordsMax < last - first + 1 ? aligned : last);
  if (mode === AcquireMode.recordLimit) {
    const to = Math.min(end, limit);
    addNew(runs, request, first, to, first, end, ranges);
    // The rest of the batch is known from now on, but nobody's.
    if (to < end) runs.push({ ...free(to + 1, end), batchFirst: first, batchLast: end });
    return to - first + 1;
  }
  let from = first;
  for (const { baseOffset } of batches) {
    if (baseOffset > end) break;
    if (baseOffset - from < Math.max(1, batchSize)) continue;
    addNew(runs, request, from, baseOffset - 1, from, baseOffset - 1, ranges);
    from = baseOffset;
  }
  addNew(runs, request, from, end, from, end, ranges);
  return end - first + 1;
}

function addNew(
  runs: Runs,
  request: AcquireRequest,
  first: number,
  last: number,
  batchFirst: number,
  batchLast: number,
  ranges: AcquiredRange[],
): void {
  const run = { ...free(first, last), batchFirst, batchLast };
  take(run, request);
  runs.push(run);
  tell(run, ranges, false);
}

/** Offsets that nobody has had. */
export function free(first: number, last: number): Run {
  return {
    first,
    last,
    state: RecordState.available,
    count: 0,
    member: '',
    dueMs: Number.POSITIVE_INFINITY,
    batchFirst: first,
    batchLast: last,
    change: 0,
    before: null,
  };
}
