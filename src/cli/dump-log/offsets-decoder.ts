/**
 * Records of `__consumer_offsets` as Kafka's tool prints them with --offsets-decoder: key and value as JSON, and inside of
 * them what members of a classic group of consumers said. Records of share and streams groups (KIP-932, KIP-1071) are
 * reported by their type only.
 */
import { OperationError } from '../../base/errors.js';
import * as records from '../../protocol/group-records/index.js';
import { decode, type Message, Reader, WireError } from '../../wire/index.js';
import type { MessageParser } from './decoders.js';
import { type EmbeddedJson, messageJson } from './schema-json.js';

const KEY_VERSION = 0;
const TOMBSTONE = '<DELETE>';

function byRecordType(kind: Message['kind']): Map<number, Message> {
  const all: readonly Message[] = Object.values(records);
  return new Map(
    all.filter((message) => message.kind === kind).map((message) => [message.key ?? 0, message]),
  );
}

const KEYS = byRecordType('coordinator-key');
const VALUES = byRecordType('coordinator-value');

export const offsetsParser: MessageParser = {
  /** A record that cannot be read is reported in its place. Throws OperationError('LOG_CORRUPT') for one without a key. */
  parse(key, value, offset) {
    if (key === null) {
      throw new OperationError(
        'LOG_CORRUPT',
        `Failed to decode message at offset ${offset} using offset topic decoder (message had a missing key)`,
      );
    }
    try {
      const reader = Reader.of(key);
      const type = reader.int16();
      const keyMessage = KEYS.get(type);
      const valueMessage = VALUES.get(type);
      if (keyMessage === undefined || valueMessage === undefined)
        return { key: `Unknown record type ${type} at offset ${offset}, skipping.`, payload: null };
      const data = messageJson(keyMessage, KEY_VERSION, decode<unknown>(keyMessage, KEY_VERSION, reader));
      return {
        key: `{"type":"${type}","data":${data}}`,
        payload: value === null ? TOMBSTONE : valueText(valueMessage, Reader.of(value)),
      };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return { key: `Error at offset ${offset}, skipping. ${reason}`, payload: null };
    }
  },
};

function valueText(message: Message, reader: Reader): string {
  const version = reader.int16();
  if (version < message.versions[0]) reader.fail(`${message.name} version ${version}`);
  const known = newestKnown(message, version);
  const value = decode<unknown>(message, known, reader);
  return `{"version":"${version}","data":${messageJson(message, known, value, embeddedIn(value))}}`;
}

/** A version newer than known adds tagged fields only (KIP-915). */
function newestKnown(message: Message, version: number): number {
  return Math.min(version, message.versions[1]);
}

const EMBEDDED = new Map<string, Message>([
  ['subscription', records.consumerProtocolSubscription],
  ['assignment', records.consumerProtocolAssignment],
]);

/** Members of a classic group say what they like, but those of type "consumer" speak its embedded protocol. */
function embeddedIn(value: unknown): EmbeddedJson | null {
  const isOfConsumers =
    typeof value === 'object' &&
    value !== null &&
    'protocolType' in value &&
    value.protocolType === 'consumer' &&
    'members' in value;
  return isOfConsumers ? embeddedJson : null;
}

const embeddedJson: EmbeddedJson = (field, bytes) => {
  const message = EMBEDDED.get(field);
  if (message === undefined) return null;
  try {
    const reader = Reader.of(bytes);
    const version = newestKnown(message, Math.max(reader.int16(), message.versions[0]));
    return messageJson(message, version, decode<unknown>(message, version, reader));
  } catch (error) {
    if (error instanceof WireError) return null;
    throw error;
  }
};
