/**
 * One ShareFetch between its request and its records (DelayedShareFetch.java): waits until something can be acquired that
 * is large enough, or for its time to end. Main thread.
 */
import { type AcquiredRange, AcquireMode } from '../../../coordinator/share-partition/acquire.js';
import type { RecordsInput } from '../../../wire/index.js';
import type { DelayedFetch } from '../../fetch/delayed-fetches.js';
import type { AbortedRanges } from './aborted-ranges.js';
import type { LogBatch, ShareLogReader } from './share-log.js';
import type { ShareGroupSettings } from './share-settings.js';
import type { SharedPartition } from './shared-partition.js';

export interface ShareFetchParams {
  readonly groupId: string;
  readonly memberId: string;
  readonly connection: number;
  readonly deadlineMs: number;
  readonly bytesMin: number;
  readonly bytesMax: number;
  readonly recordsMax: number;
  readonly batchSize: number;
  readonly mode: number;
}

export interface FetchedPartition {
  readonly topicId: string;
  readonly partition: number;
  readonly error: number;
  readonly records: RecordsInput;
  readonly acquired: readonly AcquiredRange[];
}

export interface WaitingFetchDeps {
  readonly log: ShareLogReader;
  readonly aborted: AbortedRanges;
  settings(): ShareGroupSettings;
}

/** Where a fetch of one partition would go on. */
interface Target {
  readonly shared: SharedPartition;
  readonly offset: number;
  readonly end: number;
}

const NOTHING = new Uint8Array(0);

export class WaitingFetch implements DelayedFetch {
  readonly slots: readonly number[];
  readonly deadlineMs: number;
  readonly results: Promise<FetchedPartition[]>;
  done?: boolean;
  private resolve: (results: FetchedPartition[]) => void = () => undefined;
  private answered = false;

  constructor(
    private readonly deps: WaitingFetchDeps,
    readonly params: ShareFetchParams,
    private readonly partitions: readonly SharedPartition[],
  ) {
    this.slots = partitions.map(({ slot }) => slot);
    this.deadlineMs = params.deadlineMs;
    this.results = new Promise((resolve) => {
      this.resolve = resolve;
    });
  }

  attempt(expired: boolean): boolean {
    if (this.answered) return true;
    const targets = this.targets();
    const failed = this.partitions.some(
      (shared) => shared.isActive && this.deps.log.state(shared.slot).error !== 0,
    );
    if (!expired && !failed && !this.suffices(targets)) return false;
    this.answer(this.acquireAll(targets));
    return true;
  }

  /** The member or its connection is gone: nothing is acquired for it. */
  cancel(): void {
    if (!this.answered) this.answer([]);
  }

  private answer(results: FetchedPartition[]): void {
    this.answered = true;
    this.resolve(results);
  }

  private targets(): Target[] {
    const { log, settings } = this.deps;
    const committed = settings().readsCommittedOnly;
    const found: Target[] = [];
    for (const shared of this.partitions) {
      if (!shared.isActive) continue;
      const { error, start, highWatermark, lastStableOffset } = log.state(shared.slot);
      if (error !== 0) continue;
      const offset = shared.nextFetchOffset(start);
      const end = committed ? lastStableOffset : highWatermark;
      if (offset < end && shared.canAcquire()) found.push({ shared, offset, end });
    }
    return found;
  }

  private suffices(targets: readonly Target[]): boolean {
    const { bytesMin } = this.params;
    let bytes = 0;
    for (const { shared, offset, end } of targets) {
      bytes += this.deps.log.available(shared.slot, offset, end);
      if (bytes > 0 && bytes >= bytesMin) return true;
    }
    return false;
  }

  private acquireAll(targets: readonly Target[]): FetchedPartition[] {
    const { recordsMax, bytesMax } = this.params;
    const results: FetchedPartition[] = [];
    for (const { key, slot, isActive } of this.partitions) {
      const { error } = this.deps.log.state(slot);
      const { topicId, partition } = key;
      if (isActive && error !== 0)
        results.push({ topicId, partition, error, records: NOTHING, acquired: [] });
    }
    // What each partition may give of the bytes; the first batch comes whole.
    const share = Math.floor(bytesMax / Math.max(1, targets.length));
    let left = recordsMax;
    for (const target of targets) {
      if (left <= 0) break;
      const fetched = this.acquireFrom(target, share, left);
      for (const { firstOffset, lastOffset } of fetched.acquired) left -= lastOffset - firstOffset + 1;
      results.push(fetched);
    }
    return results;
  }

  private acquireFrom(
    { shared, offset, end }: Target,
    bytesMax: number,
    recordsMax: number,
  ): FetchedPartition {
    const { log, aborted, settings } = this.deps;
    const { memberId, batchSize, mode } = this.params;
    const { slot, key } = shared;
    const { topicId, partition } = key;
    const batches = log.batches(slot, offset, end, bytesMax, recordsMax + shared.knownFrom(offset));
    let acquired = shared.acquire({
      member: memberId,
      mode: mode === AcquireMode.recordLimit ? mode : AcquireMode.batchOptimized,
      recordsMax,
      batchSize,
      fetchOffset: offset,
      batches,
    });
    if (settings().readsCommittedOnly) acquired = this.withoutAborted(shared, batches, acquired, aborted);
    const records = acquired.length === 0 ? NOTHING : log.records(slot, batchesOf(batches, acquired));
    return { topicId, partition, error: 0, records, acquired };
  }

  private withoutAborted(
    shared: SharedPartition,
    batches: readonly LogBatch[],
    acquired: readonly AcquiredRange[],
    aborted: AbortedRanges,
  ): AcquiredRange[] {
    let left = [...acquired];
    for (const { baseOffset, lastOffset } of aborted.among(shared.slot, batches)) {
      shared.archive(baseOffset, lastOffset);
      left = left.flatMap((range) => subtract(range, baseOffset, lastOffset));
    }
    return left;
  }
}

/** From the first to the last batch that holds something acquired. */
function batchesOf(batches: readonly LogBatch[], acquired: readonly AcquiredRange[]): LogBatch[] {
  const first = acquired[0].firstOffset;
  const last = acquired[acquired.length - 1].lastOffset;
  return batches.filter(({ baseOffset, lastOffset }) => lastOffset >= first && baseOffset <= last);
}

function subtract(range: AcquiredRange, first: number, last: number): AcquiredRange[] {
  const { firstOffset, lastOffset, deliveryCount } = range;
  if (last < firstOffset || first > lastOffset) return [range];
  const rest: AcquiredRange[] = [];
  if (firstOffset < first) rest.push({ firstOffset, lastOffset: first - 1, deliveryCount });
  if (lastOffset > last) rest.push({ firstOffset: last + 1, lastOffset, deliveryCount });
  return rest;
}
