/**
 * `.txnindex` of one segment: its aborted transactions (Kafka's TransactionIndex and AbortedTxn). 34 bytes a row:
 * version i16 = 0, producerId i64, firstOffset i64, lastOffset i64 (of the marker), lastStableOffset i64. The file
 * exists only once something was aborted. Written by the log's owner, read by it when a fetch asks for aborted
 * transactions.
 */
import { OperationError } from '../base/errors.js';
import { type FileOps, systemFiles } from './files/file-ops.js';

export const ABORTED_ENTRY_BYTES = 34;
/** 2 million aborted transactions in one segment; a larger file is not read into memory. */
const INDEX_BYTES_MAX = 64 * 1024 * 1024;

export interface AbortedTransaction {
  producerId: bigint;
  firstOffset: number;
  lastOffset: number;
  lastStableOffset: number;
}

export function encodeAborted(entry: AbortedTransaction): Uint8Array {
  const bytes = new Uint8Array(ABORTED_ENTRY_BYTES);
  const view = new DataView(bytes.buffer);
  view.setInt16(0, 0);
  view.setBigInt64(2, entry.producerId);
  view.setBigInt64(10, BigInt(entry.firstOffset));
  view.setBigInt64(18, BigInt(entry.lastOffset));
  view.setBigInt64(26, BigInt(entry.lastStableOffset));
  return bytes;
}

/** Throws OperationError for a newer version, a broken length or offsets that do not rise. */
export function decodeAborted(bytes: Uint8Array, path: string): AbortedTransaction[] {
  if (bytes.length % ABORTED_ENTRY_BYTES !== 0) {
    throw new OperationError('LOG_CORRUPT', `Transaction index ${path} has ${bytes.length} bytes`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries: AbortedTransaction[] = [];
  for (let at = 0; at < bytes.length; at += ABORTED_ENTRY_BYTES) {
    if (view.getInt16(at) > 0) {
      throw new OperationError(
        'LOG_CORRUPT',
        `Unexpected aborted transaction version ${view.getInt16(at)} in ${path}`,
      );
    }
    const lastOffset = Number(view.getBigInt64(at + 18));
    if (lastOffset <= (entries.at(-1)?.lastOffset ?? -1)) {
      throw new OperationError('LOG_CORRUPT', `Offsets in ${path} do not rise at byte ${at}`);
    }
    entries.push({
      producerId: view.getBigInt64(at + 2),
      firstOffset: Number(view.getBigInt64(at + 10)),
      lastOffset,
      lastStableOffset: Number(view.getBigInt64(at + 26)),
    });
  }
  return entries;
}

/** Rows of a segment's index; none when the file does not exist. */
export function readTransactionIndex(path: string, files: FileOps = systemFiles): AbortedTransaction[] {
  const size = files.stat(path)?.sizeBytes ?? 0;
  if (size === 0) return [];
  if (size > INDEX_BYTES_MAX)
    throw new OperationError('LOG_CORRUPT', `Transaction index ${path} has ${size} bytes`);
  return decodeAborted(files.readAt(path, 0, size), path);
}

export function appendTransactionIndex(
  path: string,
  entry: AbortedTransaction,
  files: FileOps = systemFiles,
): void {
  files.append(path, encodeAborted(entry));
}

/** Drops rows whose marker lies at or above `offset`. */
export function truncateTransactionIndex(path: string, offset: number, files: FileOps = systemFiles): void {
  const entries = readTransactionIndex(path, files);
  const kept = entries.findIndex((entry) => entry.lastOffset >= offset);
  if (kept >= 0) files.truncate(path, kept * ABORTED_ENTRY_BYTES);
}

/** Adds what overlaps [fetchOffset, upperBound). True = no later segment can hold more. */
export function collectAborted(
  entries: readonly AbortedTransaction[],
  fetchOffset: number,
  upperBound: number,
  into: { producerId: bigint; firstOffset: number }[],
): boolean {
  for (const entry of entries) {
    if (entry.lastOffset >= fetchOffset && entry.firstOffset < upperBound) {
      into.push({ producerId: entry.producerId, firstOffset: entry.firstOffset });
    }
    if (entry.lastStableOffset >= upperBound) return true;
  }
  return false;
}
