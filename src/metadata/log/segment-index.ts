/**
 * Offset and time index of the active metadata segment, kept in memory and written when the segment is closed: nobody
 * reads them while the process runs, and Kafka rebuilds them when it opens the directory. Rules of LogSegment.append.
 *
 * ```
 *  .index      relativeOffset i32 | position i32       last offset of a batch, and where that batch begins
 *  .timeindex  timestamp i64 | relativeOffset i32      largest timestamp so far, last offset of its batch
 * ```
 */
const INDEX_INTERVAL_BYTES = 4096;
const OFFSET_ENTRY_BYTES = 8;
const TIME_ENTRY_BYTES = 12;

export class SegmentIndex {
  readonly #offsets: { offset: number; position: number }[] = [];
  readonly #times: { timestamp: number; offset: number }[] = [];
  #bytesSinceEntry = 0;
  #maxTimestamp = -1;
  #maxTimestampOffset = -1;

  constructor(readonly baseOffset: number) {}

  batch(lastOffset: number, position: number, sizeBytes: number, timestamp: number): void {
    if (timestamp > this.#maxTimestamp) {
      this.#maxTimestamp = timestamp;
      this.#maxTimestampOffset = lastOffset;
    }
    if (this.#bytesSinceEntry > INDEX_INTERVAL_BYTES) {
      this.#offsets.push({ offset: lastOffset, position });
      this.#addTime();
      this.#bytesSinceEntry = 0;
    }
    this.#bytesSinceEntry += sizeBytes;
  }

  #addTime(): void {
    if (this.#maxTimestamp > (this.#times.at(-1)?.timestamp ?? -1)) {
      this.#times.push({ timestamp: this.#maxTimestamp, offset: this.#maxTimestampOffset });
    }
  }

  /** Content of both files, with the final time entry of a closed segment. */
  seal(): { offsetIndex: Uint8Array; timeIndex: Uint8Array } {
    this.#addTime();
    const offsetIndex = new Uint8Array(this.#offsets.length * OFFSET_ENTRY_BYTES);
    const offsets = new DataView(offsetIndex.buffer);
    this.#offsets.forEach(({ offset, position }, row) => {
      offsets.setInt32(row * OFFSET_ENTRY_BYTES, offset - this.baseOffset);
      offsets.setInt32(row * OFFSET_ENTRY_BYTES + 4, position);
    });
    const timeIndex = new Uint8Array(this.#times.length * TIME_ENTRY_BYTES);
    const times = new DataView(timeIndex.buffer);
    this.#times.forEach(({ timestamp, offset }, row) => {
      times.setBigInt64(row * TIME_ENTRY_BYTES, BigInt(timestamp));
      times.setInt32(row * TIME_ENTRY_BYTES + 8, offset - this.baseOffset);
    });
    return { offsetIndex, timeIndex };
  }
}
