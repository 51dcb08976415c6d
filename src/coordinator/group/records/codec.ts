/**
 * Bytes of one type of record, from its two messages.
 *
 *   key    record type i16 | body (schema version 0)
 *   value  version i16 | body          null = tombstone
 */
import { decode, encode, type Message, type Reader, Writer } from '../../../wire/index.js';
import type { CoordinatorRecord } from '../../framework/contract.js';

export interface RecordCodec<Rec extends { readonly type: string }> {
  readonly type: Rec['type'];
  /** The number in front of the key. */
  readonly keyType: number;
  encode(record: Rec): CoordinatorRecord;
  /** `key` stands behind the record type. */
  decode(key: Reader, value: Reader | null): Rec;
}

export interface CodecSpec<Rec extends { readonly type: string }, Key, KeyIn, Value, ValueIn> {
  readonly type: Rec['type'];
  readonly key: Message<Key, KeyIn>;
  readonly value: Message<Value, ValueIn>;
  keyOf(record: Rec): KeyIn;
  /** null: a tombstone. */
  valueOf(record: Rec): ValueIn | null;
  valueVersion(record: Rec): number;
  make(key: Key, value: Value | null): Rec;
}

/** Grows to the largest record written; one per thread. */
const writer = new Writer();

export function recordCodec<Rec extends { readonly type: string }, Key, KeyIn, Value, ValueIn>(
  spec: CodecSpec<Rec, Key, KeyIn, Value, ValueIn>,
): RecordCodec<Rec> {
  const keyType = spec.key.key ?? 0;
  return {
    type: spec.type,
    keyType,
    encode(record) {
      writer.reset().int16(keyType);
      encode(spec.key, 0, writer, spec.keyOf(record));
      const key = writer.written().slice();
      const value = spec.valueOf(record);
      if (value === null) return { key, value: null };
      const version = spec.valueVersion(record);
      writer.reset().int16(version);
      encode(spec.value, version, writer, value);
      return { key, value: writer.written().slice() };
    },
    decode(key, value) {
      return spec.make(decode(spec.key, 0, key), value === null ? null : readValue(spec.value, value));
    },
  };
}

/** A version newer than known adds tagged fields only (KIP-915): read as the newest known one. */
function readValue<Value>(message: Message<Value>, reader: Reader): Value {
  const written = reader.int16();
  if (written < message.versions[0]) reader.fail(`${message.name} version ${written}`);
  return decode(message, Math.min(written, message.versions[1]), reader);
}
