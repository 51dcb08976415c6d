/** A log shipper as it is installed: rsyslog tails a file and sends it with omkafka; every line arrives once. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type StartedBroker, startMillrace, temporaryDirectory } from '../support/millrace.js';
import { describeWith } from '../support/needs.js';
import { freePortPair } from './support/kafka.js';
import { kcatConsume, mustRun } from './support/tools.js';
import { createTopic } from './support/topics.js';

const LINES = 200_000;
const PARTITIONS = 4;
const SHIP_MS_MAX = 120_000;
const TOPIC = 'syslog';

const digest = (list: readonly string[]): string =>
  createHash('sha256').update(list.join('\n')).digest('hex');

function configuration(folder: string, bootstrap: string): string {
  return `global(workDirectory="${folder}/spool" maxMessageSize="8k")
module(load="imfile" mode="inotify")
module(load="omkafka")
template(name="plain" type="string" string="%msg%")
input(type="imfile" File="${folder}/input.log" Tag="t" readTimeout="1" ruleset="ship")
ruleset(name="ship" queue.type="linkedList" queue.size="300000") {
  action(type="omkafka" broker=["${bootstrap}"] topic="${TOPIC}" template="plain"
         partitions.auto="on" resubmitOnFailure="on" errorFile="${folder}/errors"
         confParam=["compression.codec=snappy", "linger.ms=20", "queue.buffering.max.messages=300000"])
}
`;
}

/** Records in all partitions, from the end offsets. */
async function stored(bootstrap: string): Promise<number> {
  const wanted = Array.from({ length: PARTITIONS }, (_, i) => `${TOPIC}:${i}:-1`).flatMap((each) => [
    '-t',
    each,
  ]);
  const text = await mustRun('kcat', ['-b', bootstrap, '-Q', ...wanted]);
  return [...text.matchAll(/offset (\d+)/g)].reduce((sum, [, offset]) => sum + Number(offset), 0);
}

describeWith(['rsyslogd', 'kcat'], 'rsyslog with omkafka', () => {
  let millrace: StartedBroker;
  let shipper: ChildProcess;
  const folder = temporaryDirectory('rsyslog');

  beforeAll(async () => {
    millrace = await startMillrace({ port: await freePortPair() });
    await createTopic(millrace.bootstrap, TOPIC, PARTITIONS);
    mkdirSync(join(folder, 'spool'));
    writeFileSync(join(folder, 'input.log'), '');
    writeFileSync(join(folder, 'rsyslog.conf'), configuration(folder, millrace.bootstrap));
    const args = ['-n', '-f', join(folder, 'rsyslog.conf'), '-i', join(folder, 'pid')];
    shipper = spawn('rsyslogd', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  });
  afterAll(async () => {
    if (shipper.exitCode === null) {
      const ended = new Promise((done) => shipper.once('exit', done));
      shipper.kill('SIGTERM');
      await ended;
    }
    await millrace.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test(`${LINES} lines arrive, each once`, async () => {
    const sent = Array.from(
      { length: LINES },
      (_, i) => `host app[${i % 977}]: event ${i} ${'.'.repeat(i % 120)}`,
    );
    for (let i = 0; i < LINES; i += 20_000) {
      appendFileSync(join(folder, 'input.log'), `${sent.slice(i, i + 20_000).join('\n')}\n`);
    }
    const deadline = performance.now() + SHIP_MS_MAX;
    while ((await stored(millrace.bootstrap)) < LINES) {
      if (shipper.exitCode !== null) throw new Error(`rsyslogd ended with ${shipper.exitCode}`);
      if (performance.now() > deadline)
        throw new Error(`${await stored(millrace.bootstrap)} of ${LINES} lines arrived`);
      await new Promise((done) => setTimeout(done, 500));
    }
    const read = (await kcatConsume(millrace.bootstrap, TOPIC, '%s\n'))
      .split('\n')
      .filter((line) => line !== '');
    expect(read.length).toBe(LINES);
    expect(digest(read.sort())).toBe(digest([...sent].sort()));
    expect(existsSync(join(folder, 'errors'))).toBe(false);
  });
});
