/**
 * One partition in its worker: the log, what of it was published last, and its share of the drain at hand. Owned by the
 * worker that owns the partition.
 */
import type { LogConfig, PartitionLogApi } from '../storage/contract.js';
import type { Completions } from './completions.js';
import { type PartitionState, PartitionStatus } from './contract.js';
import { emptyState, type StateTable } from './state-table.js';

const NEVER = Number.MAX_SAFE_INTEGER;

export class OpenLog {
  /** First row of this log in the drain at hand, and the next to fill; -1 = none. */
  from = -1;
  next = -1;
  /** Entries of this log in the drain at hand. */
  count = 0;
  /** Appended to since it was last flushed on time; monotonic ms, -1 = no. */
  dirtySinceMs = -1;
  private readonly state: PartitionState = emptyState();

  constructor(
    readonly slot: number,
    readonly api: PartitionLogApi | null,
    private readonly table: StateTable,
  ) {
    this.state.status = PartitionStatus.loading;
  }

  get online(): boolean {
    return this.state.status === PartitionStatus.online;
  }

  get status(): number {
    return this.state.status;
  }

  private get config(): LogConfig | undefined {
    return this.api?.spec.config;
  }

  /** log.flush.interval.messages or .ms is set: the log is to be asked after appends. */
  get flushesInTime(): boolean {
    const { config } = this;
    return config !== undefined && (config.flushMessages < NEVER || config.flushMs < NEVER);
  }

  /** When a flush is due at the latest, monotonic ms; Infinity = never. */
  get flushAtMs(): number {
    const flushMs = this.config?.flushMs ?? NEVER;
    return this.dirtySinceMs < 0 || flushMs >= NEVER ? Number.POSITIVE_INFINITY : this.dirtySinceMs + flushMs;
  }

  /** Publishes the log as it stands now; who watches is told when something readers see has changed. */
  publish(completions: Completions): void {
    this.publishAs(this.state.status, completions);
  }

  publishAs(status: number, completions: Completions): void {
    const { state, api } = this;
    let changed = state.status !== status;
    state.status = status;
    if (api !== null) {
      const offsets = api.offsets;
      changed ||=
        state.highWatermark !== offsets.highWatermark ||
        state.lastStableOffset !== offsets.lastStableOffset ||
        state.logStartOffset !== offsets.logStartOffset;
      state.logStartOffset = offsets.logStartOffset;
      state.highWatermark = offsets.highWatermark;
      state.lastStableOffset = offsets.lastStableOffset;
      state.logEndOffset = offsets.logEndOffset;
      state.recoveryPoint = api.recoveryPoint;
      state.leaderEpoch = api.leaderEpoch;
      state.logToken = status === PartitionStatus.online ? api.token : -1;
      state.minInsyncReplicas = api.spec.config.minInsyncReplicas;
      if (status === PartitionStatus.online) state.sizeBytes = api.sizeBytes();
    }
    this.table.publish(this.slot, state);
    if (!changed) return;
    const watchers = this.table.takeWatchers(this.slot);
    if (watchers !== 0) completions.readable(watchers, this.slot);
  }
}

/** One line for people. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
