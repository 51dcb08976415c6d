/**
 * librdkafka's own test program, built from the sources that the npm package node-rdkafka carries. The package is only
 * unpacked: it is no dependency and none of its scripts run.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../support/millrace.js';
import { runLogged } from '../support/child.js';

export const SOURCE = 'node-rdkafka@3.6.1';
const BUILD_SECONDS_MAX = 1500;
/** GSSAPI, OIDC and an lz4 of the system are not what these tests are about. */
const CONFIGURE = ['--disable-gssapi', '--disable-curl', '--disable-lz4-ext'];
/** Headers without which it builds, but with less in it. */
export const HEADERS = ['zlib.h', 'zstd.h', 'openssl/ssl.h', 'rapidjson/document.h'];
/** What is changed in the sources, so that the rest of a test runs against one broker. */
const CHANGES: readonly { file: string; from: RegExp; to: string }[] = [
  // Topics of three replicas, where one is enough for what is tested.
  { file: '0098-consumer-txn.cpp', from: /, 3, 5000\)/g, to: ', 1, 5000)' },
  { file: '0103-transactions.c', from: /, 3, 5000\)/g, to: ', 1, 5000)' },
  { file: '0107-topic_recreate.c', from: /, 3, 5000\)/g, to: ', 1, 5000)' },
  { file: '0111-delay_create_topics.cpp', from: /topic\.c_str\(\), 1, 3\)/, to: 'topic.c_str(), 1, 1)' },
  // ACLs need an authorizer; a failing part ends the whole test.
  {
    file: '0109-auto_create_topics.cpp',
    from: /has_acl_cli = test_broker_version/,
    to: 'has_acl_cli = false && test_broker_version',
  },
  { file: '0081-admin.c', from: /^ {8}do_test_\w+Acls\(.*$/gm, to: '' },
  { file: '0081-admin.c', from: /^ {16}do_test_UserScramCredentials\(.*$/gm, to: '' },
];

const WORK = join(ROOT, 'test', '.work', 'librdkafka');
const FOLDER = join(WORK, SOURCE.replace('@', '-'));
const LIBRARY = join(FOLDER, 'package', 'deps', 'librdkafka');
export const TESTS = join(LIBRARY, 'tests');
export const LOGS = join(WORK, 'logs');

async function step(name: string, command: string, args: readonly string[], cwd: string): Promise<void> {
  const log = join(LOGS, `build-${name}.log`);
  const { code } = await runLogged(command, args, log, { cwd, secondsMax: BUILD_SECONDS_MAX });
  if (code !== 0) throw new Error(`${name} failed:\n${readFileSync(log, 'utf8').slice(-3000)}`);
}

/** Fetches and builds, once. */
export async function buildTestRunner(): Promise<void> {
  const stamp = join(FOLDER, '.complete');
  if (existsSync(stamp)) return;
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  mkdirSync(LOGS, { recursive: true });
  await step('pack', 'npm', ['pack', '--ignore-scripts', SOURCE], FOLDER);
  execFileSync('sh', ['-c', 'tar xzf *.tgz && rm *.tgz'], { cwd: FOLDER });
  for (const { file, from, to } of CHANGES) {
    const path = join(TESTS, file);
    const text = readFileSync(path, 'utf8');
    if (text.search(from) < 0) throw new Error(`${file} has changed: nothing matches ${from}`);
    writeFileSync(path, text.replace(from, to));
  }
  await step('configure', './configure', CONFIGURE, LIBRARY);
  await step('library', 'make', ['-j2', 'libs'], LIBRARY);
  await step('tests', 'make', ['-j2', 'test-runner'], TESTS);
  writeFileSync(stamp, '');
}
