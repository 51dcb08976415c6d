/**
 * node dist/test/compat/franz-go/run.js [--broker=millrace|kafka] [--write] [TEST...]
 * Runs franz-go's tests and prints what came out; --write renews expected.json.
 */
import { join } from 'node:path';
import { ROOT } from '../../support/millrace.js';
import { parseArguments } from '../support/arguments.js';
import { startBroker } from '../support/brokers.js';
import { printResults, readExpectations, renew } from '../support/outcomes.js';
import { buildTests, runTest, topLevel } from './runner.js';

const file = join(ROOT, 'test', 'compat', 'franz-go', 'expected.json');
const { broker, write, chosen } = parseArguments(process.argv.slice(2));
const expectations = readExpectations(file);

await buildTests();
const started = await startBroker(broker);
try {
  for (const test of topLevel(expectations)) {
    if (chosen.length > 0 && !chosen.includes(test)) continue;
    const results = await runTest(test, broker, started.bootstrap);
    printResults(results);
    if (write) renew(file, broker, results);
  }
} finally {
  await started.stop();
}
