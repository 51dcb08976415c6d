import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { Ring } from '../../src/ring/ring.js';

export interface StressOptions {
  entries: number;
  producers: number;
  capacity: number;
  seed: number;
  helper: boolean;
  /** A producer naps (up to 0.9 ms) after one in so many batches, so that the ring runs empty and its owner sleeps. */
  pauseOneIn: number;
}

export interface StressResult {
  taken: number;
  /** Entries out of order, lost, duplicated or torn. */
  wrong: number;
  helped: number;
  sleeps: number;
  lastOf: number[];
}

const compiled = new URL('../../dist/src/ring/ring.js', import.meta.url);

/** Producers, the owner and perhaps a helper, each in a thread of its own; resolves when all have ended. */
export async function stressRing(options: StressOptions): Promise<StressResult> {
  if (!existsSync(compiled)) throw new Error('dist/ is missing: run npx tsc -p . first');
  const memory = Ring.create(options.capacity);
  const tally = new Float64Array(new SharedArrayBuffer(8 * (4 + options.producers)));
  const share = Math.floor(options.entries / options.producers);
  const total = share * options.producers;
  const base = { memory, tally: tally.buffer, total, pauseOneIn: options.pauseOneIn };
  const start = (name: string, extra: object) =>
    new Worker(new URL(`./fixtures/${name}.mjs`, import.meta.url), { workerData: { ...base, ...extra } });
  const workers = [start('consumer', {})];
  if (options.helper) workers.push(start('helper', { seed: options.seed ^ 0x5555 }));
  for (let producer = 0; producer < options.producers; producer++) {
    workers.push(start('producer', { producer, entries: share, seed: options.seed + producer * 7919 }));
  }
  try {
    await Promise.all(
      workers.map(async (worker) => {
        const [code] = await once(worker, 'exit');
        if (code !== 0) throw new Error(`a thread ended with ${code}`);
      }),
    );
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
  const [taken, wrong, helped, sleeps, ...lastOf] = tally;
  return { taken, wrong, helped, sleeps, lastOf };
}

/** Every round each of `producers` + `helpers` threads puts in one entry; resolves when `rounds` are over. */
export async function lockstepRing(options: {
  rounds: number;
  producers: number;
  helpers: number;
  seed: number;
}): Promise<number> {
  if (!existsSync(compiled)) throw new Error('dist/ is missing: run npx tsc -p . first');
  const taken = new SharedArrayBuffer(4);
  const all = options.producers + options.helpers;
  const base = { memory: Ring.create(64), taken, producers: all, rounds: options.rounds };
  const roles = [
    'owner',
    ...Array.from({ length: options.helpers }, () => 'helper'),
    ...Array.from({ length: options.producers }, () => 'producer'),
  ];
  const workers = roles.map(
    (role, index) =>
      new Worker(new URL('./fixtures/lockstep.mjs', import.meta.url), {
        workerData: { ...base, role, seed: options.seed + index * 104_729 },
      }),
  );
  try {
    await Promise.all(workers.map((worker) => once(worker, 'exit')));
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
  return new Int32Array(taken)[0];
}
