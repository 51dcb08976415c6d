/** Frames that no client sends on purpose. What counts: an answer or none, and whether the connection survives. */
import { ApiKey } from '../../../../src/protocol/index.js';
import { batch } from '../batches.js';
import type { Step } from '../step.js';
import { put } from './produce.js';
import { asVersion } from './topics.js';

const bytes =
  (...values: number[]) =>
  (): Uint8Array =>
    Uint8Array.from(values);
const nothing = (): object => ({});

function raw(
  name: string,
  key: number,
  version: number,
  rawBody: () => Uint8Array,
  more: Partial<Step> = {},
): Step {
  return { name: `raw: ${name}`, key, version, body: nothing, rawBody, noAnswer: true, ...more };
}
const cut =
  (by: number) =>
  (frame: Uint8Array): Uint8Array => {
    const copy = frame.slice(0, frame.length - by);
    new DataView(copy.buffer).setInt32(0, copy.length - 4);
    return copy;
  };
const sized =
  (size: number) =>
  (frame: Uint8Array): Uint8Array => {
    const copy = Uint8Array.from(frame);
    new DataView(copy.buffer).setInt32(0, size);
    return copy;
  };
const padded = (frame: Uint8Array): Uint8Array => {
  const copy = new Uint8Array(frame.length + 5);
  copy.set(frame);
  new DataView(copy.buffer).setInt32(0, copy.length - 4);
  return copy;
};
const HUGE = [0x7f, 0xff, 0xff, 0xff];
const produceBody = (): object => put(batch());

export const misbehaviour: readonly Step[] = [
  ...[93, 1000, -1, 32767].map((key) => raw(`key ${key}`, key, 0, bytes())),
  ...[4, 5, 6, 7].map((key) => raw(`removed key ${key}`, key, 0, bytes())),
  raw('a key for controllers only', ApiKey.Vote, 0, bytes()),
  raw('fetch v3', ApiKey.Fetch, 3, bytes(0, 0, 0, 0)),
  raw('fetch v19', ApiKey.Fetch, 19, bytes(0, 0, 0, 0)),
  raw('produce v0', ApiKey.Produce, 0, bytes(0, 1, 0, 0, 0, 9, 0, 0, 0, 0)),
  raw('produce v2', ApiKey.Produce, 2, bytes(0, 1, 0, 0, 0, 9, 0, 0, 0, 0)),
  raw('produce v14', ApiKey.Produce, 14, bytes()),
  raw('metadata v-1', ApiKey.Metadata, -1, bytes()),
  raw('init producer id v6', ApiKey.InitProducerId, 6, bytes(0)),
  raw('metadata without a body', ApiKey.Metadata, 1, bytes()),
  raw('metadata, half a body', ApiKey.Metadata, 1, bytes(0, 0, 0, 1, 0)),
  raw('metadata, huge count', ApiKey.Metadata, 1, bytes(...HUGE)),
  raw('metadata, count -2', ApiKey.Metadata, 1, bytes(0xff, 0xff, 0xff, 0xfe)),
  raw('metadata v0, null', ApiKey.Metadata, 0, bytes(0xff, 0xff, 0xff, 0xff)),
  raw('metadata, string longer than the frame', ApiKey.Metadata, 1, bytes(0, 0, 0, 1, 0x7f, 0xff, 65)),
  raw('metadata, string of length -2', ApiKey.Metadata, 1, bytes(0, 0, 0, 1, 0xff, 0xfe)),
  raw('metadata, null name', ApiKey.Metadata, 1, bytes(0, 0, 0, 1, 0xff, 0xff)),
  raw('produce, huge count of topics', ApiKey.Produce, 7, bytes(0xff, 0xff, 0, 1, 0, 0, 0, 9, ...HUGE)),
  raw(
    'fetch, huge count of topics',
    ApiKey.Fetch,
    11,
    bytes(0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ...HUGE),
  ),
  raw('list offsets, huge count', ApiKey.ListOffsets, 5, bytes(0xff, 0xff, 0xff, 0xff, 0, ...HUGE)),
  raw('create topics, huge count', ApiKey.CreateTopics, 3, bytes(...HUGE)),
  raw('api versions v3 without its strings', ApiKey.ApiVersions, 3, bytes()),
  {
    name: 'raw: Produce v9 without its last byte',
    key: ApiKey.Produce,
    version: 9,
    body: produceBody,
    mutate: cut(1),
    noAnswer: true,
  },
  {
    name: 'raw: Produce v7 without its last 30 bytes',
    key: ApiKey.Produce,
    version: 7,
    body: produceBody,
    mutate: cut(30),
    noAnswer: true,
  },
  {
    name: 'raw: Metadata v9 as v8',
    key: ApiKey.Metadata,
    version: 9,
    body: () => ({ topics: [{ name: 'plain' }] }),
    mutate: asVersion(8),
    noAnswer: true,
  },
  {
    name: 'raw: five bytes behind Metadata v5',
    key: ApiKey.Metadata,
    version: 5,
    body: () => ({ topics: [] }),
    mutate: padded,
  },
  {
    name: 'raw: five bytes behind Metadata v9',
    key: ApiKey.Metadata,
    version: 9,
    body: () => ({ topics: [] }),
    mutate: padded,
  },
  {
    name: 'raw: length 0',
    key: ApiKey.Metadata,
    version: 5,
    body: () => ({ topics: [] }),
    mutate: sized(0),
    noAnswer: true,
  },
  {
    name: 'raw: length -1',
    key: ApiKey.Metadata,
    version: 5,
    body: () => ({ topics: [] }),
    mutate: sized(-1),
    noAnswer: true,
  },
  {
    name: 'raw: length 3',
    key: ApiKey.Metadata,
    version: 5,
    body: () => ({ topics: [] }),
    mutate: sized(3),
    noAnswer: true,
  },
  {
    name: 'raw: length over the limit',
    key: ApiKey.Metadata,
    version: 5,
    body: () => ({ topics: [] }),
    mutate: sized(104_857_601),
    noAnswer: true,
  },
  {
    name: 'raw: length at the limit, little sent',
    key: ApiKey.Metadata,
    version: 5,
    body: () => ({ topics: [] }),
    mutate: sized(104_857_600),
    incomplete: true,
  },
  {
    name: 'raw: a client id that is no UTF-8',
    key: ApiKey.Metadata,
    version: 1,
    body: () => ({ topics: [] }),
    clientId: 'x',
    mutate: (frame) => frame.with(14, 0xff),
  },
  {
    name: 'raw: HTTP',
    key: ApiKey.Metadata,
    version: 1,
    body: () => ({ topics: [] }),
    mutate: () => Uint8Array.from(Buffer.from('GET / HTTP/1.1\r\n\r\n')),
    noAnswer: true,
  },
];
