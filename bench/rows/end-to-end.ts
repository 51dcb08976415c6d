/** W9 to W12: open loop, latency from the intended send time of a record until a consumer has it. */

import type { LoadOptions, LoadResult } from '../support/load.js';
import { evict, logFiles } from '../support/page-cache.js';
import { type Figure, type Figures, GB, ms, ofCore, type Row, type Run } from '../support/row.js';

const most = (share: number): { aim: { of: 'share'; most: number } } => ({
  aim: { of: 'share', most: share },
});
const CPU = (share: number): Figure => ({ key: 'core', title: '% of a core', ...most(share) });

function told(result: LoadResult): Figures {
  return {
    p50: ms(result.e2eP50us),
    p99: ms(result.e2eP99us),
    p999: ms(result.e2eP999us),
    ackP50: ms(result.p50us),
    ackP99: ms(result.p99us),
    ackP999: ms(result.p999us),
    core: ofCore(result),
    outCpu: (result.brokerCpu ?? 0) / ((result.bytesOut ?? 0) / GB),
    anonymous: result.brokerAnonMiB ?? 0,
    switches: (result.brokerSwitches ?? 0) / (result.seconds ?? 1),
    backlogMbps: (result.backlogBytes ?? 0) / 1e6 / (result.backlogSeconds ?? 1),
  };
}

/** Percentiles want more samples than CPU figures: these rows run longer. */
const paced = ({ warmSeconds, seconds }: Run['pace']): LoadOptions => ({
  warm: warmSeconds,
  seconds: seconds * 2,
});

const STREAM: LoadOptions = {
  producers: 2,
  consumers: 1,
  record: 1024,
  batch: 16_384,
  mbps: 50,
  partitions: 6,
};

export const END_TO_END_ROWS: readonly Row[] = [
  {
    name: 'trickle',
    title: 'W9: one 1 KiB record a batch, 1,000 a second, linger 0, 1 producer, 1 consumer',
    limit:
      'Two wake-ups of an idle core and two sends through loopback a record; half of the samples are the kernel’s.',
    figures: [
      { key: 'p50', title: 'p50, ms', ...most(0.4) },
      { key: 'p99', title: 'p99, ms', ...most(0.25) },
      { key: 'p999', title: 'p99.9, ms', ...most(0.25) },
      CPU(0.2),
    ],
    measure: async (run) => {
      await run.create(1);
      return told(
        await run.load('e2e', { partitions: 1, record: 1024, batch: 1, rate: 1000, ...paced(run.pace) }),
      );
    },
  },
  {
    name: 'stream',
    title: 'W10: 50 MB/s in and out, 16 KiB batches, 6 partitions',
    limit:
      'Each batch is received, copied into the page cache and sent by itself, with a wake-up each: nearly all of it is the kernel’s. p99.9: pages that the kernel writes back or reclaims while they are appended to.',
    figures: [
      { key: 'p50', title: 'p50, ms' },
      { key: 'p99', title: 'p99, ms', ...most(0.2) },
      { key: 'p999', title: 'p99.9, ms', ...most(0.2) },
      CPU(0.2),
      { key: 'anonymous', title: 'anonymous MiB', aim: { of: 'value', most: 150 } },
    ],
    measure: async (run) => {
      await run.create(6);
      return told(await run.load('e2e', { ...STREAM, ...paced(run.pace) }));
    },
  },
  {
    name: 'stream-cold',
    title: 'W11: W10 with a reader of a cold backlog beside it',
    figures: [
      { key: 'ackP99', title: 'ack p99, ms', ...most(0.2) },
      { key: 'p99', title: 'p99, ms' },
      { key: 'backlogMbps', title: 'backlog, MB/s' },
    ],
    measure: async (run) => {
      const backlog = `${run.topic}-backlog`;
      await run.create(1, {}, backlog);
      await run.create(6);
      const bytes = 4 * GB * run.pace.amount;
      await run.load('produce', { partitions: 1, batch: 1_000_000, bytes }, backlog);
      evict(logFiles(run.broker.directory, `${backlog}-0`));
      return told(await run.load('e2e', { ...STREAM, ...paced(run.pace), backlog, loop: 1 }));
    },
  },
  {
    name: 'fan-out',
    title: 'W12: one producer of 10 MB/s in 16 KiB batches, 16 consumers at the tail',
    figures: [
      { key: 'outCpu', title: 'CPU-s/GB out', ...most(0.2) },
      { key: 'p99', title: 'p99, ms', ...most(0.2) },
    ],
    limit: 'Sixteen sends of each batch through loopback: 62 % of the samples are the kernel’s.',
    measure: async (run) => {
      await run.create(1);
      const options = {
        partitions: 1,
        consumers: 16,
        record: 1024,
        batch: 16_384,
        mbps: 10,
        ...paced(run.pace),
      };
      return told(await run.load('e2e', options));
    },
  },
];
