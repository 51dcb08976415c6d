/** Groups with Kafka's own tools, its consumers in both protocols, and kcat: what they read, and what they say. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type StartedBroker, startMillrace } from '../support/millrace.js';
import { describeWith } from '../support/needs.js';
import { freePortPair } from './support/kafka.js';
import { kafkaTool, kcatProduce, mustRun, mustRunKafkaTool } from './support/tools.js';
import { createTopic } from './support/topics.js';

const GROUPS = 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand';
const CONSOLE = 'org.apache.kafka.tools.consumer.ConsoleConsumer';
const LINES = 300;
const PARTITIONS = 3;

let millrace: StartedBroker;
beforeAll(async () => {
  millrace = await startMillrace({
    port: await freePortPair(),
    settings: { 'group.initial.rebalance.delay.ms': 200 },
  });
  await createTopic(millrace.bootstrap, 'read', PARTITIONS);
  const lines = Array.from({ length: LINES }, (_, i) => `line ${i}`);
  await kcatProduce(millrace.bootstrap, 'read', `${lines.join('\n')}\n`, [
    '-X',
    'sticky.partitioning.linger.ms=0',
  ]);
});
afterAll(async () => {
  expect(await millrace.stop()).toBe(0);
});

const groups = (...args: string[]): Promise<string> =>
  mustRunKafkaTool(GROUPS, ['--bootstrap-server', millrace.bootstrap, ...args]);

/** Rows of a printed table, split at blanks; the header is the first. */
function table(text: string): string[][] {
  return text
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((cells) => cells.length > 2);
}

/** Column `name` of the rows of a table. */
function column(text: string, name: string): string[] {
  const [header = [], ...rows] = table(text);
  const at = header.indexOf(name);
  expect(at, `${name} in ${header.join(' ')}`).toBeGreaterThanOrEqual(0);
  return rows.map((row) => row[at] ?? '');
}

/** Records that were read; the tool prints warnings between them. */
const linesOf = (text: string): string[] => text.split('\n').filter((line) => line.startsWith('line '));

const sum = (values: readonly string[]): number => values.reduce((all, value) => all + Number(value), 0);

describeWith(['java', 'mvn', 'kcat'], "Kafka's tools and consumers", () => {
  for (const protocol of ['classic', 'consumer']) {
    const group = `console-${protocol}`;

    test(`console consumer, ${protocol} protocol: reads everything once, then goes on where it was`, async () => {
      const consume = (more: readonly string[]): Promise<string> =>
        mustRunKafkaTool(CONSOLE, [
          ...['--bootstrap-server', millrace.bootstrap, '--topic', 'read', '--group', group],
          ...['--consumer-property', `group.protocol=${protocol}`, ...more],
        ]);
      const text = await consume([
        '--from-beginning',
        '--max-messages',
        String(LINES),
        '--timeout-ms',
        '30000',
      ]);
      expect(linesOf(text).length).toBe(LINES);
      expect(new Set(linesOf(text)).size).toBe(LINES);
      const again = await kafkaTool(CONSOLE, [
        ...['--bootstrap-server', millrace.bootstrap, '--topic', 'read', '--group', group],
        ...['--consumer-property', `group.protocol=${protocol}`, '--from-beginning', '--timeout-ms', '6000'],
      ]);
      expect(linesOf(again.stdout)).toEqual([]);
    });

    test(`${group}: list, describe, reset, delete offsets, delete`, async () => {
      expect((await groups('--list')).split('\n')).toContain(group);
      expect(await groups('--list', '--type')).toMatch(new RegExp(`${group}\\s+${protocol}`, 'i'));
      const offsets = await groups('--describe', '--group', group, '--offsets');
      expect(sum(column(offsets, 'CURRENT-OFFSET'))).toBe(LINES);
      expect(column(offsets, 'LAG')).toEqual(Array.from({ length: PARTITIONS }, () => '0'));
      const state = await groups('--describe', '--group', group, '--state');
      expect(state).toMatch(/Empty\s+0\s*$/m);
      expect(state).toContain(millrace.bootstrap);
      expect(
        (
          await kafkaTool(GROUPS, [
            '--bootstrap-server',
            millrace.bootstrap,
            '--describe',
            '--group',
            group,
            '--members',
          ])
        ).code,
      ).toBe(0);
      const reset = ['--reset-offsets', '--group', group, '--topic', 'read'];
      const planned = await groups(...reset, '--to-earliest', '--dry-run');
      expect(column(planned, 'NEW-OFFSET')).toEqual(['0', '0', '0']);
      expect(sum(column(await groups('--describe', '--group', group), 'LAG'))).toBe(0);
      await groups(...reset, '--to-earliest', '--execute');
      expect(sum(column(await groups('--describe', '--group', group), 'LAG'))).toBe(LINES);
      await groups('--reset-offsets', '--group', group, '--topic', 'read:1', '--shift-by', '5', '--execute');
      const shifted = await groups('--describe', '--group', group);
      expect(sum(column(shifted, 'CURRENT-OFFSET'))).toBe(5);
      expect(await groups('--delete-offsets', '--group', group, '--topic', 'read:0')).toMatch(/Successful/);
      expect(column(await groups('--describe', '--group', group), 'PARTITION').length).toBe(PARTITIONS - 1);
      expect(await groups('--delete', '--group', group)).toMatch(/successful/);
      expect((await groups('--list')).split('\n')).not.toContain(group);
    });
  }
});

describeWith(['kcat', 'java', 'mvn'], 'kcat as a group', () => {
  test('reads everything, is described while it does, and leaves its offsets', async () => {
    const args = [
      '-b',
      millrace.bootstrap,
      '-G',
      'kcat-group',
      '-X',
      'auto.offset.reset=earliest',
      '-q',
      '-c',
    ];
    const running = mustRun('kcat', [...args, String(LINES + 1), 'read']);
    let members = '';
    for (let attempt = 0; attempt < 10 && !members.includes('rdkafka'); attempt++)
      members = (
        await kafkaTool(GROUPS, [
          '--bootstrap-server',
          millrace.bootstrap,
          '--describe',
          '--group',
          'kcat-group',
          '--members',
          '--verbose',
        ])
      ).stdout;
    expect(members).toMatch(/rdkafka.*\/127\.0\.0\.1.*read\(0,1,2\)|rdkafka.*\/127\.0\.0\.1\s+rdkafka\s+3/);
    await kcatProduce(millrace.bootstrap, 'read', 'the last\n');
    const lines = (await running).trim().split('\n');
    expect(lines.length).toBe(LINES + 1);
    expect(new Set(lines).size).toBe(LINES + 1);
    const offsets = await groups('--describe', '--group', 'kcat-group');
    expect(sum(column(offsets, 'LAG'))).toBe(0);
  });
});
