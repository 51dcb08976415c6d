/** Worker entry: a main thread with two partition workers that sleep. Says when they run. */
import { parentPort } from 'node:worker_threads';
import { PartitionHost } from '../../src/partition/host.js';
import { fakeSpec } from './fake-log.js';

const host = PartitionHost.create({
  slabs: [new SharedArrayBuffer(64)],
  workersMax: 2,
  workerEntry: new URL('./fake-worker.js', import.meta.url),
});
await Promise.all([host.open(fakeSpec('/logs/a-0')), host.open(fakeSpec('/logs/a-1'))]);
parentPort?.postMessage('running');
