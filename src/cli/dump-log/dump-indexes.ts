/** `.index` and `.timeindex`: their entries, checked against the log beside them (OffsetIndex, TimeIndex). */
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { OperationError } from '../../base/errors.js';
import { int32At, int64At } from '../../record/int64.js';
import { maxRecordTimestamp } from './dump-batches.js';
import type { Findings } from './findings.js';
import type { Sink } from './lines.js';
import { type LogBatch, LogReader } from './log-reader.js';

const OFFSET_ENTRY_BYTES = 8;
const TIME_ENTRY_BYTES = 12;

export interface IndexDumpOptions {
  sanityOnly: boolean;
  verifyOnly: boolean;
  /** --max-message-size: bytes read at an indexed position. */
  messageBytesMax: number;
}

interface OffsetEntry {
  offset: number;
  position: number;
}

/** A beside-file of the same segment. */
function sibling(path: string, suffix: string): string {
  return join(dirname(path), basename(path).split('.')[0] + suffix);
}

function baseOffsetOf(path: string): number {
  return Number(basename(path).split('.')[0]);
}

function offsetEntries(path: string, baseOffset: number): OffsetEntry[] {
  const bytes = readFileSync(path);
  const entries: OffsetEntry[] = [];
  for (let at = 0; at + OFFSET_ENTRY_BYTES <= bytes.length; at += OFFSET_ENTRY_BYTES) {
    entries.push({ offset: baseOffset + int32At(bytes, at), position: int32At(bytes, at + 4) });
  }
  return entries;
}

function checkSanity(
  path: string,
  entryBytes: number,
  baseOffset: number,
  lastOffset: number | undefined,
): void {
  const { length } = readFileSync(path);
  if (length % entryBytes !== 0) {
    throw new OperationError('LOG_CORRUPT', `Index file ${path} is corrupt, found ${length} bytes`);
  }
  if (lastOffset !== undefined && lastOffset < baseOffset) {
    throw new OperationError(
      'LOG_CORRUPT',
      `Corrupt index found, index file ${path} has last offset ${lastOffset}`,
    );
  }
}

export function dumpOffsetIndex(
  path: string,
  options: IndexDumpOptions,
  sink: Sink,
  findings: Findings,
): void {
  const baseOffset = baseOffsetOf(path);
  const reader = new LogReader(sibling(path, '.log'));
  try {
    const entries = offsetEntries(path, baseOffset);
    if (entries.length === 0) {
      sink.line({ kind: 'empty', file: path });
      return;
    }
    if (options.sanityOnly) {
      checkSanity(path, OFFSET_ENTRY_BYTES, baseOffset, entries.at(-1)?.offset);
      sink.line({ kind: 'sane', file: path });
      return;
    }
    for (const [index, entry] of entries.entries()) {
      if (entry.offset === baseOffset && index > 0) return; // the zeroed rest of a file that a crash left untrimmed
      const end = Math.min(entry.position + options.messageBytesMax, reader.sizeBytes);
      const batch = entry.position < 0 ? null : reader.batchAt(entry.position, end);
      if (batch === null) {
        const what = `no batch at position ${entry.position} of ${reader.path}, indexed for offset ${entry.offset}`;
        throw new OperationError('LOG_CORRUPT', what);
      }
      if (batch.lastOffset !== entry.offset) findings.offsetMismatch(path, entry.offset, batch.lastOffset);
      if (!options.verifyOnly) sink.line({ kind: 'offsetEntry', ...entry });
    }
  } finally {
    reader.close();
  }
}

export function dumpTimeIndex(path: string, options: IndexDumpOptions, sink: Sink, findings: Findings): void {
  const baseOffset = baseOffsetOf(path);
  const bytes = readFileSync(path);
  const reader = new LogReader(sibling(path, '.log'));
  try {
    const offsets = offsetEntries(sibling(path, '.index'), baseOffset);
    const count = Math.floor(bytes.length / TIME_ENTRY_BYTES);
    if (options.sanityOnly) {
      const last = count === 0 ? undefined : baseOffset + int32At(bytes, count * TIME_ENTRY_BYTES - 4);
      checkSanity(path, TIME_ENTRY_BYTES, baseOffset, last);
      sink.line({ kind: 'sane', file: path });
      return;
    }
    let previous = -1;
    for (let index = 0; index < count; index++) {
      const timestamp = int64At(bytes, index * TIME_ENTRY_BYTES);
      const offset = baseOffset + int32At(bytes, index * TIME_ENTRY_BYTES + 8);
      if (offset === baseOffset && index > 0) return;
      const batch = batchEndingAt(reader, offsets, offset);
      if (batch === null || batch.lastOffset !== offset) {
        findings.offsetNotFound(path, offset, batch?.lastOffset ?? -1);
      } else {
        const found = maxRecordTimestamp(batch);
        if (found !== timestamp) findings.timeMismatch(path, timestamp, found);
        if (previous >= timestamp) findings.timeOutOfOrder(path, timestamp, previous);
      }
      if (!options.verifyOnly) sink.line({ kind: 'timeEntry', timestamp, offset });
      previous = timestamp;
    }
  } finally {
    reader.close();
  }
}

/** First batch whose last offset reaches `offset`, looked for from where the offset index says; null = none. */
function batchEndingAt(reader: LogReader, offsets: readonly OffsetEntry[], offset: number): LogBatch | null {
  const start = offsets.findLast((entry) => entry.offset <= offset)?.position ?? 0;
  for (const batch of reader.batches(start, reader.sizeBytes)) {
    if (batch.lastOffset >= offset) return batch;
  }
  return null;
}
