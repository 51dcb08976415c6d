/**
 * The append of one drain into one log: check, decide, gather runs, hand each run to the engine (Kafka's
 * UnifiedLog.append as the leader). Everything it changes lies in the shared append state and the producer table, so the
 * owner of the log and a thread that helps while it sleeps run the same code; only the owner brings `SlowWork`.
 * Single-threaded: the caller holds the drain token.
 */
import { OperationError } from '../base/errors.js';
import { KafkaError } from '../base/kafka-error.js';
import { BATCH_HEADER_BYTES } from '../base/limits.js';
import { type BatchTable, Double, RowFlag, RowStatus, Word } from '../io/batch-table.js';
import type { Clock } from '../io/clock.js';
import { type LogToken, type SegmentEngine, SegmentOut } from '../io/segment-engine.js';
import { Attribute, HeaderAt, incrementSequence } from '../record/layout.js';
import { type AppendState, ConfigColumn, LogStatus, StateColumn } from './append-state.js';
import { checkHeader, checkRecords, checkStoredSize, needsRecords, type Refusal } from './batch-rules.js';
import type { AppendOutcomes } from './contract.js';
import { decideProducerAppend, type ProducerDecision } from './producer-append.js';
import type { ProducerTable } from './producer-table.js';
import { rollReason } from './roll-rules.js';

export interface AppendContext {
  engine: SegmentEngine;
  token: LogToken;
  clock: Clock;
  state: AppendState;
  producers: ProducerTable;
  producerScope: number;
  /** `<topic>-<partition>`, for texts. */
  name: string;
  /** Memory registered as slab `index` in this thread. */
  slab: (index: number) => Uint8Array;
}

/** What only the owner of the log does: allocate, compress, roll. */
export interface SlowWork {
  roll(nowMs: number): void;
  /** Uncompressed record section of a compressed row, checked by the engine; or why not. */
  unpack(table: BatchTable, row: number): Uint8Array | Refusal;
  /** Replaces the row by a batch of this codec. False = the run must be appended first. */
  rebuild(table: BatchTable, row: number, records: Uint8Array, codec: number): boolean;
  /** The rebuilt batches of a run were appended. */
  runAppended(): void;
}

/** Where the engine tells of a segment; of this thread, read at once. */
const segmentOut = new Float64Array(8);

export class Appender {
  private runFrom = 0;
  private nextOffset = 0;
  private nowMs = 0;
  private readonly producerBatch = {
    idLow: 0,
    idHigh: 0,
    epoch: 0,
    baseSequence: 0,
    lastOffsetDelta: 0,
    transactional: false,
  };

  /** The row being checked, for `recordBytes`: one function for all rows, so that a good row allocates nothing. */
  private unpacked: Uint8Array | null = null;
  private checkedTable: BatchTable | null = null;
  private checkedRow = 0;
  private readonly recordBytes = (): Uint8Array => {
    const { unpacked, checkedTable: table, checkedRow: row } = this;
    if (unpacked !== null || table === null) return unpacked ?? new Uint8Array(0);
    const at = table.word(row, Word.position);
    const batch = this.context.slab(table.word(row, Word.slab));
    return batch.subarray(at + BATCH_HEADER_BYTES, at + table.word(row, Word.length));
  };

  constructor(private readonly context: AppendContext) {
    context.state.assertLayout();
  }

  /**
   * Handles rows [from, to); returns the row it stopped at: `to`, or (without `slow`) the first that needs the owner.
   * Throws OperationError('STORAGE_FAILED') when the disk fails; rows not marked kept by then stay marked 56.
   */
  append(
    table: BatchTable,
    from: number,
    to: number,
    outcomes: AppendOutcomes,
    slow: SlowWork | null,
  ): number {
    const { state, engine, clock } = this.context;
    const flags =
      (state.get(ConfigColumn.keyRequired) === 1 ? RowFlag.keyRequired : 0) |
      (state.get(ConfigColumn.recordsUnchecked) === 1 ? RowFlag.recordsUnchecked : 0);
    for (let row = from; row < to; row++) {
      outcomes.errors[row] = KafkaError.KAFKA_STORAGE_ERROR;
      outcomes.baseOffsets[row] = -1;
      outcomes.appendTimes[row] = -1;
      table.setWord(row, Word.flags, flags);
    }
    if (state.get(StateColumn.status) !== LogStatus.open) return to;
    engine.validate(table, from, to);
    this.nowMs = clock.now();
    this.nextOffset = state.get(StateColumn.logEndOffset);
    this.runFrom = from;
    slow?.runAppended(); // what a failed run of another log may have left
    for (let row = from; row < to; row++) {
      if (!this.handle(table, row, outcomes, slow)) {
        this.appendRun(table, row, outcomes, slow);
        return row;
      }
    }
    this.appendRun(table, to, outcomes, slow);
    return to;
  }

  /** False = the row needs `slow`, which is not there. */
  private handle(table: BatchTable, row: number, outcomes: AppendOutcomes, slow: SlowWork | null): boolean {
    const { state, engine, name } = this.context;
    const refused = checkHeader(table, row, state, name);
    if (refused !== null) return this.refuse(table, row, outcomes, refused);
    if (needsRecords(table, row, state, this.nowMs)) {
      table.setWord(row, Word.flags, table.word(row, Word.flags) & ~RowFlag.recordsUnchecked);
      engine.validate(table, row, row + 1);
    }
    let records: Uint8Array | null = null;
    const codec = table.word(row, Word.attributes) & Attribute.codecMask;
    const target = state.get(ConfigColumn.compression);
    const needsUnpacking = table.word(row, Word.status) === RowStatus.compressed;
    if (slow === null && (needsUnpacking || (target >= 0 && target !== codec))) return false;
    if (needsUnpacking && slow !== null) {
      const unpacked = slow.unpack(table, row);
      if (!(unpacked instanceof Uint8Array)) return this.refuse(table, row, outcomes, unpacked);
      records = unpacked;
    }
    this.unpacked = records;
    this.checkedTable = table;
    this.checkedRow = row;
    const bad = checkRecords(table, row, state, name, this.nowMs, this.recordBytes);
    if (bad !== null) return this.refuse(table, row, outcomes, bad);
    const wanted = target >= 0 ? target : codec;
    if (slow !== null && (wanted !== codec || table.word(row, Word.status) === RowStatus.offsetDeltas)) {
      const rebuilt = this.recordBytes();
      if (!slow.rebuild(table, row, rebuilt, wanted)) {
        this.appendRun(table, row, outcomes, slow);
        slow.runAppended();
        slow.rebuild(table, row, rebuilt, wanted);
      }
    }
    const tooLarge = checkStoredSize(table.word(row, Word.length), state, name);
    if (tooLarge !== null) return this.refuse(table, row, outcomes, tooLarge);
    this.stampTimestamps(table, row);
    return this.place(table, row, outcomes, slow);
  }

  /** The row is good: roll when it must, ask the producer's state, take an offset. */
  private place(table: BatchTable, row: number, outcomes: AppendOutcomes, slow: SlowWork | null): boolean {
    const { state } = this.context;
    const count = table.word(row, Word.lastOffsetDelta) + 1;
    const bytes = table.word(row, Word.length);
    const timestamp = table.double(row, Double.maxTimestamp);
    if (this.mustRoll(table, row, outcomes, slow, bytes, timestamp, this.nextOffset + count - 1)) {
      if (slow === null) return false;
      this.appendRun(table, row, outcomes, slow);
      this.guard(() => slow.roll(this.nowMs));
    }
    if (table.word(row, Word.producerIdHigh) >= 0 && !this.admitProducer(table, row, outcomes, slow))
      return true;
    table.setDouble(row, Double.baseOffset, this.nextOffset);
    table.setWord(row, Word.leaderEpoch, state.get(StateColumn.leaderEpoch));
    if (state.get(StateColumn.segmentSizeBytes) === 0)
      state.set(StateColumn.segmentFirstTimestamp, timestamp);
    state.set(StateColumn.segmentSizeBytes, state.get(StateColumn.segmentSizeBytes) + bytes);
    state.set(StateColumn.offsetEntriesBound, state.get(StateColumn.offsetEntriesBound) + 1);
    state.set(StateColumn.timeEntriesBound, state.get(StateColumn.timeEntriesBound) + 1);
    this.nextOffset += count;
    return true;
  }

  private mustRoll(
    table: BatchTable,
    row: number,
    outcomes: AppendOutcomes,
    slow: SlowWork | null,
    bytes: number,
    timestamp: number,
    lastOffset: number,
  ): boolean {
    const { state } = this.context;
    const reason = rollReason(state, bytes, timestamp, lastOffset, this.nowMs);
    if (reason !== 'index') return reason !== null;
    // The bounds count every batch as an index row; the exact numbers are the engine's.
    this.appendRun(table, row, outcomes, slow);
    this.refreshIndexBounds();
    return rollReason(state, bytes, timestamp, lastOffset, this.nowMs) !== null;
  }

  private refreshIndexBounds(): void {
    const { engine, token, state } = this.context;
    engine.segmentInfo(token, state.get(StateColumn.segmentBase), segmentOut);
    state.set(StateColumn.offsetEntriesBound, segmentOut[SegmentOut.offsetIndexEntries]);
    state.set(StateColumn.timeEntriesBound, segmentOut[SegmentOut.timeIndexEntries]);
  }

  /** Timestamp type and maxTimestamp as they will be stored. */
  private stampTimestamps(table: BatchTable, row: number): void {
    const { state } = this.context;
    const flags = table.word(row, Word.flags);
    if (state.get(ConfigColumn.logAppendTime) === 1) {
      table.setWord(row, Word.flags, flags | RowFlag.logAppendTime);
      table.setDouble(row, Double.appendTime, this.nowMs);
      table.setDouble(row, Double.maxTimestamp, this.nowMs);
      return;
    }
    if ((table.word(row, Word.attributes) & Attribute.logAppendTime) !== 0) {
      this.clearLogAppendTime(table, row);
      return;
    }
    const found = Math.max(-1, table.double(row, Double.maxTimestampFound));
    if (found === table.double(row, Double.maxTimestamp)) return;
    table.setDouble(row, Double.maxTimestampFound, found);
    table.setDouble(row, Double.maxTimestamp, found);
    table.setWord(row, Word.flags, flags | RowFlag.fixMaxTimestamp);
  }

  /** A CreateTime topic stores CreateTime: the producer's bit goes, in the slab, which is ours until the answer. */
  private clearLogAppendTime(table: BatchTable, row: number): void {
    const { engine, slab } = this.context;
    const at = table.word(row, Word.position);
    const batch = slab(table.word(row, Word.slab)).subarray(at, at + table.word(row, Word.length));
    const view = new DataView(batch.buffer, batch.byteOffset, batch.byteLength);
    const attributes = table.word(row, Word.attributes) & ~Attribute.logAppendTime;
    view.setInt16(HeaderAt.attributes, attributes);
    const crc = engine.crc32c(batch.subarray(HeaderAt.attributes));
    view.setUint32(HeaderAt.crc, crc);
    table.setWord(row, Word.attributes, attributes);
    table.setWord(row, Word.crc, crc | 0);
  }

  /** Idempotence. False = answered without an append. */
  private admitProducer(
    table: BatchTable,
    row: number,
    outcomes: AppendOutcomes,
    slow: SlowWork | null,
  ): boolean {
    const { producers, producerScope } = this.context;
    const batch = this.producerBatch;
    batch.idLow = table.word(row, Word.producerIdLow);
    batch.idHigh = table.word(row, Word.producerIdHigh);
    batch.epoch = table.word(row, Word.producerEpoch);
    batch.baseSequence = table.word(row, Word.baseSequence);
    batch.lastOffsetDelta = table.word(row, Word.lastOffsetDelta);
    batch.transactional = (table.word(row, Word.attributes) & Attribute.transactional) !== 0;
    const known = producers.find(producerScope, batch.idLow, batch.idHigh);
    const decision = decideProducerAppend(producers, known, batch);
    const lastSequence = incrementSequence(batch.baseSequence, batch.lastOffsetDelta);
    if (decision === 'duplicate') {
      this.skip(table, row);
      // The first one may still wait in this run: it must be in the log before its duplicate is a success.
      this.appendRun(table, row, outcomes, slow);
      this.runFrom = row;
      const cached = producers.findBatch(known, lastSequence, batch.lastOffsetDelta);
      outcomes.errors[row] = KafkaError.NONE;
      outcomes.baseOffsets[row] = producers.batchBaseOffset(cached);
      outcomes.appendTimes[row] = producers.batchTimestamp(cached);
      return false;
    }
    if (decision !== 'append') {
      this.refuse(table, row, outcomes, this.producerRefusal(decision, table, row, known));
      return false;
    }
    const entry = known >= 0 ? known : producers.obtain(producerScope, batch.idLow, batch.idHigh);
    if (entry < 0) {
      const message = 'Every remembered producer of this partition worker has an open transaction';
      this.refuse(table, row, outcomes, {
        error: KafkaError.UNKNOWN_SERVER_ERROR,
        message,
        recordErrors: [],
      });
      return false;
    }
    const lastOffset = this.nextOffset + batch.lastOffsetDelta;
    const timestamp = table.double(row, Double.maxTimestamp);
    producers.addBatch(entry, batch.epoch, lastSequence, lastOffset, batch.lastOffsetDelta, timestamp);
    return true;
  }

  private producerRefusal(
    decision: Exclude<ProducerDecision, 'append' | 'duplicate'>,
    table: BatchTable,
    row: number,
    entry: number,
  ): Refusal {
    const { producers, name } = this.context;
    const high = BigInt(table.word(row, Word.producerIdHigh));
    const id = (high << 32n) | BigInt(table.word(row, Word.producerIdLow) >>> 0);
    const epoch = table.word(row, Word.producerEpoch);
    const sequence = table.word(row, Word.baseSequence);
    const at = `at offset ${this.nextOffset} in partition ${name}`;
    const refusal = (error: number, message: string): Refusal => ({ error, message, recordErrors: [] });
    switch (decision) {
      case 'stale-epoch':
        return refusal(
          KafkaError.INVALID_PRODUCER_EPOCH,
          `Epoch of producer ${id} at offset ${this.nextOffset} in ${name} is ${epoch}, which is smaller than the last seen epoch ${producers.epoch(entry)}`,
        );
      case 'new-epoch-sequence':
        return refusal(
          KafkaError.OUT_OF_ORDER_SEQUENCE_NUMBER,
          `Invalid sequence number for new epoch of producer ${id} ${at}: ${epoch} (request epoch), ${sequence} (seq. number), ${producers.epoch(entry)} (current producer epoch)`,
        );
      case 'out-of-order':
        return refusal(
          KafkaError.OUT_OF_ORDER_SEQUENCE_NUMBER,
          `Out of order sequence number for producer ${id} ${at}: ${sequence} (incoming seq. number), ${producers.lastSequence(entry)} (current end sequence number)`,
        );
      case 'transaction-open':
        return refusal(
          KafkaError.INVALID_TXN_STATE,
          `Expected transactional write from producer ${id} ${at}`,
        );
      case 'no-transaction':
        return refusal(KafkaError.INVALID_TXN_STATE, 'Record was not part of an ongoing transaction');
    }
  }

  private skip(table: BatchTable, row: number): void {
    table.setWord(row, Word.flags, table.word(row, Word.flags) | RowFlag.skip);
  }

  private refuse(table: BatchTable, row: number, outcomes: AppendOutcomes, refused: Refusal): true {
    this.skip(table, row);
    outcomes.errors[row] = refused.error;
    outcomes.details.set(row, { message: refused.message, recordErrors: refused.recordErrors });
    return true;
  }

  /** Hands rows [runFrom, to) to the engine and marks them kept. */
  private appendRun(table: BatchTable, to: number, outcomes: AppendOutcomes, slow: SlowWork | null): void {
    const from = this.runFrom;
    this.runFrom = to;
    const { engine, token, state } = this.context;
    if (this.nextOffset === state.get(StateColumn.logEndOffset)) return; // nothing but skipped rows
    this.guard(() => engine.append(token, table, from, to));
    state.set(StateColumn.logEndOffset, this.nextOffset);
    const logAppendTime = state.get(ConfigColumn.logAppendTime) === 1;
    for (let row = from; row < to; row++) {
      if ((table.word(row, Word.flags) & RowFlag.skip) !== 0) continue;
      outcomes.errors[row] = KafkaError.NONE;
      outcomes.baseOffsets[row] = table.double(row, Double.baseOffset);
      if (logAppendTime) outcomes.appendTimes[row] = this.nowMs;
    }
    slow?.runAppended();
  }

  /** The first failure of the disk ends this log: what is in memory may no longer match what is in the files. */
  private guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.context.state.set(StateColumn.status, LogStatus.failed);
      if (error instanceof OperationError) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw new OperationError('STORAGE_FAILED', `Appending to ${this.context.name} failed: ${reason}`, {
        cause: error,
      });
    }
  }
}
