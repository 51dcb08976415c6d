/**
 * Batches of the metadata log: data batches of metadata records (null keys, uncompressed, one timestamp) and control
 * batches of the Raft layer. Any thread.
 */
import { OperationError } from '../../base/errors.js';
import {
  type ControlRecord,
  type ControlRecordInput,
  decodeControlKey,
  decodeControlValue,
  encodeControlKey,
  encodeControlValue,
} from '../../protocol/records/control-record.js';
import {
  decodeMetadataRecord,
  encodeMetadataRecord,
  type MetadataRecord,
  type MetadataRecordInput,
} from '../../protocol/records/metadata-record.js';
import { BatchBuilder } from '../../record/batch-builder.js';
import { BatchShape, BatchView } from '../../record/batch-view.js';
import { RecordCursor } from '../../record/record-cursor.js';
import { RecordError } from '../../record/record-error.js';
import { forEachRecord } from '../../record/records.js';
import { Reader } from '../../wire/reader.js';
import { WireError } from '../../wire/wire-error.js';
import { Writer } from '../../wire/writer.js';
import type { MetadataImage } from '../image/metadata-image.js';

/** A decoded batch; one of the two lists is empty. */
export interface MetadataBatch {
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly leaderEpoch: number;
  readonly timestamp: number;
  readonly sizeBytes: number;
  readonly records: readonly MetadataRecord[];
  readonly control: readonly ControlRecord[];
}

/** Where a batch goes. */
export interface BatchPlace {
  readonly baseOffset: number;
  readonly leaderEpoch: number;
  /** ms */
  readonly timestamp: number;
}

export function encodeDataBatch(records: readonly MetadataRecordInput[], place: BatchPlace): Uint8Array {
  const builder = new BatchBuilder(place);
  const writer = new Writer();
  for (const record of records) {
    encodeMetadataRecord(writer.reset(), record);
    builder.append(place.timestamp, null, writer.written());
  }
  return builder.build();
}

export function encodeControlBatch(records: readonly ControlRecordInput[], place: BatchPlace): Uint8Array {
  const builder = new BatchBuilder({ ...place, control: true });
  const key = new Writer();
  const value = new Writer();
  for (const record of records) {
    encodeControlKey(key.reset(), record.type);
    encodeControlValue(value.reset(), record);
    builder.append(place.timestamp, key.written(), value.written());
  }
  return builder.build();
}

/** Decodes the batch under `view`, whose CRC was checked. Throws OperationError METADATA_CORRUPT. */
export function decodeBatch(view: BatchView): MetadataBatch {
  const records: MetadataRecord[] = [];
  const control: ControlRecord[] = [];
  const reader = new Reader();
  try {
    forEachRecord(view, new RecordCursor(), (cursor) => {
      const value = cursor.value() ?? new Uint8Array(0);
      if (!view.isControl) {
        records.push(decodeMetadataRecord(reader.reset(value, 0, value.length)));
        return;
      }
      const key = cursor.key() ?? new Uint8Array(0);
      const type = decodeControlKey(reader.reset(key, 0, key.length));
      if (type !== null) control.push(decodeControlValue(reader.reset(value, 0, value.length), type));
    });
  } catch (error) {
    if (!(error instanceof WireError) && !(error instanceof RecordError)) throw error;
    const where = `batch at offset ${view.baseOffset}`;
    throw new OperationError('METADATA_CORRUPT', `Metadata log, ${where}: ${error.message}`, {
      cause: error,
    });
  }
  return {
    baseOffset: view.baseOffset,
    lastOffset: view.lastOffset,
    leaderEpoch: view.leaderEpoch,
    timestamp: view.maxTimestamp,
    sizeBytes: view.sizeBytes,
    records,
    control,
  };
}

/**
 * Replays whole encoded batches into an image and returns how many records there were: how another thread follows the
 * main thread's image. Throws OperationError METADATA_CORRUPT on anything that is not a row of good batches.
 */
export function replayBatches(image: MetadataImage, bytes: Uint8Array): number {
  const view = new BatchView();
  let count = 0;
  for (let at = 0; at < bytes.length; at = view.nextPosition) {
    if (view.set(bytes, at) !== BatchShape.complete || !view.isCrcRight()) {
      throw new OperationError('METADATA_CORRUPT', `Metadata batches: no valid batch at byte ${at}`);
    }
    const { records } = decodeBatch(view);
    for (const record of records) image.replay(record);
    count += records.length;
  }
  return count;
}
