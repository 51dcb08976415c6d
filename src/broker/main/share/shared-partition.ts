/**
 * A share partition with what it needs of the world (the other half of SharePartition.java): loads its state when first used,
 * writes what changes, lets locks end. Main thread.
 */
import { KafkaError } from '../../../base/kafka-error.js';
import type { Report } from '../../../base/report.js';
import type { AcknowledgeBatch } from '../../../coordinator/share-partition/acknowledge.js';
import type { AcquiredRange, AcquireRequest } from '../../../coordinator/share-partition/acquire.js';
import { SharePartition, type StateChange } from '../../../coordinator/share-partition/share-partition.js';
import type { Clock } from '../../../io/clock.js';
import type { TimerOwner, TimerQueue } from '../coordinators/timer-queue.js';
import type { SharePersister, ShareStateKey } from './persister.js';
import type { ShareGroupSettings } from './share-settings.js';

export interface SharedPartitionDeps {
  readonly persister: SharePersister;
  readonly timers: TimerQueue;
  readonly clock: Clock;
  readonly report: Report;
  /** In force now, for this group. */
  settings(): ShareGroupSettings;
  /** Where a group begins that has said nothing yet, by share.auto.offset.reset. */
  firstOffset(): Promise<number>;
  /** Something is free that was not, or the loading has ended. */
  onChanged(): void;
  /** The state can no longer be written by this owner: it is to be loaded again by the next who asks. */
  onFenced(): void;
}

export interface AcknowledgeResult {
  readonly error: number;
  readonly message: string | null;
}

const DONE: AcknowledgeResult = { error: 0, message: null };
const LOCKS = 'locks';

/** What clients are told for an error of the share coordinator (SharePartition.fetchPersisterError). */
export function persisterError(error: number): number {
  switch (error) {
    case 0:
    case KafkaError.GROUP_ID_NOT_FOUND:
    case KafkaError.UNKNOWN_TOPIC_OR_PARTITION:
      return error;
    case KafkaError.NOT_COORDINATOR:
    case KafkaError.COORDINATOR_NOT_AVAILABLE:
    case KafkaError.COORDINATOR_LOAD_IN_PROGRESS:
      return KafkaError.COORDINATOR_NOT_AVAILABLE;
    case KafkaError.FENCED_LEADER_EPOCH:
    case KafkaError.FENCED_STATE_EPOCH:
      return KafkaError.NOT_LEADER_OR_FOLLOWER;
    default:
      return KafkaError.UNKNOWN_SERVER_ERROR;
  }
}

export class SharedPartition implements TimerOwner {
  private readonly partition: SharePartition;
  private stateEpoch = 0;
  private loading: Promise<number> | undefined;
  private active = false;
  private closed = false;
  /** Writes go one by one: a later one must not overtake an earlier one that is tried again. */
  private writing: Promise<unknown> = Promise.resolve();

  constructor(
    readonly key: ShareStateKey,
    /** Where the partition is hosted. */
    readonly slot: number,
    private readonly leaderEpoch: number,
    private readonly deps: SharedPartitionDeps,
  ) {
    this.partition = new SharePartition(deps.settings);
  }

  /** Can be fetched from and acknowledged to. */
  get isActive(): boolean {
    return this.active && !this.closed;
  }

  /** Loads the state once; resolves with the error code, 0 = active. */
  load(): Promise<number> {
    this.loading ??= this.loadOnce();
    return this.loading;
  }

  nextFetchOffset(logStart: number): number {
    this.partition.logStartMoved(logStart);
    return this.partition.nextFetchOffset();
  }

  canAcquire(): boolean {
    return this.isActive && this.partition.canAcquire();
  }

  /** How many offsets from `offset` on others may hold: a fetch has to look that much further. */
  knownFrom(offset: number): number {
    return Math.max(0, this.partition.end - offset);
  }

  acquire(request: Omit<AcquireRequest, 'dueMs'>): AcquiredRange[] {
    const dueMs = this.deps.clock.now() + this.deps.settings().lockDurationMs;
    const acquired = this.partition.acquire({ ...request, dueMs });
    this.arm();
    return acquired;
  }

  /** Offsets of an aborted transaction that were acquired: nobody gets them. */
  archive(firstOffset: number, lastOffset: number): void {
    this.partition.archive(firstOffset, lastOffset);
    this.arm();
  }

  async acknowledge(member: string, batches: readonly AcknowledgeBatch[]): Promise<AcknowledgeResult> {
    if (!this.isActive) return { error: KafkaError.NOT_LEADER_OR_FOLLOWER, message: null };
    const { clock, settings } = this.deps;
    const { renewsLocks, lockDurationMs } = settings();
    const renewedDueMs = renewsLocks ? clock.now() + lockDurationMs : null;
    const change = this.partition.acknowledge(member, batches, renewedDueMs);
    this.arm();
    if (change === null) return DONE;
    return 'error' in change ? change : this.settle(change);
  }

  /** Frees what a member holds that has left. */
  async release(member: string): Promise<AcknowledgeResult> {
    const change = this.isActive ? this.partition.release(member) : null;
    return change === null ? DONE : this.settle(change);
  }

  timerExpired(_key: string, nowMs: number): void {
    if (this.closed) return;
    const change = this.partition.expire(nowMs);
    this.arm();
    if (change === null) return;
    void this.write(change).then(({ error, message }) => {
      const text = message ?? `error ${error}`;
      if (error !== 0) this.tell('warn', `end of locks could not be written: ${text}`);
    });
    this.deps.onChanged();
  }

  /** Resolves when what was decided so far is written, or refused. */
  async settled(): Promise<void> {
    await this.writing;
  }

  /** Nobody may use it any more. */
  close(): void {
    this.closed = true;
    this.deps.timers.clear(this);
  }

  /** Commits a change when it is written, else takes it back. */
  private async settle(change: StateChange): Promise<AcknowledgeResult> {
    const result = await this.write(change);
    if (result.error === 0) this.partition.commit(change);
    else this.partition.rollback(change);
    this.arm();
    this.deps.onChanged();
    return result;
  }

  private write(change: StateChange): Promise<AcknowledgeResult> {
    const written = this.writing.then(() => this.writeNow(change));
    this.writing = written;
    return written;
  }

  private async writeNow({ batches }: StateChange): Promise<AcknowledgeResult> {
    const { start, deliveryCompleteCount } = this.partition;
    const { persister } = this.deps;
    const written = await persister.write(
      this.key,
      this.stateEpoch,
      this.leaderEpoch,
      start,
      deliveryCompleteCount,
      batches,
    );
    const error = persisterError(written.error);
    if (error === KafkaError.NOT_LEADER_OR_FOLLOWER || error === KafkaError.GROUP_ID_NOT_FOUND) this.fence();
    return { error, message: written.errorMessage };
  }

  private fence(): void {
    if (this.closed) return;
    this.tell('info', 'another owner, or a reset, has replaced this state; it is loaded again');
    this.close();
    this.deps.onFenced();
  }

  private async loadOnce(): Promise<number> {
    const error = await this.readState();
    if (this.closed) return KafkaError.NOT_LEADER_OR_FOLLOWER;
    this.active = error === 0;
    if (this.active) this.deps.onChanged();
    return error;
  }

  private async readState(): Promise<number> {
    const state = await this.deps.persister.read(this.key, this.leaderEpoch);
    if (state.error !== 0) return persisterError(state.error);
    this.stateEpoch = state.stateEpoch;
    const start = state.startOffset >= 0 ? state.startOffset : await this.deps.firstOffset();
    if (this.partition.restore(start, state.batches)) return 0;
    this.tell('error', 'the stored state makes no sense: batches overlap or lie below the start');
    return KafkaError.UNKNOWN_SERVER_ERROR;
  }

  private arm(): void {
    const due = this.closed ? Number.POSITIVE_INFINITY : this.partition.nextDueMs;
    this.deps.timers.set(this, LOCKS, Number.isFinite(due) ? due : null);
  }

  private tell(level: 'error' | 'warn' | 'info', text: string): void {
    const { groupId, topicId, partition } = this.key;
    this.deps.report(level, `Share group ${groupId}, ${topicId}-${partition}: ${text}`);
  }
}
