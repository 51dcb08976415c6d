/** Entry of a partition worker thread; started by the host, never imported. */
import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '../base/assert.js';
import { OperationError } from '../base/errors.js';
import { loadAddon } from '../io/addon.js';
import { openEngine } from '../io/engine.js';
import { PortableSegmentEngine } from '../io/portable/segment-engine.js';
import type { SegmentEngine } from '../io/segment-engine.js';
import type { EngineKind, WorkerStart } from './messages.js';
import { PartitionWorker } from './partition-worker.js';
import { createWorkerWorld } from './worker-world.js';

function engineOf(kind: EngineKind): SegmentEngine {
  if (kind === 'portable') return new PortableSegmentEngine();
  const { engine, reason } = openEngine();
  if (kind === 'native' && engine.name !== 'native') {
    throw new OperationError('ADDON_MISMATCH', `the addon is asked for and not there: ${reason}`);
  }
  return engine;
}

/** Only threads with a native poller publish an id, and theirs was made by the addon. */
function wakeNative(id: number): void {
  const { addon } = loadAddon();
  assert(addon !== undefined, 'a native poller cannot be woken without the addon');
  addon.pollerWake(id);
}

assert(parentPort !== null, 'a partition worker runs in a thread of its own');
const start: WorkerStart = workerData;
const world = createWorkerWorld(start, engineOf(start.engine), wakeNative);
new PartitionWorker(start, world, parentPort).run();
