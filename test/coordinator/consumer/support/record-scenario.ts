/**
 * Sends a scenario to a running Kafka and writes down what it answered:
 *   node dist/test/coordinator/consumer/support/record-scenario.js PORT consumer|migration FILE
 * The broker needs SCENARIO_SETTINGS. Made by hand, not part of the tests.
 */
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  createTopicsRequest,
  createTopicsResponse,
  findCoordinatorRequest,
  findCoordinatorResponse,
} from '../../../../src/protocol/index.js';
import { Client } from '../../../broker/support/client.js';
import { CONSUMER_STEPS } from './consumer-steps.js';
import { MIGRATION_STEPS } from './migration-steps.js';
import { SCENARIO_TOPICS, STEP_MS } from './scenario.js';
import { apiFor, type TranscriptEntry, Translation } from './transcript.js';

const [port = '', which = '', file = ''] = process.argv.slice(2);
const steps = which === 'consumer' ? CONSUMER_STEPS : MIGRATION_STEPS;
const client = await Client.open(Number(port));
const created = await client.call(
  { request: createTopicsRequest, response: createTopicsResponse, version: 7 },
  {
    topics: SCENARIO_TOPICS.map(({ name, partitions }) => ({
      name,
      numPartitions: partitions,
      replicationFactor: 1,
    })),
    timeoutMs: 10_000,
  },
);
for (let error = -1; error !== 0; await sleep(200)) {
  const answer = await client.call(
    { request: findCoordinatorRequest, response: findCoordinatorResponse, version: 4 },
    { keyType: 0, coordinatorKeys: ['g'] },
  );
  error = answer.coordinators[0]?.errorCode ?? -1;
}
await sleep(2_000);

const translation = new Translation(new Map(created.topics.map(({ name, topicId }) => [name, topicId])));
const transcript: TranscriptEntry[] = [];
for (const [index, step] of steps.entries()) {
  await sleep(step.afterMs);
  const startedMs = performance.now();
  const { request, response } = apiFor(step.api);
  const body = translation.resolve(step.request) as never;
  const answer: unknown = await client.call({ request, response, version: step.version }, body);
  translation.note(step.save, answer);
  transcript.push({
    step: `${index} ${step.api} v${step.version}: ${step.what}`,
    response: translation.normalize(answer),
  });
  await sleep(Math.max(STEP_MS - (performance.now() - startedMs), 0));
}
const topics = Object.fromEntries(created.topics.map(({ name, topicId }) => [name, topicId]));
writeFileSync(file, `${JSON.stringify({ topics, memberNames: translation.names, transcript }, null, 1)}\n`);
process.exit(0);
