/**
 * Keeps __share_group_state short: what the last snapshots have made redundant is deleted from time to time
 * (ShareCoordinatorService.setupRecordPruning). The topic is not compacted. Main thread.
 */
import type { Report } from '../../../base/report.js';

export interface PruningDeps {
  readonly report: Report;
  intervalMs(): number;
  /** Slots of the partitions that have a shard. */
  slots(): Iterable<[partition: number, slot: number]>;
  /** First offset that is still needed, when everything before the call is durable; null: nothing can go. */
  redundantBefore(partition: number): Promise<number | null>;
  /** `error`: KafkaError, 0 = done. */
  deleteRecords(slot: number, offset: number): Promise<{ error: number }>;
}

export class ShareLogPruning {
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  /** Offset that was last deleted up to, by slot. */
  readonly #pruned = new Map<number, number>();

  constructor(private readonly deps: PruningDeps) {}

  /** From the first partition on: without one nothing wakes the broker. */
  start(): void {
    if (this.#stopped || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => void this.#run(), this.deps.intervalMs());
  }

  forget(slot: number): void {
    this.#pruned.delete(slot);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  async #run(): Promise<void> {
    for (const [partition, slot] of [...this.deps.slots()]) {
      if (this.#stopped) return;
      await this.#prune(partition, slot).catch((error: unknown) => {
        const text = error instanceof Error ? error.message : String(error);
        this.deps.report('warn', `Share state of partition ${partition} was not pruned: ${text}`);
      });
    }
    this.#timer = undefined;
    this.start();
  }

  async #prune(partition: number, slot: number): Promise<void> {
    const offset = await this.deps.redundantBefore(partition);
    if (offset === null || offset === this.#pruned.get(slot)) return;
    const { error } = await this.deps.deleteRecords(slot, offset);
    if (error !== 0) throw new Error(`error ${error}`);
    this.#pruned.set(slot, offset);
  }
}
