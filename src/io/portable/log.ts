/**
 * The segments of one partition as this thread knows them. The writer registers and removes segments itself; a reader
 * knows the directory only and lists it again when an offset lies beyond what it knows or a file is gone.
 */
import { readdirSync } from 'node:fs';
import { assert } from '../../base/assert.js';
import { systemCode } from '../../base/errors.js';
import type { LogOptions } from '../segment-engine.js';
import { Segment, SegmentFiles } from './segment.js';

/** Sealed segments of one thread whose files stay open: × 3 descriptors, well below the usual limit of 1,024. */
export const OPEN_SEGMENTS_MAX = 128;
const LOG_NAME = /^(\d{20})\.log$/;

/** Keeps the most recently used files open. One instance an engine. */
export class FileCache {
  private readonly recent = new Set<Segment>();

  touch(segment: Segment): void {
    this.recent.delete(segment);
    this.recent.add(segment);
    if (this.recent.size <= OPEN_SEGMENTS_MAX) return;
    for (const oldest of this.recent) {
      this.recent.delete(oldest);
      oldest.close();
      return;
    }
  }

  /** The segment's files are held by somebody else from now on, or closed. */
  forget(segment: Segment): void {
    this.recent.delete(segment);
  }
}

export class Log {
  readonly segments: Segment[] = [];
  active: Segment | null = null;
  holders = 1;
  /** A removed file that becomes the next segment, and the offset above everything in it. */
  recycled: { path: string; endOffset: number } | null = null;
  /** Removed files of this life of the log: path -> offset above everything in them. */
  readonly removed = new Map<string, number>();
  /** Names were created or renamed since the directory was last synced. */
  namesChanged = false;
  prepared = false;

  constructor(
    readonly directory: string,
    /** null in readers. */
    public options: LogOptions | null,
    private readonly cache: FileCache,
  ) {}

  get writer(): boolean {
    return this.options !== null;
  }

  /** Index of the last segment with base <= `offset`; -1 = none. */
  floor(offset: number): number {
    let low = 0;
    let high = this.segments.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.segments[middle].baseOffset > offset) high = middle;
      else low = middle + 1;
    }
    return low - 1;
  }

  indexOf(baseOffset: number): number {
    const index = this.floor(baseOffset);
    assert(
      index >= 0 && this.segments[index].baseOffset === baseOffset,
      `no segment ${baseOffset} in this log`,
    );
    return index;
  }

  at(baseOffset: number): Segment {
    return this.segments[this.indexOf(baseOffset)];
  }

  add(segment: Segment): void {
    const last = this.segments.at(-1);
    assert(last === undefined || last.baseOffset < segment.baseOffset, 'segments are added in order');
    this.segments.push(segment);
  }

  /** Opens the files for reading; null when a reader finds them gone. */
  files(segment: Segment): SegmentFiles | null {
    if (segment.writable && segment.files !== null) return segment.files;
    if (!this.writer && segment.files !== null && !segment.current) this.close(segment);
    if (segment.files === null) {
      try {
        segment.files = SegmentFiles.open(this.directory, segment.baseOffset, 'read');
      } catch (error) {
        if (!this.writer && systemCode(error) === 'ENOENT') return null;
        throw error;
      }
    } else if (!this.writer) {
      segment.files.offsets?.refresh();
      segment.files.times?.refresh();
    }
    this.cache.touch(segment);
    return segment.files;
  }

  /** Opens the files for append and keeps them open until the segment is sealed. */
  writableFiles(segment: Segment): SegmentFiles {
    assert(this.writer, 'only the writer changes a log');
    if (segment.writable && segment.files !== null) return segment.files;
    this.close(segment);
    segment.files = SegmentFiles.open(this.directory, segment.baseOffset, 'write');
    segment.writable = true;
    return segment.files;
  }

  close(segment: Segment): void {
    this.cache.forget(segment);
    segment.close();
    if (!this.writer) segment.summarySize = -1;
  }

  /** Readers: brings `segments` in line with the directory; true when something changed. */
  relist(): boolean {
    const bases = readdirSync(this.directory)
      .map((name) => LOG_NAME.exec(name)?.[1])
      .filter((digits) => digits !== undefined)
      .map(Number)
      .sort((one, other) => one - other);
    const known = new Map(this.segments.map((segment) => [segment.baseOffset, segment]));
    const changed = bases.length !== known.size || bases.some((base) => !known.has(base));
    if (!changed) return false;
    this.segments.length = 0;
    for (const base of bases) {
      this.segments.push(known.get(base) ?? new Segment(this.directory, base, -1));
      known.delete(base);
    }
    for (const gone of known.values()) this.close(gone);
    return true;
  }
}
