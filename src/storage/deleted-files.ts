/**
 * Files that left the log and wait for file.delete.delay.ms (Kafka's LocalLog.deleteSegmentFiles). A `.log` is offered to
 * the engine for its next segment, whose pages are then already in memory; what it does not want is deleted when due.
 * Owned by the partition worker; names survive a crash as `*.deleted` and go at the next start.
 */
import { join } from 'node:path';
import type { LogToken, SegmentEngine } from '../io/segment-engine.js';
import { LogSuffix, SEGMENT_SUFFIXES, segmentFileName } from './files/file-names.js';
import type { FileOps } from './files/file-ops.js';

/** Files handled in one step; unlinking a large file can take tens of milliseconds. */
const FILES_PER_STEP = 4;

interface Waiting {
  path: string;
  dueMs: number;
  recyclable: boolean;
}

export class DeletedFiles {
  private readonly waiting: Waiting[] = [];
  private turn = 0;

  constructor(
    private readonly directory: string,
    private readonly engine: SegmentEngine,
    private readonly token: LogToken,
    private readonly files: FileOps,
    private readonly removeElsewhere?: (path: string) => void,
  ) {}

  get count(): number {
    return this.waiting.length;
  }

  /** Takes a segment out of the log: all its files, its producer snapshot too, get the suffix `.deleted`. */
  removeSegment(baseOffset: number, dueMs: number): void {
    this.engine.removeSegment(this.token, baseOffset, LogSuffix.deleted);
    for (const suffix of [LogSuffix.transactionIndex, LogSuffix.snapshot]) {
      const path = join(this.directory, segmentFileName(baseOffset, suffix));
      if (this.files.stat(path) !== null) this.files.rename(path, path + LogSuffix.deleted);
    }
    for (const suffix of [...SEGMENT_SUFFIXES, LogSuffix.snapshot]) {
      const path = join(this.directory, segmentFileName(baseOffset, suffix) + LogSuffix.deleted);
      if (this.files.stat(path) === null) continue;
      this.waiting.push({ path, dueMs, recyclable: suffix === LogSuffix.log });
    }
  }

  /** One bounded step: one file offered, a few deleted. True = more is due now. */
  step(nowMs: number): boolean {
    this.offerOne();
    let removed = 0;
    for (let index = 0; index < this.waiting.length && removed < FILES_PER_STEP; ) {
      if (this.waiting[index].dueMs > nowMs) {
        index++;
        continue;
      }
      const [{ path, recyclable }] = this.waiting.splice(index, 1);
      if (recyclable && this.removeElsewhere !== undefined) this.removeElsewhere(path);
      else this.files.remove(path);
      removed++;
    }
    return this.waiting.some((file) => file.dueMs <= nowMs);
  }

  /** Takes turns: a file that a reader still holds may be free at the next round. */
  private offerOne(): void {
    const recyclable = this.waiting.filter((file) => file.recyclable);
    if (recyclable.length === 0) return;
    const file = recyclable[this.turn++ % recyclable.length];
    if (this.engine.offerRecycled(this.token, file.path)) this.waiting.splice(this.waiting.indexOf(file), 1);
  }
}
