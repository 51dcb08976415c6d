/** Expected outcomes of a foreign test suite on both brokers: the file that keeps them, and what counts as a regression. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';

/** HUNG: killed at the time limit. */
export type Outcome = 'PASS' | 'FAIL' | 'SKIP' | 'HUNG';
export type BrokerName = 'kafka' | 'millrace';

export interface Expected {
  kafka?: Outcome;
  millrace?: Outcome;
  /** On Millrace. */
  seconds?: number;
  /** Why an outcome is not PASS. */
  reason?: string;
}

/** Test (with ` (variant)` behind it when it is not the plain one) to what is expected. */
export interface Expectations {
  /** Where the suite comes from, with its exact version. */
  readonly source: string;
  /** Tests that are not run at all: why. */
  readonly leftOut: Record<string, string>;
  readonly tests: Record<string, Expected>;
}

export interface Result {
  readonly test: string;
  readonly outcome: Outcome;
  readonly seconds: number;
  /** What the suite says about a failure or a skip. */
  readonly message: string;
}

export function readExpectations(file: string): Expectations {
  const read: Expectations = JSON.parse(readFileSync(file, 'utf8'));
  return read;
}

/** Puts results into the file; keeps the reasons that are there, and takes the suite's own message where none is. */
export function renew(file: string, broker: BrokerName, results: readonly Result[]): void {
  const { source, leftOut, tests } = readExpectations(file);
  for (const { test, outcome, seconds, message } of results) {
    const entry: Expected = tests[test] ?? {};
    entry[broker] = outcome;
    if (broker === 'millrace') entry.seconds = Math.ceil(seconds);
    if (outcome !== 'PASS' && (entry.reason ?? '') === '') entry.reason = message;
    if (entry.kafka === 'PASS' && entry.millrace === 'PASS') delete entry.reason;
    tests[test] = entry;
  }
  const sorted = Object.fromEntries(Object.entries(tests).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(`${file}.${process.pid}`, `${JSON.stringify({ source, leftOut, tests: sorted }, null, 2)}\n`);
  renameSync(`${file}.${process.pid}`, file);
}

/** Tests that are expected to pass on a broker and did not. */
export function regressions(
  expectations: Expectations,
  broker: BrokerName,
  results: readonly Result[],
): Result[] {
  return results.filter(
    ({ test, outcome }) => outcome !== 'PASS' && expectations.tests[test]?.[broker] === 'PASS',
  );
}

export function printResults(results: readonly Result[]): void {
  for (const { test, outcome, seconds, message } of results)
    console.log(`${outcome.padEnd(5)} ${seconds.toFixed(1).padStart(6)} s  ${test}  ${message}`);
}
