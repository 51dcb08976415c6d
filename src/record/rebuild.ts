/**
 * A client's batch written anew (LogValidator.buildRecordsAndAssignOffsets): the topic wants another codec, or the offset
 * deltas inside a compressed batch are not 0..n-1. Producer id, epoch, sequence and flags stay; offsets are dense again.
 */
import { BATCH_HEADER_BYTES, LOG_OVERHEAD_BYTES } from '../base/limits.js';
import { crc32c } from '../io/portable/crc32c.js';
import { BatchBuilder } from './batch-builder.js';
import type { BatchView, Crc32c } from './batch-view.js';
import { compress, defaultLevel } from './codec/index.js';
import { putInt16, putInt32, putInt64 } from './int64.js';
import { Attribute, type Codec, HeaderAt } from './layout.js';
import { RecordCursor } from './record-cursor.js';
import { throwProblem } from './records.js';

export interface RebuildOptions {
  codec: Codec;
  /** Default: Kafka's for the codec. */
  level?: number;
  /** ms; given for LogAppendTime topics. */
  logAppendTime?: number;
  /** Default: those of `view`. */
  baseOffset?: number;
  leaderEpoch?: number;
  crc32c?: Crc32c;
}

/**
 * Rebuilds the batch at `view` from its uncompressed `records` (see openRecords) in new memory. maxTimestamp becomes the
 * real maximum. Throws RecordError for malformed records.
 */
export function rebuildBatch(view: BatchView, records: Uint8Array, options: RebuildOptions): Uint8Array {
  const crc = options.crc32c ?? crc32c;
  const cursor = new RecordCursor().reset(records, 0, records.length, view.count);
  let maxTimestamp = -1;
  let dense = !view.hasDeleteHorizon;
  while (cursor.next()) {
    if (cursor.offsetDelta !== cursor.index) dense = false;
    if (cursor.index === 0 && cursor.timestampDelta !== 0) dense = false;
    maxTimestamp = Math.max(maxTimestamp, view.timestampOf(cursor));
  }
  throwProblem(cursor);
  // A LogAppendTime batch given a CreateTime form has other timestamps than its deltas say.
  if (view.isLogAppendTime && options.logAppendTime === undefined) dense = false;
  if (dense) return recompress(view, records, options, maxTimestamp, crc);

  const builder = new BatchBuilder(
    {
      baseOffset: options.baseOffset ?? view.baseOffset,
      leaderEpoch: options.leaderEpoch ?? view.leaderEpoch,
      codec: options.codec,
      producerId: view.producerId,
      producerEpoch: view.producerEpoch,
      baseSequence: view.baseSequence,
      transactional: view.isTransactional,
      control: view.isControl,
      ...(options.level === undefined ? {} : { level: options.level }),
      ...(options.logAppendTime === undefined ? {} : { logAppendTime: options.logAppendTime }),
    },
    crc,
  );
  cursor.reset(records, 0, records.length, view.count);
  while (cursor.next()) builder.appendFrom(cursor, view.timestampOf(cursor));
  return builder.build();
}

/** The records are right as they are: only header and codec change. */
function recompress(
  view: BatchView,
  records: Uint8Array,
  options: RebuildOptions,
  maxTimestamp: number,
  crc: Crc32c,
): Uint8Array {
  const packed = compress(options.codec, records, options.level ?? defaultLevel(options.codec));
  const batch = new Uint8Array(BATCH_HEADER_BYTES + packed.length);
  batch.set(view.bytes.subarray(view.position, view.position + BATCH_HEADER_BYTES));
  batch.set(packed, BATCH_HEADER_BYTES);
  const kept = view.attributes & (Attribute.transactional | Attribute.control);
  const timestampType = options.logAppendTime === undefined ? 0 : Attribute.logAppendTime;
  if (options.baseOffset !== undefined) putInt64(batch, HeaderAt.baseOffset, options.baseOffset);
  if (options.leaderEpoch !== undefined) putInt32(batch, HeaderAt.leaderEpoch, options.leaderEpoch);
  putInt32(batch, HeaderAt.length, batch.length - LOG_OVERHEAD_BYTES);
  putInt16(batch, HeaderAt.attributes, kept | timestampType | options.codec);
  putInt32(batch, HeaderAt.lastOffsetDelta, view.count - 1);
  putInt64(batch, HeaderAt.maxTimestamp, options.logAppendTime ?? maxTimestamp);
  putInt32(batch, HeaderAt.crc, crc(batch, HeaderAt.attributes, batch.length) | 0);
  return batch;
}
