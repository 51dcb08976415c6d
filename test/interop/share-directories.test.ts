/** Share groups move between Kafka and Millrace with their directory, both ways, stopped cleanly or killed. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ApiKey } from '../../src/protocol/index.js';
import { type StartedBroker, startMillrace, temporaryDirectory } from '../support/millrace.js';
import { describeWith } from '../support/needs.js';
import { know, learnTopics } from './differential/ask.js';
import { World } from './differential/step.js';
import { nodeSettings, startKafka } from './support/kafka.js';
import { createTopic } from './support/topics.js';

const SETTINGS = {
  'offsets.topic.num.partitions': 2,
  'share.coordinator.state.topic.num.partitions': 2,
  'share.coordinator.state.topic.replication.factor': 1,
  'share.coordinator.state.topic.min.isr': 1,
  'group.initial.rebalance.delay.ms': 0,
};
const FOLDER = temporaryDirectory('share-directories');
const DATA = join(FOLDER, 'data');
const TOPIC = 'shared';
afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

async function topicId({ port, data }: StartedBroker): Promise<string> {
  const world = new World(port, data, 0);
  await learnTopics(world);
  return world.topicId(TOPIC);
}

const until = (check: () => Promise<boolean>): Promise<void> =>
  expect.poll(check, { timeout: 30_000, interval: 300 }).toBe(true);

/** Begins a group's state at offset 3, and writes down what was delivered above it. */
async function use(broker: StartedBroker, groupId: string): Promise<void> {
  const id = await topicId(broker);
  const ask = (key: number, version: number, body: object) => know(broker.port, key, version, body);
  for (const [keyType, key] of [
    [0, groupId],
    [2, `${groupId}:${id}:0`],
  ] as const) {
    await until(async () => {
      const { coordinators } = await ask(ApiKey.FindCoordinator, 6, { keyType, coordinatorKeys: [key] });
      return (coordinators as { errorCode: number }[])[0]?.errorCode === 0;
    });
  }
  await until(async () => {
    const partitions = [{ partitionIndex: 0, startOffset: 3 }];
    const answer = await ask(ApiKey.AlterShareGroupOffsets, 0, {
      groupId,
      topics: [{ topicName: TOPIC, partitions }],
    });
    const [topic] = answer.responses as { partitions: { errorCode: number }[] }[];
    return answer.errorCode === 0 && topic?.partitions[0]?.errorCode === 0;
  });
  const partition = {
    partition: 0,
    stateEpoch: -1,
    leaderEpoch: -1,
    startOffset: 4,
    deliveryCompleteCount: 2,
    stateBatches: [{ firstOffset: 6, lastOffset: 7, deliveryState: 2, deliveryCount: 1 }],
  };
  const written = await ask(ApiKey.WriteShareGroupState, 1, {
    groupId,
    topics: [{ topicId: id, partitions: [partition] }],
  });
  expect(written).toMatchObject({ results: [{ partitions: [{ errorCode: 0 }] }] });
}

/** What the group has reached, as the other broker must tell it. */
async function look(broker: StartedBroker, groupId: string): Promise<unknown> {
  const id = await topicId(broker);
  const asked = { groupId, topics: [{ topicId: id, partitions: [{ partition: 0, leaderEpoch: -1 }] }] };
  const { groups } = await know(broker.port, ApiKey.ShareGroupDescribe, 1, { groupIds: [groupId] });
  const state = await know(broker.port, ApiKey.ReadShareGroupState, 0, asked);
  const summary = await know(broker.port, ApiKey.ReadShareGroupStateSummary, 1, asked);
  const offsets = await know(broker.port, ApiKey.DescribeShareGroupOffsets, 0, {
    groups: [{ groupId, topics: null }],
  });
  return { groups, state: state.results, summary: summary.results, offsets: offsets.groups };
}

describeWith(['java', 'mvn'], 'share groups in a directory that changes hands', () => {
  const kafka = (port?: number): Promise<StartedBroker> =>
    startKafka({
      data: DATA,
      quorum: 'standalone',
      settings: SETTINGS,
      ...(port === undefined ? {} : { port }),
    });
  const millrace = (port: number): Promise<StartedBroker> =>
    startMillrace({ data: DATA, port, settings: { ...nodeSettings(port, DATA, 'standalone'), ...SETTINGS } });

  test('each goes on where the other stopped', async () => {
    let broker = await kafka();
    const { port } = broker;
    await createTopic(broker.bootstrap, TOPIC, 1);
    const seen = new Map<string, unknown>();
    const hands: ((port: number) => Promise<StartedBroker>)[] = [kafka, millrace, kafka, millrace];
    for (const [turn, start] of hands.entries()) {
      if (turn > 0) broker = await start(port);
      for (const [groupId, told] of seen)
        await expect.poll(() => look(broker, groupId), { timeout: 20_000, interval: 500 }).toEqual(told);
      const mine = `share-${turn}`;
      await use(broker, mine);
      seen.set(mine, await look(broker, mine));
      if (turn % 2 === 0) await broker.stop();
      else await broker.kill();
    }
  }, 180_000);
});
