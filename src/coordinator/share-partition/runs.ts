/**
 * The in-flight offsets of a share partition as runs of equal state (InFlightBatch and InFlightState of Kafka in one): a
 * sorted array without gaps or overlaps. A run is split where something happens to a part of it. Main thread.
 */
import { assert } from '../../base/assert.js';

/** RecordState; all but `acquired` are also what is persisted. */
export const RecordState = { available: 0, acquired: 1, acknowledged: 2, archived: 4 } as const;

/** What a run goes back to when its change could not be written. */
export interface RunBefore {
  readonly state: number;
  readonly count: number;
  readonly member: string;
  readonly dueMs: number;
}

export interface Run {
  first: number;
  last: number;
  state: number;
  /** Deliveries so far. */
  count: number;
  /** Who holds the offsets; empty unless acquired. */
  member: string;
  /** When the acquisition lock ends; Infinity unless acquired. */
  dueMs: number;
  /** First and last offset of what was acquired together: throttling and limits look at it as one. */
  batchFirst: number;
  batchLast: number;
  /** Number of the change that is being written; 0 = none. */
  change: number;
  before: RunBefore | null;
}

export function isTerminal(state: number): boolean {
  return state === RecordState.acknowledged || state === RecordState.archived;
}

export function lengthOf(run: Run): number {
  return run.last - run.first + 1;
}

/** Nobody holds it and nothing is being written of it. */
export function isFree(run: Run): boolean {
  return run.state === RecordState.available && run.change === 0;
}

function mayJoin(a: Run, b: Run): boolean {
  if (a.change !== 0 || b.change !== 0 || a.state !== b.state) return false;
  if (isTerminal(a.state)) return true;
  return a.count === b.count && a.member === b.member && a.dueMs === b.dueMs && a.batchFirst === b.batchFirst;
}

export class Runs {
  private list: Run[] = [];

  get all(): readonly Run[] {
    return this.list;
  }

  get isEmpty(): boolean {
    return this.list.length === 0;
  }

  /** Index of the run that holds `offset`, or of the first behind it. */
  indexAt(offset: number): number {
    let low = 0;
    let high = this.list.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.list[middle].last < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Appends behind the last run. */
  push(run: Run): void {
    const last = this.list[this.list.length - 1];
    assert(last === undefined || last.last + 1 === run.first, `offset ${run.first} does not follow`);
    this.list.push(run);
  }

  /** The runs of [first, last], split so that none reaches beyond. The array is a copy. */
  cut(first: number, last: number): Run[] {
    this.splitBefore(first);
    this.splitBefore(last + 1);
    const from = this.indexAt(first);
    let to = from;
    while (to < this.list.length && this.list[to].last <= last) to++;
    return this.list.slice(from, to);
  }

  /** Forgets everything below `offset`. */
  dropBefore(offset: number): void {
    this.splitBefore(offset);
    this.list.splice(0, this.indexAt(offset));
  }

  /** Joins neighbours that no longer differ. */
  join(): void {
    const { list } = this;
    let kept = 0;
    for (let i = 1; i < list.length; i++) {
      if (mayJoin(list[kept], list[i])) list[kept].last = list[i].last;
      else list[++kept] = list[i];
    }
    if (list.length > 0) list.length = kept + 1;
  }

  private splitBefore(offset: number): void {
    const index = this.indexAt(offset);
    const run = this.list[index];
    if (run === undefined || run.first >= offset) return;
    const rest = { ...run, first: offset };
    run.last = offset - 1;
    this.list.splice(index + 1, 0, rest);
  }
}
