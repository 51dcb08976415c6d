/**
 * Sends the scenario to a running Kafka and writes down what it answered:
 *   node dist/test/coordinator/support/record-scenario.js PORT FILE
 * The broker needs group.initial.rebalance.delay.ms=0. Made by hand, not part of the tests.
 */
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  createTopicsRequest,
  createTopicsResponse,
  findCoordinatorRequest,
  findCoordinatorResponse,
} from '../../../src/protocol/index.js';
import { Client } from '../../broker/support/client.js';
import { SCENARIO, SCENARIO_PARTITIONS, SCENARIO_TOPIC } from './scenario.js';
import { apiFor, Names, type TranscriptEntry } from './transcript.js';

/** Longer than any answer takes that does not wait for another request. */
const SETTLE_MS = 250;

const [port = '', file = ''] = process.argv.slice(2);
const admin = await Client.open(Number(port));
await admin.call(
  { request: createTopicsRequest, response: createTopicsResponse, version: 5 },
  {
    topics: [{ name: SCENARIO_TOPIC, numPartitions: SCENARIO_PARTITIONS, replicationFactor: 1 }],
    timeoutMs: 10_000,
  },
);
// __consumer_offsets comes into being when somebody asks for a coordinator.
for (let error = -1; error !== 0; await sleep(200)) {
  const answer = await admin.call(
    { request: findCoordinatorRequest, response: findCoordinatorResponse, version: 4 },
    { keyType: 0, coordinatorKeys: ['g1'] },
  );
  error = answer.coordinators[0]?.errorCode ?? -1;
}
await sleep(1_000);

const names = new Names();
const transcript: TranscriptEntry[] = [];
let arrived: { of: number; response: unknown }[] = [];
for (const [index, step] of SCENARIO.entries()) {
  await sleep(step.afterMs ?? 0);
  const client = await Client.open(Number(port));
  const api = apiFor(step.api);
  const body = names.resolve(step.request) as never;
  void client
    .call({ request: api.request, response: api.response, version: step.version }, body)
    .then((response: unknown) => {
      names.note(step.save, response);
      arrived.push({ of: index, response });
    });
  await sleep(SETTLE_MS);
  const answers = arrived.sort((a, b) => a.of - b.of);
  arrived = [];
  transcript.push({
    step: `${index} ${step.api} v${step.version}: ${step.what}`,
    answers,
  });
}
writeFileSync(file, `${JSON.stringify(names.normalize(transcript), null, 1)}\n`);
process.exit(0);
