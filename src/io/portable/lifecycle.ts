/**
 * Birth and death of segments on disk: create, prepare, activate, seal, truncate, remove, recycle
 * (LogSegment.open, onBecomeInactiveSegment, truncateTo, changeFileSuffixes). Writer's thread only.
 */
import { copyFileSync, renameSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { assert } from '../../base/assert.js';
import { systemCode } from '../../base/errors.js';
import { BATCH_HEADER_BYTES } from '../../base/limits.js';
import type { LogOptions } from '../segment-engine.js';
import type { BatchCursor } from './batch-cursor.js';
import { renameIfExists, SharedFile, unlinkIfExists } from './files.js';
import { OffsetIndex, TimeIndex } from './index-file.js';
import type { Log } from './log.js';
import { Segment, SegmentFiles, segmentPath } from './segment.js';

/** A file made ahead of time. Kafka and our own loader take no notice of the name. */
const PREPARED_NAME = 'next-segment.tmp';
const TRUNCATED_NAME = 'truncated-segment.tmp';
const SUFFIXES = ['.log', '.index', '.timeindex'] as const;
/** A log forgets older removed files: only recent ones are worth recycling. */
const REMOVED_MAX = 64;

export class Lifecycle {
  constructor(private readonly cursor: BatchCursor) {}

  /** Files that an earlier life left half-made. */
  clean(log: Log): void {
    unlinkIfExists(join(log.directory, PREPARED_NAME));
    unlinkIfExists(join(log.directory, TRUNCATED_NAME));
  }

  prepare(log: Log): void {
    const options = optionsOf(log);
    if (log.prepared || log.recycled !== null) return;
    const path = join(log.directory, PREPARED_NAME);
    unlinkIfExists(path);
    const file = SharedFile.open(path, 'create');
    try {
      if (options.preallocate) file.setSize(options.segmentBytes);
    } finally {
      file.release();
    }
    log.prepared = true;
  }

  create(log: Log, baseOffset: number): void {
    const options = optionsOf(log);
    const last = log.segments.at(-1);
    if (last !== undefined && last.baseOffset === baseOffset) {
      // An index without room rolls an empty segment onto itself (UnifiedLog.roll).
      assert(last === log.active && last.sizeBytes === 0, 'a segment with this base holds batches');
      log.close(last);
      log.segments.pop();
    }
    const segment = new Segment(log.directory, baseOffset, 0);
    // Indexes first: whoever sees the .log finds them.
    for (const suffix of SUFFIXES) unlinkIfExists(segment.path(suffix));
    const offsets = OffsetIndex.open(segment.path('.index'), 'create', baseOffset);
    let times: TimeIndex | null = null;
    try {
      times = TimeIndex.open(segment.path('.timeindex'), 'create', baseOffset);
      segment.files = new SegmentFiles(this.newLogFile(log, segment, options), offsets, times);
    } catch (error) {
      offsets.close();
      times?.close();
      throw error;
    }
    segment.writable = true;
    segment.summarySize = 0;
    log.add(segment);
    log.active = segment;
    log.namesChanged = true;
  }

  activate(log: Log): void {
    const segment = log.segments.at(-1);
    assert(segment !== undefined, 'a log without segments cannot become active');
    const files = log.writableFiles(segment);
    const bytes = files.log.size();
    assert(bytes >= segment.sizeBytes, 'the .log is shorter than its registered size');
    if (bytes > segment.sizeBytes) files.log.setSize(segment.sizeBytes); // what is behind belongs to an older life
    segment.summarySize = -1;
    segment.summarize(this.cursor, files);
    segment.bytesSinceIndexEntry = 0; // as Kafka: counted from 0 at every open
    files.offsets?.trim(); // another broker's preallocated rows
    files.times?.trim();
    log.active = segment;
  }

  seal(log: Log, baseOffset: number): void {
    const segment = log.at(baseOffset);
    // Sealing twice changes nothing; a segment that a crash left unsealed is sealed here as well.
    const files = log.writableFiles(segment);
    segment.summarize(this.cursor, files);
    segment.finish(files);
    if (files.log.size() !== segment.sizeBytes) files.log.setSize(segment.sizeBytes);
    if (log.active === segment) log.active = null;
    log.close(segment);
  }

  truncate(log: Log, baseOffset: number, position: number, endOffset: number): void {
    const segment = log.at(baseOffset);
    assert(segment === log.segments.at(-1), 'later segments are removed before');
    const wasWritable = segment.writable;
    let files = log.writableFiles(segment);
    if (position < files.log.size() && files.log.shared) {
      files = this.copyBeforeTruncate(log, segment, position);
    } else {
      files.log.setSize(position);
    }
    files.offsets?.truncateTo(endOffset);
    files.times?.truncateTo(endOffset);
    segment.sizeBytes = position;
    segment.summarySize = -1;
    segment.summarize(this.cursor, files);
    segment.bytesSinceIndexEntry = 0;
    if (!wasWritable) log.close(segment);
  }

  remove(log: Log, baseOffset: number, suffix: string): void {
    const index = log.indexOf(baseOffset);
    const segment = log.segments[index];
    const next = log.segments.at(index + 1);
    const path = segment.path('.log');
    let endOffset = next?.baseOffset ?? Number.POSITIVE_INFINITY;
    if (next === undefined && segment.writable) endOffset = segment.nextOffset;
    for (const extension of SUFFIXES) {
      const from = segment.path(extension);
      const moved = renameIfExists(from, from + suffix);
      assert(moved || extension !== '.log', `${path} is gone although its segment is registered`);
    }
    log.segments.splice(index, 1);
    log.close(segment);
    if (log.active === segment) log.active = null;
    log.removed.set(resolve(path + suffix), endOffset);
    for (const oldest of log.removed.keys()) {
      if (log.removed.size <= REMOVED_MAX) break;
      log.removed.delete(oldest);
    }
    log.namesChanged = true;
  }

  /**
   * Takes a removed file over when all its offsets lie below the active segment (so that stale batches can never pass
   * for later ones) and nobody in this process has it open. Answers are copied into sockets here, so an open
   * descriptor is the only way to see its pages.
   */
  offerRecycled(log: Log, path: string): boolean {
    const endOffset = log.removed.get(resolve(path));
    const last = log.segments.at(-1);
    if (endOffset === undefined || last === undefined || endOffset > last.baseOffset) return false;
    if (log.recycled !== null || dirname(resolve(path)) !== resolve(log.directory)) return false;
    let file: SharedFile;
    try {
      file = SharedFile.open(path, 'read');
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return false;
      throw error;
    }
    const { shared } = file;
    file.release();
    if (shared) return false;
    log.removed.delete(resolve(path));
    log.recycled = { path, endOffset };
    return true;
  }

  /** Lets go of what was made for a next segment that will not come. */
  discardSpares(log: Log): void {
    if (log.recycled !== null) unlinkIfExists(log.recycled.path);
    if (log.prepared) unlinkIfExists(join(log.directory, PREPARED_NAME));
    log.recycled = null;
    log.prepared = false;
  }

  private newLogFile(log: Log, segment: Segment, options: LogOptions): SharedFile {
    const path = segment.path('.log');
    const { recycled } = log;
    if (recycled !== null && recycled.endOffset <= segment.baseOffset) {
      log.recycled = null;
      const file = SharedFile.open(recycled.path, 'write');
      try {
        file.write(new Uint8Array(BATCH_HEADER_BYTES), 0, Math.min(BATCH_HEADER_BYTES, file.size()), 0);
      } finally {
        file.release();
      }
      renameSync(recycled.path, path);
      return SharedFile.open(path, 'write');
    }
    if (log.prepared) {
      log.prepared = false;
      if (renameIfExists(join(log.directory, PREPARED_NAME), path)) return SharedFile.open(path, 'write');
    }
    const file = SharedFile.open(path, 'create');
    if (!options.preallocate) return file;
    try {
      file.setSize(options.segmentBytes);
      return file;
    } catch (error) {
      file.release();
      throw error;
    }
  }

  /** Ranges of the file are out: they keep the old one, the log goes on in a copy of what is left. */
  private copyBeforeTruncate(log: Log, segment: Segment, position: number): SegmentFiles {
    const copy = join(log.directory, TRUNCATED_NAME);
    copyFileSync(segment.path('.log'), copy);
    const file = SharedFile.open(copy, 'write');
    try {
      file.setSize(position);
      file.sync();
    } finally {
      file.release();
    }
    renameSync(copy, segmentPath(log.directory, segment.baseOffset, '.log'));
    log.close(segment);
    log.namesChanged = true;
    return log.writableFiles(segment);
  }
}

function optionsOf(log: Log): LogOptions {
  assert(log.options !== null, 'only the writer changes a log');
  return log.options;
}
