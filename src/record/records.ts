/** The records of a batch, whatever its codec: decompressed when they must be, then walked in place. */
import { DECOMPRESSED_BYTES_MAX } from '../base/limits.js';
import type { BatchView } from './batch-view.js';
import { decompress } from './codec/index.js';
import { Codec, codecOf } from './layout.js';
import { type RecordCursor, RecordProblem } from './record-cursor.js';
import { RecordError } from './record-error.js';

const PROBLEM_TEXTS: Record<RecordProblem, string> = {
  [RecordProblem.none]: 'no problem',
  [RecordProblem.premature]: 'the batch ends before its declared number of records',
  [RecordProblem.malformed]: 'a record has an impossible length, count or varint',
  [RecordProblem.size]: 'the fields of a record do not add up to its declared size',
  [RecordProblem.trailing]: 'bytes remain after the declared number of records',
};

/**
 * Points `cursor` at the first record of `view`. Compressed records are unpacked into at most `limitBytes` of new memory.
 * Throws RecordError when they cannot be.
 */
export function openRecords(
  view: BatchView,
  cursor: RecordCursor,
  limitBytes = DECOMPRESSED_BYTES_MAX,
): RecordCursor {
  const codec = codecOf(view.attributes);
  if (codec === undefined) throw new RecordError('unsupported', `unknown compression codec ${view.codecId}`);
  if (codec === Codec.none)
    return cursor.reset(view.bytes, view.recordsPosition, view.nextPosition, view.count);
  const records = decompress(codec, view.recordBytes(), limitBytes);
  return cursor.reset(records, 0, records.length, view.count);
}

/**
 * Calls `visit` for every record of `view`; the cursor's fields hold during the call. Throws RecordError for bytes that
 * are no records, after the good ones before them have been visited.
 */
export function forEachRecord(
  view: BatchView,
  cursor: RecordCursor,
  visit: (cursor: RecordCursor) => void,
  limitBytes = DECOMPRESSED_BYTES_MAX,
): void {
  openRecords(view, cursor, limitBytes);
  while (cursor.next()) visit(cursor);
  throwProblem(cursor);
}

/** Throws what ended a walk early, if anything did. */
export function throwProblem(cursor: RecordCursor): void {
  if (cursor.problem === RecordProblem.none) return;
  throw new RecordError('corrupt', `record ${cursor.index}: ${PROBLEM_TEXTS[cursor.problem]}`);
}
