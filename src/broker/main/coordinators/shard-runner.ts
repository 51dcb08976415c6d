/**
 * One shard between its partition's log and the requests: loads it, asks it, has written what it decides (write-queue.ts),
 * keeps who waits for an answer. Main thread.
 *
 * loading ──> active ──(append refused: all who wait are told, the shard is dropped)──> loading …
 *    └──> failed (the log cannot be read)           any ──> closed
 */
import { KafkaError } from '../../../base/kafka-error.js';
import type { Report } from '../../../base/report.js';
import type {
  Answer,
  CoordinatorShard,
  Outcome,
  RecordSerde,
  RequestToken,
} from '../../../coordinator/framework/contract.js';
import type { Clock } from '../../../io/clock.js';
import { coordinatorError } from './coordinator-error.js';
import type { CoordinatorLog } from './coordinator-log.js';
import { type BatchRules, type EncodedRecord, encodeRecords, roomOf, sizeOf, split } from './decision.js';
import { readLog } from './log-reader.js';
import type { TimerOwner, TimerQueue } from './timer-queue.js';
import { WriteQueue } from './write-queue.js';

/** A shard that was dropped is loaded again after so long; twice as long each time until a write succeeds. */
const RELOAD_WAIT_MS = 500;
const RELOAD_WAIT_MS_MAX = 30_000;

interface Waiting {
  resolve(response: unknown): void;
  failure(error: number): unknown;
}

export interface RunnerDeps<Shard, Rec> {
  readonly name: string;
  readonly slot: number;
  readonly log: CoordinatorLog;
  readonly serde: RecordSerde<Rec>;
  readonly clock: Clock;
  readonly timers: TimerQueue;
  readonly report: Report;
  newShard(): Shard;
  rules(): BatchRules;
  /** Runs one after the other what it is given: one log is read at a time. */
  enqueueLoad(load: () => Promise<void>): void;
}

export class ShardRunner<Shard extends CoordinatorShard<Rec>, Rec> implements TimerOwner {
  private shard: Shard;
  private state: 'loading' | 'active' | 'failed' | 'closed' = 'loading';
  /** Offset that the next record is expected to get. */
  private nextOffset = 0;
  private readonly writes: WriteQueue;
  private readonly waiting = new Map<RequestToken, Waiting>();
  private nextToken = 1;
  private reloadWaitMs = RELOAD_WAIT_MS;
  private reload: NodeJS.Timeout | undefined;
  private events: ((shard: Shard, nowMs: number) => Outcome<Rec>)[] = [];

  constructor(private readonly deps: RunnerDeps<Shard, Rec>) {
    this.shard = deps.newShard();
    const { name, slot, log, report } = deps;
    this.writes = new WriteQueue({
      name,
      slot,
      log,
      report,
      rules: () => deps.rules(),
      deliver: ({ answers }) => {
        for (const { token, response } of answers) this.answer(token, response);
      },
      written: (nextOffset) => {
        this.nextOffset = nextOffset;
        this.reloadWaitMs = RELOAD_WAIT_MS;
      },
      refused: (error) => {
        report('warn', `${name}: a write was refused with error ${error}; loading it again`);
        this.drop(coordinatorError(error), 'loading');
      },
    });
    this.startLoading();
  }

  /** Code for who asks now; 0 = `ask` works. */
  get unavailable(): number {
    if (this.state === 'active') return 0;
    return this.state === 'loading' ? KafkaError.COORDINATOR_LOAD_IN_PROGRESS : KafkaError.NOT_COORDINATOR;
  }

  /** Resolves with the answer, whenever it comes; `failure` makes it when the shard cannot be asked. */
  ask<Response>(
    decide: (shard: Shard, token: RequestToken, nowMs: number) => Outcome<Rec>,
    failure: (error: number) => Response,
  ): Promise<Response> {
    const { unavailable } = this;
    if (unavailable !== 0) return Promise.resolve(failure(unavailable));
    const token = this.nextToken++;
    return new Promise<Response>((resolve, reject) => {
      // The shard answers a token with what its request's method promises.
      this.waiting.set(token, { resolve: (response) => resolve(response as Response), failure });
      const nowMs = this.deps.clock.now();
      let outcome: Outcome<Rec>;
      try {
        outcome = decide(this.shard, token, nowMs);
      } catch (error) {
        this.waiting.delete(token);
        reject(error);
        return;
      }
      this.take(outcome, nowMs, 'whole');
    });
  }

  /** For events that nobody waits for; a shard that is being loaded learns of them afterwards. */
  tell(decide: (shard: Shard, nowMs: number) => Outcome<Rec>): void {
    if (this.state === 'loading') this.events.push(decide);
    if (this.state !== 'active') return;
    const nowMs = this.deps.clock.now();
    this.event(() => decide(this.shard, nowMs), nowMs);
  }

  timerExpired(key: string, nowMs: number): void {
    if (this.state === 'active') this.event(() => this.shard.onTimer(key, nowMs), nowMs);
  }

  /** Resolves when everything decided so far is written and answered, or refused. */
  settled(): Promise<void> {
    return this.writes.settled();
  }

  /** The partition is gone, or the broker stops: everybody who waits is told. */
  close(): void {
    if (this.state === 'closed') return;
    this.drop(KafkaError.NOT_COORDINATOR, 'closed');
  }

  /** Nobody is there to be told of a defect: it is reported, and the shard goes back to what its log says. */
  private event(decide: () => Outcome<Rec>, nowMs: number): void {
    try {
      this.take(decide(), nowMs, 'split');
    } catch (error) {
      this.broken(error);
    }
  }

  private broken(error: unknown): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.deps.report('error', `${this.deps.name}: a defect; loading it again: ${text}`);
    this.drop(KafkaError.UNKNOWN_SERVER_ERROR, 'loading');
  }

  private take(outcome: Outcome<Rec>, nowMs: number, size: 'whole' | 'split'): void {
    try {
      this.apply(outcome, nowMs, size);
    } catch (error) {
      // Memory and log may have parted.
      this.broken(error);
    }
  }

  private apply(outcome: Outcome<Rec>, nowMs: number, size: 'whole' | 'split'): void {
    for (const { key, atMs } of outcome.timers) this.deps.timers.set(this, key, atMs);
    const { records, answers } = outcome;
    if (records.length === 0) {
      if (answers.length > 0) this.writes.push({ records: [], answers, bytes: 0, nowMs });
      return;
    }
    const encoded = encodeRecords(this.deps.serde, records);
    const room = roomOf(this.deps.rules());
    if (sizeOf(encoded) > room && size === 'whole') {
      this.refuse(answers, coordinatorError(KafkaError.MESSAGE_TOO_LARGE));
      this.drop(KafkaError.NOT_COORDINATOR, 'loading');
      return;
    }
    for (const record of records) {
      this.shard.replay(record, { offset: this.nextOffset++, producerId: -1n, producerEpoch: -1 });
    }
    const parts = split(encoded, room);
    parts.forEach((part: EncodedRecord[], index) => {
      const last = index === parts.length - 1;
      this.writes.push({ records: part, answers: last ? answers : [], bytes: sizeOf(part), nowMs });
    });
  }

  private refuse(answers: readonly Answer[], error: number): void {
    for (const { token, failure } of answers) this.answer(token, failure(error));
  }

  private answer(token: RequestToken, response: unknown): void {
    const waiting = this.waiting.get(token);
    this.waiting.delete(token);
    waiting?.resolve(response);
  }

  /** Decisions that are not written are refused with `error`, waiters told as the shard says; then it is forgotten. */
  private drop(error: number, next: 'loading' | 'closed'): void {
    const { deps, shard } = this;
    const wasActive = this.state === 'active';
    clearTimeout(this.reload);
    deps.timers.clear(this);
    this.state = next;
    for (const { answers } of this.writes.takeAll()) this.refuse(answers, error);
    if (wasActive) this.unload(shard, error);
    this.shard = deps.newShard();
    if (next === 'closed') return;
    this.reload = setTimeout(() => void this.loadAgain(), this.reloadWaitMs);
    this.reloadWaitMs = Math.min(RELOAD_WAIT_MS_MAX, 2 * this.reloadWaitMs);
  }

  private unload(shard: Shard, error: number): void {
    try {
      for (const { token, response } of shard.onUnloaded().answers) this.answer(token, response);
    } catch (defect) {
      this.deps.report('error', `${this.deps.name}: ${defect instanceof Error ? defect.stack : defect}`);
    }
    // Whom the shard has forgotten.
    for (const [token, { failure }] of [...this.waiting]) this.answer(token, failure(error));
  }

  /** What is still on its way to the log must be in it before it is read. */
  private async loadAgain(): Promise<void> {
    await this.writes.landed();
    if (this.state === 'loading') this.startLoading();
  }

  private startLoading(): void {
    const { shard } = this;
    const { log, slot } = this.deps;
    const { error, start, end } = log.bounds(slot);
    // Nothing to read: no need to wait for others that are being read.
    if (error === 0 && start === end) this.loaded(end);
    else this.deps.enqueueLoad(() => this.load(shard));
  }

  private async load(shard: Shard): Promise<void> {
    const { log, slot, serde, name, report, clock } = this.deps;
    const wanted = (): boolean => this.shard === shard && this.state === 'loading';
    if (!wanted()) return;
    try {
      const bounds = log.bounds(slot);
      if (bounds.error !== 0) throw new Error(`its partition is not online (error ${bounds.error})`);
      const startedMs = clock.now();
      const end = await readLog(log, slot, bounds, serde, shard, wanted);
      if (end === null) return;
      this.loaded(end);
      report('debug', `${name}: loaded up to offset ${end} in ${clock.now() - startedMs} ms`);
    } catch (error) {
      if (!wanted()) return;
      this.state = 'failed';
      const text = error instanceof Error ? error.message : String(error);
      report('error', `${name} could not be loaded and serves nobody: ${text}`);
    }
  }

  private loaded(end: number): void {
    this.nextOffset = end;
    this.state = 'active';
    const nowMs = this.deps.clock.now();
    this.event(() => this.shard.onLoaded(nowMs), nowMs);
    for (const decide of this.events.splice(0)) this.tell(decide);
  }
}
