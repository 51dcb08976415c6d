/**
 * `.snapshot` files (Kafka's ProducerStateManager, ProducerSnapshot schema version 1, non-flexible). Only the newest
 * batch of a producer survives: after a restart de-duplication covers one batch, as in Kafka.
 *
 * ```
 *  0        2       6        10
 *  version  CRC-32C entries  entries of 46 bytes: producerId i64, epoch i16, lastSequence i32, lastOffset i64,
 *  i16 = 1  of [6…] i32      offsetDelta i32, timestamp i64, coordinatorEpoch i32, transactionFirstOffset i64
 * ```
 */
import type { ProducerTable } from './producer-table.js';

export const SNAPSHOT_VERSION = 1;
const HEADER_BYTES = 10;
const CRC_FROM = 6;
const ENTRY_BYTES = 46;

type Crc32c = (bytes: Uint8Array) => number;

/** All producers of `scope`, in the order of their ids, so that equal states give equal bytes. */
export function encodeProducerSnapshot(table: ProducerTable, scope: number, crc32c: Crc32c): Uint8Array {
  const entries: { entry: number; producerId: bigint }[] = [];
  table.forEach(scope, (entry) => entries.push({ entry, producerId: table.producerId(entry) }));
  entries.sort((a, b) => (a.producerId < b.producerId ? -1 : 1));
  const bytes = new Uint8Array(HEADER_BYTES + entries.length * ENTRY_BYTES);
  const view = new DataView(bytes.buffer);
  view.setInt16(0, SNAPSHOT_VERSION);
  view.setInt32(6, entries.length);
  entries.forEach(({ entry, producerId }, index) => {
    const at = HEADER_BYTES + index * ENTRY_BYTES;
    view.setBigInt64(at, producerId);
    view.setInt16(at + 8, table.epoch(entry));
    view.setInt32(at + 10, table.lastSequence(entry));
    view.setBigInt64(at + 14, BigInt(table.lastOffset(entry)));
    view.setInt32(at + 22, table.lastOffsetDelta(entry));
    view.setBigInt64(at + 26, BigInt(table.lastTimestamp(entry)));
    view.setInt32(at + 34, table.coordinatorEpoch(entry));
    view.setBigInt64(at + 38, BigInt(table.transactionFirstOffset(entry)));
  });
  view.setUint32(2, crc32c(bytes.subarray(CRC_FROM)));
  return bytes;
}

/** Why a snapshot file is unusable, or null. */
export function checkProducerSnapshot(bytes: Uint8Array, crc32c: Crc32c): string | null {
  if (bytes.length < HEADER_BYTES) return `${bytes.length} bytes`;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getInt16(0) !== SNAPSHOT_VERSION) return `version ${view.getInt16(0)}`;
  if (view.getUint32(2) !== crc32c(bytes.subarray(CRC_FROM))) return 'wrong CRC';
  const count = view.getInt32(6);
  if (count < 0 || bytes.length !== HEADER_BYTES + count * ENTRY_BYTES) return `${count} entries announced`;
  return null;
}

/** Adds the producers of a checked snapshot, without those that expired and have no open transaction. */
export function loadProducerSnapshot(
  bytes: Uint8Array,
  table: ProducerTable,
  scope: number,
  nowMs: number,
  expirationMs: number,
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = HEADER_BYTES; at < bytes.length; at += ENTRY_BYTES) {
    const timestamp = Number(view.getBigInt64(at + 26));
    const transactionFirstOffset = Number(view.getBigInt64(at + 38));
    if (transactionFirstOffset < 0 && nowMs - timestamp >= expirationMs) continue;
    const entry = table.obtain(scope, view.getInt32(at + 4), view.getInt32(at));
    if (entry < 0) return; // the table is full of open transactions: the newest state is kept by replay
    const epoch = view.getInt16(at + 8);
    const lastSequence = view.getInt32(at + 10);
    const lastOffset = Number(view.getBigInt64(at + 14));
    if (lastOffset >= 0) {
      table.addBatch(entry, epoch, lastSequence, lastOffset, view.getInt32(at + 22), timestamp);
    }
    table.setEpoch(entry, epoch);
    table.setLastTimestamp(entry, timestamp);
    table.setCoordinatorEpoch(entry, view.getInt32(at + 34));
    table.setTransactionFirstOffset(entry, transactionFirstOffset);
  }
}
