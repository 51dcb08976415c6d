/**
 * Partition logs as share partitions read them: which batches a fetch would find (headers only, no record is touched), and
 * the bytes of those that were acquired, as a range that leaves by sendfile. Main thread.
 */
import { KafkaError } from '../../../base/kafka-error.js';
import { BATCH_HEADER_BYTES } from '../../../base/limits.js';
import { ReadOut, ReadStatus, type SegmentEngine } from '../../../io/segment-engine.js';
import { type PartitionGateway, type PartitionState, PartitionStatus } from '../../../partition/contract.js';
import { emptyState } from '../../../partition/state-table.js';
import { int16At, int32At, int64At } from '../../../record/int64.js';
import { HeaderAt, MAGIC_V2 } from '../../../record/layout.js';
import type { RecordsInput } from '../../../wire/index.js';

const LENGTH_FIELD_END = 12;
const EMPTY = new Uint8Array(0);

export interface LogBatch {
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly sizeBytes: number;
  /** Attribute bits; 0 for formats before 2. */
  readonly attributes: number;
  readonly producerId: number;
}

export interface ShareLogState {
  /** KafkaError; 0 = can be read. */
  readonly error: number;
  readonly leaderEpoch: number;
  readonly start: number;
  readonly highWatermark: number;
  readonly lastStableOffset: number;
}

/** What share partitions need of the logs; tests have a small one of their own. */
export interface ShareLogReader {
  state(slot: number): ShareLogState;
  /** Bytes between `offset` and `end` that one read could give. */
  available(slot: number, offset: number, end: number): number;
  /** Batches from the one that holds `offset` on, up to `bytesMax` (the first always) and about `recordsMax` records. */
  batches(slot: number, offset: number, end: number, bytesMax: number, recordsMax: number): LogBatch[];
  /** The bytes of `batches`, neighbours as `batches` gave them. What is returned is sent or dropped, once. */
  records(slot: number, batches: readonly LogBatch[]): RecordsInput;
  drop(records: RecordsInput): void;
  /** Asks for one call of `onReadable` at the next change; look again after asking. */
  watch(slot: number): void;
}

export class ShareLog implements ShareLogReader {
  private readonly current: PartitionState = emptyState();
  private readonly out = new Float64Array(4);
  private readonly header = new Uint8Array(BATCH_HEADER_BYTES);

  constructor(
    private readonly gateway: PartitionGateway,
    private readonly engine: SegmentEngine,
  ) {}

  state(slot: number): ShareLogState {
    const { current } = this;
    if (slot >= 0) this.gateway.readState(slot, current);
    const { status, leaderEpoch, logStartOffset, highWatermark, lastStableOffset } = current;
    const error =
      slot >= 0 && status === PartitionStatus.online
        ? 0
        : slot >= 0 && status === PartitionStatus.offline
          ? KafkaError.KAFKA_STORAGE_ERROR
          : KafkaError.NOT_LEADER_OR_FOLLOWER;
    return { error, leaderEpoch, start: logStartOffset, highWatermark, lastStableOffset };
  }

  available(slot: number, offset: number, end: number): number {
    if (offset >= end) return 0;
    const token = this.gateway.logToken(slot);
    return token === -1 ? 0 : this.engine.readableBytes(token, offset, end);
  }

  batches(slot: number, offset: number, end: number, bytesMax: number, recordsMax: number): LogBatch[] {
    if (offset >= end || !this.find(slot, offset, end, bytesMax)) return [];
    const range = this.out[ReadOut.range];
    try {
      return this.walk(range, this.out[ReadOut.length], offset, offset + recordsMax);
    } finally {
      this.engine.dropRange(range);
    }
  }

  records(slot: number, batches: readonly LogBatch[]): RecordsInput {
    const bytes = batches.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    const first = batches[0];
    if (first === undefined) return EMPTY;
    const end = batches[batches.length - 1].lastOffset + 1;
    // Retention may have taken them meanwhile: who acquired them finds nothing and says so.
    if (!this.find(slot, first.lastOffset, end, bytes)) return EMPTY;
    const range = this.out[ReadOut.range];
    const length = this.out[ReadOut.length];
    // Ranges of the addon belong to the process: another thread sends them. Else the bytes travel.
    if (this.engine.name === 'native') return { hole: range, length };
    const copy = new Uint8Array(length);
    this.engine.copyRange(range, 0, copy);
    this.engine.dropRange(range);
    return copy;
  }

  drop(records: RecordsInput): void {
    if ('hole' in records) this.engine.dropRange(records.hole);
  }

  watch(slot: number): void {
    this.gateway.watch(slot);
  }

  private find(slot: number, offset: number, end: number, bytesMax: number): boolean {
    const token = this.gateway.logToken(slot);
    if (token === -1) return false;
    return this.engine.read(token, offset, end, bytesMax, true, this.out) === ReadStatus.found;
  }

  private walk(range: number, length: number, from: number, until: number): LogBatch[] {
    const { header } = this;
    const batches: LogBatch[] = [];
    let next = from;
    for (let position = 0; position + LENGTH_FIELD_END <= length && next < until; ) {
      const copied = this.engine.copyRange(range, position, header);
      const sizeBytes = int32At(header, HeaderAt.length) + LENGTH_FIELD_END;
      if (copied <= HeaderAt.magic || sizeBytes <= LENGTH_FIELD_END || position + sizeBytes > length) break;
      const batch = describe(header, sizeBytes, next);
      batches.push(batch);
      next = batch.lastOffset + 1;
      position += sizeBytes;
    }
    return batches;
  }
}

/** `next`: where this batch begins at the latest; formats before 2 tell their last offset only. */
function describe(header: Uint8Array, sizeBytes: number, next: number): LogBatch {
  const offset = int64At(header, HeaderAt.baseOffset);
  if (header[HeaderAt.magic] < MAGIC_V2) {
    return {
      baseOffset: Math.min(next, offset),
      lastOffset: offset,
      sizeBytes,
      attributes: 0,
      producerId: -1,
    };
  }
  return {
    baseOffset: offset,
    lastOffset: offset + int32At(header, HeaderAt.lastOffsetDelta),
    sizeBytes,
    attributes: int16At(header, HeaderAt.attributes),
    producerId: int64At(header, HeaderAt.producerId),
  };
}
