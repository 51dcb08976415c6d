import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { systemCode } from '../../src/base/errors.js';
import {
  ReadOut,
  ReadStatus,
  ScanFlag,
  ScanOut,
  ScanStop,
  type SegmentEngine,
} from '../../src/io/segment-engine.js';
import { opaqueBatch } from './batch-bytes.js';
import { describeEngines } from './engines.js';
import { hex, LogBench, rangeBytes } from './log-bench.js';

const benches: LogBench[] = [];
afterEach(() => {
  for (const bench of benches.splice(0)) bench.close();
});
const batches = (count: number, size = 300, fill = 1): Uint8Array[] =>
  Array.from({ length: count }, (_, index) => opaqueBatch(size, 2, BigInt(index), fill + index));

/** Sealed segments of 10 batches (20 offsets) each, then an active one. */
function sealedSegments(engine: SegmentEngine, count: number, size = 300): LogBench {
  const log = LogBench.withSegment(engine, { indexIntervalBytes: 500, segmentBytes: 1 << 20 });
  benches.push(log);
  for (let segment = 0; segment < count; segment++) {
    log.append(batches(10, size, segment * 10));
    log.roll();
  }
  return log;
}

describeEngines('removeSegment', (make) => {
  it('renames the files, moves the start of the log, keeps the ranges', () => {
    const log = sealedSegments(make(), 3);
    const { engine, token, out } = log;
    expect(engine.read(token, 5, 60, 2000, true, out)).toBe(ReadStatus.found);
    const [range, length] = [out[ReadOut.range], out[ReadOut.length]];
    const bytes = hex(rangeBytes(engine, range, length));
    engine.removeSegment(token, 0, '.deleted');
    for (const suffix of ['.log', '.index', '.timeindex']) {
      expect(existsSync(log.path(0, suffix))).toBe(false);
      expect(existsSync(log.path(0, `${suffix}.deleted`))).toBe(true);
    }
    expect(log.read(5, 60).status).toBe('outOfRange');
    expect(log.read(20, 60).status).toBe('found');
    expect(engine.findByTimestamp(token, 0, 0, out)).toBe(true);
    expect(log.found().baseOffset).toBe(20);
    for (const suffix of ['.log', '.index', '.timeindex']) rmSync(log.path(0, `${suffix}.deleted`));
    expect(hex(rangeBytes(engine, range, length)), 'unlinked, still readable').toBe(bytes);
    engine.dropRange(range);
  });

  it('removes from the end too, and the log goes on from there', () => {
    const log = sealedSegments(make(), 3);
    log.engine.removeSegment(log.token, 60, '.deleted');
    log.engine.removeSegment(log.token, 40, '.deleted');
    log.model.bases.length = 2;
    log.model.batches.length = 20;
    log.engine.activate(log.token);
    log.append(batches(3));
    expect(hex(log.read(40, 46).bytes)).toBe(hex(log.model.segmentBytes(20).subarray(3000)));
    log.engine.seal(log.token, 20);
    log.expectSealed(20, [3000]);
  });

  it('creates a segment of a removed one’s name', () => {
    const log = sealedSegments(make(), 1);
    log.engine.removeSegment(log.token, 20, '.deleted');
    log.engine.removeSegment(log.token, 0, '.deleted');
    log.model.bases.length = 0;
    log.model.batches.length = 0;
    log.create(0);
    log.append(batches(2, 400, 99));
    expect(hex(log.read(0, 4).bytes)).toBe(hex(log.model.segmentBytes(0)));
  });
});

describeEngines('recycling', (make) => {
  const remove = (log: LogBench, base: number): string => {
    log.engine.removeSegment(log.token, base, '.deleted');
    log.model.bases.splice(log.model.bases.indexOf(base), 1);
    log.model.batches = log.model.batches.filter(({ segmentBase }) => segmentBase !== base);
    return `${log.path(base)}.deleted`;
  };

  it('uses the same file, and zeroes follow the tail after every append', () => {
    const log = sealedSegments(make(), 3, 4000);
    const old = statSync(log.path(0)).ino;
    const path = remove(log, 0);
    expect(log.engine.offerRecycled(log.token, path)).toBe(true);
    log.append(batches(2));
    log.roll();
    const base = log.model.bases.at(-1) ?? 0;
    expect(statSync(log.path(base)).ino).toBe(old);
    expect(existsSync(path)).toBe(false);
    const expectZeroes = (): void => {
      const tail = log.info(base).sizeBytes;
      const behind = readFileSync(log.path(base)).subarray(tail, tail + 61);
      expect(behind.length).toBe(61);
      expect(
        behind.every((byte) => byte === 0),
        `behind ${tail}`,
      ).toBe(true);
    };
    expectZeroes();
    for (const size of [69, 100, 4000, 61 + 8, 3939, 15_000]) {
      log.append([opaqueBatch(size, 1, 7n, 0xcc)]);
      expectZeroes();
    }
    expect(hex(log.read(base, log.model.endOffset).bytes)).toBe(hex(log.model.segmentBytes(base)));
    expect(log.read(log.model.endOffset, log.model.endOffset + 50).status, 'an older life stays hidden').toBe(
      'empty',
    );
    expect(log.engine.findBatch(log.token, log.model.endOffset, log.out)).toBe(false);
    log.engine.seal(log.token, base);
    log.expectSealed(base);
  });

  it('hides stale batches from recovery', () => {
    for (const writes of [0, 1, 3]) {
      const log = sealedSegments(make(), 2, 1000);
      expect(log.engine.offerRecycled(log.token, remove(log, 0))).toBe(true);
      log.append(batches(1));
      log.roll();
      const base = log.model.bases.at(-1) ?? 0;
      // Batches of the same size as the old ones: the stale ones lie exactly where the next would.
      if (writes > 0) log.append(batches(writes, 1000, 50));
      log.reopen(make(), false);
      const flags = ScanFlag.verify | ScanFlag.rebuildIndexes;
      const rows = log.engine.scan(log.token, base, 0, flags, log.table, log.out);
      expect(rows).toBe(writes);
      expect(log.out[ScanOut.nextPosition]).toBe(writes * 1000);
      expect(log.out[ScanOut.stop]).toBe(ScanStop.zeroTail);
      expect(log.engine.findValidBatchAfter(log.token, base, writes * 1000, log.model.endOffset)).toBe(-1);
      log.engine.truncate(log.token, base, writes * 1000, log.model.endOffset);
      log.engine.activate(log.token);
      log.append(batches(1, 500));
      expect(hex(log.read(base, log.model.endOffset).bytes)).toBe(hex(log.model.segmentBytes(base)));
    }
  });

  it('refuses a file while a range of it is out', () => {
    const log = sealedSegments(make(), 3);
    const { engine, token, out } = log;
    expect(engine.read(token, 0, 60, 2000, true, out)).toBe(ReadStatus.found);
    const [range, length] = [out[ReadOut.range], out[ReadOut.length]];
    const bytes = hex(rangeBytes(engine, range, length));
    const path = remove(log, 0);
    expect(engine.offerRecycled(token, path)).toBe(false);
    log.append(batches(2));
    log.roll();
    log.append(batches(9, 900, 77));
    expect(hex(rangeBytes(engine, range, length))).toBe(bytes);
    engine.dropRange(range);
    expect(engine.offerRecycled(token, path)).toBe(true);
  });

  it('refuses what it does not know', () => {
    const log = sealedSegments(make(), 2);
    expect(log.engine.offerRecycled(log.token, join(log.directory, 'nothing.deleted'))).toBe(false);
    const path = remove(log, 0);
    for (const suffix of ['.log', '.index', '.timeindex']) rmSync(log.path(0, `${suffix}.deleted`));
    expect(log.engine.offerRecycled(log.token, path), 'unlinked meanwhile').toBe(false);
  });

  it('refuses offsets that could come again', () => {
    const log = sealedSegments(make(), 2);
    const last = remove(log, 40);
    const cut = remove(log, 20);
    log.engine.activate(log.token);
    expect([last, cut].map((path) => log.engine.offerRecycled(log.token, path))).toEqual([false, false]);
  });
});

describeEngines('many rolls', (make) => {
  it('leave descriptors and mappings flat', () => {
    const log = LogBench.withSegment(make(), { segmentBytes: 1 << 20 });
    benches.push(log);
    const count = (): { descriptors: number; mappings: number } => ({
      descriptors: readdirSync('/proc/self/fd').length,
      mappings: readFileSync('/proc/self/maps', 'utf8')
        .split('\n')
        .filter((line) => line.includes(log.directory)).length,
    });
    const turn = (): void => {
      log.append(batches(2));
      log.roll();
      log.model.batches.splice(0, log.model.batches.length - 1);
    };
    for (let roll = 0; roll < 20; roll++) turn();
    const before = count();
    for (let roll = 0; roll < 200; roll++) turn();
    const after = count();
    expect(after.descriptors - before.descriptors, 'sealed segments are closed').toBeLessThan(20);
    expect(after.mappings - before.mappings).toBeLessThan(5);
    for (const base of log.model.bases) log.engine.readableBytes(log.token, base, base + 2);
    while (log.model.bases.length > 1)
      log.engine.removeSegment(log.token, log.model.bases.shift() ?? 0, '.deleted');
    expect(count().descriptors - before.descriptors, 'removed segments are closed').toBeLessThan(20);
  });

  it('closing a log leaves nothing open', () => {
    const engine = make();
    const open = (): number => readdirSync('/proc/self/fd').length;
    const cycle = (): void => {
      const log = sealedSegments(engine, 3);
      expect(log.read(25, 60).status).toBe('found');
      benches.pop()?.close();
    };
    cycle();
    const before = open();
    for (let turn = 0; turn < 20; turn++) cycle();
    expect(open()).toBe(before);
  });
});

const small = mkdtempSync(join(tmpdir(), 'millrace-full-'));
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=12m', 'tmpfs', small]).status === 0;
afterAll(() => {
  if (mounted) spawnSync('umount', [small]);
  rmSync(small, { recursive: true, force: true });
});

describe.skipIf(!mounted)(
  `a full disk${mounted ? '' : ' (needs root and mount(8) for a small tmpfs)'}`,
  () => {
    describeEngines('ENOSPC', (make) => {
      const failure = (action: () => void): Error => {
        try {
          action();
        } catch (error) {
          if (error instanceof Error) return error;
        }
        throw new Error('the disk was not full');
      };

      it('is thrown by append; what was there stays, what failed is not visible, and it works again later', () => {
        const log = new LogBench(make(), { segmentBytes: 16 << 20 }, small);
        try {
          log.create(0);
          log.append([opaqueBatch(100_000, 3, 5n, 1)]);
          const error = failure(() => {
            for (let call = 0; call < 200; call++)
              log.append([opaqueBatch(300_000, 2, 6n, call), opaqueBatch(50_000, 2, 7n, 9)]);
          });
          expect(systemCode(error)).toBe('ENOSPC');
          expect('path' in error && typeof error.path === 'string' && error.path.startsWith(small)).toBe(
            true,
          );
          const end = log.model.endOffset;
          expect(log.info(0).sizeBytes).toBe(log.model.segmentBytes(0).length);
          expect(log.read(end, end + 10).status).toBe('empty');
          expect(log.read(end - 1, end + 10).bytes.length).toBe(50_000);
          const tail = log.info(0).sizeBytes;
          const behind = readFileSync(log.path(0)).subarray(tail, tail + 61);
          expect(
            behind.every((byte) => byte === 0),
            'nothing of the failed rows follows the tail',
          ).toBe(true);
          expect(spawnSync('mount', ['-o', 'remount,size=24m', small]).status).toBe(0);
          log.append([opaqueBatch(300_000, 2, 8n, 3)]);
          expect(hex(log.read(end, end + 2).bytes)).toBe(
            hex(log.model.batches.at(-1)?.bytes ?? new Uint8Array(0)),
          );
          log.engine.seal(log.token, 0);
          log.expectSealed(0);
        } finally {
          log.close();
          spawnSync('mount', ['-o', 'remount,size=12m', small]);
        }
      });

      it('is thrown by createSegment', () => {
        const log = new LogBench(make(), { segmentBytes: 1 << 20 }, small);
        try {
          log.create(0);
          log.append([opaqueBatch(1000, 2, 5n, 1)]);
          log.engine.seal(log.token, 0);
          log.reopen(make(), false); // nothing allocated ahead
          const filler = join(small, 'filler');
          expect(systemCode(failure(() => writeFileSync(filler, new Uint8Array(20 << 20))))).toBe('ENOSPC');
          let created = true;
          try {
            log.engine.createSegment(log.token, 2);
          } catch (error) {
            expect(systemCode(error)).toBe('ENOSPC');
            created = false;
          }
          // An engine that allocates nothing ahead may create, and fail at the first append.
          if (created) {
            log.model.bases.push(2);
            expect(systemCode(failure(() => log.append(batches(1, 5000))))).toBe('ENOSPC');
            rmSync(filler);
          } else {
            rmSync(filler);
            log.create(2);
          }
          log.append(batches(1, 5000));
          expect(hex(log.read(0, 2).bytes)).toBe(hex(log.model.batches[0].bytes));
          expect(hex(log.read(2, 4).bytes)).toBe(hex(log.model.batches[1].bytes));
        } finally {
          log.close();
        }
      });
    });
  },
);
