import { describe, expect, inject, it } from 'vitest';
import { lockstepRing, stressRing } from './stress.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** Entries of one stress run; `provide` in the vitest configuration sets it, as does MILLRACE_STRESS_ENTRIES. */
    stressEntries?: number;
  }
}

const ENTRIES = Number(process.env.MILLRACE_STRESS_ENTRIES ?? inject('stressEntries') ?? 1_000_000);

describe('ring under several threads', () => {
  it.each([
    { helper: false, capacity: 64, pauseOneIn: 1000, seed: 1 },
    { helper: true, capacity: 1024, pauseOneIn: 500, seed: 2 },
  ])('loses, repeats and reorders nothing, and every sleeper is woken: %o', async (run) => {
    const entries = ENTRIES / 2;
    const result = await stressRing({ entries, producers: 3, ...run });
    const share = Math.floor(entries / 3);
    expect(result).toMatchObject({ taken: share * 3, wrong: 0, lastOf: [share, share, share] });
    expect(result.sleeps).toBeGreaterThan(10);
    if (run.helper) expect(result.helped).toBeGreaterThan(0);
    else expect(result.helped).toBe(0);
  });

  it('wakes a sleeper for every single entry', async () => {
    const result = await stressRing({
      entries: 20_000,
      producers: 2,
      capacity: 16,
      seed: 3,
      helper: true,
      pauseOneIn: 8,
    });
    expect(result).toMatchObject({ taken: 20_000, wrong: 0 });
    expect(result.sleeps).toBeGreaterThan(100);
  });

  // Without the owner's or the helper's second look for entries this hangs within a few thousand rounds.
  it.each([
    { producers: 1, helpers: 0, rounds: 10_000, seed: 21 },
    { producers: 1, helpers: 1, rounds: 8_000, seed: 22 },
    { producers: 2, helpers: 1, rounds: 5_000, seed: 23 },
  ])('loses no wake-up where nothing would heal it: %o', async (run) => {
    expect(await lockstepRing(run)).toBe((run.producers + run.helpers) * run.rounds);
  });
});
