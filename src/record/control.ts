/**
 * Control records: transaction markers and what KRaft writes into its own log (ControlRecordType, EndTransactionMarker).
 *
 * ```
 *  key    version i16 = 0 | type i16               keys of newer versions are read the same way
 *  EndTxn version i16 = 0 | coordinatorEpoch i32   other types: the flexible body of their schema, given as bytes
 * ```
 */
import { BatchBuilder } from './batch-builder.js';
import type { Crc32c } from './batch-view.js';
import { int16At, int32At, putInt16, putInt32 } from './int64.js';

/** Type in a control record's key; others exist as soon as a newer Kafka writes them. */
export const ControlType = {
  abort: 0,
  commit: 1,
  leaderChange: 2,
  snapshotHeader: 3,
  snapshotFooter: 4,
  kraftVersion: 5,
  kraftVoters: 6,
  unknown: -1,
} as const;
export type ControlType = (typeof ControlType)[keyof typeof ControlType];

const KEY_BYTES = 4;
const END_TXN_VALUE_BYTES = 6;

export function controlKey(type: number): Uint8Array {
  const key = new Uint8Array(KEY_BYTES);
  putInt16(key, 2, type);
  return key;
}

/** Type number in a control record's key; `unknown` when there is no room for one. */
export function controlTypeOf(key: Uint8Array | null): number {
  return key === null || key.length < KEY_BYTES ? ControlType.unknown : int16At(key, 2);
}

/** Coordinator epoch of an EndTxn marker's value; -1 when it is too short. */
export function coordinatorEpochOf(value: Uint8Array | null): number {
  return value === null || value.length < END_TXN_VALUE_BYTES ? -1 : int32At(value, 2);
}

/** One record of a KRaft control batch: the flexible body of the type's schema. */
export interface ControlRecord {
  type: number;
  value: Uint8Array;
}

/** A KRaft control batch: no producer, uncompressed, one timestamp for all. */
export function buildControlBatch(
  records: readonly ControlRecord[],
  timestamp: number,
  options: { baseOffset?: number; leaderEpoch?: number } = {},
  crc?: Crc32c,
): Uint8Array {
  const builder = new BatchBuilder({ ...options, control: true }, crc);
  for (const { type, value } of records) builder.append(timestamp, controlKey(type), value);
  return builder.build();
}

/** What a transaction marker says. */
export interface EndTxnMarker {
  outcome: 'commit' | 'abort';
  coordinatorEpoch: number;
  producerId: bigint;
  producerEpoch: number;
  /** ms */
  timestamp: number;
  baseOffset?: number;
  leaderEpoch?: number;
}

/** The one-record control batch that ends a producer's transaction in a partition. */
export function buildEndTxnBatch(marker: EndTxnMarker, crc?: Crc32c): Uint8Array {
  const { outcome, coordinatorEpoch, timestamp, ...header } = marker;
  const value = new Uint8Array(END_TXN_VALUE_BYTES);
  putInt32(value, 2, coordinatorEpoch);
  const type = outcome === 'commit' ? ControlType.commit : ControlType.abort;
  return new BatchBuilder({ ...header, transactional: true, control: true }, crc)
    .append(timestamp, controlKey(type), value)
    .build();
}
