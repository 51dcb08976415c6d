/**
 * What a worker does because time has passed or because it has nothing better to do: flushes by log.flush.interval.ms
 * and housekeeping (the next segment, snapshots, deletes, retention). Decides how long the worker may sleep.
 * Owned by one worker; times are monotonic ms.
 */
import type { Clock } from '../io/clock.js';
import type { PartitionLogApi } from '../storage/contract.js';
import type { OpenLog } from './open-log.js';

/** Housekeeping that has more to do goes on after so long at the earliest. */
const HOUSEKEEP_AGAIN_MS = 10;
/** From an append to the housekeeping it causes: long enough to cost nothing per drain, short against filling a segment. */
const HOUSEKEEP_DELAY_MS = 50;
/** A worker with completions that found no room looks again after so long. */
const OVERFLOW_RETRY_MS = 1;
/** log.initial.task.delay.ms: the first look for segments that are too old, after the worker's first log was opened. */
const RETENTION_FIRST_MS = 30_000;

export interface TimedWorkDeps {
  logs: ReadonlyMap<number, OpenLog>;
  clock: Clock;
  /** Housekeeping of logs without appends, for what time alone brings about (deleted files, forgotten producers). */
  housekeepingMs: number;
  /** log.retention.check.interval.ms */
  retentionCheckMs: number;
  goOffline: (log: OpenLog, error: unknown) => void;
  publish: (log: OpenLog) => void;
}

export class TimedWork {
  /** Logs with work on the spot: appended to since they were last looked after, or not finished. */
  private readonly waiting = new Set<OpenLog>();
  private waitingAtMs = Number.POSITIVE_INFINITY;
  private allAtMs = Number.POSITIVE_INFINITY;
  private flushAtMs = Number.POSITIVE_INFINITY;
  private retentionAtMs = Number.POSITIVE_INFINITY;

  constructor(private readonly deps: TimedWorkDeps) {}

  /** A log was opened or closed: its sleep changes. */
  logsChanged(): void {
    const { logs, clock, housekeepingMs, retentionCheckMs } = this.deps;
    const now = clock.monotonicMs();
    if (logs.size === 0) {
      this.allAtMs = Number.POSITIVE_INFINITY;
      this.retentionAtMs = Number.POSITIVE_INFINITY;
    } else if (this.allAtMs === Number.POSITIVE_INFINITY) {
      this.allAtMs = now + housekeepingMs;
      this.retentionAtMs = now + Math.min(RETENTION_FIRST_MS, retentionCheckMs);
    }
    for (const log of this.waiting) if (logs.get(log.slot) !== log) this.waiting.delete(log);
    if (this.waiting.size === 0) this.waitingAtMs = Number.POSITIVE_INFINITY;
    this.planFlush();
  }

  /** `log` was appended to. */
  appended(log: OpenLog): void {
    if (this.waiting.size === 0) this.waitingAtMs = this.deps.clock.monotonicMs() + HOUSEKEEP_DELAY_MS;
    this.waiting.add(log);
    if (log.flushAtMs < this.flushAtMs) this.flushAtMs = log.flushAtMs;
  }

  /** Does what is due. */
  run(): void {
    const now = this.deps.clock.monotonicMs();
    if (now >= this.flushAtMs) this.flushDue(now);
    if (now >= this.retentionAtMs) {
      this.retentionAtMs = now + this.deps.retentionCheckMs;
      for (const log of this.deps.logs.values())
        this.attend(log, (api) => api.enforceRetention(this.deps.clock.now()));
    }
    if (now >= this.allAtMs) {
      for (const log of this.deps.logs.values()) if (log.online) this.waiting.add(log);
      this.allAtMs = now + this.deps.housekeepingMs;
      this.waitingAtMs = now;
    }
    if (now >= this.waitingAtMs) this.housekeep(now);
  }

  /** Work on one log, published afterwards; a failure of the storage takes the log offline. */
  private attend<Result>(log: OpenLog, work: (api: PartitionLogApi) => Result): Result | null {
    if (!log.online || log.api === null) return null;
    try {
      const result = work(log.api);
      this.deps.publish(log);
      return result;
    } catch (error) {
      this.deps.goOffline(log, error);
      return null;
    }
  }

  private housekeep(now: number): void {
    for (const log of this.waiting) {
      const more = this.attend(log, (api) => api.housekeep(this.deps.clock.now()));
      if (more !== true) this.waiting.delete(log);
    }
    this.waitingAtMs = this.waiting.size > 0 ? now + HOUSEKEEP_AGAIN_MS : Number.POSITIVE_INFINITY;
  }

  private flushDue(now: number): void {
    for (const log of this.deps.logs.values()) {
      if (now < log.flushAtMs) continue;
      this.attend(log, (api) => {
        api.flush();
        log.dirtySinceMs = -1;
      });
    }
    this.planFlush();
  }

  private planFlush(): void {
    this.flushAtMs = Number.POSITIVE_INFINITY;
    for (const log of this.deps.logs.values()) {
      if (log.online && log.flushAtMs < this.flushAtMs) this.flushAtMs = log.flushAtMs;
    }
  }

  /** How long the worker may sleep: Infinity when nothing is bound to time. */
  sleepMs(hasOverflow: boolean): number {
    const next = Math.min(this.flushAtMs, this.allAtMs, this.retentionAtMs, this.waitingAtMs);
    const ms = Math.max(0, next - this.deps.clock.monotonicMs());
    return hasOverflow ? Math.min(ms, OVERFLOW_RETRY_MS) : ms;
  }
}
