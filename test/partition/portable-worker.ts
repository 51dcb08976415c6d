/** Worker entry for tests: real logs on the portable engine. */
import { parentPort, workerData } from 'node:worker_threads';
import { PortableSegmentEngine } from '../../src/io/portable/segment-engine.js';
import { PartitionWorker } from '../../src/partition/partition-worker.js';
import { createWorkerWorld } from '../../src/partition/worker-world.js';

if (parentPort === null) throw new Error('runs as a worker');
const world = createWorkerWorld(workerData, new PortableSegmentEngine(), () => {
  throw new Error('these tests have no native poller');
});
new PartitionWorker(workerData, world, parentPort).run();
