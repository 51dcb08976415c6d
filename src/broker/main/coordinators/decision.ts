/** What a shard decided, on its way to the log: encoded records and the answers that wait for them. */
import type { Answer, RecordSerde } from '../../../coordinator/framework/contract.js';
import { BatchBuilder } from '../../../record/batch-builder.js';
import type { Codec } from '../../../record/layout.js';

export interface EncodedRecord {
  readonly key: Uint8Array;
  readonly value: Uint8Array | null;
}

export interface Decision {
  readonly records: readonly EncodedRecord[];
  readonly answers: readonly Answer[];
  /** Upper bound of what the records take in a batch, uncompressed. */
  readonly bytes: number;
  readonly nowMs: number;
}

/** Limits and compression of the batches of one topic. */
export interface BatchRules {
  /** max.message.bytes: the whole batch, header included. */
  readonly bytesMax: number;
  readonly codec: Codec;
}

const BATCH_HEADER_BYTES = 61;
/** Length, attributes, deltas, two field lengths and the header count of a record at their largest. */
const RECORD_OVERHEAD_BYTES = 32;

export function encodeRecords<Rec>(serde: RecordSerde<Rec>, records: readonly Rec[]): EncodedRecord[] {
  return records.map((record) => serde.encode(record));
}

export function sizeOf(records: readonly EncodedRecord[]): number {
  let bytes = 0;
  for (const { key, value } of records) bytes += RECORD_OVERHEAD_BYTES + key.length + (value?.length ?? 0);
  return bytes;
}

/** Room for records in one batch. */
export function roomOf({ bytesMax }: BatchRules): number {
  return bytesMax - BATCH_HEADER_BYTES;
}

export function recordsIn(decisions: readonly Decision[]): number {
  return decisions.reduce((sum, { records }) => sum + records.length, 0);
}

/** One batch of the records of these decisions, in order; each record has the time of its decision. */
export function batchOf(decisions: readonly Decision[], { codec }: BatchRules): Uint8Array {
  const builder = new BatchBuilder({ codec });
  for (const { records, nowMs } of decisions)
    for (const { key, value } of records) builder.append(nowMs, key, value);
  return builder.build();
}

/** How many decisions from the front fit into one batch together; at least one. */
export function fitting(decisions: readonly Decision[], room: number): number {
  let count = 0;
  let bytes = 0;
  while (count < decisions.length && (count === 0 || bytes + decisions[count].bytes <= room)) {
    bytes += decisions[count].bytes;
    count++;
  }
  return count;
}

/** Records in as few groups as fit into a batch each; a record that does not fit alone stays alone. */
export function split(records: readonly EncodedRecord[], room: number): EncodedRecord[][] {
  const groups: EncodedRecord[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const record of records) {
    const size = sizeOf([record]);
    if (bytes + size > room) {
      groups.push([]);
      bytes = 0;
    }
    groups.at(-1)?.push(record);
    bytes += size;
  }
  return groups;
}
