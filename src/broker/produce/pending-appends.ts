/**
 * Appends on their way to partition workers and back. A produce request is split into one append a partition; each gets
 * a small number that travels through the rings. Rows are reused: no allocation per append once warm.
 * Owned by one network thread, or the main thread.
 */
import type { AppendCompletion, PartitionGateway } from '../../partition/contract.js';

/** Receives the outcome of each partition of its request. */
export interface AppendOwner {
  appended(index: number, completion: AppendCompletion): void;
}

/** Appends that found the ring full wait here, in order, and go first next time. */
interface Waiting {
  slot: number;
  token: number;
  position: number;
  length: number;
  flags: number;
}

export class PendingAppends {
  private readonly owners: (AppendOwner | null)[] = [];
  private readonly indexes: number[] = [];
  private readonly free: number[] = [];
  private readonly waiting: Waiting[] = [];

  constructor(private readonly gateway: PartitionGateway) {}

  get inFlight(): number {
    return this.owners.length - this.free.length;
  }

  /** Some found a full ring and wait for `retry`. */
  get isBlocked(): boolean {
    return this.waiting.length > 0;
  }

  /** Appends `length` bytes at `position` of this thread's slab to `slot`; `owner.appended(index, …)` tells the outcome. */
  submit(
    owner: AppendOwner,
    index: number,
    slot: number,
    position: number,
    length: number,
    flags: number,
  ): void {
    const token = this.free.pop() ?? this.owners.length;
    this.owners[token] = owner;
    this.indexes[token] = index;
    // Order within a connection is order in the ring: nobody overtakes what waits.
    if (this.waiting.length > 0 || !this.gateway.submitAppend(slot, token, position, length, flags)) {
      this.waiting.push({ slot, token, position, length, flags });
    }
  }

  readonly complete = (completion: AppendCompletion): void => {
    const token = completion.request;
    const owner = this.owners[token];
    if (owner === null || owner === undefined) return;
    this.owners[token] = null;
    this.free.push(token);
    owner.appended(this.indexes[token], completion);
  };

  /** Tries again what found a full ring. Called after completions were drained. */
  retry(): void {
    let sent = 0;
    for (const { slot, token, position, length, flags } of this.waiting) {
      if (!this.gateway.submitAppend(slot, token, position, length, flags)) break;
      sent++;
    }
    if (sent > 0) this.waiting.splice(0, sent);
  }
}
