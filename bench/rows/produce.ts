/** W1 to W4: uncompressed batches of several sizes. */

import type { LoadOptions } from '../support/load.js';
import { type Figure, megabytes, perGB, perMillion, perSecond, type Row, type Run } from '../support/row.js';

interface Produce {
  partitions: number;
  connections: number;
  record: number;
  batch: number;
}

const cpu = (most: number): Figure => ({ key: 'cpu', title: 'CPU-s/GB', aim: { of: 'share', most } });
const cpuOfMillion = (most?: number): Figure => ({
  key: 'perMillion',
  title: 'CPU-s/M requests',
  ...(most === undefined ? {} : { aim: { of: 'share', most } }),
});
const rate = (least?: number): Figure => ({
  key: 'mbps',
  title: 'MB/s',
  ...(least === undefined ? {} : { aim: { of: 'share', least } }),
});

const options = (load: Produce): LoadOptions => ({ ...load, inflight: 5 });

async function measured(
  load: Run['load'],
  shape: Produce,
  pace: Run['pace'],
): Promise<Record<string, number>> {
  const result = await load('produce', { ...options(shape), warm: pace.warmSeconds, seconds: pace.seconds });
  return {
    cpu: perGB(result),
    perMillion: perMillion(result),
    mbps: megabytes(result),
    requests: perSecond(result),
    records: perSecond(result, result.records),
    p50: (result.p50us ?? 0) / 1000,
    p99: (result.p99us ?? 0) / 1000,
  };
}

function row(
  name: string,
  title: string,
  shape: Produce,
  figures: readonly Figure[],
  more: Partial<Row> & { topic?: Record<string, string | number> } = {},
): Row {
  const { topic, ...rest } = more;
  return {
    name,
    title,
    figures,
    measure: async (run) => {
      await run.create(shape.partitions, topic);
      return measured(run.load, shape, run.pace);
    },
    floor: (run) => run.served({}, (load) => measured(load, shape, { ...run.pace, warmSeconds: 0.5 })),
    ...rest,
  };
}

const MIB = 1024 * 1024;
const LARGE: Produce = { partitions: 1, connections: 1, record: 1024, batch: 1_000_000 };

export const PRODUCE_ROWS: readonly Row[] = [
  row(
    'produce-large',
    'W1: 1 KiB records in 1 MiB batches, 1 partition, acks=1, over fresh file pages',
    LARGE,
    [cpu(0.3), rate(2)],
    {
      limit:
        'first touch of file pages: allocating, zeroing and charging them is the kernel’s work on every side',
    },
  ),
  row(
    'produce-recycled',
    'W1 once segments are deleted and used again (segment.bytes 128 MiB, retention.bytes 256 MiB)',
    LARGE,
    [cpu(0.15), rate(2)],
    {
      topic: { 'segment.bytes': 128 * MIB, 'retention.bytes': 256 * MIB },
      limit:
        'Receiving a megabyte that lies cold in the socket (a third), faults of the mapping over recycled pages (a sixth), flushes of rolled segments (a tenth).',
    },
  ),
  row(
    'produce-batches',
    'W2: 100 B records in 8 KiB batches, 6 partitions, 6 connections',
    { partitions: 6, connections: 6, record: 100, batch: 8192 },
    [cpu(0.1), cpuOfMillion(), { key: 'records', title: 'records/s' }],
    {
      limit:
        'The kernel’s TCP and page cache; checking the records of a batch is what the floor does not do.',
    },
  ),
  row(
    'produce-small',
    'W3: one 100 B record a request, 16 connections × 5 in flight, 6 partitions',
    { partitions: 6, connections: 16, record: 100, batch: 1 },
    [cpuOfMillion(0.1), { key: 'requests', title: 'requests/s' }],
    { limit: 'The kernel’s TCP: a request and an answer each.' },
  ),
  row(
    'produce-64k',
    'W4: 64 KiB records, one a batch, 1 partition',
    { partitions: 1, connections: 1, record: 65_536, batch: 1 },
    [cpu(0.15), rate()],
    { limit: 'Fresh file pages and the kernel’s TCP.' },
  ),
];
