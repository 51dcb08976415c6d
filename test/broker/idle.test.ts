/** A broker without clients sleeps: no timer runs while nothing waits. Counted in context switches, not in time. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  findCoordinatorRequest,
  findCoordinatorResponse,
  offsetCommitRequest,
  offsetCommitResponse,
} from '../../src/protocol/index.js';
import { startMillrace } from '../support/millrace.js';
import { Client } from './support/client.js';
import { eventually } from './support/eventually.js';
import { batchOf, createTopic, produce, sleep } from './support/requests.js';

const WINDOW_MS = 2_000;
/** V8 tidies its heaps for some seconds after a start: so many windows may be noisy before a calm one. */
const WINDOWS_MAX = 8;
const SWITCHES_PER_SECOND_MAX = 10;

/** Commits an offset of a group without members; the first calls have the coordinator's topic made. Its error. */
async function commit(client: Client): Promise<number | undefined> {
  await client.call(
    { request: findCoordinatorRequest, response: findCoordinatorResponse, version: 1 },
    { key: 'g' },
  );
  const partitions = [{ partitionIndex: 0, committedOffset: 1, committedMetadata: null }];
  const { topics } = await client.call(
    { request: offsetCommitRequest, response: offsetCommitResponse, version: 8 },
    { groupId: 'g', topics: [{ name: 'many', partitions }] },
  );
  return topics[0]?.partitions[0]?.errorCode;
}

/** Times that any thread of the process went to sleep so far. */
function sleepsOf(pid: number): number {
  const tasks = `/proc/${pid}/task`;
  return readdirSync(tasks).reduce((sum, task) => {
    const status = readFileSync(`${tasks}/${task}/status`, 'utf8');
    return sum + Number(/^voluntary_ctxt_switches:\s+(\d+)$/m.exec(status)?.[1] ?? 0);
  }, 0);
}

async function calmest(pid: number): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let window = 0; window < WINDOWS_MAX && least > SWITCHES_PER_SECOND_MAX; window++) {
    const before = sleepsOf(pid);
    await sleep(WINDOW_MS);
    least = Math.min(least, (sleepsOf(pid) - before) / (WINDOW_MS / 1000));
  }
  return least;
}

describe('an idle broker', () => {
  it('wakes a few times a second at most, fresh or with many partitions that were written to, and groups that are empty', async () => {
    const broker = await startMillrace();
    try {
      expect(await calmest(broker.pid)).toBeLessThanOrEqual(SWITCHES_PER_SECOND_MAX);
      const client = await Client.open(broker.port);
      await createTopic(client, 'many', 100);
      for (let partition = 0; partition < 100; partition++)
        expect(await produce(client, 'many', batchOf(['value']), partition)).toMatchObject({ error: 0 });
      await eventually('an offset is committed', async () => (await commit(client)) === 0);
      expect(await calmest(broker.pid)).toBeLessThanOrEqual(SWITCHES_PER_SECOND_MAX);
      client.close();
    } finally {
      expect(await broker.stop()).toBe(0);
    }
  });
});
