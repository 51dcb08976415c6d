/**
 * The same requests to the real Kafka and to Millrace, answers compared field by field. `DIFFERENTIAL_SELF=1` compares
 * Kafka with a second Kafka: no difference may be left then, which proves that the comparison itself is fair.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ApiKey } from '../../src/protocol/index.js';
import { type StartedBroker, startMillrace } from '../support/millrace.js';
import { describeWith } from '../support/needs.js';
import { know, learnTopics } from './differential/ask.js';
import { JUSTIFIED } from './differential/justified.js';
import { Comparison } from './differential/run.js';
import { World } from './differential/step.js';
import { tables } from './differential/tables/index.js';
import { millraceOptions, startKafka } from './support/kafka.js';

const SELF = process.env.DIFFERENTIAL_SELF === '1';
/** Both brokers start from these. No retention: the records' timestamps lie years back. */
const SETTINGS = {
  'log.retention.ms': -1,
  'offsets.topic.num.partitions': 2,
  'transaction.state.log.num.partitions': 2,
  'share.coordinator.state.topic.num.partitions': 2,
  'share.coordinator.state.topic.replication.factor': 1,
  'share.coordinator.state.topic.min.isr': 1,
  'group.initial.rebalance.delay.ms': 0,
};

describeWith(['java', 'mvn'], 'the same answers as Kafka', () => {
  let kafka: StartedBroker;
  let millrace: StartedBroker;
  let comparison: Comparison;
  let complete = true;

  beforeAll(async () => {
    const quorum = { quorum: 'standalone', settings: SETTINGS } as const;
    const started = await Promise.all([
      startKafka(quorum),
      SELF ? startKafka(quorum) : startMillrace(await millraceOptions(SETTINGS)),
    ]);
    [kafka, millrace] = started;
    const now = Date.now();
    comparison = new Comparison(
      new World(kafka.port, kafka.data, now),
      new World(millrace.port, millrace.data, now),
    );
    await Promise.all([warm(comparison.kafka), warm(comparison.millrace)]);
  });

  /** Kafka refuses the first producers until it has a block of ids (error 14), which is no answer to compare. */
  async function warm(world: World): Promise<void> {
    await learnTopics(world);
    const body = { transactionalId: null, transactionTimeoutMs: 1000 };
    while ((await know(world.port, ApiKey.InitProducerId, 4, body)).errorCode !== 0) {
      await new Promise((done) => setTimeout(done, 100));
    }
  }

  afterAll(async () => {
    await Promise.all([kafka?.stop(), millrace?.stop()]);
  });

  for (const step of tables) {
    test(step.name, async ({ onTestFailed }) => {
      onTestFailed(() => {
        complete = false;
      });
      await comparison.run(step);
    });
  }

  test('every justified difference is still there', ({ skip }) => {
    if (SELF || !complete) skip('steps failed');
    const unused = JUSTIFIED.filter((each) => !comparison.used.has(each)).map((each) => each.reason);
    expect(unused).toEqual([]);
  });
});
