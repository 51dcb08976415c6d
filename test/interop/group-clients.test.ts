/** Groups of clients that nobody here wrote grow from one member to five and shrink to one while records flow. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type StartedBroker, startMillrace } from '../support/millrace.js';
import { describeWith } from '../support/needs.js';
import { Host, type Program } from './support/groups/host.js';
import { goProgram, kafkajsProgram, pythonProgram } from './support/groups/programs.js';
import { scaleUpAndDown } from './support/groups/scenario.js';
import { freePortPair } from './support/kafka.js';

let millrace: StartedBroker;
beforeAll(async () => {
  millrace = await startMillrace({
    port: await freePortPair(),
    settings: {
      'group.initial.rebalance.delay.ms': 200,
      'group.consumer.min.heartbeat.interval.ms': 200,
      'group.consumer.heartbeat.interval.ms': 200,
    },
  });
});
afterAll(async () => {
  expect(await millrace.stop()).toBe(0);
});

/** One client: each variant is one way to configure its members. */
function family(
  needs: readonly string[],
  name: string,
  prepare: () => Program | Promise<Program>,
  variants: Record<string, Record<string, string>>,
): void {
  describeWith(needs, name, () => {
    let host: Host | undefined;
    let missing = '';
    beforeAll(async () => {
      try {
        host = Host.start(await prepare(), millrace.bootstrap);
      } catch (error) {
        if (process.env.CI === 'true') throw error;
        missing = String(error).slice(0, 300);
      }
    });
    afterAll(async () => {
      if (host !== undefined) expect(await host.end(), host.errors).toBe(0);
    });
    for (const [variant, options] of Object.entries(variants))
      test(variant, async ({ skip }) => {
        if (host === undefined) return skip(missing);
        await scaleUpAndDown(millrace.bootstrap, host, {
          group: `${name}-${variant}`,
          options: () => options,
        });
      });
  });
}

family([], 'kafkajs', kafkajsProgram, { roundrobin: {} });

family(['python3'], 'librdkafka', () => pythonProgram('confluent_host.py'), {
  eager: { 'partition.assignment.strategy': 'range,roundrobin' },
  'cooperative-sticky': { 'partition.assignment.strategy': 'cooperative-sticky' },
  'consumer-protocol': { 'group.protocol': 'consumer' },
});

family(['python3'], 'aiokafka', () => pythonProgram('aiokafka_host.py'), {
  range: { assignor: 'range' },
  roundrobin: { assignor: 'roundrobin' },
  sticky: { assignor: 'sticky' },
});

family(['go'], 'franz-go', () => goProgram('franz'), {
  range: { balancer: 'range' },
  'cooperative-sticky': { balancer: 'cooperative-sticky' },
});

family(['go'], 'sarama', () => goProgram('sarama'), {
  range: { balancer: 'range' },
  sticky: { balancer: 'sticky' },
});
