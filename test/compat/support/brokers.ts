/** The broker under test, Millrace or the real Kafka, with the same settings on a fresh directory. */

import { freePortPair, startKafka } from '../../interop/support/kafka.js';
import { type StartedBroker, startMillrace } from '../../support/millrace.js';
import type { BrokerName } from './outcomes.js';

export type Settings = Record<string, string | number>;

/** What a single node needs so that the topics of the broker itself can exist, and a first generation that members which start together share. */
const ONE_NODE: Settings = {
  'offsets.topic.replication.factor': 1,
  'transaction.state.log.replication.factor': 1,
  'transaction.state.log.min.isr': 1,
  'share.coordinator.state.topic.replication.factor': 1,
  'share.coordinator.state.topic.min.isr': 1,
  'group.initial.rebalance.delay.ms': 500,
};

export async function startBroker(broker: BrokerName, settings: Settings = {}): Promise<StartedBroker> {
  const options = { port: await freePortPair(), settings: { ...ONE_NODE, ...settings } };
  return broker === 'kafka' ? startKafka(options) : startMillrace(options);
}
