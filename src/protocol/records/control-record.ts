/**
 * Control records: what a record in a control batch means. Key: version i16 = 0, type i16. Value: the body of the type; the
 * Raft types start with their own version field, the transaction markers have an i16 version in front of the schema.
 * (ControlRecordType, EndTransactionMarker, ControlRecordUtils of Kafka 4.3.1.)
 */
import {
  decode,
  encode,
  type Infer,
  type InferInput,
  type Message,
  type Reader,
  WireError,
  type Writer,
} from '../../wire/index.js';
import {
  endTxnMarker,
  kRaftVersionRecord,
  leaderChangeMessage,
  snapshotFooterRecord,
  snapshotHeaderRecord,
  votersRecord,
} from './control.js';

/** Numbers of the types, as in the key. Others (newer Kafka) are skipped by readers. */
export const ControlType = {
  abort: 0,
  commit: 1,
  leaderChange: 2,
  snapshotHeader: 3,
  snapshotFooter: 4,
  kraftVersion: 5,
  kraftVoters: 6,
} as const;

const messages = {
  abort: endTxnMarker,
  commit: endTxnMarker,
  leaderChange: leaderChangeMessage,
  snapshotHeader: snapshotHeaderRecord,
  snapshotFooter: snapshotFooterRecord,
  kraftVersion: kRaftVersionRecord,
  kraftVoters: votersRecord,
} as const;
export type ControlTypeName = keyof typeof ControlType;

export type ControlRecord = {
  [Type in ControlTypeName]: { readonly type: Type; readonly value: Infer<(typeof messages)[Type]> };
}[ControlTypeName];
export type ControlRecordInput = {
  [Type in ControlTypeName]: { readonly type: Type; readonly value: InferInput<(typeof messages)[Type]> };
}[ControlTypeName];

const KEY_VERSION = 0;
const NAMES = new Map<number, ControlTypeName>(
  Object.entries(ControlType).map(([name, number]) => [number, name as ControlTypeName]),
);

/** Appends a control record's key. */
export function encodeControlKey(writer: Writer, type: ControlTypeName): void {
  writer.int16(KEY_VERSION);
  writer.int16(ControlType[type]);
}

/** Type of a control record; null for types this program does not know. Throws WireError when the key is too short. */
export function decodeControlKey(reader: Reader): ControlTypeName | null {
  const version = reader.int16();
  if (version < 0) reader.fail(`control record key version ${version}`);
  return NAMES.get(reader.int16()) ?? null;
}

/** Appends a control record's value. `value.version` chooses the version of the Raft types (default 0). */
export function encodeControlValue(writer: Writer, record: ControlRecordInput): void {
  const message = messages[record.type] as Message<unknown, object>;
  if (record.type === 'abort' || record.type === 'commit') {
    writer.int16(0);
    encode(message, 0, writer, record.value);
    return;
  }
  encode(message, record.value.version ?? 0, writer, record.value);
}

/** Reads a control record's value. A version newer than known is read as the newest known one, as Kafka does. */
export function decodeControlValue(reader: Reader, type: ControlTypeName): ControlRecord {
  const message: Message = messages[type];
  const from = reader.position;
  const written = reader.int16();
  if (written < 0) throw new WireError(`${type} version ${written}`, 0);
  if (type !== 'abort' && type !== 'commit') reader.position = from;
  const version = Math.min(written, message.versions[1]);
  return { type, value: decode(message, version, reader) } as ControlRecord;
}
