/** Worker entry for tests: the real loop over logs in memory. A log whose directory ends in -die ends the thread. */
import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../../src/io/clock.js';
import { PartitionWorker } from '../../src/partition/partition-worker.js';
import { FakeLog } from './fake-log.js';

if (parentPort === null) throw new Error('runs as a worker');
new PartitionWorker(
  workerData,
  {
    clock: systemClock,
    wakeNative: () => {
      throw new Error('these tests have no native poller');
    },
    openLog: (spec) => {
      if (spec.directory.endsWith('-die')) process.exit(9);
      return new FakeLog(spec);
    },
  },
  parentPort,
).run();
