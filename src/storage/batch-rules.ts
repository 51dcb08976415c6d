/**
 * What is wrong with a client's batch (Kafka's LogValidator, UnifiedLog.analyzeAndValidateRecords and
 * ProduceRequest.validateRecords): decisions over rows that the engine has checked, in Kafka's order and with Kafka's
 * texts. Pure. Good batches cost a few comparisons; records are walked again only to name those that are refused.
 */
import { KafkaError } from '../base/kafka-error.js';
import { type BatchTable, Double, RowFlag, RowStatus, Word } from '../io/batch-table.js';
import { Attribute } from '../record/layout.js';
import { RecordCursor } from '../record/record-cursor.js';
import { type AppendState, ConfigColumn } from './append-state.js';

export interface RecordError {
  batchIndex: number;
  message: string | null;
}
export interface Refusal {
  error: number;
  message: string | null;
  recordErrors: RecordError[];
}

/** Per-record errors of one refused batch; the rest is counted, not listed. */
export const RECORD_ERRORS_MAX = 1_000;
const RECORD_ERRORS_SHOWN = 3;

function refusal(error: number, message: string): Refusal {
  return { error, message, recordErrors: [] };
}

/** Framing, CRC, sizes and header of a row; null = good so far (its status is `ok` or one of the record statuses). */
export function checkHeader(
  table: BatchTable,
  row: number,
  state: AppendState,
  topicPartition: string,
): Refusal | null {
  const status = table.word(row, Word.status);
  const length = table.word(row, Word.length);
  const where = `in topic partition ${topicPartition}`;
  switch (status) {
    case RowStatus.tooSmall:
      return refusal(
        KafkaError.CORRUPT_MESSAGE,
        `Cannot append record batch with illegal length ${length} to log for ${topicPartition}. A possible cause is a corrupted produce request.`,
      );
    case RowStatus.badMagic:
      return refusal(
        KafkaError.INVALID_RECORD,
        'Produce requests are only allowed to contain record batches with magic version 2',
      );
    case RowStatus.moreBatches:
      return refusal(
        KafkaError.INVALID_RECORD,
        'Produce requests are only allowed to contain exactly one record batch per partition',
      );
    default:
  }
  const baseOffset = table.double(row, Double.baseOffset);
  if (baseOffset !== 0) {
    return refusal(
      KafkaError.INVALID_RECORD,
      `The baseOffset of the record batch in the append to ${topicPartition} should be 0, but it is ${baseOffset}`,
    );
  }
  const bytesMax = state.get(ConfigColumn.messageBytesMax);
  if (length > bytesMax) {
    return refusal(
      KafkaError.MESSAGE_TOO_LARGE,
      `The record batch size in the append to ${topicPartition} is ${length} bytes which exceeds the maximum configured value of ${bytesMax}).`,
    );
  }
  if (status === RowStatus.badCrc) {
    const crc = table.word(row, Word.crc) >>> 0;
    return refusal(KafkaError.CORRUPT_MESSAGE, `Record is corrupt (stored crc = ${crc}) ${where}.`);
  }
  return checkFields(table, row, status, where);
}

/** LogValidator.validateBatch. */
function checkFields(table: BatchTable, row: number, status: number, where: string): Refusal | null {
  const lastOffset = table.word(row, Word.lastOffsetDelta);
  const count = table.word(row, Word.count);
  const invalid = (message: string): Refusal => refusal(KafkaError.INVALID_RECORD, `${message} ${where}`);
  if (status === RowStatus.badOffsetRange)
    return invalid(`Batch has an invalid offset range: [0, ${lastOffset}]`);
  if (status === RowStatus.badCount) return invalid(`Invalid reported count for record batch: ${count}`);
  if (status === RowStatus.inconsistentCount) {
    return invalid(`Inconsistent batch offset range [0, ${lastOffset}] and count of records ${count}`);
  }
  if ((table.word(row, Word.attributes) & Attribute.control) !== 0) {
    return invalid('Clients are not allowed to write control records');
  }
  if (table.word(row, Word.producerIdHigh) >= 0 && table.word(row, Word.baseSequence) < 0) {
    const id =
      (BigInt(table.word(row, Word.producerIdHigh)) << 32n) |
      BigInt(table.word(row, Word.producerIdLow) >>> 0);
    const sequence = table.word(row, Word.baseSequence);
    return invalid(`Invalid sequence number ${sequence} in record batch with producerId ${id}`);
  }
  return null;
}

/**
 * Records of a row whose header is good and whose status says how the records were found. `records`: the uncompressed
 * record section, asked for only when single records must be named.
 */
export function checkRecords(
  table: BatchTable,
  row: number,
  state: AppendState,
  topicPartition: string,
  nowMs: number,
  records: () => Uint8Array,
): Refusal | null {
  const status = table.word(row, Word.status);
  if (status === RowStatus.badRecord) {
    const index = table.word(row, Word.detail);
    return refusal(
      KafkaError.INVALID_RECORD,
      `Found invalid record structure at index ${index} in topic partition ${topicPartition}`,
    );
  }
  if (status === RowStatus.trailingBytes) {
    return refusal(
      KafkaError.INVALID_RECORD,
      'Incorrect declared batch size, records still remaining in file',
    );
  }
  if (status !== RowStatus.missingKey && timestampsFit(table, row, state, nowMs)) return null;
  return nameRecords(table, row, state, topicPartition, nowMs, records());
}

/**
 * A row checked by its header alone whose timestamps might be refused: the records must tell which of them, so the row is
 * checked again in full.
 */
export function needsRecords(table: BatchTable, row: number, state: AppendState, nowMs: number): boolean {
  const unchecked = (table.word(row, Word.flags) & RowFlag.recordsUnchecked) !== 0;
  return unchecked && !timestampsFit(table, row, state, nowMs);
}

/** True when no record can be refused for its timestamp. -1 (no timestamp) lies below any window: looked at singly. */
function timestampsFit(table: BatchTable, row: number, state: AppendState, nowMs: number): boolean {
  const stamped = (table.word(row, Word.attributes) & Attribute.logAppendTime) !== 0;
  if (state.get(ConfigColumn.logAppendTime) === 1) return !stamped;
  const earliest = earliestTimestamp(state, nowMs);
  const latest = latestTimestamp(state, nowMs);
  if (stamped) {
    // Every record of such a batch reads as maxTimestamp. Kafka takes it on a CreateTime topic when that fits.
    const timestamp = table.double(row, Double.maxTimestamp);
    return timestamp !== -1 && timestamp >= earliest && timestamp <= latest;
  }
  return (
    table.double(row, Double.minTimestampFound) >= earliest &&
    table.double(row, Double.maxTimestampFound) <= latest
  );
}

function earliestTimestamp(state: AppendState, nowMs: number): number {
  return nowMs - state.get(ConfigColumn.timestampBeforeMaxMs);
}

function latestTimestamp(state: AppendState, nowMs: number): number {
  return nowMs + state.get(ConfigColumn.timestampAfterMaxMs);
}

/** LogValidator.validateRecord over all records, and processRecordErrors. */
function nameRecords(
  table: BatchTable,
  row: number,
  state: AppendState,
  topicPartition: string,
  nowMs: number,
  records: Uint8Array,
): Refusal | null {
  const walk = new RecordCursor().reset(records, 0, records.length, table.word(row, Word.count));
  const stamped = (table.word(row, Word.attributes) & Attribute.logAppendTime) !== 0;
  const createTime = state.get(ConfigColumn.logAppendTime) === 0;
  const keyRequired = state.get(ConfigColumn.keyRequired) === 1;
  const earliest = earliestTimestamp(state, nowMs);
  const latest = latestTimestamp(state, nowMs);
  const recordErrors: RecordError[] = [];
  let total = 0;
  let timestampError = false;
  const add = (message: string): void => {
    total++;
    if (recordErrors.length < RECORD_ERRORS_MAX) recordErrors.push({ batchIndex: walk.index, message });
  };
  while (walk.next()) {
    const timestamp = stamped
      ? table.double(row, Double.maxTimestamp)
      : table.double(row, Double.baseTimestamp) + walk.timestampDelta;
    if (keyRequired && walk.keyLength < 0) {
      add(`Compacted topic cannot accept message without key in topic partition ${topicPartition}`);
    } else if (createTime && timestamp !== -1) {
      if (timestamp >= earliest && timestamp <= latest) continue;
      timestampError = true;
      add(
        `Timestamp ${timestamp} of message with offset ${walk.offsetDelta} is out of range. The timestamp should be within [${earliest}, ${latest}]`,
      );
    } else if (stamped) {
      timestampError = true;
      const sizes = `key=${Math.max(0, walk.keyLength)} bytes, value=${Math.max(0, walk.valueLength)} bytes`;
      add(
        `Invalid timestamp type in message DefaultRecord(offset=${walk.offsetDelta}, timestamp=${timestamp}, ${sizes}). Producer should not set timestamp type to LogAppendTime.`,
      );
    }
  }
  if (total === 0) return null;
  if (timestampError) {
    const message = 'One or more records have been rejected due to invalid timestamp';
    return { error: KafkaError.INVALID_TIMESTAMP, message, recordErrors };
  }
  const shown = recordErrors
    .slice(0, RECORD_ERRORS_SHOWN)
    .map(({ batchIndex, message }) => `RecordError(batchIndex=${batchIndex}, message='${message}')`)
    .join(', ');
  const message = `One or more records have been rejected due to ${total} record errors in total, and only showing the first three errors at most: [${shown}]`;
  return { error: KafkaError.INVALID_RECORD, message, recordErrors };
}

/** The batch as it will be stored does not fit: after recompression (10) or into one segment (18). */
export function checkStoredSize(length: number, state: AppendState, topicPartition: string): Refusal | null {
  const bytesMax = state.get(ConfigColumn.messageBytesMax);
  if (length > bytesMax) {
    return refusal(
      KafkaError.MESSAGE_TOO_LARGE,
      `Message batch size is ${length} bytes in append topartition ${topicPartition} which exceeds the maximum configured size of ${bytesMax}.`,
    );
  }
  const segmentBytes = state.get(ConfigColumn.segmentBytes);
  if (length > segmentBytes) {
    return refusal(
      KafkaError.RECORD_LIST_TOO_LARGE,
      `Message batch size is ${length} bytes in append to partition ${topicPartition}, which exceeds the maximum configured segment size of ${segmentBytes}.`,
    );
  }
  return null;
}
