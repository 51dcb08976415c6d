/** Torn tails, bit flips, zeros and stale batches after a crash of the process or a power cut. */
import { appendFileSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { OperationError } from '../../src/base/errors.js';
import type { LogSpec } from '../../src/storage/contract.js';
import { batchesOf, batchOf, logFiles, read, specOf, TestLog, used, type World, world } from './helpers.js';

const NOW = 1_700_000_000_000;
const RECORDS = 3;
const BATCHES = 8;

/** A log of 8 batches (24 records), left by a process that was killed. */
function killedLog(
  w: World,
  config = {},
): { spec: LogSpec; path: string; bytes: Uint8Array; ends: number[] } {
  const spec = specOf(w, {}, config);
  const test = new TestLog(w, spec);
  for (let index = 0; index < BATCHES; index++)
    test.append(
      batchOf(RECORDS, NOW + index * 10, { producerId: 5n, producerEpoch: 0, baseSequence: index * RECORDS }),
    );
  test.log.close(false);
  const path = join(spec.directory, logFiles(spec.directory).at(-1) ?? '');
  const bytes = used(path);
  writeFileSync(path, bytes);
  const ends: number[] = [];
  for (const batch of batchesOf(bytes)) ends.push((ends.at(-1) ?? 0) + batch.length);
  return { spec, path, bytes, ends };
}

function reopen(w: World, spec: LogSpec, change: Partial<LogSpec> = {}): TestLog {
  w.reports.length = 0;
  return new TestLog(w, { ...spec, ...change });
}

function corruption(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof OperationError && error.code === 'LOG_CORRUPT') return error.message;
    throw error;
  }
  return 'opened';
}

function cutFiles(w: World): string[] {
  return readdirSync(w.root).filter((name) => name.includes('.cut-'));
}

describe.each([true, false])('sameBoot=%s', (sameBoot) => {
  it('truncated at every byte of the last three batches: whole batches survive', () => {
    const w = world();
    const { spec, path, bytes, ends } = killedLog(w);
    for (let length = ends[BATCHES - 4]; length <= bytes.length; length++) {
      writeFileSync(path, bytes.subarray(0, length));
      const test = reopen(w, spec, { sameBoot });
      const whole = ends.filter((end) => end <= length).length;
      expect(test.log.offsets.logEndOffset).toBe(whole * RECORDS);
      expect(used(path).length).toBe(ends[whole - 1]);
      // A few zero bytes (the high half of an offset) are no batch anyone could miss.
      const torn = bytes.subarray(ends[whole - 1], length).some((byte) => byte !== 0);
      expect(w.reports.length).toBe(torn ? 1 : 0);
      if (torn) expect(w.reports[0]).toContain(`${path} ends`);
      // The producer goes on where the surviving log ends.
      expect(
        test.append(batchOf(1, NOW, { producerId: 5n, producerEpoch: 0, baseSequence: whole * RECORDS + 1 })),
      ).toEqual([45]);
      test.log.close(false);
    }
    expect(cutFiles(w).length > 0).toBe(!sameBoot);
  });

  it('zeros behind the tail are unused space', () => {
    const w = world();
    const { spec, path, bytes } = killedLog(w);
    for (const zeros of [1, 60, 61, 5000]) {
      writeFileSync(path, bytes);
      appendFileSync(path, new Uint8Array(zeros));
      const test = reopen(w, spec, { sameBoot });
      expect(test.log.offsets.logEndOffset).toBe(24);
      expect(used(path)).toEqual(bytes);
      expect(w.reports).toEqual([]);
      test.log.close(false);
    }
    expect(cutFiles(w)).toEqual([]);
  });

  it('batches of an older life of a recycled file are unused space', () => {
    const w = world();
    const spec = specOf(w, { logStartOffset: 100 });
    const test = new TestLog(w, spec);
    test.append(batchOf(2, NOW), batchOf(2, NOW));
    test.log.close(false);
    const path = join(spec.directory, logFiles(spec.directory)[0] ?? '');
    const bytes = used(path);
    const stale = batchesOf(bytes).map((batch, index) => {
      const old = batch.slice();
      new DataView(old.buffer).setBigInt64(0, BigInt(40 + index * 2));
      return old;
    });
    for (const zeros of [0, 61]) {
      writeFileSync(path, bytes);
      appendFileSync(path, new Uint8Array(zeros));
      for (const batch of stale) appendFileSync(path, batch);
      const again = reopen(w, spec, { sameBoot });
      expect(again.log.offsets.logEndOffset).toBe(104);
      expect(used(path)).toEqual(bytes);
      again.log.close(false);
    }
    expect(cutFiles(w)).toEqual([]);
  });

  it('a bit flipped in the last batch is a torn tail', () => {
    const w = world();
    const { spec, path, bytes, ends } = killedLog(w);
    const from = ends[BATCHES - 2];
    for (let at = from + 8; at < bytes.length; at += 7) {
      if (at >= from + 12 && at < from + 16) continue; // the leader epoch is outside the CRC, in Kafka too
      const bad = bytes.slice();
      bad[at] ^= 0x10;
      writeFileSync(path, bad);
      const test = reopen(w, spec, { sameBoot });
      expect({ at: at - from, end: test.log.offsets.logEndOffset }).toEqual({ at: at - from, end: 21 });
      test.log.close(false);
    }
  });

  it('damage below the recovery point is corruption and changes nothing', () => {
    const w = world();
    const { spec, path, bytes, ends } = killedLog(w);
    const bad = bytes.slice();
    bad[ends[0] + 70] ^= 1;
    writeFileSync(path, bad);
    const message = corruption(() => reopen(w, spec, { sameBoot, recoveryPoint: 12 }));
    expect(message).toContain(`${path} is damaged at byte ${ends[0]}`);
    expect(message).toContain('after offset 2 ');
    expect(message).toContain(`millrace dump-log --deep-iteration --files ${path}`);
    expect(read(path)).toEqual(bad);
    // Still so at the next try, and a tail cut off below the point is no torn tail either.
    expect(corruption(() => reopen(w, spec, { sameBoot, recoveryPoint: 12 }))).toBe(message);
    writeFileSync(path, bytes.subarray(0, ends[1] + 25));
    expect(corruption(() => reopen(w, spec, { sameBoot, recoveryPoint: 12 }))).toContain(
      'below the recovery point',
    );
  });

  it('an empty active segment without its indexes is no damage (KAFKA-13603)', () => {
    const w = world();
    const spec = specOf(w);
    new TestLog(w, spec).log.close(false);
    for (const name of readdirSync(spec.directory))
      if (name.endsWith('index')) writeFileSync(join(spec.directory, name), new Uint8Array(3));
    const test = reopen(w, spec, { sameBoot });
    expect(test.append(batchOf(1, NOW))).toEqual([0]);
    test.log.close(true);
  });
});

describe('a hole followed by good batches', () => {
  it.each([
    ['a flipped bit', (bytes: Uint8Array, from: number) => (bytes[from + 80] ^= 4)],
    ['a lost page', (bytes: Uint8Array, from: number, to: number) => bytes.fill(0, from, to)],
    ['a broken length', (bytes: Uint8Array, from: number) => (bytes[from + 8] = 0x7f)],
  ])('%s: corruption within one boot, cut after a power cut', (_, damage) => {
    const w = world();
    const { spec, path, bytes, ends } = killedLog(w);
    const bad = bytes.slice();
    damage(bad, ends[3], ends[4]);
    writeFileSync(path, bad);
    expect(corruption(() => reopen(w, spec, { sameBoot: true }))).toContain('good batches follow');
    expect(read(path)).toEqual(bad);
    const test = reopen(w, spec, { sameBoot: false });
    expect(test.log.offsets.logEndOffset).toBe(12);
    const [kept] = cutFiles(w);
    expect(kept).toBe(`t-0.0.cut-${w.clock.now()}`);
    expect(new Uint8Array(readFileSync(join(w.root, kept)))).toEqual(bad.subarray(ends[3]));
    expect(w.reports.join()).toContain('ends at offset 12');
    expect(w.reports.join()).toContain(kept);
    test.log.close(true);
  });

  it('damage in an earlier segment: later segments go with it after a power cut only', () => {
    const w = world();
    const { spec } = killedLog(w, { segmentBytes: 300 });
    const names = logFiles(spec.directory);
    expect(names.length).toBeGreaterThan(3);
    const path = join(spec.directory, names[1]);
    const whole = read(path);
    truncateSync(path, whole.length - 1);
    expect(corruption(() => reopen(w, spec, { sameBoot: true }))).toContain('good batches follow');
    const base = Number(names[1].slice(0, 20));
    const later = read(spec.directory, names[3]);
    const test = reopen(w, spec, { sameBoot: false });
    expect(test.log.offsets.logEndOffset).toBe(
      base + (whole.length / (whole.length / batchesOf(whole).length)) * RECORDS - RECORDS,
    );
    expect(logFiles(spec.directory)).toEqual(names.slice(0, 2));
    expect(cutFiles(w).length).toBe(names.length - 1);
    expect(read(w.root, `t-0.${Number(names[3].slice(0, 20))}.cut-${w.clock.now()}`)).toEqual(later);
    expect(test.append(batchOf(1, NOW))).toEqual([0]);
    test.log.close(true);
  });
});

describe('recovery', () => {
  it('runs again when it was killed in the middle (KAFKA-10471)', () => {
    const w = world();
    const { spec, path, ends } = killedLog(w, { segmentBytes: 300 });
    truncateSync(path, read(path).length - 2);
    const expected = (BATCHES - 1) * RECORDS;
    const engine = w.engine;
    for (let step = 1; step < 40; step++) {
      let left = step;
      const dying = new Proxy(engine, {
        get(target, name) {
          const value: unknown = Reflect.get(target, name);
          if (typeof value !== 'function') return value;
          return (...args: unknown[]) => {
            if (name !== 'crc32c' && name !== 'registerSlab' && name !== 'closeLog' && --left === 0)
              throw new Error('killed');
            return Reflect.apply(value, target, args);
          };
        },
      });
      try {
        new TestLog({ ...w, engine: dying }, spec).log.close(false);
      } catch (error) {
        expect(String(error)).toContain('killed');
      }
    }
    const test = reopen(w, spec);
    expect(test.log.offsets.logEndOffset).toBe(expected);
    expect(ends.length).toBeGreaterThan(0);
    test.log.close(true);
  });

  it('starts empty at the log start when the log ends below it', () => {
    const w = world();
    const { spec } = killedLog(w);
    const test = reopen(w, spec, { logStartOffset: 50 });
    expect(test.log.offsets).toMatchObject({ logStartOffset: 50, logEndOffset: 50 });
    expect(logFiles(spec.directory)).toEqual(['00000000000000000050.log']);
    expect(w.reports[0]).toContain('below its start 50');
    expect(test.append(batchOf(2, NOW))).toEqual([0]);
    expect(test.outcomes.baseOffsets[0]).toBe(50);
    test.log.close(true);
  });

  it('rebuilds missing and broken indexes even after a clean stop', () => {
    const w = world();
    const spec = specOf(w, {}, { segmentBytes: 2000, indexIntervalBytes: 200 });
    const first = new TestLog(w, spec);
    for (let index = 0; index < 60; index++) first.append(batchOf(2, NOW + index));
    first.log.close(true);
    const names = readdirSync(spec.directory).filter((name) => /index$/.test(name));
    const before = new Map(names.map((name) => [name, read(spec.directory, name)]));
    names.forEach((name, index) => {
      const path = join(spec.directory, name);
      if (index % 4 === 0) writeFileSync(path, new Uint8Array(7));
      if (index % 4 === 1) rmSync(path);
      if (index % 4 === 2)
        writeFileSync(
          path,
          read(path).map((byte) => byte | 0x80),
        );
      if (index % 4 === 3) writeFileSync(path, new Uint8Array(24 * 4).fill(9));
    });
    const test = reopen(w, spec, { cleanShutdown: true, recoveryPoint: 120 });
    expect(test.log.offsets.logEndOffset).toBe(120);
    test.log.close(true);
    for (const [name, bytes] of before)
      expect({ name, bytes: read(spec.directory, name) }).toEqual({ name, bytes });
  });

  it('follows the passes over .deleted, .cleaned and .swap files', () => {
    const w = world();
    const { spec, bytes } = killedLog(w);
    const at = (name: string) => join(spec.directory, name);
    writeFileSync(at('00000000000000000000.log.swap'), bytes);
    writeFileSync(at('00000000000000000006.log'), bytes.subarray(0, 10)); // superseded by the swap file
    writeFileSync(at('00000000000000000024.log.cleaned'), bytes);
    writeFileSync(at('00000000000000000030.log.swap'), bytes); // at or above the smallest .cleaned
    writeFileSync(at('00000000000000000003.log.deleted'), bytes);
    writeFileSync(at('00000000000000000050.index'), new Uint8Array(8)); // index without log
    const test = reopen(w, spec);
    expect(test.log.offsets.logEndOffset).toBe(24);
    test.log.close(true);
    expect(readdirSync(spec.directory).filter((name) => /\.(log|deleted|swap|cleaned)$/.test(name))).toEqual([
      '00000000000000000000.log',
    ]);
    expect(readdirSync(spec.directory)).not.toContain('00000000000000000050.index');
  });

  it('deletes a damaged snapshot and takes the older one (KAFKA-9892)', () => {
    const w = world();
    const { spec } = killedLog(w, { segmentBytes: 300 });
    const snapshots = readdirSync(spec.directory)
      .filter((name) => name.endsWith('.snapshot'))
      .sort();
    const newest = snapshots.at(-1) ?? '';
    writeFileSync(join(spec.directory, newest), read(spec.directory, newest).subarray(0, 20));
    const test = reopen(w, spec, { recoveryPoint: 24 });
    expect(w.reports.join()).toContain(`${newest} is unusable`);
    const again = batchOf(RECORDS, NOW, {
      producerId: 5n,
      producerEpoch: 0,
      baseSequence: (BATCHES - 1) * RECORDS,
    });
    expect(test.append(again)).toEqual([0]); // known: a duplicate
    expect(test.outcomes.baseOffsets[0]).toBe((BATCHES - 1) * RECORDS);
    test.log.close(true);
  });
});
