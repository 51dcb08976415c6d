import { describe, expect, it } from 'vitest';
import {
  ApiKey,
  apiName,
  apiOf,
  apis,
  decodeControlKey,
  decodeControlValue,
  decodeMetadataRecord,
  encodeMetadataRecord,
  isDefined,
  latestVersion,
  type MetadataRecord,
  requestHeaderVersion,
  responseHeaderVersion,
} from '../../src/protocol/index.js';
import {
  apiKeyOf,
  apiVersionOf,
  beginResponse,
  peekApi,
  Reader,
  readRequestHeader,
  UnsupportedVersionError,
  WireError,
  Writer,
} from '../../src/wire/index.js';

const readerOf = (hex: string): Reader => Reader.of(Buffer.from(hex, 'hex'));

describe('the list of APIs', () => {
  it('is ordered by key and finds its members', () => {
    const keys = apis.map((api) => api.key);
    expect(keys).toEqual([...keys].sort((a, b) => a - b));
    for (const api of apis) {
      expect(apiOf(api.key)).toBe(api);
      expect(api.request.name).toBe(`${apiName(api.key)}Request`);
      expect(api.response.name).toBe(`${apiName(api.key)}Response`);
    }
    expect(apiOf(4)).toBeUndefined();
    expect(apiName(9999)).toBe('API 9999');
  });

  it('knows which versions are defined', () => {
    expect([isDefined(0, 2), isDefined(0, 3), isDefined(0, 13), isDefined(0, 14)]).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect([isDefined(-1, 0), isDefined(30_000, 0), isDefined(3, -1)]).toEqual([false, false, false]);
  });

  it('header versions follow the flexible versions, except for ApiVersions responses', () => {
    expect([requestHeaderVersion(0, 8), requestHeaderVersion(0, 9)]).toEqual([1, 2]);
    expect([responseHeaderVersion(0, 8), responseHeaderVersion(0, 9)]).toEqual([0, 1]);
    expect([
      requestHeaderVersion(ApiKey.ApiVersions, 2),
      requestHeaderVersion(ApiKey.ApiVersions, 99),
    ]).toEqual([1, 2]);
    expect([0, 3, 4].map((version) => responseHeaderVersion(ApiKey.ApiVersions, version))).toEqual([0, 0, 0]);
  });
});

describe('headers', () => {
  it('a flexible header keeps the old client id', () => {
    // ApiVersions v3 of a librdkafka client: key 18, version 3, correlation 1, "rdkafka", no tags.
    const reader = readerOf('0012000300000001000772646b61666b6100');
    const api = peekApi(reader);
    expect([apiKeyOf(api), apiVersionOf(api)]).toEqual([18, 3]);
    const header = readRequestHeader(reader, true);
    expect(header).toEqual({
      requestApiKey: 18,
      requestApiVersion: 3,
      correlationId: 1,
      clientId: 'rdkafka',
    });
    expect(reader.remaining).toBe(0);
    expect(readRequestHeader(readerOf('0000000700000002ffff'), false).clientId).toBeNull();
  });

  it('negative keys and versions are seen as such', () => {
    const api = peekApi(readerOf('fffffffe'));
    expect([apiKeyOf(api), apiVersionOf(api)]).toEqual([-1, -2]);
  });

  it('a frame too short for its header is a WireError', () => {
    expect(() => peekApi(readerOf('0012'))).toThrow(WireError);
    expect(() => readRequestHeader(readerOf('001200030000'), true)).toThrow(
      /RequestHeader v2, correlationId/,
    );
  });

  it('frames follow each other in one writer', () => {
    const writer = new Writer(1);
    for (const headerVersion of [0, 1] as const) {
      beginResponse(writer, 7, headerVersion);
      writer.int8(-1);
      writer.endFrame();
    }
    expect(Buffer.from(writer.written()).toString('hex')).toBe('0000000500000007ff' + '000000060000000700ff');
    writer.beginFrame();
    expect(() => writer.beginFrame()).toThrow(/do not nest/);
  });
});

describe('metadata records', () => {
  it('narrow by type', () => {
    const writer = new Writer();
    encodeMetadataRecord(writer, { type: 'FenceBrokerRecord', version: 0, value: { id: 3, epoch: 77 } });
    expect(Buffer.from(writer.written()).toString('hex')).toBe('01070000000003000000000000004d00');
    const record: MetadataRecord = decodeMetadataRecord(Reader.of(writer.written()));
    if (record.type !== 'FenceBrokerRecord') throw new Error(record.type);
    const epoch: number = record.value.epoch;
    expect(epoch).toBe(77);
    expect(latestVersion('PartitionRecord')).toBe(2);
  });

  it.each([
    ['02070000000003000000000000004d00', /frame version 2/],
    ['01630000', /key 99 is unknown/],
    ['01070100000003000000000000004d00', /FenceBrokerRecord has no version 1/],
    ['01070000000003000000000000004d0000', /1 bytes after FenceBrokerRecord/],
    ['0107000000', /FenceBrokerRecord v0, id/],
  ])('%s is a WireError', (hex, reason) => {
    expect(() => decodeMetadataRecord(readerOf(hex))).toThrow(reason);
    expect(() => decodeMetadataRecord(readerOf(hex))).toThrow(WireError);
  });

  it('refuse fields that their version lacks', () => {
    const value = { directories: ['jMNmS9KURQCH_ddWEBZ1Fg'] };
    const write = () => encodeMetadataRecord(new Writer(), { type: 'PartitionRecord', version: 0, value });
    expect(write).toThrow(UnsupportedVersionError);
  });
});

describe('control records', () => {
  it('markers carry a version in front, Raft records inside', () => {
    expect(decodeControlKey(readerOf('00000001'))).toBe('commit');
    const marker = decodeControlValue(readerOf('00000000002a'), 'commit');
    expect(marker).toEqual({ type: 'commit', value: { coordinatorEpoch: 42 } });
    const change = decodeControlValue(
      readerOf('0000000000010200000001000200000001' + '0000'),
      'leaderChange',
    );
    if (change.type !== 'leaderChange') throw new Error(change.type);
    expect(change.value.voters.map((voter) => voter.voterId)).toEqual([1]);
  });

  it('unknown types are null, bad ones WireErrors', () => {
    expect(decodeControlKey(readerOf('0000000c'))).toBeNull();
    expect(() => decodeControlKey(readerOf('ffff0001'))).toThrow(WireError);
    expect(() => decodeControlKey(readerOf('00'))).toThrow(WireError);
    expect(() => decodeControlValue(readerOf('ffff'), 'commit')).toThrow(WireError);
  });
});
