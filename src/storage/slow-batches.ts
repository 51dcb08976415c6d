/**
 * Compressed batches of one drain: unpacked once to be checked, built anew when they cannot be stored as they came
 * (Kafka's LogValidator for compressed sets). Rebuilt batches wait in this thread's scratch memory until their run is
 * appended. Owner's thread only: this allocates and takes long.
 */
import { KafkaError } from '../base/kafka-error.js';
import { DECOMPRESSED_BYTES_MAX } from '../base/limits.js';
import { type BatchTable, Double, Word } from '../io/batch-table.js';
import type { SegmentEngine } from '../io/segment-engine.js';
import { BatchView } from '../record/batch-view.js';
import { decompress } from '../record/codec/index.js';
import { codecOf } from '../record/layout.js';
import { rebuildBatch } from '../record/rebuild.js';
import { RecordError } from '../record/record-error.js';
import { type AppendState, ConfigColumn } from './append-state.js';
import type { Refusal } from './batch-rules.js';
import type { ScratchSlab } from './scratch-slab.js';

/** Scratch of this thread: set for each batch looked at. */
const view = new BatchView();

export class SlowBatches {
  constructor(
    private readonly engine: SegmentEngine,
    private readonly state: AppendState,
    private readonly slab: (index: number) => Uint8Array,
    private readonly scratch: ScratchSlab,
    private readonly name: string,
  ) {}

  /** Uncompressed record section of a compressed row, valid until the next one is unpacked; the engine has then put its status into the row. */
  unpack(table: BatchTable, row: number): Uint8Array | Refusal {
    const codec = codecOf(table.word(row, Word.attributes));
    if (codec === undefined) {
      const message = `Unknown compression type in topic partition ${this.name}`;
      return { error: KafkaError.UNSUPPORTED_COMPRESSION_TYPE, message, recordErrors: [] };
    }
    try {
      const packed = this.at(table, row).recordBytes();
      const records = decompress(codec, packed, DECOMPRESSED_BYTES_MAX, 'reused');
      this.engine.validateRecords(table, row, records);
      return records;
    } catch (error) {
      if (!(error instanceof RecordError)) throw error;
      const message = `Failed to decompress the record batch in topic partition ${this.name}: ${error.message}`;
      return { error: refusalOf(error), message, recordErrors: [] };
    }
  }

  /** Puts the row's batch, built anew with `codec`, into the scratch. False = the waiting run must be appended first. */
  rebuild(table: BatchTable, row: number, records: Uint8Array, codec: number): boolean {
    const target = codecOf(codec) ?? 0;
    const given = this.state.get(ConfigColumn.compression) === codec;
    const batch = rebuildBatch(this.at(table, row), records, {
      codec: target,
      ...(given ? { level: this.state.get(ConfigColumn.compressionLevel) } : {}),
      crc32c: (bytes, from, to) => this.engine.crc32c(bytes.subarray(from, to)),
    });
    if (!this.scratch.hasRoom(batch.length)) return false;
    const { position, target: memory } = this.scratch.take(batch.length);
    memory.set(batch);
    view.set(batch, 0);
    table.setWord(row, Word.slab, this.scratch.index);
    table.setWord(row, Word.position, position);
    table.setWord(row, Word.length, batch.length);
    table.setWord(row, Word.attributes, view.attributes);
    table.setWord(row, Word.crc, view.crc | 0);
    table.setDouble(row, Double.baseTimestamp, view.baseTimestamp);
    table.setDouble(row, Double.maxTimestamp, view.maxTimestamp);
    table.setDouble(row, Double.maxTimestampFound, view.maxTimestamp);
    return true;
  }

  private at(table: BatchTable, row: number): BatchView {
    const from = table.word(row, Word.position);
    view.set(this.slab(table.word(row, Word.slab)), from, from + table.word(row, Word.length));
    return view;
  }
}

function refusalOf(error: RecordError): number {
  switch (error.reason) {
    case 'tooLarge':
      return KafkaError.MESSAGE_TOO_LARGE; // the Java client splits such a batch
    case 'unsupported':
      return KafkaError.UNSUPPORTED_COMPRESSION_TYPE;
    case 'busy':
      return KafkaError.REQUEST_TIMED_OUT; // retriable: works again after this thread's next event-loop turn
    case 'corrupt':
      return KafkaError.INVALID_RECORD;
  }
}
