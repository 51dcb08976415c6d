/** Runs librdkafka's tests by number against a broker, one after the other. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { kafkaLibraries } from '../../interop/support/libraries.js';
import type { Settings } from '../support/brokers.js';
import { runLogged } from '../support/child.js';
import type { BrokerName, Expectations, Outcome, Result } from '../support/outcomes.js';
import { LOGS, TESTS } from './build.js';

/** Full mode: the quick one (-Q) leaves out most parts of a test. Local tests (-L leaves them out) need no broker. */
const ARGUMENTS = ['-p1', '-L'];
export const SECONDS_MAX = 900;
const OUTCOMES: Record<string, Outcome> = {
  PASSED: 'PASS',
  SKIPPED: 'SKIP',
  FAILED: 'FAIL',
  RUNNING: 'HUNG',
};

/** A way to run the suite; its name stands behind a test's name unless it is the plain one. */
export interface Variant {
  readonly name: 'plain' | 'noautocreate' | 'consumer';
  readonly env: Record<string, string>;
  readonly settings: Settings;
}

export const VARIANTS: readonly Variant[] = [
  { name: 'plain', env: {}, settings: { 'num.partitions': 4 } },
  {
    name: 'noautocreate',
    env: { TEST_SCENARIO: 'noautocreate' },
    settings: { 'num.partitions': 4, 'auto.create.topics.enable': 'false' },
  },
  {
    name: 'consumer',
    env: { TEST_CONSUMER_GROUP_PROTOCOL: 'consumer' },
    settings: { 'num.partitions': 4 },
  },
];

export const keyOf = (test: string, variant: Variant): string =>
  variant.name === 'plain' ? test : `${test} (${variant.name})`;

interface Declared {
  readonly number: string;
  readonly name: string;
  readonly flags: string;
  readonly scenario: string;
}

/** The list in test.c. */
export function declaredTests(): Declared[] {
  const text = readFileSync(join(TESTS, 'test.c'), 'utf8');
  const list = text.slice(
    text.indexOf('struct test tests[]'),
    text.indexOf('Manual tests', text.indexOf('struct test tests[]')),
  );
  return list
    .split(/^\s+_TEST\(/m)
    .slice(1)
    .map((entry) => {
      const [name = '', flags = ''] = entry.split(',', 2).map((part) => part.trim());
      const scenario = /\.scenario = "([^"]*)"/.exec(entry)?.[1] ?? 'default';
      return { number: name.slice(0, 4), name, flags, scenario };
    });
}

/** Numbers with at least one test that talks to a broker and belongs to the variant. */
export function numbers(expectations: Expectations, variant: Variant): string[] {
  const scenario = variant.env.TEST_SCENARIO ?? 'default';
  const chosen = declaredTests().filter(
    (test) =>
      !test.flags.includes('TEST_F_LOCAL') &&
      test.scenario.split(',').includes(scenario) &&
      (variant.name !== 'consumer' || usesGroups(test.number)) &&
      expectations.leftOut[test.name] === undefined,
  );
  return [...new Set(chosen.map((test) => test.number))];
}

/** Whether a test's outcome can depend on the protocol of consumer groups. */
function usesGroups(number: string): boolean {
  return GROUP_TESTS.has(number);
}
const GROUP_TESTS = new Set(
  '0015 0018 0019 0026 0029 0030 0033 0040 0041 0045 0050 0051 0056 0069 0081 0083 0084 0089 0091 0102 0112 0113 0118 0122 0130 0132 0137 0140 0153'.split(
    ' ',
  ),
);

/** Kafka's scripts that some tests call, over the jars. */
function writeScripts(): string {
  const folder = join(LOGS, 'kafka');
  mkdirSync(join(folder, 'bin'), { recursive: true });
  const script = `#!/bin/sh\nexec java -Xmx256m -XX:TieredStopAtLevel=1 -cp '${kafkaLibraries()}/*' org.apache.kafka.tools.TopicCommand "$@"\n`;
  writeFileSync(join(folder, 'bin', 'kafka-topics.sh'), script, { mode: 0o755 });
  return folder;
}

const plain = (text: string): string =>
  text.replaceAll(new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g'), '');

/** Rows of the summary, or of what was running when there is none. */
function parse(
  number: string,
  log: string,
  late: boolean,
  seconds: number,
  expected: readonly string[],
): Result[] {
  const text = plain(readFileSync(log, 'latin1'));
  const rows = [...text.matchAll(/^\| (\d{4}_\S+) +\| +(\w+) \| +([\d.]+)s \|(.*)$/gm)]
    .filter(([, test = '']) => test.startsWith(number) && expected.includes(test))
    .map(
      ([, test = '', state = '', time = '', message = '']): Result => ({
        test,
        outcome: late && state !== 'PASSED' ? 'HUNG' : (OUTCOMES[state] ?? 'FAIL'),
        seconds: Number(time),
        message: message.trim().slice(0, 200),
      }),
    );
  if (rows.length > 0) return rows;
  const last = /^### .* failed at [^:]*:\d+:(.*\(\)).*\n(.*)/m.exec(text)?.slice(1).join(': ') ?? '';
  return expected.map((test) => ({
    test,
    outcome: late ? 'HUNG' : 'FAIL',
    seconds,
    message: last.slice(0, 200),
  }));
}

/** Runs the tests of a number; results carry the variant in their names. */
export async function runNumber(
  number: string,
  variant: Variant,
  broker: BrokerName,
  bootstrap: string,
): Promise<Result[]> {
  const folder = join(LOGS, broker);
  mkdirSync(folder, { recursive: true });
  const config = join(folder, `${bootstrap}.conf`); // read again by every client that a test makes
  writeFileSync(config, `metadata.broker.list=${bootstrap}\ntest.topic.random=true\n`);
  const log = join(folder, `${number}-${variant.name}.log`);
  const scenario = variant.env.TEST_SCENARIO ?? 'default';
  const expected = declaredTests()
    .filter((test) => test.number === number && !test.flags.includes('TEST_F_LOCAL'))
    .filter((test) => test.scenario.split(',').includes(scenario))
    .map((test) => test.name);
  const ended = await runLogged('stdbuf', ['-oL', './test-runner', ...ARGUMENTS], log, {
    cwd: TESTS,
    secondsMax: SECONDS_MAX,
    env: {
      TESTS: number,
      RDKAFKA_TEST_CONF: config,
      LD_LIBRARY_PATH: '../src:../src-cpp',
      TEST_KAFKA_VERSION: '4.3.1',
      BROKERS: bootstrap,
      KAFKA_PATH: writeScripts(),
      ...variant.env,
    },
  }); // stdbuf: the summary is not lost when the program aborts
  return parse(number, log, ended.late, ended.seconds, expected).map((result) => ({
    ...result,
    test: keyOf(result.test, variant),
  }));
}
