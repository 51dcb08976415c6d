/** Bytes that nobody here produced: frames between clients and Apache Kafka, and records of its metadata log. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  ApiKey,
  apiName,
  apiOf,
  apis,
  decodeControlKey,
  decodeControlValue,
  decodeMetadataRecord,
  encodeControlKey,
  encodeControlValue,
  encodeMetadataRecord,
  requestHeaderVersion,
  responseHeaderVersion,
} from '../../src/protocol/index.js';
import {
  apiKeyOf,
  apiVersionOf,
  beginRequest,
  beginResponse,
  decode,
  encode,
  type Message,
  peekApi,
  Reader,
  readRequestHeader,
  readResponseHeader,
  Writer,
} from '../../src/wire/index.js';

interface Exchange {
  key: number;
  version: number;
  request: string;
  response: string | null;
}

const folder = resolve(import.meta.dirname, '../golden/frames');
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const load = (file: string): unknown => JSON.parse(readFileSync(join(folder, file), 'utf8'));

function readerOf(text: string): Reader {
  // Inside a larger shared array, as a frame lies in a slab.
  const bytes = Buffer.from(text, 'hex');
  const slab = new Uint8Array(new SharedArrayBuffer(bytes.length + 32));
  slab.set(bytes, 16);
  const reader = new Reader().reset(slab, 16, 16 + bytes.length);
  reader.keepUnknownTags = true;
  return reader;
}

function bodyAgain(message: Message, version: number, reader: Reader, writer: Writer): void {
  const value = decode(message as Message<object>, version, reader);
  expect(reader.remaining).toBe(0);
  encode(message as Message<unknown, object>, version, writer, value);
  writer.endFrame();
}

function checkExchange({ key, version, request, response }: Exchange): void {
  const api = apiOf(key);
  if (api === undefined) return;
  const reader = readerOf(request);
  const peeked = peekApi(reader);
  expect([apiKeyOf(peeked), apiVersionOf(peeked)]).toEqual([key, version]);
  const headerVersion = requestHeaderVersion(key, version);
  const header = readRequestHeader(reader, headerVersion === 2);
  const writer = new Writer(16);
  beginRequest(writer, header, headerVersion);
  bodyAgain(api.request, version, reader, writer);
  expect(hex(writer.written(4))).toBe(request);
  if (response === null) return;

  const answer = readerOf(response);
  const { correlationId } = readResponseHeader(answer, responseHeaderVersion(key, version));
  expect(correlationId).toBe(header.correlationId);
  beginResponse(writer.reset(), correlationId, responseHeaderVersion(key, version));
  bodyAgain(api.response, version, answer, writer);
  expect(hex(writer.written(4))).toBe(response);
}

const captures = readdirSync(folder).filter((name) => name.endsWith('.json') && name !== 'metadata-log.json');

describe.each(captures)('%s', (file) => {
  const { exchanges } = load(file) as { exchanges: Exchange[] };
  const known = exchanges.filter((exchange) => apiOf(exchange.key) !== undefined);

  it.each(known.map((each): [string, number, Exchange] => [apiName(each.key), each.version, each]))(
    '%s v%i decodes fully and encodes to the same bytes',
    (_name, _version, exchange) => checkExchange(exchange),
  );
});

it('the version sweep covers every API and every version of it that Kafka 4.3.1 serves', () => {
  const { exchanges } = load('all-versions.json') as { exchanges: Exchange[] };
  const covered = new Set(exchanges.map(({ key, version }) => `${key}.${version}`));
  /** Kafka's minimum where ours is lower, and its advertised maximum where that is lower. */
  const minimum = new Map<number, number>([
    [ApiKey.ListOffsets, 1],
    [ApiKey.CreateTopics, 2],
    [ApiKey.DeleteTopics, 1],
    [ApiKey.OffsetForLeaderEpoch, 2],
    [ApiKey.DescribeConfigs, 1],
    [ApiKey.DescribeLogDirs, 1],
  ]);
  const missing: string[] = [];
  for (const { key, request } of apis) {
    const last = request.versions[1] - (request.latestVersionUnstable ? 1 : 0);
    for (let version = minimum.get(key) ?? request.versions[0]; version <= last; version++) {
      if (!covered.has(`${key}.${version}`)) missing.push(`${apiName(key)} v${version}`);
    }
  }
  expect(missing).toEqual([]);
});

describe("records of Kafka's metadata log", () => {
  const { records } = load('metadata-log.json') as { records: { control?: string; value: string }[] };

  it.each(records.filter((each) => each.control === undefined).map((each) => each.value))('%s', (value) => {
    const record = decodeMetadataRecord(readerOf(value));
    const writer = new Writer(16);
    encodeMetadataRecord(writer, record);
    expect(hex(writer.written())).toBe(value);
  });

  it.each(records.flatMap((each) => (each.control === undefined ? [] : [[each.control, each.value]])))(
    'control record %s %s',
    (key = '', value = '') => {
      const type = decodeControlKey(readerOf(key));
      if (type === null) throw new Error('unknown control record');
      const reader = readerOf(value);
      const record = decodeControlValue(reader, type);
      expect(reader.remaining).toBe(0);
      const writer = new Writer(16);
      encodeControlKey(writer, type);
      expect(hex(writer.written())).toBe(key);
      encodeControlValue(writer.reset(), record);
      expect(hex(writer.written())).toBe(value);
    },
  );
});
