/** The world of a real partition worker: the system's clock, the given engine, Kafka's log files. */
import { assert } from '../base/assert.js';
import { systemClock } from '../io/clock.js';
import { random } from '../io/random.js';
import type { SegmentEngine } from '../io/segment-engine.js';
import { PartitionLog } from '../storage/partition-log.js';
import { ProducerTable } from '../storage/producer-table.js';
import { ScratchSlab } from '../storage/scratch-slab.js';
import type { WorkerStart } from './messages.js';
import type { WorkerWorld } from './partition-worker.js';
import { THREADS_MAX } from './state-layout.js';

/** Registers every network thread's slab with `engine`; its logs share one producer table. */
export function createWorkerWorld(
  start: WorkerStart,
  engine: SegmentEngine,
  wakeNative: (id: number) => void,
): WorkerWorld {
  const slabs = start.memory.slabs.map((memory) => new Uint8Array(memory));
  slabs.forEach((slab, index) => {
    engine.registerSlab(index, slab);
  });
  const producers = ProducerTable.create();
  const scratch = new ScratchSlab(engine, THREADS_MAX);
  const slab = (index: number): Uint8Array => {
    const memory = slabs[index];
    assert(memory !== undefined, `slab ${index} belongs to no network thread`);
    return memory;
  };
  return {
    clock: systemClock,
    wakeNative,
    producers: producers.handle,
    openLog: (spec, place) =>
      PartitionLog.open(spec, { engine, clock: systemClock, random, producers, slab, scratch, ...place }),
  };
}
