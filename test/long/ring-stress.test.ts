import { describe, expect, it } from 'vitest';
import { lockstepRing, stressRing } from '../ring/stress.js';

/** 10^8 entries in all: about ten minutes on two cores. MILLRACE_STRESS_ENTRIES makes it shorter or longer. */
const ENTRIES = Number(process.env.MILLRACE_STRESS_ENTRIES ?? 100_000_000);

describe('ring under several threads, long', () => {
  it.each([
    { helper: false, capacity: 4096, pauseOneIn: 20_000, seed: 11, producers: 3, share: 0.6 },
    { helper: true, capacity: 4096, pauseOneIn: 5_000, seed: 12, producers: 3, share: 0.35 },
    { helper: true, capacity: 8, pauseOneIn: 500, seed: 13, producers: 5, share: 0.05 },
  ])(
    'loses, repeats and reorders nothing, and every sleeper is woken: %o',
    async ({ share, producers, ...run }) => {
      const each = Math.floor((ENTRIES * share) / producers);
      const result = await stressRing({ entries: each * producers, producers, ...run });
      expect(result).toMatchObject({
        taken: each * producers,
        wrong: 0,
        lastOf: Array.from({ length: producers }, () => each),
      });
      expect(result.sleeps).toBeGreaterThan(0);
    },
    1_800_000,
  );

  it.each([
    { producers: 1, helpers: 0, seed: 31 },
    { producers: 2, helpers: 1, seed: 32 },
    { producers: 3, helpers: 2, seed: 33 },
  ])(
    'loses no wake-up where nothing would heal it: %o',
    async (run) => {
      const rounds = Math.ceil(ENTRIES / 100);
      expect(await lockstepRing({ ...run, rounds })).toBe((run.producers + run.helpers) * rounds);
    },
    1_800_000,
  );
});
