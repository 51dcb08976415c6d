/** Groups of Kafka's Java consumer: every assignor of both protocols, static members, a regular expression. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type StartedBroker, startMillrace } from '../support/millrace.js';
import { describeWith } from '../support/needs.js';
import { Feeder } from './support/groups/feeder.js';
import { Host } from './support/groups/host.js';
import { javaProgram } from './support/groups/programs.js';
import { scaleUpAndDown, untilShared } from './support/groups/scenario.js';
import { freePortPair } from './support/kafka.js';
import { createTopic } from './support/topics.js';

const ASSIGNOR = 'partition.assignment.strategy';
const CLASSIC: Record<string, string> = {
  range: 'RangeAssignor',
  roundrobin: 'RoundRobinAssignor',
  sticky: 'StickyAssignor',
  'cooperative-sticky': 'CooperativeStickyAssignor',
};
const STATIC_MEMBERS = 3;
const STATIC_PARTITIONS = 6;

let millrace: StartedBroker;
let host: Host;

describeWith(['java', 'javac', 'mvn'], "Kafka's Java consumer", () => {
  beforeAll(async () => {
    millrace = await startMillrace({
      port: await freePortPair(),
      settings: {
        'group.initial.rebalance.delay.ms': 200,
        'group.consumer.min.heartbeat.interval.ms': 200,
        'group.consumer.heartbeat.interval.ms': 200,
        'group.consumer.regex.refresh.interval.ms': 10_000,
      },
    });
    host = Host.start(await javaProgram(), millrace.bootstrap);
  });
  afterAll(async () => {
    expect(await host.end(), host.errors).toBe(0);
    expect(await millrace.stop()).toBe(0);
  });

  for (const [name, assignor] of Object.entries(CLASSIC))
    test(`classic, ${name}`, () =>
      scaleUpAndDown(millrace.bootstrap, host, {
        group: `java-${name}`,
        options: () => ({ [ASSIGNOR]: `org.apache.kafka.clients.consumer.${assignor}` }),
      }));

  for (const assignor of ['uniform', 'range'])
    test(`consumer, ${assignor}`, () =>
      scaleUpAndDown(millrace.bootstrap, host, {
        group: `java-consumer-${assignor}`,
        options: () => ({ 'group.protocol': 'consumer', 'group.remote.assignor': assignor }),
      }));

  test('consumer, a regular expression over two topics', () =>
    scaleUpAndDown(millrace.bootstrap, host, {
      group: 'java-regex',
      topics: ['regex-left', 'regex-right'],
      subscription: '^regex-(left|right)$',
      options: () => ({ 'group.protocol': 'consumer' }),
    }));

  for (const protocol of ['classic', 'consumer'])
    test(`${protocol}, a static member restarts and nobody rebalances`, async () => {
      const group = `java-static-${protocol}`;
      await createTopic(millrace.bootstrap, group, STATIC_PARTITIONS);
      const feeder = new Feeder(millrace.bootstrap, [group], STATIC_PARTITIONS);
      const start = (index: number): string =>
        host.startMember(group, index, group, {
          'group.protocol': protocol,
          'group.instance.id': `instance-${index}`,
        });
      const members = Array.from({ length: STATIC_MEMBERS }, (_, index) => start(index + 1));
      await untilShared(host, group, members, STATIC_PARTITIONS);
      const ledger = host.ledger(group);
      const owned = ledger.ownedBy(`${group}.2`).sort();
      const before = new Map(members.map((member) => [member, ledger.assignmentsOf(member)]));
      await host.stopMember(`${group}.2`);
      start(2);
      await untilShared(host, group, members, STATIC_PARTITIONS);
      expect(ledger.ownedBy(`${group}.2`).sort()).toEqual(owned);
      for (const member of [`${group}.1`, `${group}.3`])
        expect(ledger.assignmentsOf(member), member).toBe(before.get(member));
      await feeder.stop();
      await host.until('everything is delivered', () =>
        feeder.names().every((name) => ledger.deliveredUpTo(name) === feeder.rounds),
      );
      for (const member of members) await host.stopMember(member);
      expect(ledger.faults).toEqual([]);
      console.log(
        `${group}: ${ledger.records} records of ${feeder.rounds * STATIC_PARTITIONS}, failed: ${ledger.failuresTold()}`,
      );
    });
});
