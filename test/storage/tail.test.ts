/** The tail checkpoint: what it spares a start after a crash of the process, and everything that makes it void. */
import { copyFileSync, existsSync, readFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ScanFlag } from '../../src/io/segment-engine.js';
import type { LogSpec } from '../../src/storage/contract.js';
import { systemFiles } from '../../src/storage/files/file-ops.js';
import { readTail, TAIL_BYTES, TAIL_FILE } from '../../src/storage/tail-checkpoint.js';
import { batchOf, logFiles, read, specOf, TestLog, type World, world } from './helpers.js';

const NOW = 1_700_000_000_000;
const RECORD_BYTES = 1_000_000;
const MARKED = Math.ceil(TAIL_BYTES / RECORD_BYTES);
const BEHIND = 3;

interface Killed {
  spec: LogSpec;
  path: string;
  checkpoint: string;
  batchBytes: number;
}

/** MARKED batches, a checkpoint, BEHIND more, and the process was killed. */
function killedLog(w: World, config = {}): Killed {
  const spec = specOf(w, {}, config);
  const test = new TestLog(w, spec);
  let sequence = 0;
  const append = (): void => {
    const batch = batchOf(1, NOW + sequence, {
      bytes: RECORD_BYTES,
      producerId: 5n,
      producerEpoch: 0,
      baseSequence: sequence++,
    });
    expect(test.append(batch)).toEqual([0]);
  };
  for (let index = 0; index < MARKED; index++) append();
  test.log.housekeep(NOW);
  for (let index = 0; index < BEHIND; index++) append();
  test.log.close(false);
  const path = join(spec.directory, logFiles(spec.directory).at(-1) ?? '');
  const batchBytes = batchOf(1, NOW, { bytes: RECORD_BYTES }).length;
  return { spec, path, checkpoint: join(spec.directory, TAIL_FILE), batchBytes };
}

/** Opens the log; says from which positions segments were scanned with their records read. */
function reopen(w: World, spec: LogSpec): { test: TestLog; verifiedFrom: number[] } {
  const verifiedFrom: number[] = [];
  const engine = new Proxy(w.engine, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        if (name === 'scan' && (Number(args[3]) & ScanFlag.verify) !== 0) verifiedFrom.push(Number(args[2]));
        return Reflect.apply(value, target, args);
      };
    },
  });
  return { test: new TestLog({ ...w, engine }, spec), verifiedFrom };
}

function expectWhole(test: TestLog, batches = MARKED + BEHIND): void {
  expect(test.log.offsets.logEndOffset).toBe(batches);
  const again = { bytes: RECORD_BYTES, producerId: 5n, producerEpoch: 0 };
  // The producer's last batch is known, and its next one is in order.
  expect(test.append(batchOf(1, NOW, { ...again, baseSequence: batches - 1 }))).toEqual([0]);
  expect(test.outcomes.baseOffsets[0]).toBe(batches - 1);
  expect(test.append(batchOf(1, NOW, { ...again, baseSequence: batches }))).toEqual([0]);
  expect(test.outcomes.baseOffsets[0]).toBe(batches);
}

describe('a start after a crash of the process', () => {
  it('reads no record before the mark and finds everything', () => {
    const w = world();
    const { spec } = killedLog(w);
    const { test, verifiedFrom } = reopen(w, spec);
    expect(verifiedFrom.filter((position) => position < TAIL_BYTES)).toEqual([]);
    expectWhole(test);
    test.log.close(true);
  });

  it('leaves the same indexes and epochs as a full recovery', () => {
    // Sums: comparing 19 MB element by element takes the heap.
    const files = (recoverWith: 'checkpoint' | 'nothing'): number[] => {
      const w = world();
      const { spec, path, checkpoint } = killedLog(w);
      if (recoverWith === 'nothing') systemFiles.remove(checkpoint);
      reopen(w, spec).test.log.close(true);
      return [
        path,
        path.replace('.log', '.index'),
        path.replace('.log', '.timeindex'),
        join(spec.directory, 'leader-epoch-checkpoint'),
      ].map((name) => w.engine.crc32c(read(name)));
    };
    expect(files('checkpoint')).toEqual(files('nothing'));
  });

  it('vouches for sealed segments too', () => {
    const w = world();
    const { spec } = killedLog(w, { segmentBytes: 4 * RECORD_BYTES });
    const names = logFiles(spec.directory);
    expect(names.length).toBeGreaterThan(4);
    const { test, verifiedFrom } = reopen(w, spec);
    expect(verifiedFrom.length).toBeLessThanOrEqual(3);
    expectWhole(test);
    test.log.close(true);
  });

  it('cuts a torn tail behind the mark', () => {
    const w = world();
    const { spec, path, batchBytes } = killedLog(w);
    truncateSync(path, (MARKED + BEHIND - 1) * batchBytes + 500);
    const { test } = reopen(w, spec);
    expectWhole(test, MARKED + BEHIND - 1);
    test.log.close(true);
  });

  it('is gone after a clean stop and after a cut below it', () => {
    const w = world();
    const { spec, checkpoint } = killedLog(w);
    expect(existsSync(checkpoint)).toBe(true);
    const { test } = reopen(w, spec);
    test.log.truncateTo(2);
    expect(existsSync(checkpoint)).toBe(false);
    test.log.close(true);
    expect(existsSync(checkpoint)).toBe(false);
  });
});

describe('is void, and the segment read in full,', () => {
  it.each<[string, (killed: Killed) => void]>([
    ['when it is missing', ({ checkpoint }) => systemFiles.remove(checkpoint)],
    ['when it is empty', ({ checkpoint }) => writeFileSync(checkpoint, '')],
    [
      'when it is of another boot',
      ({ checkpoint }) => {
        const text = readFileSync(checkpoint, 'latin1');
        writeFileSync(checkpoint, text.replace(/ 1 [0-9a-f]{8}/, ' 1 00000000'));
      },
    ],
    [
      'when the file was replaced',
      ({ path }) => {
        copyFileSync(path, `${path}.copy`);
        renameSync(`${path}.copy`, path);
      },
    ],
  ])('%s', (_, change) => {
    const w = world();
    const killed = killedLog(w);
    change(killed);
    const { test, verifiedFrom } = reopen(w, killed.spec);
    expect(verifiedFrom[0]).toBe(0);
    expectWhole(test);
    test.log.close(true);
  });

  it('when another boot wrote the directory', () => {
    const w = world();
    const { spec } = killedLog(w);
    const { test, verifiedFrom } = reopen(w, { ...spec, sameBoot: false });
    expect(verifiedFrom[0]).toBe(0);
    test.log.close(true);
  });

  it('when the log ends before the mark', () => {
    const w = world();
    const { spec, path, batchBytes } = killedLog(w);
    truncateSync(path, 5 * batchBytes + 10);
    const { test, verifiedFrom } = reopen(w, spec);
    expect(verifiedFrom[0]).toBe(0);
    expectWhole(test, 5);
    test.log.close(true);
  });

  it('when other batches stand where the marked ones did', () => {
    const w = world();
    const { spec, path, batchBytes } = killedLog(w);
    const bytes = readFileSync(path);
    bytes[(MARKED - 1) * batchBytes + 17] ^= 1; // the CRC field of the last marked batch
    writeFileSync(path, bytes);
    expect(() => reopen(w, spec)).toThrow('good batches follow');
  });

  it('when any of its bytes is another', () => {
    const w = world();
    const { spec, checkpoint } = killedLog(w);
    const good = readFileSync(checkpoint);
    const crc32c = (bytes: Uint8Array): number => w.engine.crc32c(bytes);
    expect(readTail(spec.directory, systemFiles, crc32c).size).toBe(1);
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const bad = Buffer.from(good);
        bad[at] ^= change;
        writeFileSync(checkpoint, bad);
        expect(readTail(spec.directory, systemFiles, crc32c).size).toBe(0);
        writeFileSync(checkpoint, good.subarray(0, at));
        expect(readTail(spec.directory, systemFiles, crc32c).size).toBe(0);
      }),
      { numRuns: 200 },
    );
  });
});
