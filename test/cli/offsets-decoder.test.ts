import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OperationError } from '../../src/base/errors.js';
import { BatchBuilder } from '../../src/record/batch-builder.js';
import { KAFKA_MISSING, realDumpLog } from '../record/real-kafka.js';
import { runDumpLog } from './run-dump-log.js';

const LOG = '00000000000000000000.log';
const GOLDEN = join(import.meta.dirname, '../golden');
let folder: string;
let path: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-offsets-decoder-'));
  path = join(folder, LOG);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function dump(): string[] {
  const { stdout, error } = runDumpLog(['--files', path, '--offsets-decoder']);
  expect(error).toBe(null);
  return stdout.replaceAll(`${folder}/`, '').split('\n');
}

/** Key and payload of the records of a log made of these. */
function contents(records: readonly (readonly [Uint8Array, Uint8Array | null])[]): string[] {
  const builder = new BatchBuilder({ baseOffset: 0 });
  for (const [key, value] of records) builder.append(1, key, value, []);
  writeFileSync(path, builder.build());
  return dump()
    .filter((line) => line.startsWith('| '))
    .map((line) => line.replace(/.*headerKeys: \[\] /, ''));
}

const text = (value: string): Buffer => {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.of(bytes.length >> 8, bytes.length), bytes]);
};

describe('dump-log --offsets-decoder', () => {
  it.each(['group-records/scenario', 'consumer-groups/migration'])(
    'prints what Kafka printed: %s',
    (name) => {
      copyFileSync(join(GOLDEN, `${name}.log`), path);
      expect(dump()).toEqual(readFileSync(join(GOLDEN, `${name}.dump.txt`), 'utf8').split('\n'));
    },
  );

  it('names types that it does not know, and reports records that cannot be read in their place', () => {
    const offsetKey = Buffer.concat([Buffer.of(0, 1), text('g'), text('t'), Buffer.of(0, 0, 0, 5)]);
    const [unknown, cut, old, good, tombstone] = contents([
      [Buffer.of(0x7f, 0xff, 0), null],
      [Buffer.of(0, 1, 0, 9), null],
      [offsetKey, Buffer.of(0xff, 0xff)],
      [offsetKey, Buffer.concat([Buffer.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 7), text('"é'), Buffer.alloc(8)])],
      [offsetKey, null],
    ]);
    expect(unknown).toBe('key: Unknown record type 32767 at offset 0, skipping.');
    expect(cut).toMatch(/^key: Error at offset 1, skipping\. .*needed/);
    expect(old).toMatch(/^key: Error at offset 2, skipping\. .*version -1/);
    const key = 'key: {"type":"1","data":{"group":"g","topic":"t","partition":5}}';
    expect(good).toBe(
      `${key} payload: {"version":"0","data":{"offset":7,"metadata":"\\"é","commitTimestamp":0}}`,
    );
    expect(tombstone).toBe(`${key} payload: <DELETE>`);
  });

  it('shows as bytes what a member said that is not of the embedded protocol', () => {
    const key = Buffer.concat([Buffer.of(0, 2), text('g')]);
    const bytes = (value: readonly number[]): Buffer => Buffer.of(0, 0, 0, value.length, ...value);
    const value = Buffer.concat([
      Buffer.of(0, 0),
      text('consumer'),
      Buffer.of(0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1),
      ...['m', 'c', '/h'].map(text),
      Buffer.of(0, 0, 0, 9),
      bytes([]),
      bytes([0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
    ]);
    const [record] = contents([[key, value]]);
    expect(record).toContain('"subscription":"","assignment":{"assignedPartitions":[],"userData":""}');
  });

  it('ends at a record without a key', () => {
    const builder = new BatchBuilder({ baseOffset: 0 });
    builder.append(1, null, Buffer.of(0, 1), []);
    writeFileSync(path, builder.build());
    expect(runDumpLog(['--files', path, '--offsets-decoder']).error).toBeInstanceOf(OperationError);
  });
});

describe.skipIf(KAFKA_MISSING !== null)(`against the real kafka-dump-log ${KAFKA_MISSING ?? ''}`, () => {
  it('a log of consumer groups', () => {
    copyFileSync(join(GOLDEN, 'consumer-groups/consumer.log'), path);
    const real = realDumpLog(['--files', LOG, '--offsets-decoder'], folder);
    expect(real.status).toBe(0);
    expect(dump()).toEqual(real.stdout.split('\n'));
  }, 60_000);
});
