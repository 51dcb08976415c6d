import type { Bench } from 'tinybench';
import { describe, expect, it } from 'vitest';
import { recordBench } from '../../bench/record.bench.js';
import { ringBench } from '../../bench/ring.bench.js';
import { wireBench } from '../../bench/wire.bench.js';

/** Every body once: a bench that nobody runs is broken when it is needed. Nothing is timed. */
const ONCE = { time: 0, iterations: 1, warmup: false };

async function states(bench: Bench): Promise<string[]> {
  await bench.run();
  return bench.tasks.map(({ name, result }) => `${name}: ${result.state}`);
}

describe('bench bodies run', () => {
  const benches = {
    wire: () => wireBench(ONCE),
    ring: () => ringBench(ONCE),
    record: () => recordBench(ONCE).bench,
  };
  it.each(Object.entries(benches))('%s', async (_name, make) => {
    const found = await states(make());
    expect(found.length).toBeGreaterThan(1);
    expect(found.filter((state) => !state.endsWith(': completed'))).toEqual([]);
  });
});
