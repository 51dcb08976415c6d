/** What --print-data-log shows of a record: strings, numbers, or records of the metadata log as JSON. */
import { OperationError } from '../../base/errors.js';
import { decodeMetadataRecord, metadataRecords } from '../../protocol/records/index.js';
import { Reader } from '../../wire/index.js';
import { messageJson } from './schema-json.js';

export interface MessageParser {
  /** Decoded key and value; null = nothing to print. */
  parse(
    key: Uint8Array | null,
    value: Uint8Array | null,
    offset: number,
  ): { key: string | null; payload: string | null };
}

type Decoder = (bytes: Uint8Array) => string;

/** By the last part of Kafka's class names (org.apache.kafka.tools.api.*). */
const DECODERS = new Map<string, Decoder>([
  ['StringDecoder', (bytes) => viewOf(bytes).toString('utf8')],
  ['IntegerDecoder', (bytes) => number(bytes, 4, (view) => String(view.readInt32BE(0)))],
  ['LongDecoder', (bytes) => number(bytes, 8, (view) => String(view.readBigInt64BE(0)))],
]);
export const STRING_DECODER = 'org.apache.kafka.tools.api.StringDecoder';

function viewOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function number(bytes: Uint8Array, size: number, read: (view: Buffer) => string): string {
  if (bytes.length === size) return read(viewOf(bytes));
  throw new OperationError('CONFIG_INVALID', `the decoder wants ${size} bytes, not ${bytes.length}`);
}

function decoderNamed(name: string): Decoder {
  const decoder = DECODERS.get(name.slice(name.lastIndexOf('.') + 1));
  if (decoder !== undefined) return decoder;
  throw new OperationError(
    'CONFIG_INVALID',
    `no decoder ${name}; there are ${[...DECODERS.keys()].join(', ')}`,
  );
}

export function plainParser(keyDecoder: string, valueDecoder: string): MessageParser {
  const [decodeKey, decodeValue] = [decoderNamed(keyDecoder), decoderNamed(valueDecoder)];
  return {
    parse: (key, value) => ({
      key: key === null ? null : decodeKey(key),
      payload: value === null ? null : decodeValue(value),
    }),
  };
}

/** Records of `__cluster_metadata`; they have no keys. A record that cannot be read is reported in its place. */
export const clusterMetadataParser: MessageParser = {
  parse(_, value, offset) {
    let payload: string;
    try {
      const record = decodeMetadataRecord(Reader.of(value ?? new Uint8Array(0)));
      const data = messageJson(metadataRecords[record.type], record.version, record.value);
      payload = `{"type":"${enumName(record.type)}","version":${record.version},"data":${data}}`;
    } catch (error) {
      payload = `Error at ${offset}, skipping. ${error instanceof Error ? error.message : String(error)}`;
    }
    return { key: null, payload };
  },
};

/** RegisterBrokerRecord -> REGISTER_BROKER_RECORD. */
function enumName(type: string): string {
  return type.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase();
}
