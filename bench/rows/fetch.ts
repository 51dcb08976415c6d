/** W7 and W8: one consumer reads everything, from the page cache and from the disk. */
import { floorTool } from '../support/load.js';
import { evict, logFiles } from '../support/page-cache.js';
import { type Figures, GB, megabytes, perGB, type Row, type Run } from '../support/row.js';

const MAX_BYTES = 1024 * 1024;

const fill = (bytes: number): Record<string, number> => ({
  partitions: 1,
  record: 1024,
  batch: 16_384,
  inflight: 5,
  bytes,
});

async function warm(load: Run['load'], pace: Run['pace']): Promise<Figures> {
  await load('produce', fill(pace.amount * 2 * GB));
  const result = await load('fetch', {
    partitions: 1,
    max: MAX_BYTES,
    loop: 1,
    warm: pace.warmSeconds,
    seconds: pace.seconds,
  });
  return { cpu: perGB(result), mbps: megabytes(result) };
}

export const FETCH_ROWS: readonly Row[] = [
  {
    name: 'fetch-catchup',
    title: 'W7: catch-up fetch from the page cache, 1 consumer, 1 MiB',
    figures: [
      { key: 'cpu', title: 'CPU-s/GB', aim: { of: 'share', most: 0.9 } },
      { key: 'mbps', title: 'MB/s', aim: { of: 'share', least: 1 } },
    ],
    measure: async (run) => {
      await run.create(1);
      return warm(run.load, run.pace);
    },
    floor: (run) => run.served({ bytes: 2 * GB }, (load) => warm(load, { ...run.pace, amount: 0.5 })),
  },
  {
    name: 'fetch-cold',
    title: 'W8: catch-up from the disk (files put out of the page cache first)',
    limit: 'The device; the rate of one run to the next differs by a tenth on any side.',
    figures: [
      { key: 'mbps', title: 'MB/s', aim: { of: 'share', least: 1 } },
      { key: 'cpu', title: 'CPU-s/GB' },
      { key: 'ofFloor', title: 'MB/s : plain read', aim: { of: 'value', least: 0.9 } },
    ],
    measure: async (run) => {
      await run.create(1);
      const bytes = run.pace.amount * 3 * GB;
      await run.load('produce', fill(bytes));
      const files = logFiles(run.broker.directory, `${run.topic}-0`);
      evict(files);
      const floor = await floorTool('read', files[0], {});
      evict(files);
      const result = await run.load('fetch', { partitions: 1, max: MAX_BYTES, bytes: 0.95 * bytes });
      return {
        mbps: megabytes(result),
        cpu: perGB(result),
        ofFloor: megabytes(result) / (floor.mbps ?? Number.NaN),
      };
    },
  },
];
