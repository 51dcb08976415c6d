/** The partition host as a broker's settings want it, made before the broker that hears its events. Main thread. */
import { availableParallelism } from 'node:os';
import type { Report } from '../../base/report.js';
import type { BrokerConfig } from '../../metadata/config/broker-config.js';
import { defaultWorkersMax, PartitionHost } from '../../partition/host.js';
import { Coordinators } from './coordinators/coordinators.js';
import { networkThreadCount, slabBytes } from './network-settings.js';

export interface HostEvents {
  offline(slot: number, reason: string): void;
  workerLost(worker: number, error: Error): void;
}

export const usesPortableLog = (config: BrokerConfig): boolean =>
  config.string('millrace.log.engine') === 'portable';

/**
 * `expected`: partitions that the directories' checkpoints name. Workers for them are started at once, so that they load
 * their code while the main thread reads the metadata log.
 */
export function createPartitionHost(
  config: BrokerConfig,
  report: Report,
  expected: number,
  events: HostEvents,
): PartitionHost {
  const cores = availableParallelism();
  const configured = config.number('millrace.partition.workers.max');
  const slabs = Array.from(
    { length: networkThreadCount(config, cores) },
    () => new SharedArrayBuffer(slabBytes(config)),
  );
  const host = PartitionHost.create({
    slabs: [...slabs, Coordinators.slab()],
    workersMax: configured > 0 ? configured : defaultWorkersMax(cores),
    engine: usesPortableLog(config) ? 'portable' : 'auto',
    retentionCheckMs: config.number('log.retention.check.interval.ms'),
    report,
    onOffline: (slot, reason) => events.offline(slot, reason),
    onWorkerLost: (worker, error) => events.workerLost(worker, error),
  });
  host.startWorkers(expected);
  return host;
}
