/** kafka-share-groups and kafka-groups against Millrace: a group from its first member to its end. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type StartedBroker, startMillrace } from '../support/millrace.js';
import { describeWith } from '../support/needs.js';
import { freePortPair } from './support/kafka.js';
import { kafkaTool, kcatProduce, mustRunKafkaTool } from './support/tools.js';
import { createTopic } from './support/topics.js';

const SHARE_GROUPS = 'org.apache.kafka.tools.consumer.group.ShareGroupCommand';
const GROUPS = 'org.apache.kafka.tools.GroupsCommand';
const CONFIGS = 'kafka.admin.ConfigCommand';
const CONSOLE = 'org.apache.kafka.tools.consumer.ConsoleShareConsumer';
const TEST_MS = 180_000;
const LINES = 12;
const GROUP = 'told';
const TOPIC = 'shared';

let millrace: StartedBroker;
beforeAll(async () => {
  millrace = await startMillrace({
    port: await freePortPair(),
    settings: { 'offsets.topic.num.partitions': 1, 'share.coordinator.state.topic.num.partitions': 1 },
  });
  await createTopic(millrace.bootstrap, TOPIC, 2);
  const lines = Array.from({ length: LINES }, (_, i) => `line ${i}`);
  await kcatProduce(millrace.bootstrap, TOPIC, `${lines.join('\n')}\n`, ['-p', '1']);
});
afterAll(async () => {
  expect(await millrace.stop()).toBe(0);
});

const tool = (name: string, ...args: string[]): Promise<string> =>
  mustRunKafkaTool(name, ['--bootstrap-server', millrace.bootstrap, ...args]);

/** Lines of a printed table as cells. */
const cells = (text: string): string[][] =>
  text
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((row) => row.length > 1);

describeWith(['java', 'mvn', 'kcat'], "Kafka's tools for share groups", () => {
  test(
    'kafka-configs, kafka-console-share-consumer, kafka-share-groups, kafka-groups',
    async () => {
      const setting = ['--alter', '--entity-type', 'groups', '--entity-name', GROUP];
      await tool(CONFIGS, ...setting, '--add-config', 'share.auto.offset.reset=earliest');
      const read = await tool(
        CONSOLE,
        ...['--topic', TOPIC, '--group', GROUP, '--max-messages', String(LINES), '--timeout-ms', '60000'],
      );
      expect(read.split('\n').filter((line) => line.startsWith('line '))).toHaveLength(LINES);

      expect(cells(await tool(SHARE_GROUPS, '--list', '--state'))).toContainEqual([GROUP, 'Empty']);
      const listed = cells(await tool(GROUPS, '--list', '--share'));
      expect(listed).toContainEqual([GROUP, 'Share', 'share']);
      const state = cells(await tool(SHARE_GROUPS, '--describe', '--group', GROUP, '--state'));
      expect(state.at(-1)?.slice(0, 1)).toEqual([GROUP]);
      expect(state.at(-1)).toContain('Empty');

      // 12 of partition 1 are acknowledged; of partition 0 nothing was ever read.
      const offsets = cells(await tool(SHARE_GROUPS, '--describe', '--group', GROUP));
      expect(offsets).toContainEqual([GROUP, TOPIC, '0', '-', '-']);
      expect(offsets.find((row) => row[1] === TOPIC && row[2] === '1')?.at(-1)).toBe('0');

      const reset = ['--reset-offsets', '--group', GROUP, '--topic', TOPIC, '--to-earliest', '--execute'];
      expect(cells(await tool(SHARE_GROUPS, ...reset))).toContainEqual([GROUP, TOPIC, '1', '0']);
      const again = cells(await tool(SHARE_GROUPS, '--describe', '--group', GROUP));
      expect(again).toContainEqual([GROUP, TOPIC, '1', '0', String(LINES)]);

      const removed = await tool(SHARE_GROUPS, '--delete-offsets', '--group', GROUP, '--topic', TOPIC);
      expect(cells(removed)).toContainEqual([TOPIC, 'Successful']);
      expect(await tool(SHARE_GROUPS, '--delete', '--group', GROUP)).toContain(`'${GROUP}'`);
      const missing = await kafkaTool(SHARE_GROUPS, [
        ...['--bootstrap-server', millrace.bootstrap],
        ...['--describe', '--group', GROUP],
      ]);
      expect(missing.stdout + missing.stderr).toContain(`Group ${GROUP} not found.`);
    },
    TEST_MS,
  );
});
