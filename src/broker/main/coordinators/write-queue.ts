/**
 * Decisions of one shard on their way to its log: one batch in flight, the next one gathering; answers in the order of the
 * decisions, those without records included. Main thread.
 */
import { KafkaError } from '../../../base/kafka-error.js';
import type { Report } from '../../../base/report.js';
import type { AppendOutcome, CoordinatorLog } from './coordinator-log.js';
import { type BatchRules, batchOf, type Decision, fitting, recordsIn, roomOf } from './decision.js';

export interface WriteQueueDeps {
  readonly name: string;
  readonly slot: number;
  readonly log: CoordinatorLog;
  readonly report: Report;
  rules(): BatchRules;
  /** Everything up to this decision is written: its answers may leave. */
  deliver(decision: Decision): void;
  /** A batch is in the log; `nextOffset` is that of the first record behind all that wait. */
  written(nextOffset: number): void;
  /** The log refused a batch with this KafkaError. Nothing more is written until `takeAll`. */
  refused(error: number): void;
}

export class WriteQueue {
  private queue: Decision[] = [];
  private inFlight: Decision[] = [];
  private flushDue = false;
  /** Grows when everything is taken out: what returns from before is nobody's any more. */
  private generation = 0;
  private appending: Promise<AppendOutcome> | undefined;
  private idle: (() => void)[] = [];

  constructor(private readonly deps: WriteQueueDeps) {}

  push(decision: Decision): void {
    if (decision.records.length === 0 && this.isEmpty) {
      this.deps.deliver(decision);
      return;
    }
    this.queue.push(decision);
    if (this.inFlight.length > 0 || this.flushDue) return;
    this.flushDue = true;
    // At the end of this turn of the loop: its other requests go into the same batch.
    setImmediate(() => {
      this.flushDue = false;
      if (this.inFlight.length === 0) void this.flush();
    });
  }

  /** Empties the queue; returns what was not written. */
  takeAll(): Decision[] {
    const taken = [...this.inFlight, ...this.queue];
    this.inFlight = [];
    this.queue = [];
    this.generation++;
    this.tellIdle();
    return taken;
  }

  /** Resolves when the queue is empty. */
  settled(): Promise<void> {
    if (this.isEmpty) return Promise.resolve();
    return new Promise((resolve) => this.idle.push(resolve));
  }

  /** Resolves when no batch is on its way, taken out or not. */
  async landed(): Promise<void> {
    await this.appending;
  }

  private get isEmpty(): boolean {
    return this.queue.length === 0 && this.inFlight.length === 0;
  }

  private async flush(): Promise<void> {
    const { deps, generation } = this;
    while (this.queue.length > 0) {
      const rules = deps.rules();
      this.inFlight = this.queue.splice(0, fitting(this.queue, roomOf(rules)));
      const count = recordsIn(this.inFlight);
      if (count > 0) {
        this.appending = this.append(rules);
        const { error, baseOffset } = await this.appending;
        this.appending = undefined;
        if (this.generation !== generation) return;
        if (error !== 0) {
          deps.refused(error);
          return;
        }
        deps.written(baseOffset + count + recordsIn(this.queue));
      }
      const written = this.inFlight;
      this.inFlight = [];
      for (const decision of written) deps.deliver(decision);
    }
    this.tellIdle();
  }

  private append(rules: BatchRules): Promise<AppendOutcome> {
    const { log, slot, name, report } = this.deps;
    try {
      return log.append(slot, batchOf(this.inFlight, rules));
    } catch (error) {
      // A codec that cannot run here.
      report('error', `${name}: ${error instanceof Error ? error.message : String(error)}`);
      return Promise.resolve({ error: KafkaError.UNKNOWN_SERVER_ERROR, baseOffset: -1 });
    }
  }

  private tellIdle(): void {
    for (const resolve of this.idle.splice(0)) resolve();
  }
}
