import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import type { SegmentEngine } from '../../src/io/segment-engine.js';
import { opaqueBatch } from './batch-bytes.js';
import { describeEngines, root } from './engines.js';
import { LogBench } from './log-bench.js';

const workerFile = resolve(root, 'dist/test/io/segment-reader-worker.js');
const compiled = existsSync(workerFile);
if (!compiled && process.env.CI === 'true')
  throw new Error(`CI must test two threads, but ${workerFile} is missing`);

/**
 * One writer's life: appends of all sizes, rolls, removal of the oldest, recycling. Publishes only after the append.
 * Returns how many segments began a second life.
 */
async function write(log: LogBench, state: BigInt64Array, rolls: number): Promise<number> {
  let random = 12345;
  const next = (below: number): number => {
    random = (random * 1103515245 + 12345) & 0x7fffffff;
    return (random >> 8) % below;
  };
  const bases = [0];
  const spare: string[] = [];
  let recycled = 0;
  let end = 0;
  for (let roll = 0; roll < rolls; roll++) {
    for (let call = 0; call < 40; call++) {
      const rows: Uint8Array[] = [];
      for (let row = next(6); row >= 0; row--) {
        const count = 1 + next(5);
        const size = next(20) === 0 ? 70 + next(60_000) : 70 + next(900);
        rows.push(opaqueBatch(size, count, 1000n, end % 251));
        end += count;
      }
      log.model.batches.length = 0; // offsets are kept here, not in the model
      log.load(rows);
      let offset = end - rows.reduce((sum, bytes) => sum + new DataView(bytes.buffer).getInt32(57), 0);
      rows.forEach((bytes, row) => {
        log.table.setDouble(row, 8, offset);
        offset += new DataView(bytes.buffer).getInt32(57);
      });
      log.engine.append(log.token, log.table, 0, rows.length);
      Atomics.store(state, 0, BigInt(end));
      if (call % 4 === 0) await setImmediate();
    }
    const old = bases.at(-1) ?? 0;
    log.engine.createSegment(log.token, end);
    log.engine.seal(log.token, old);
    bases.push(end);
    // The reader may still hold the newest of them.
    const taken = spare.findIndex((path) => log.engine.offerRecycled(log.token, path));
    if (taken >= 0) spare.splice(taken, 1);
    if (taken >= 0) recycled++;
    if (bases.length > 4) {
      const gone = bases.shift() ?? 0;
      Atomics.store(state, 1, BigInt(bases[0]));
      log.engine.removeSegment(log.token, gone, '.deleted');
      spare.push(`${log.path(gone)}.deleted`);
    }
  }
  Atomics.store(state, 2, 1n);
  return recycled;
}

describeEngines('two threads', (make: () => SegmentEngine, engine) => {
  it.skipIf(!compiled)(
    'a reader never sees a torn, foreign or unpublished byte (needs dist: npx tsc -p .)',
    async () => {
      const log = LogBench.withSegment(make(), { indexIntervalBytes: 1000, segmentBytes: 4 << 20 });
      const state = new SharedArrayBuffer(24);
      const workerData = { engine, directory: log.directory, token: log.token, state };
      const worker = new Worker(workerFile, { workerData });
      const result = new Promise<{ batches: number; jumps: number; offset: number }>((done, fail) => {
        worker.once('message', done);
        worker.once('error', fail);
        worker.once('exit', (code) => fail(new Error(`the reader left with ${code}`)));
      });
      result.catch(() => undefined); // awaited below, after the writer
      const words = new BigInt64Array(state);
      const recycled = await write(log, words, 30);
      const { batches, offset } = await result;
      expect(offset).toBe(Number(Atomics.load(words, 0)));
      expect(batches).toBeGreaterThan(100);
      expect(recycled, 'some files were written twice').toBeGreaterThan(0);
      await worker.terminate();
      log.close();
    },
    60_000,
  );
});
