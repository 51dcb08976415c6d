/** A group grows from one member to five and shrinks to one while records flow. */
import { Kafka, logLevel } from 'kafkajs';
import { expect } from 'vitest';
import { createTopic } from '../topics.js';
import { Feeder } from './feeder.js';
import type { Host } from './host.js';
import type { Ledger } from './ledger.js';

const PARTITIONS = 6;
const MEMBERS = 5;
const STEP_MS = 300;
const FLOW_MS = 600;

export interface Scaled {
  readonly group: string;
  /** Options of each member. */
  readonly options?: (index: number) => Record<string, string>;
  /** Topics to create; the group's name by default. */
  readonly topics?: readonly string[];
  /** What members subscribe to, when that is not the one topic. */
  readonly subscription?: string;
}

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

const shares = (ledger: Ledger, members: readonly string[]): string =>
  members.map((member) => `${member}: ${ledger.ownedBy(member).join()}`).join('; ');

/** Waits until `members` own everything together and each its part. */
export async function untilShared(
  host: Host,
  group: string,
  members: readonly string[],
  partitions: number,
): Promise<void> {
  const ledger = host.ledger(group);
  const told = (): string => `${shares(ledger, members)}; faults: ${ledger.faults.join()}`;
  await host.until(
    `${members.length} members of ${group} share ${partitions} partitions`,
    () =>
      ledger.owners.size === partitions &&
      members.every((member) => ledger.ownedBy(member).length > 0) &&
      [...ledger.owners.values()].every((owner) => members.includes(owner)),
    told,
  );
}

/** Offsets that the broker keeps for a group, by `topic:index`. */
export async function committedOffsets(
  bootstrap: string,
  group: string,
  topics: readonly string[],
): Promise<Map<string, number>> {
  const admin = new Kafka({ brokers: [bootstrap], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    const found = await admin.fetchOffsets({ groupId: group, topics: [...topics] });
    return new Map(
      found.flatMap(({ topic, partitions }) =>
        partitions.map(({ partition, offset }) => [`${topic}:${partition}`, Number(offset)] as const),
      ),
    );
  } finally {
    await admin.disconnect();
  }
}

/** Everything that was produced was delivered where it is, and the offsets of the group say so. */
async function expectWhole(bootstrap: string, ledger: Ledger, feeder: Feeder, scaled: Scaled): Promise<void> {
  expect(ledger.faults).toEqual([]);
  const topics = scaled.topics ?? [scaled.group];
  const committed = await committedOffsets(bootstrap, scaled.group, topics);
  for (const partition of feeder.names()) {
    const values = [...(ledger.delivered.get(partition) ?? [])].toSorted(([a], [b]) => a - b);
    expect(values, partition).toEqual(Array.from({ length: feeder.rounds }, (_, i) => [i, String(i)]));
    expect(committed.get(partition), partition).toBe(feeder.rounds);
  }
}

export async function scaleUpAndDown(bootstrap: string, host: Host, scaled: Scaled): Promise<void> {
  const { group, topics = [group], subscription = topics[0] ?? '', options = () => ({}) } = scaled;
  const started = performance.now();
  for (const topic of topics) await createTopic(bootstrap, topic, PARTITIONS);
  const all = topics.length * PARTITIONS;
  const ledger = host.ledger(group);
  const feeder = new Feeder(bootstrap, topics, PARTITIONS);
  const members = [host.startMember(group, 1, subscription, options(1))];
  await untilShared(host, group, members, all);
  for (let index = 2; index <= MEMBERS; index++) {
    members.push(host.startMember(group, index, subscription, options(index)));
    await pause(STEP_MS);
  }
  await untilShared(host, group, members, all);
  await pause(FLOW_MS);
  while (members.length > 1) {
    await host.stopMember(members.shift() ?? '');
    await pause(STEP_MS);
  }
  await untilShared(host, group, members, all);
  await feeder.stop();
  await host.until(
    'the last member has everything',
    () => feeder.names().every((name) => ledger.deliveredUpTo(name) >= feeder.rounds),
    () =>
      feeder
        .names()
        .map((name) => `${name} ${ledger.deliveredUpTo(name)}/${feeder.rounds}`)
        .join(),
  );
  await host.stopMember(members[0] ?? '');
  await expectWhole(bootstrap, ledger, feeder, scaled);
  const repeated = ledger.records - feeder.rounds * all;
  console.log(
    `${group}: ${feeder.rounds * all} records, ${repeated} repeated, ${ledger.assignmentsOfAll} assignments, failed: ${ledger.failuresTold()}, ${Math.round(performance.now() - started)} ms`,
  );
}
