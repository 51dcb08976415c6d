/** `.log` and `.checkpoint` files: a line per batch, and per record when asked. */
import { basename } from 'node:path';
import { codecName } from '../../record/layout.js';
import { forEachLegacyRecord } from '../../record/legacy.js';
import { RecordCursor } from '../../record/record-cursor.js';
import { forEachRecord } from '../../record/records.js';
import { controlText } from './control-text.js';
import type { MessageParser } from './decoders.js';
import type { Findings } from './findings.js';
import type { BatchLine, RecordLine, Sink, TimestampType } from './lines.js';
import { type LogBatch, LogReader } from './log-reader.js';

export interface BatchDumpOptions {
  deep: boolean;
  /** null = contents are not printed. */
  parser: MessageParser | null;
  skipRecordMetadata: boolean;
  /** Bytes of the file to look at. */
  bytesMax: number;
}

export const BYTES_MAX_DEFAULT = 0x7fffffff;

/** Throws OperationError or RecordError where the file cannot be read on. */
export function dumpBatches(path: string, options: BatchDumpOptions, sink: Sink, findings: Findings): void {
  heading(basename(path), sink);
  const reader = new LogReader(path);
  try {
    let validBytes = 0;
    const visit = new RecordDump(path, options, sink, findings);
    for (const batch of reader.batches(0, options.bytesMax)) {
      sink.line(batchLine(batch));
      if (options.deep) visit.batch(batch);
      validBytes += batch.sizeBytes;
    }
    const bytes = reader.sizeBytes - validBytes;
    if (bytes > 0 && options.bytesMax === BYTES_MAX_DEFAULT) {
      sink.line({ kind: 'trailing', bytes, file: basename(path) });
    }
  } finally {
    reader.close();
  }
}

function heading(name: string, sink: Sink): void {
  if (name.endsWith('.log')) {
    sink.line({ kind: 'logStart', offset: Number(name.split('.')[0]) });
  } else if (name === 'bootstrap.checkpoint') {
    sink.line({ kind: 'bootstrap' });
  } else {
    const [offset, epoch] = name.split('.')[0].split('-').map(Number);
    sink.line({ kind: 'snapshotEnd', offset, epoch: epoch ?? 0 });
  }
}

function batchLine(batch: LogBatch): BatchLine {
  const { position, sizeBytes, lastOffset, magic, view } = batch;
  const common = { kind: 'batch', position, sizeBytes, lastOffset, magic, crc: view.crc } as const;
  const codec = codecName(view.codecId);
  const timestampType = timestampTypeOf(batch);
  if (batch.magic !== 2) {
    const { timestamp, isCrcRight } = batch.view;
    return { ...common, v2: null, codec, timestampType, maxTimestamp: timestamp, isValid: isCrcRight };
  }
  const { view: header } = batch;
  return {
    ...common,
    v2: {
      baseOffset: header.baseOffset,
      count: header.count,
      baseSequence: header.baseSequence,
      lastSequence: header.lastSequence,
      producerId: header.producerId,
      producerEpoch: header.producerEpoch,
      partitionLeaderEpoch: header.leaderEpoch,
      isTransactional: header.isTransactional,
      isControl: header.isControl,
      deleteHorizonMs: header.hasDeleteHorizon ? header.baseTimestamp : null,
    },
    codec,
    timestampType,
    maxTimestamp: header.maxTimestamp,
    isValid: header.isCrcRight(),
  };
}

function timestampTypeOf(batch: LogBatch): TimestampType {
  if (batch.magic === 0) return 'NoTimestampType';
  return batch.view.isLogAppendTime ? 'LogAppendTime' : 'CreateTime';
}

/** Records of one file; remembers the last offset to find gaps. */
class RecordDump {
  private lastOffset = -1;
  private readonly cursor = new RecordCursor();

  constructor(
    private readonly path: string,
    private readonly options: BatchDumpOptions,
    private readonly sink: Sink,
    private readonly findings: Findings,
  ) {}

  batch(batch: LogBatch): void {
    if (batch.magic === 2) this.records(batch.view);
    else this.legacyRecords(batch);
  }

  private records(view: (LogBatch & { magic: 2 })['view']): void {
    const timestampType = view.isLogAppendTime ? 'LogAppendTime' : 'CreateTime';
    const { isControl, baseOffset } = view;
    forEachRecord(view, this.cursor, (cursor) => {
      const offset = baseOffset + cursor.offsetDelta;
      const [key, value] = [cursor.key(), cursor.value()];
      const metadata = this.options.skipRecordMetadata
        ? null
        : ({
            offset,
            timestampType,
            timestamp: view.timestampOf(cursor),
            keySize: cursor.keyLength,
            valueSize: cursor.valueLength,
            v2: { sequence: view.sequenceOf(cursor), headerKeys: headerKeys(cursor) },
            legacy: null,
            control: isControl ? controlText(key, value) : null,
          } as const);
      this.print(metadata, offset, key, value, isControl);
    });
  }

  private legacyRecords(batch: LogBatch & { magic: 0 | 1 }): void {
    const timestampType = timestampTypeOf(batch);
    forEachLegacyRecord(batch.view, (record, offset, timestamp) => {
      const metadata = this.options.skipRecordMetadata
        ? null
        : {
            offset,
            timestampType,
            timestamp,
            keySize: record.keyLength,
            valueSize: record.valueLength,
            v2: null,
            legacy: { isValid: record.isCrcRight, crc: record.crc },
            control: null,
          };
      this.print(metadata, offset, record.key(), record.value(), false);
    });
  }

  private print(
    metadata: RecordLine['metadata'],
    offset: number,
    key: Uint8Array | null,
    value: Uint8Array | null,
    isControl: boolean,
  ): void {
    if (offset !== this.lastOffset + 1) this.findings.gap(this.path, this.lastOffset, offset);
    this.lastOffset = offset;
    const { parser } = this.options;
    const contents = parser === null || isControl ? {} : parser.parse(key, value, offset);
    this.sink.line({ kind: 'record', metadata, ...contents });
  }
}

function headerKeys(cursor: RecordCursor): string[] {
  const keys: string[] = [];
  while (cursor.nextHeader()) {
    const { bytes, headerKeyPosition, headerKeyLength } = cursor;
    const key = bytes.subarray(headerKeyPosition, headerKeyPosition + headerKeyLength);
    keys.push(Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('utf8'));
  }
  return keys;
}

/** Largest timestamp of a batch's records, -1 none: what a time-index row must say. */
export function maxRecordTimestamp(batch: LogBatch): number {
  let max = -1;
  if (batch.magic === 2) {
    const { view } = batch;
    forEachRecord(view, new RecordCursor(), (cursor) => {
      max = Math.max(max, view.timestampOf(cursor));
    });
  } else {
    forEachLegacyRecord(batch.view, (_, __, timestamp) => {
      max = Math.max(max, timestamp);
    });
  }
  return max;
}
