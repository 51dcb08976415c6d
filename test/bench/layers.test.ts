import { existsSync } from 'node:fs';
import type { Bench } from 'tinybench';
import { describe, expect, it } from 'vitest';
import { groupsBench } from '../../bench/groups.bench.js';
import { logBench } from '../../bench/log.bench.js';
import { metadataBench } from '../../bench/metadata.bench.js';
import { recordBench } from '../../bench/record.bench.js';
import { ringBench } from '../../bench/ring.bench.js';
import { wireBench } from '../../bench/wire.bench.js';

/** Every body once: a bench that nobody runs is broken when it is needed. Nothing is timed. */
const ONCE = { time: 0, iterations: 1, warmup: false };

async function expectAllToRun(bench: Bench): Promise<void> {
  await bench.run();
  const found = bench.tasks.map(({ name, result }) => `${name}: ${result.state}`);
  expect(found.length).toBeGreaterThan(1);
  expect(found.filter((state) => !state.endsWith(': completed'))).toEqual([]);
}

describe('bench bodies run', () => {
  const benches = {
    wire: () => wireBench(ONCE),
    ring: () => ringBench(ONCE),
    record: () => recordBench(ONCE).bench,
    metadata: () => metadataBench(ONCE).bench,
    groups: () => groupsBench(ONCE).bench,
  };
  it.each(Object.entries(benches))('%s', (_name, make) => expectAllToRun(make()));

  it('log, and nothing stays behind', async () => {
    const logs = logBench(ONCE);
    try {
      expect(existsSync(logs.directory)).toBe(true);
      await expectAllToRun(logs.bench);
    } finally {
      logs.close();
    }
    expect(existsSync(logs.directory)).toBe(false);
  });
});
