/**
 * The shards of one kind of coordinator (CoordinatorRuntime): one a partition of its topic, by partition index. Requests
 * come in by partition and leave as promises; a JoinGroup that waits holds nothing but its promise. Main thread.
 */
import { KafkaError } from '../../../base/kafka-error.js';
import type { Report } from '../../../base/report.js';
import type {
  CoordinatorShard,
  Outcome,
  RecordSerde,
  RequestToken,
} from '../../../coordinator/framework/contract.js';
import type { Clock } from '../../../io/clock.js';
import type { CoordinatorLog } from './coordinator-log.js';
import type { BatchRules } from './decision.js';
import { ShardRunner } from './shard-runner.js';
import { TimerQueue } from './timer-queue.js';

/** A clean stop does not wait longer for the log: what is not written then is not acknowledged. */
const STOP_MS_MAX = 5_000;

export interface RuntimeDeps<Shard, Rec> {
  /** The coordinator's topic, for messages. */
  readonly topic: string;
  readonly log: CoordinatorLog;
  readonly serde: RecordSerde<Rec>;
  readonly clock: Clock;
  readonly report: Report;
  newShard(partition: number): Shard;
  rules(): BatchRules;
}

export class CoordinatorRuntime<Shard extends CoordinatorShard<Rec>, Rec> {
  private readonly runners = new Map<number, { slot: number; runner: ShardRunner<Shard, Rec> }>();
  private readonly timers: TimerQueue;
  private loading: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(private readonly deps: RuntimeDeps<Shard, Rec>) {
    this.timers = new TimerQueue(deps.clock);
  }

  /** A partition of the topic is hosted at `slot`: its shard is loaded. */
  open(partition: number, slot: number): void {
    if (this.stopped || this.runners.has(partition)) return;
    const { topic, log, serde, clock, report } = this.deps;
    const runner = new ShardRunner<Shard, Rec>({
      name: `${topic}-${partition}`,
      slot,
      log,
      serde,
      clock,
      timers: this.timers,
      report,
      newShard: () => this.deps.newShard(partition),
      rules: () => this.deps.rules(),
      enqueueLoad: (load) => {
        this.loading = this.loading.then(load);
      },
    });
    this.runners.set(partition, { slot, runner });
  }

  /** The partition at `slot` is gone; true = it was one of these. */
  closeSlot(slot: number): boolean {
    for (const [partition, entry] of this.runners) {
      if (entry.slot !== slot) continue;
      this.runners.delete(partition);
      entry.runner.close();
      return true;
    }
    return false;
  }

  /** Partitions that have a shard. */
  get partitions(): number[] {
    return [...this.runners.keys()];
  }

  ask<Response>(
    partition: number,
    decide: (shard: Shard, token: RequestToken, nowMs: number) => Outcome<Rec>,
    failure: (error: number) => Response,
  ): Promise<Response> {
    if (this.stopped) return Promise.resolve(failure(KafkaError.COORDINATOR_NOT_AVAILABLE));
    const entry = this.runners.get(partition);
    if (entry === undefined) return Promise.resolve(failure(KafkaError.NOT_COORDINATOR));
    return entry.runner.ask(decide, failure);
  }

  /** Tells every shard of an event. */
  tell(decide: (shard: Shard, nowMs: number) => Outcome<Rec>): void {
    for (const { runner } of this.runners.values()) runner.tell(decide);
  }

  /** New requests are refused, what was decided is written and answered, then who still waits is sent away. */
  async stop(): Promise<void> {
    if (this.stopped) return;
    this.stopped = true;
    const runners = [...this.runners.values()].map(({ runner }) => runner);
    let late: NodeJS.Timeout | undefined;
    const waited = new Promise<void>((resolve) => {
      late = setTimeout(resolve, STOP_MS_MAX);
    });
    await Promise.race([Promise.all(runners.map((runner) => runner.settled())), waited]);
    clearTimeout(late);
    for (const runner of runners) runner.close();
    // The answers just given are promises: they are under way when this resolves.
    await new Promise(setImmediate);
  }
}
