/**
 * node dist/test/compat/librdkafka/run.js [--broker=millrace|kafka] [--variant=NAME] [--write] [NUMBER...]
 * Runs librdkafka's tests and prints what came out; --write renews expected.json. Variants: plain, noautocreate, consumer.
 */
import { join } from 'node:path';
import { ROOT } from '../../support/millrace.js';
import { parseArguments } from '../support/arguments.js';
import { startBroker } from '../support/brokers.js';
import { printResults, readExpectations, renew } from '../support/outcomes.js';
import { buildTestRunner } from './build.js';
import { numbers, runNumber, VARIANTS } from './runner.js';

const file = join(ROOT, 'test', 'compat', 'librdkafka', 'expected.json');
const { broker, write, chosen } = parseArguments(process.argv.slice(2));
const variants = process.argv.flatMap((argument) => /^--variant=(.*)$/.exec(argument)?.[1] ?? []);
const expectations = readExpectations(file);

await buildTestRunner();
for (const variant of VARIANTS) {
  if (variants.length > 0 && !variants.includes(variant.name)) continue;
  const list = numbers(expectations, variant).filter(
    (number) => chosen.length === 0 || chosen.includes(number),
  );
  if (list.length === 0) continue;
  const started = await startBroker(broker, variant.settings);
  try {
    for (const number of list) {
      const results = await runNumber(number, variant, broker, started.bootstrap);
      printResults(results);
      if (write) renew(file, broker, results);
    }
  } finally {
    await started.stop();
  }
}
