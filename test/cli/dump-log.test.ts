import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OperationError } from '../../src/base/errors.js';
import { BatchBuilder } from '../../src/record/batch-builder.js';
import { buildControlBatch, buildEndTxnBatch } from '../../src/record/control.js';
import { Codec } from '../../src/record/layout.js';
import { GOLDEN, goldenFiles, goldenPartitions } from '../record/golden.js';
import { legacySegment } from '../record/legacy-bytes.js';
import { KAFKA_MISSING, realDumpLog } from '../record/real-kafka.js';
import { runDumpLog } from './run-dump-log.js';

const LOG = '00000000000000000000.log';
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-dump-log-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const relative = (text: string, base = GOLDEN): string => text.replaceAll(`${base}/`, '');

/** A segment with one of everything our builders make. */
function builtSegment(): Buffer {
  const parts: Uint8Array[] = [];
  let baseOffset = 0;
  for (const codec of [Codec.none, Codec.gzip, Codec.snappy, Codec.lz4, Codec.zstd]) {
    for (const records of [1, 40, 3000]) {
      const builder = new BatchBuilder({
        baseOffset,
        codec,
        leaderEpoch: 3,
        producerId: 2n ** 40n,
        producerEpoch: 1,
        baseSequence: baseOffset,
      });
      for (let index = 0; index < records; index++) {
        const headers =
          index % 3 === 0
            ? [
                { key: 'h', value: Buffer.from('v') },
                { key: 'n', value: null },
              ]
            : [];
        const value = index % 50 === 7 ? null : Buffer.from(`value ${index} `.repeat(index % 9));
        builder.append(
          1_700_000_000_000 + ((index * 37) % 1000),
          index % 4 === 0 ? null : Buffer.from(`k${index}`),
          value,
          headers,
        );
      }
      parts.push(builder.build());
      baseOffset += records;
    }
  }
  const marker = { coordinatorEpoch: 5, producerId: 7n, producerEpoch: 2, timestamp: 1_700_000_000_000 };
  parts.push(buildEndTxnBatch({ ...marker, outcome: 'commit', baseOffset: baseOffset++ }));
  parts.push(buildEndTxnBatch({ ...marker, outcome: 'abort', baseOffset: baseOffset++ }));
  parts.push(
    buildControlBatch(
      [
        { type: 5, value: Buffer.of(0, 0, 0, 1, 0) },
        { type: 4, value: Buffer.of(0, 0, 0) },
      ],
      9,
      { baseOffset },
    ),
  );
  baseOffset += 2;
  parts.push(
    new BatchBuilder({
      baseOffset,
      lastOffsetDelta: 2,
      producerId: 7n,
      producerEpoch: 2,
      baseSequence: 4,
    }).build(),
  );
  baseOffset += 3;
  parts.push(
    new BatchBuilder({ baseOffset, deleteHorizon: 1_800_000_000_000 })
      .append(1_700_000_000_000, Buffer.from('gone'), null)
      .build(),
  );
  parts.push(
    new BatchBuilder({ baseOffset: baseOffset + 1, logAppendTime: 1_750_000_000_000, codec: Codec.zstd })
      .append(5, null, Buffer.from('late'))
      .build(),
  );
  return Buffer.concat(parts);
}

describe('dump-log', () => {
  it.each(readdirSync(join(GOLDEN, 'expected')).sort())('prints what Kafka printed: %s', (name) => {
    const [command, ...expected] = readFileSync(join(GOLDEN, 'expected', name), 'utf8').split('\n');
    const [files, ...flags] = command.split(' ');
    const paths = files.split(',').map((file) => join(GOLDEN, file));
    const { stdout, error } = runDumpLog(['--files', paths.join(','), ...flags]);
    expect(error).toBe(null);
    expect(relative(stdout).split('\n')).toEqual(expected);
  });

  it('json: one object a line with the same facts', () => {
    const file = goldenFiles('.log', 'txn-0')[1];
    const { stdout } = runDumpLog(['--files', file, '--print-data-log', '-o', 'json']);
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines[0]).toEqual({ kind: 'file', file });
    expect(lines.filter((line) => line.kind === 'batch').length).toBe(11);
    const records = lines.filter((line) => line.kind === 'record');
    expect(records.length).toBe(21);
    expect(records[1]).toMatchObject({
      metadata: { offset: 4, keySize: 2 },
      key: 'k1',
      payload: 'txn 1 record 0',
    });
    expect(records[0].metadata.control).toBe('endTxnMarker: COMMIT coordinatorEpoch: 0');
  });

  it('reports what is wrong with an index', () => {
    const log = readFileSync(goldenFiles('.log', 'txn-0')[1]);
    writeFileSync(join(folder, '00000000000000000003.log'), log);
    const index = readFileSync(goldenFiles('.index', 'txn-0')[1]);
    index.writeInt32BE(5, 8); // says offset 8 where the batch ends with 11
    const path = join(folder, '00000000000000000003.index');
    writeFileSync(path, index);
    const { stdout, stderr } = runDumpLog(['--files', path, '--verify-index-only']);
    expect(stdout).toBe(`Dumping ${path}\n`);
    expect(stderr).toBe(`Mismatches in :${path}\n  Index offset: 8, log offset: 11\n`);
    index.writeInt32BE(1 << 20, 12); // a position beyond the log
    writeFileSync(path, index);
    expect(runDumpLog(['--files', path]).error).toBeInstanceOf(OperationError);
  });

  it('bad files end in one clear error, never in a crash', () => {
    const log = readFileSync(goldenFiles('.log', 'java-zstd-0')[0]);
    const path = join(folder, LOG);
    const run = (bytes: Uint8Array) => {
      writeFileSync(path, bytes);
      return runDumpLog(['--files', path, '--print-data-log']);
    };
    const cut = run(log.subarray(0, log.length - 5));
    expect(cut.stdout).toMatch(/Found \d+ invalid bytes at the end of 00000000000000000000\.log\n$/);
    expect(run(Buffer.concat([log, Buffer.alloc(100)])).error).toBeInstanceOf(OperationError); // zero tail, as Kafka
    for (let at = 0; at < 400; at += 3) {
      const changed = Buffer.from(log);
      changed[at] ^= 0x55;
      const { error } = run(changed);
      expect(error === null || error instanceof OperationError).toBe(true);
    }
    expect(runDumpLog(['--files', join(folder, 'absent.log')]).error).toBeInstanceOf(OperationError);
    expect(runDumpLog(['--files', 'x.txt']).stderr).toBe('Ignoring unknown file x.txt\n');
    expect(runDumpLog([]).error).not.toBe(null);
  });
});

describe.skipIf(KAFKA_MISSING !== null)(`against the real kafka-dump-log ${KAFKA_MISSING ?? ''}`, () => {
  const compare = (files: string[], flags: string[], cwd: string): void => {
    const real = realDumpLog(['--files', files.map((file) => relative(file, cwd)).join(','), ...flags], cwd);
    const ours = runDumpLog(['--files', files.join(','), ...flags]);
    expect(ours.error).toBe(null);
    expect(relative(ours.stdout, cwd).split('\n')).toEqual(real.stdout.split('\n'));
    expect(real.status).toBe(0);
    expect(ours.stderr).toBe(real.stderr);
  };

  it('every golden file, with contents', () => {
    const suffixes = ['.log', '.index', '.timeindex', '.snapshot', '.txnindex'];
    const files = goldenPartitions()
      .filter((name) => !name.startsWith('__'))
      .flatMap((name) => suffixes.flatMap((suffix) => goldenFiles(suffix, name)));
    compare(files, ['--print-data-log'], GOLDEN);
  }, 60_000);

  it('the metadata log and its bootstrap snapshot, decoded', () => {
    const files = [...goldenFiles('.log', '__cluster_metadata-0'), join(GOLDEN, 'bootstrap.checkpoint')];
    compare(files, ['--cluster-metadata-decoder'], GOLDEN);
    compare(files, ['--deep-iteration', '--skip-record-metadata', '--max-bytes', '5000'], GOLDEN);
  }, 60_000);

  it('index checks', () => {
    const files = ['.index', '.timeindex'].flatMap((suffix) => goldenFiles(suffix, 'java-gzip-0'));
    compare(files, ['--index-sanity-check'], GOLDEN);
    compare(files, ['--verify-index-only'], GOLDEN);
  }, 60_000);

  it('segments of magic 0 and 1', () => {
    const path = join(folder, LOG);
    writeFileSync(path, legacySegment());
    compare([path], ['--print-data-log'], folder);
  }, 60_000);

  it('reads every codec, control batch and odd batch that our builders make', () => {
    const path = join(folder, LOG);
    writeFileSync(path, builtSegment());
    const real = realDumpLog(['--files', LOG, '--print-data-log'], folder);
    expect(real.stderr).toMatch(/^Non-consecutive offsets in .*\n {2}15208 is followed by 15212\n$/); // the empty batch
    expect(real.stdout.match(/isvalid: true/g)?.length).toBe(21);
    expect(real.stdout).not.toContain('isvalid: false');
    compare([path], ['--print-data-log'], folder);
  }, 60_000);

  it('broken indexes: the same complaints', () => {
    writeFileSync(join(folder, '00000000000000000003.log'), readFileSync(goldenFiles('.log', 'txn-0')[1]));
    const index = readFileSync(goldenFiles('.index', 'txn-0')[1]);
    index.writeInt32BE(5, 8);
    writeFileSync(join(folder, '00000000000000000003.index'), index);
    const times = readFileSync(goldenFiles('.timeindex', 'txn-0')[1]);
    times.writeBigInt64BE(1n, 12);
    times.writeInt32BE(6, 32);
    writeFileSync(join(folder, '00000000000000000003.timeindex'), times);
    const files = ['index', 'timeindex'].map((suffix) => join(folder, `00000000000000000003.${suffix}`));
    compare(files, [], folder);
  }, 60_000);
});
