/**
 * The partitions of coordinators' topics as the runtime needs them: read from the start, append a batch. Behind it the
 * partition seam, of which the main thread is one more submitter with a slab of its own. Main thread.
 */
import { OperationError } from '../../../base/errors.js';
import { KafkaError } from '../../../base/kafka-error.js';
import { openEngine } from '../../../io/engine.js';
import { ReadOut, ReadStatus, type SegmentEngine } from '../../../io/segment-engine.js';
import { type AppendCompletion, PartitionStatus } from '../../../partition/contract.js';
import { type GatewayHandle, PartitionGateway } from '../../../partition/gateway.js';
import { emptyState } from '../../../partition/state-table.js';
import { type AppendOwner, PendingAppends } from '../../produce/pending-appends.js';
import { SlabMemory } from './slab-memory.js';

/** Address space for batches in flight; a batch is at most max.message.bytes large. */
export const MAIN_SLAB_BYTES = 64 * 1024 * 1024;
/** A worker's ring was full: looked at again after so long, because a helping thread cannot ring the main thread. */
const RETRY_MS = 5;
/** Bytes read, and replayed, before the loop gets its turn again. */
const READ_BYTES = 256 * 1024;

export interface AppendOutcome {
  /** KafkaError; 0 = the batch is as durable as its topic asks. */
  readonly error: number;
  readonly baseOffset: number;
}

/** Where a log begins and ends; `error` other than 0: it cannot be used. */
export interface LogBounds {
  readonly error: number;
  readonly start: number;
  readonly end: number;
}

/** What the runtime needs of the seam; tests have a small one of their own. */
export interface CoordinatorLog {
  bounds(slot: number): LogBounds;
  /** Bytes that begin with the batch that holds `offset` (or the first behind it) and end before `end`; null = nothing. */
  read(slot: number, offset: number, end: number): Uint8Array | null;
  append(slot: number, batch: Uint8Array): Promise<AppendOutcome>;
}

const REFUSED = (error: number): AppendOutcome => ({ error, baseOffset: -1 });

export class SeamLog implements CoordinatorLog {
  readonly gateway: PartitionGateway;
  readonly engine: SegmentEngine;
  /** A partition that the main thread watches has changed. */
  onReadable: (slot: number) => void = () => undefined;
  private readonly appends: PendingAppends;
  private readonly slab: Uint8Array;
  private readonly memory: SlabMemory;
  private readonly state = emptyState();
  private readonly out = new Float64Array(4);
  /** Batches that found no room in the slab, oldest first. */
  private readonly waiting: (() => boolean)[] = [];
  private wakesDue = false;
  private retryTimer: NodeJS.Timeout | undefined;
  /** Appends in flight by slot, and slots to let go of when there are none left. */
  private readonly inFlight = new Map<number, number>();
  private readonly gone = new Set<number>();

  constructor(handle: GatewayHandle, portable: boolean) {
    this.engine = openEngine(portable ? 'portable' : 'auto').engine;
    this.gateway = PartitionGateway.attach(handle, {
      engine: this.engine,
      wakeHandle: null,
      onWake: () => this.drain(),
    });
    this.appends = new PendingAppends(this.gateway);
    this.slab = new Uint8Array(this.gateway.slab);
    this.memory = new SlabMemory(this.slab.length);
  }

  bounds(slot: number): LogBounds {
    const { state } = this;
    this.gateway.readState(slot, state);
    return { error: this.statusError(slot), start: state.logStartOffset, end: state.logEndOffset };
  }

  read(slot: number, offset: number, end: number): Uint8Array | null {
    const token = this.gateway.logToken(slot);
    if (token === -1) throw new OperationError('STORAGE_FAILED', `partition slot ${slot} is not online`);
    const status = this.engine.read(token, offset, end, READ_BYTES, true, this.out);
    if (status !== ReadStatus.found) return null;
    const bytes = new Uint8Array(this.out[ReadOut.length]);
    const range = this.out[ReadOut.range];
    try {
      return bytes.subarray(0, this.engine.copyRange(range, 0, bytes));
    } finally {
      this.engine.dropRange(range);
    }
  }

  append(slot: number, batch: Uint8Array): Promise<AppendOutcome> {
    return new Promise((resolve) => {
      if (batch.length > this.slab.length) return resolve(REFUSED(KafkaError.MESSAGE_TOO_LARGE));
      const submit = (): boolean => this.submit(slot, batch, resolve);
      if (this.waiting.length > 0 || !submit()) this.waiting.push(submit);
    });
  }

  /** Lets go of a partition that was removed, once nothing is on its way to it. */
  forget(slot: number): void {
    if (this.inFlight.has(slot)) this.gone.add(slot);
    else this.gateway.forget(slot);
  }

  close(): void {
    clearTimeout(this.retryTimer);
    this.gateway.close();
  }

  private submit(slot: number, batch: Uint8Array, resolve: (outcome: AppendOutcome) => void): boolean {
    const error = this.statusError(slot);
    if (error !== 0) {
      resolve(REFUSED(error));
      return true;
    }
    const position = this.memory.take(batch.length);
    if (position < 0) return false;
    this.slab.set(batch, position);
    const owner: AppendOwner = {
      appended: (_index, completion) => {
        this.memory.giveBack(position, batch.length);
        this.returned(slot);
        resolve(outcomeOf(completion));
      },
    };
    this.inFlight.set(slot, (this.inFlight.get(slot) ?? 0) + 1);
    this.appends.submit(owner, 0, slot, position, batch.length, 0);
    this.wakeSoon();
    return true;
  }

  private returned(slot: number): void {
    const left = (this.inFlight.get(slot) ?? 1) - 1;
    if (left > 0) {
      this.inFlight.set(slot, left);
      return;
    }
    this.inFlight.delete(slot);
    if (this.gone.delete(slot)) this.gateway.forget(slot);
  }

  /** Workers are rung once for all that the shards submit in a row. */
  private wakeSoon(): void {
    if (this.wakesDue) return;
    this.wakesDue = true;
    queueMicrotask(() => {
      this.wakesDue = false;
      this.flushWakes();
    });
  }

  private drain(): void {
    this.gateway.drain(this.appends.complete, (slot) => this.onReadable(slot));
    this.appends.retry();
    while (this.waiting.length > 0 && this.waiting[0]()) this.waiting.shift();
    this.flushWakes();
  }

  private flushWakes(): void {
    this.gateway.flushWakes();
    if (!this.appends.isBlocked || this.retryTimer !== undefined) return;
    this.retryTimer = setTimeout(() => {
      this.retryTimer = undefined;
      this.drain();
    }, RETRY_MS);
  }

  private statusError(slot: number): number {
    const status = this.gateway.status(slot);
    if (status === PartitionStatus.online) return 0;
    return status === PartitionStatus.offline
      ? KafkaError.KAFKA_STORAGE_ERROR
      : KafkaError.NOT_LEADER_OR_FOLLOWER;
  }
}

/** A copy: the completion is one object, reused. */
function outcomeOf({ error, baseOffset }: AppendCompletion): AppendOutcome {
  return { error, baseOffset };
}
