/** franz-go's own tests of its client (pkg/kgo), compiled once and run by name against a broker. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../support/millrace.js';
import { runLogged } from '../support/child.js';
import type { BrokerName, Expectations, Outcome, Result } from '../support/outcomes.js';

export const SOURCE = 'github.com/twmb/franz-go@v1.22.3';
const SECONDS_MAX = 300;
const COMPILE_SECONDS_MAX = 600;
/** Records of the tests that chain consumer groups; the suite's own half a million is a load test. */
const RECORDS = 40_000;
/** Rounds of a test, 1 otherwise: this one knows only after the first that the broker has groups of KIP-848. */
const ROUNDS: Record<string, number> = { TestGroupSimple: 2 };
const OUTCOMES: Record<string, Outcome> = { PASS: 'PASS', FAIL: 'FAIL', SKIP: 'SKIP' };

const WORK = join(ROOT, 'test', '.work', 'franz-go');
const PROGRAM = join(WORK, `${SOURCE.split('@')[1]}.test`);

interface Downloaded {
  /** Folder in Go's module cache. */
  readonly Dir: string;
}

/** Fetches the module and compiles its tests, once. */
export async function buildTests(): Promise<void> {
  if (existsSync(PROGRAM)) return;
  mkdirSync(WORK, { recursive: true });
  const downloaded: Downloaded = JSON.parse(
    execFileSync('go', ['mod', 'download', '-json', SOURCE], { cwd: WORK, encoding: 'utf8' }),
  );
  const log = join(WORK, 'compile.log');
  const { code } = await runLogged('go', ['test', '-c', '-o', PROGRAM, './pkg/kgo'], log, {
    cwd: downloaded.Dir,
    secondsMax: COMPILE_SECONDS_MAX,
  });
  if (code !== 0) throw new Error(`go test -c failed:\n${readFileSync(log, 'utf8').slice(-3000)}`);
}

/** Tests that need a broker, without their subtests. */
export function topLevel(expectations: Expectations): string[] {
  return Object.keys(expectations.tests).filter((test) => !test.includes('/'));
}

/** A test and its subtests (whose names the caller need not know). */
export async function runTest(test: string, broker: BrokerName, bootstrap: string): Promise<Result[]> {
  const log = join(WORK, `${test}-${broker}.log`);
  const args = ['-test.v', '-test.run', `^${test}$`, `-test.count=${ROUNDS[test] ?? 1}`];
  const ended = await runLogged(PROGRAM, args, log, {
    cwd: WORK,
    secondsMax: SECONDS_MAX,
    env: {
      KGO_SEEDS: bootstrap,
      KGO_TEST_RF: '1',
      KGO_TEST_RECORDS: String(RECORDS),
      KGO_LOG_LEVEL: 'none',
    },
  });
  const text = readFileSync(log, 'utf8');
  const rows = [...text.matchAll(/^ *--- (PASS|FAIL|SKIP): (\S+) \(([\d.]+)s\)$/gm)].map(
    ([, state = '', name = '', seconds = '']): Result => ({
      test: name,
      outcome: OUTCOMES[state] ?? 'FAIL',
      seconds: Number(seconds),
      message: state === 'PASS' ? '' : reasonOf(text),
    }),
  );
  if (!rows.some((row) => row.test === test)) {
    const outcome = ended.late ? 'HUNG' : 'FAIL';
    rows.push({ test, outcome, seconds: ended.seconds, message: reasonOf(text) });
  }
  const judged = new Map<string, Result>();
  for (const row of rows) {
    const before = judged.get(row.test);
    if (before === undefined || before.outcome === 'SKIP' || row.outcome === 'FAIL')
      judged.set(row.test, row);
  }
  return [...judged.values()];
}

/** First line with which a Go test says what is wrong. */
function reasonOf(text: string): string {
  const line = /^ +\w+_test\.go:\d+: (.*)$/m.exec(text)?.[1] ?? /^(panic: .*)$/m.exec(text)?.[1] ?? '';
  return line.slice(0, 200);
}
