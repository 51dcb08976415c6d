/**
 * The segments of one log as its owner knows them: base offsets, sizes, and the active segment's numbers in the shared
 * append state (Kafka's LogSegments, and LocalLog.roll without producer state). Partition worker only.
 */
import { join } from 'node:path';
import { type LogToken, type SegmentEngine, SegmentOut } from '../io/segment-engine.js';
import { type AppendState, StateColumn } from './append-state.js';
import type { LogConfig } from './contract.js';
import { LogSuffix, segmentFileName } from './files/file-names.js';
import type { FileOps } from './files/file-ops.js';
import type { SegmentFacts } from './retention-rules.js';
import { rollJitterMs } from './roll-rules.js';
import { collectAborted, readTransactionIndex } from './transaction-index.js';

/** Where the engine tells of a segment; of this thread, read at once. */
const segmentOut = new Float64Array(8);

export class SegmentList {
  private offsets: number[] = [];
  private readonly sealedSizes = new Map<number, number>();

  constructor(
    private readonly directory: string,
    private readonly engine: SegmentEngine,
    private readonly token: LogToken,
    private readonly state: AppendState,
    private readonly random: () => number,
    private readonly files: FileOps,
  ) {}

  /** Base offsets, rising; the last is active. */
  get bases(): readonly number[] {
    return this.offsets;
  }
  get activeBase(): number {
    return this.state.get(StateColumn.segmentBase);
  }
  get sizeBytes(): number {
    let total = this.state.get(StateColumn.segmentSizeBytes);
    for (const size of this.sealedSizes.values()) total += size;
    return total;
  }

  path(base: number, suffix: string): string {
    return join(this.directory, segmentFileName(base, suffix));
  }

  /** Takes over segments that are registered with the engine, the last one activated. */
  load(bases: readonly number[], config: LogConfig, nowMs: number): void {
    this.offsets = [...bases];
    this.sealedSizes.clear();
    for (const base of bases.slice(0, -1)) {
      this.sealedSizes.set(base, this.files.stat(this.path(base, LogSuffix.log))?.sizeBytes ?? 0);
    }
    const active = bases[bases.length - 1];
    this.engine.segmentInfo(this.token, active, segmentOut);
    const size = segmentOut[SegmentOut.sizeBytes];
    this.start(active, size, size > 0 ? segmentOut[SegmentOut.firstBatchMaxTimestamp] : -1, config, nowMs);
    this.state.set(StateColumn.offsetEntriesBound, segmentOut[SegmentOut.offsetIndexEntries]);
    this.state.set(StateColumn.timeEntriesBound, segmentOut[SegmentOut.timeIndexEntries]);
  }

  /** Seals the active segment and starts one at `end`, the log end offset. */
  roll(end: number, config: LogConfig, nowMs: number): void {
    const old = this.activeBase;
    // Sealed first: Kafka deletes every segment behind one whose tail is not exact.
    this.engine.seal(this.token, old);
    this.engine.createSegment(this.token, end);
    if (old !== end) {
      this.sealedSizes.set(old, this.state.get(StateColumn.segmentSizeBytes));
      this.offsets.push(end);
    }
    this.start(end, 0, -1, config, nowMs);
  }

  /** Forgets the first `count` segments; the caller removes their files. */
  takeFirst(count: number): number[] {
    const taken = this.offsets.splice(0, count);
    for (const base of taken) this.sealedSizes.delete(base);
    return taken;
  }

  facts(): SegmentFacts[] {
    return this.offsets.map((baseOffset) => {
      this.engine.segmentInfo(this.token, baseOffset, segmentOut);
      const maxTimestamp = segmentOut[SegmentOut.maxTimestamp];
      return {
        baseOffset,
        sizeBytes: segmentOut[SegmentOut.sizeBytes],
        largestTimestamp: maxTimestamp >= 0 ? maxTimestamp : segmentOut[SegmentOut.modifiedMs],
      };
    });
  }

  /** Aborted transactions overlapping [fetchOffset, upperBound), in the order of their markers. */
  abortedTransactions(
    fetchOffset: number,
    upperBound: number,
  ): { producerId: bigint; firstOffset: number }[] {
    const found: { producerId: bigint; firstOffset: number }[] = [];
    const first = this.offsets.findLastIndex((base) => base <= fetchOffset);
    for (const base of this.offsets.slice(Math.max(0, first))) {
      const entries = readTransactionIndex(this.path(base, LogSuffix.transactionIndex), this.files);
      if (collectAborted(entries, fetchOffset, upperBound, found)) break;
    }
    return found;
  }

  private start(
    base: number,
    sizeBytes: number,
    firstTimestamp: number,
    config: LogConfig,
    nowMs: number,
  ): void {
    this.state.set(StateColumn.segmentBase, base);
    this.state.set(StateColumn.segmentSizeBytes, sizeBytes);
    this.state.set(StateColumn.segmentFirstTimestamp, firstTimestamp);
    this.state.set(StateColumn.segmentCreatedMs, nowMs);
    this.state.set(StateColumn.rollJitterMs, rollJitterMs(config, this.random));
    this.state.set(StateColumn.offsetEntriesBound, 0);
    this.state.set(StateColumn.timeEntriesBound, 0);
  }
}
