/** `.snapshot` (ProducerStateManager, version 1) and `.txnindex` (AbortedTxn). Layouts: one row per entry, big-endian. */
import { readFileSync } from 'node:fs';
import { OperationError } from '../../base/errors.js';
import { crc32c } from '../../io/portable/crc32c.js';
import { bigInt64At, int16At, int32At } from '../../record/int64.js';
import type { Sink } from './lines.js';

const SNAPSHOT_VERSION = 1;
const SnapshotAt = { version: 0, crc: 2, count: 6, entries: 10 } as const;
const PRODUCER_BYTES = 46;
const ABORTED_BYTES = 34;
const ABORTED_VERSION_MAX = 0;

/** A snapshot that cannot be trusted is a problem line, not a failure: the broker would skip it too. */
export function dumpSnapshot(path: string, sink: Sink): void {
  const bytes = readFileSync(path);
  const problem = snapshotProblem(bytes, path);
  if (problem !== null) {
    sink.problem(problem);
    return;
  }
  const count = int32At(bytes, SnapshotAt.count);
  for (let index = 0; index < count; index++) {
    const at = SnapshotAt.entries + index * PRODUCER_BYTES;
    const lastSequence = int32At(bytes, at + 10);
    const lastOffset = bigInt64At(bytes, at + 14);
    const offsetDelta = int32At(bytes, at + 22);
    const currentTxnFirstOffset = bigInt64At(bytes, at + 38);
    const firstSequence = decrementSequence(lastSequence, offsetDelta);
    sink.line({
      kind: 'producer',
      producerId: bigInt64At(bytes, at),
      producerEpoch: int16At(bytes, at + 8),
      coordinatorEpoch: int32At(bytes, at + 34),
      currentTxnFirstOffset: currentTxnFirstOffset < 0n ? null : currentTxnFirstOffset,
      lastTimestamp: bigInt64At(bytes, at + 26),
      batch: lastOffset < 0n ? null : { firstSequence, lastSequence, lastOffset, offsetDelta },
    });
  }
}

function snapshotProblem(bytes: Uint8Array, path: string): string | null {
  if (bytes.length < SnapshotAt.entries) return `Snapshot ${path} is corrupt: ${bytes.length} bytes`;
  const version = int16At(bytes, SnapshotAt.version);
  if (version !== SNAPSHOT_VERSION) return `Snapshot contained an unknown file version ${version}`;
  const stored = int32At(bytes, SnapshotAt.crc) >>> 0;
  const computed = crc32c(bytes, SnapshotAt.count);
  if (stored !== computed) {
    return `Snapshot is corrupt (CRC is no longer valid). Stored crc: ${stored}. Computed crc: ${computed}`;
  }
  const count = int32At(bytes, SnapshotAt.count);
  const fits = count >= 0 && SnapshotAt.entries + count * PRODUCER_BYTES <= bytes.length;
  return fits ? null : `Snapshot ${path} is corrupt: ${count} entries in ${bytes.length} bytes`;
}

/** 0 is preceded by 2147483647 (DefaultRecordBatch.decrementSequence). */
function decrementSequence(sequence: number, steps: number): number {
  return sequence < steps ? 0x7fffffff - (steps - sequence) + 1 : sequence - steps;
}

export function dumpTransactionIndex(path: string, sink: Sink): void {
  const bytes = readFileSync(path);
  for (let at = 0; at + ABORTED_BYTES <= bytes.length; at += ABORTED_BYTES) {
    const version = int16At(bytes, at);
    if (version > ABORTED_VERSION_MAX) {
      throw new OperationError(
        'LOG_CORRUPT',
        `Unexpected aborted transaction version ${version} in transaction index ${path}`,
      );
    }
    sink.line({
      kind: 'abortedTransaction',
      version,
      producerId: bigInt64At(bytes, at + 2),
      firstOffset: bigInt64At(bytes, at + 10),
      lastOffset: bigInt64At(bytes, at + 18),
      lastStableOffset: bigInt64At(bytes, at + 26),
    });
  }
}
