/** librdkafka's own tests against Millrace: what is expected to pass passes. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROOT, type StartedBroker } from '../support/millrace.js';
import { describeWith } from '../support/needs.js';
import { buildTestRunner, HEADERS } from './librdkafka/build.js';
import { keyOf, runNumber, VARIANTS } from './librdkafka/runner.js';
import { startBroker } from './support/brokers.js';
import { readExpectations, regressions } from './support/outcomes.js';

const BUILD_MS_MAX = 1_800_000;
/** Longer ones are for `librdkafka/run`: this suite is part of every check. */
const SECONDS_MAX = 15;
const expectations = readExpectations(join(ROOT, 'test', 'compat', 'librdkafka', 'expected.json'));

const missing = HEADERS.filter(
  (header) =>
    spawnSync('g++', ['-E', '-x', 'c++', '-'], {
      input: `#include <${header}>\n`,
      stdio: ['pipe', 'ignore', 'ignore'],
    }).status !== 0,
);

// Without a header it would build with less in it: skipped, and the name of the suite says which; under CI=true it fails.
const suite = missing.length === 0 || process.env.CI === 'true' ? describe : describe.skip;

describeWith(['stdbuf', 'gcc', 'g++', 'make', 'npm', 'java', 'mvn'], 'librdkafka', () => {
  beforeAll(async () => {
    if (process.env.CI === 'true') expect(missing, 'headers that are not installed').toEqual([]);
    if (missing.length === 0) await buildTestRunner();
  }, BUILD_MS_MAX);

  for (const variant of VARIANTS) {
    suite(missing.length === 0 ? variant.name : `${variant.name} [needs ${missing.join(', ')}]`, () => {
      let broker: StartedBroker;
      beforeAll(async () => {
        broker = await startBroker('millrace', variant.settings);
      });
      afterAll(async () => {
        expect(await broker.stop()).toBe(0);
      });

      const chosen = Object.entries(expectations.tests)
        .filter(
          ([name, { millrace, seconds }]) =>
            millrace === 'PASS' &&
            (seconds ?? 0) <= SECONDS_MAX &&
            keyOf(name.split(' ')[0], variant) === name,
        )
        .map(([name]) => name.slice(0, 4));
      test.each([...new Set(chosen)])('%s', async (number) => {
        let failed = regressions(
          expectations,
          'millrace',
          await runNumber(number, variant, 'millrace', broker.bootstrap),
        );
        // Many of these tests measure time; a busy machine fails them. Twice in a row is no accident.
        if (failed.length > 0)
          failed = regressions(
            expectations,
            'millrace',
            await runNumber(number, variant, 'millrace', broker.bootstrap),
          );
        expect(failed).toEqual([]);
      });
    });
  }
});
