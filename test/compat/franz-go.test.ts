/** franz-go's own tests of its client against Millrace: what is expected to pass passes. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROOT, type StartedBroker } from '../support/millrace.js';
import { describeWith } from '../support/needs.js';
import { buildTests, runTest, topLevel } from './franz-go/runner.js';
import { startBroker } from './support/brokers.js';
import { readExpectations, regressions } from './support/outcomes.js';

const BUILD_MS_MAX = 900_000;
const expectations = readExpectations(join(ROOT, 'test', 'compat', 'franz-go', 'expected.json'));

describeWith(['go'], 'franz-go', () => {
  let broker: StartedBroker;
  beforeAll(async () => {
    await buildTests();
    broker = await startBroker('millrace');
  }, BUILD_MS_MAX);
  afterAll(async () => {
    expect(await broker.stop()).toBe(0);
  });

  test.each(topLevel(expectations).filter((name) => expectations.tests[name]?.millrace === 'PASS'))(
    '%s',
    async (name) => {
      let failed = regressions(expectations, 'millrace', await runTest(name, 'millrace', broker.bootstrap));
      // A busy machine fails tests that measure time. Twice in a row is no accident.
      if (failed.length > 0)
        failed = regressions(expectations, 'millrace', await runTest(name, 'millrace', broker.bootstrap));
      expect(failed).toEqual([]);
    },
  );
});
