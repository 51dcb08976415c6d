/**
 * kill -9 of the broker while a group commits and rebalances: members come and go every second. After every restart no
 * committed offset is lower than one that was acknowledged, and the members go on in their group.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Feeder } from '../interop/support/groups/feeder.js';
import { Host, type Program } from '../interop/support/groups/host.js';
import { kafkajsProgram, pythonProgram } from '../interop/support/groups/programs.js';
import { committedOffsets, untilShared } from '../interop/support/groups/scenario.js';
import { freePortPair } from '../interop/support/kafka.js';
import { createTopic } from '../interop/support/topics.js';
import { type StartedBroker, startMillrace, temporaryDirectory } from '../support/millrace.js';
import { describeWith } from '../support/needs.js';

const KILLS = 5;
const MEMBERS = 3;
const PARTITIONS = 6;
const CHURN_MS = 1000;
const DRAIN_MS = 100;
const SETTINGS = {
  'group.initial.rebalance.delay.ms': 200,
  'group.min.session.timeout.ms': 1000,
  'group.consumer.min.heartbeat.interval.ms': 200,
  'group.consumer.heartbeat.interval.ms': 200,
  'group.consumer.min.session.timeout.ms': 1000,
  'group.consumer.session.timeout.ms': 5000,
};

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** Members come and go, one each second: the newest joins, then the oldest leaves. */
class Churn {
  readonly current: string[] = [];
  readonly leaving: Promise<void>[] = [];
  private index = 0;

  constructor(
    private readonly host: Host,
    private readonly group: string,
    private readonly options: Record<string, string>,
  ) {
    while (this.current.length < MEMBERS) this.join();
  }

  private join(): void {
    this.current.push(this.host.startMember(this.group, ++this.index, this.group, this.options));
  }

  async run(until: number): Promise<void> {
    while (performance.now() < until) {
      this.join();
      this.leaving.push(this.host.stopMember(this.current.shift() ?? ''));
      await pause(Math.min(CHURN_MS, Math.max(0, until - performance.now())));
    }
  }
}

async function killAgainAndAgain(
  program: Program,
  group: string,
  options: Record<string, string>,
): Promise<void> {
  const folder = temporaryDirectory('group-kill');
  const port = await freePortPair();
  const start = (): Promise<StartedBroker> =>
    startMillrace({ port, data: join(folder, 'data'), settings: SETTINGS });
  let broker = await start();
  await createTopic(broker.bootstrap, group, PARTITIONS);
  const host = Host.start(program, broker.bootstrap);
  // Nothing stays behind a failed test; both ended already after a passed one.
  onTestFinished(async () => {
    await broker.kill();
    await host.end();
  });
  const ledger = host.ledger(group);
  const feeder = new Feeder(broker.bootstrap, [group], PARTITIONS);
  const churn = new Churn(host, group, options);
  await untilShared(host, group, churn.current, PARTITIONS);
  for (let kill = 1; kill <= KILLS; kill++) {
    // Not a multiple of a second: kills fall on joins, on revocations and between them.
    await churn.run(performance.now() + 1700 + kill * 230);
    await broker.kill();
    await pause(DRAIN_MS);
    const acknowledged = new Map(ledger.committed);
    const rounds = feeder.rounds;
    broker = await start();
    const restarted = performance.now();
    const kept = await committedOffsets(broker.bootstrap, group, [group]);
    for (const [partition, offset] of acknowledged)
      expect(
        kept.get(partition),
        `${partition} after kill ${kill}\n${ledger.story(partition)}`,
      ).toBeGreaterThanOrEqual(offset);
    await host.until(
      `every partition is read and committed after kill ${kill}`,
      () =>
        feeder.names().every((name) => {
          const known = acknowledged.get(name) ?? 0;
          return ledger.deliveredUpTo(name) > rounds + 1 && (ledger.committed.get(name) ?? 0) > known;
        }),
      () => `owners ${JSON.stringify([...ledger.owners])}, faults ${ledger.faults.join()}`,
    );
    await untilShared(host, group, churn.current, PARTITIONS);
    console.log(
      `${group}: kill ${kill}, ${feeder.rounds} rounds, back after ${Math.round(performance.now() - restarted)} ms`,
    );
  }
  await feeder.stop();
  await Promise.all(churn.leaving);
  const values = (partition: string): Set<string> => new Set(ledger.delivered.get(partition)?.values());
  await host.until('everything is delivered', () =>
    feeder.names().every((name) => values(name).size === feeder.rounds),
  );
  for (const member of churn.current) await host.stopMember(member);
  const final = await committedOffsets(broker.bootstrap, group, [group]);
  for (const partition of feeder.names())
    expect(final.get(partition), partition).toBe(ledger.deliveredUpTo(partition));
  expect(ledger.faults, ledger.story()).toEqual([]);
  console.log(`${group}: ${ledger.records} records, failed: ${ledger.failuresTold()}`);
  expect(await host.end(), host.errors).toBe(0);
  expect(await broker.stop()).toBe(0);
  rmSync(folder, { recursive: true, force: true });
}

test('kafkajs', () => killAgainAndAgain(kafkajsProgram(), 'kill-kafkajs', {}));

describeWith(['python3'], 'librdkafka', () => {
  const session = { 'session.timeout.ms': '5000' };
  const variants: Record<string, Record<string, string>> = {
    eager: session,
    cooperative: { ...session, 'partition.assignment.strategy': 'cooperative-sticky' },
    'consumer-protocol': { 'group.protocol': 'consumer' },
  };
  for (const [variant, options] of Object.entries(variants))
    test(variant, async () =>
      killAgainAndAgain(await pythonProgram('confluent_host.py'), `kill-${variant}`, options),
    );
});
