/** Workers that end while they hold logs, slabs, mappings and ranges leave nothing behind in the process. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, describe, expect, it } from 'vitest';
import { checkAddon } from '../../src/io/addon.js';
import { opaqueBatch } from './batch-bytes.js';

const root = resolve(import.meta.dirname, '../..');
const addonPath = process.env.MILLRACE_ADDON ?? join(root, 'build/Release/millrace.node');
const absent = process.env.MILLRACE_NATIVE === 'off' || !existsSync(addonPath);

const WORKERS = 200;
const AT_ONCE = 4;
const ENDINGS = ['return', 'exit', 'throw', 'terminate'] as const;

const parent = mkdtempSync(join(tmpdir(), 'millrace-teardown-'));
afterAll(() => rmSync(parent, { recursive: true }));

interface Usage {
  descriptors: number;
  mappings: number;
  residentKib: number;
}

function usage(): Usage {
  const resident = /VmRSS:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'));
  return {
    descriptors: readdirSync('/proc/self/fd').length,
    mappings: readFileSync('/proc/self/maps', 'utf8').split('\n').length,
    residentKib: Number(resident?.[1]),
  };
}

async function hold(number: number): Promise<void> {
  const directory = mkdtempSync(join(parent, `${number}-`));
  const ending = ENDINGS[number % ENDINGS.length];
  const worker = new Worker(new URL('./fixtures/holder.mjs', import.meta.url), {
    workerData: { addonPath, directory, batch: opaqueBatch(500, 1, 1n), ending },
  });
  const failures: Error[] = [];
  worker.on('error', (error: Error) => failures.push(error));
  const ended = new Promise<void>((done) => worker.once('exit', () => done()));
  if (ending === 'terminate') {
    // Not while Node loads the file: it leaves that descriptor open itself. From loading the addon to holding all.
    await new Promise<void>((done) => worker.once('message', () => done()));
    if (number % 8 > 3) await new Promise<void>((done) => setTimeout(done, number % 5));
    await worker.terminate();
  }
  await ended;
  const unexpected = failures.filter((error) => error.message !== 'as intended');
  expect(unexpected.map(String)).toEqual([]);
  expect(failures.length, ending).toBe(ending === 'throw' ? 1 : 0);
  rmSync(directory, { recursive: true });
}

async function holdMany(from: number, to: number): Promise<void> {
  for (let number = from; number < to; number += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => hold(number + index)));
  }
}

describe.skipIf(absent)('environments that end', () => {
  it(`release what they hold: ${WORKERS} workers`, async () => {
    const addon: unknown = createRequire(import.meta.url)(addonPath);
    checkAddon(addon, addonPath);
    const counts = new Float64Array(3);
    await holdMany(0, 16); // pools and arenas of the process reach their size
    const before = usage();
    await holdMany(16, WORKERS);
    const after = usage();
    addon.counts(counts);
    expect([counts[0], counts[1]], 'ranges and logs of the process').toEqual([0, 0]);
    expect(after.descriptors - before.descriptors).toBeLessThanOrEqual(2);
    expect(after.mappings - before.mappings).toBeLessThan(60);
    expect(after.residentKib - before.residentKib).toBeLessThan(48 * 1024);
  }, 120_000);
});
