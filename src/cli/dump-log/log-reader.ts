/**
 * Batches of a segment file one after the other, whatever their magic (FileLogInputStream). Holds one batch in memory;
 * the view it yields is valid until the next step.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { OperationError } from '../../base/errors.js';
import { LOG_OVERHEAD_BYTES } from '../../base/limits.js';
import { BatchShape, BatchView, HEADER_UP_TO_MAGIC_BYTES } from '../../record/batch-view.js';
import { LegacyView } from '../../record/legacy.js';

const LENGTH_MIN = 14;
const CAPACITY_MIN = 64 * 1024;

export type LogBatch = { position: number; sizeBytes: number; lastOffset: number } & (
  | { magic: 2; view: BatchView }
  | { magic: 0 | 1; view: LegacyView }
);

export class LogReader {
  readonly sizeBytes: number;
  private readonly fd: number;
  private buffer = Buffer.alloc(CAPACITY_MIN);
  private readonly view = new BatchView();
  private readonly legacy = new LegacyView();

  constructor(readonly path: string) {
    this.fd = openSync(path, 'r');
    this.sizeBytes = fstatSync(this.fd).size;
  }

  close(): void {
    closeSync(this.fd);
  }

  /** Whole batches in [from, to). Throws OperationError('LOG_CORRUPT') where no batch can be. */
  *batches(from: number, to: number): Generator<LogBatch> {
    const end = Math.min(to, this.sizeBytes);
    let position = from;
    for (;;) {
      const batch = this.batchAt(position, end);
      if (batch === null) return;
      yield batch;
      position += batch.sizeBytes;
    }
  }

  /** The batch at `position`; null when less than a whole one is left before `end`. */
  batchAt(position: number, end: number): LogBatch | null {
    if (position >= end - HEADER_UP_TO_MAGIC_BYTES) return null;
    this.fill(position, HEADER_UP_TO_MAGIC_BYTES);
    const length = this.buffer.readInt32BE(8);
    if (length < LENGTH_MIN) {
      throw this.corrupt(
        `Found record size ${length} smaller than minimum record overhead (${LENGTH_MIN})`,
        position,
      );
    }
    const sizeBytes = length + LOG_OVERHEAD_BYTES;
    if (sizeBytes > end - position) return null;
    this.fill(position, sizeBytes);
    const { view, legacy } = this;
    const shape = view.set(this.buffer, 0, sizeBytes);
    if (shape === BatchShape.complete) {
      return { magic: 2, view, position, sizeBytes, lastOffset: view.lastOffset };
    }
    if (shape !== BatchShape.legacy || !legacy.set(this.buffer, 0, sizeBytes)) {
      throw this.corrupt(`Found a malformed batch of magic ${this.buffer[16]}`, position);
    }
    const magic = legacy.magic === 0 ? 0 : 1;
    return { magic, view: legacy, position, sizeBytes, lastOffset: legacy.offset };
  }

  private corrupt(what: string, position: number): OperationError {
    return new OperationError('LOG_CORRUPT', `${what} in file ${this.path} at position ${position}`);
  }

  private fill(position: number, size: number): void {
    if (size > this.buffer.length) this.buffer = Buffer.alloc(Math.max(size, this.buffer.length * 2));
    let done = 0;
    while (done < size) {
      const read = readSync(this.fd, this.buffer, done, size - done, position + done);
      if (read === 0) throw this.corrupt('The file became shorter', position + done);
      done += read;
    }
  }
}
