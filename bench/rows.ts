/** The broker rows: what is sent, and which figure is compared. */
import type { Settings } from './support/brokers.js';

export interface Row {
  readonly name: string;
  readonly title: string;
  readonly settings: Settings;
  readonly mode: 'produce' | 'fetch' | 'ping';
  /** Load of one measured round. */
  readonly load: Readonly<Record<string, number | string>>;
  /** Sent once before measuring; for fetch rows the data that is read. */
  readonly prepare: Readonly<Record<string, number | string>>;
  /** CPU-seconds per GB (1e9 bytes) or per million requests. */
  readonly unit: 'GB' | 'M requests';
  /** Ratio to Kafka's CPU that is aimed at. */
  readonly aim: number;
}

const GB = 1e9;

export const ROWS: readonly Row[] = [
  {
    name: 'produce-large',
    title: 'produce 1 KiB records, 1 MiB batches, 1 partition, acks=1',
    settings: { 'num.partitions': 1 },
    mode: 'produce',
    load: { partitions: 1, connections: 1, inflight: 5, record: 1024, batch: 1_000_000, bytes: 2 * GB },
    prepare: { partitions: 1, record: 1024, batch: 1_000_000, bytes: 0.5 * GB },
    unit: 'GB',
    aim: 0.4,
  },
  {
    name: 'produce-small',
    title: 'one 100 B record a request, 16 connections, 5 in flight, 6 partitions',
    settings: { 'num.partitions': 6 },
    mode: 'produce',
    load: { partitions: 6, connections: 16, inflight: 5, record: 100, batch: 1, seconds: 6 },
    prepare: { partitions: 6, connections: 16, record: 100, batch: 1, seconds: 3 },
    unit: 'M requests',
    aim: 0.2,
  },
  {
    name: 'fetch-catchup',
    title: 'catch-up fetch from page cache, 1 consumer, 1 MiB',
    settings: { 'num.partitions': 1 },
    mode: 'fetch',
    load: { partitions: 1, max: 1_048_576, bytes: 4 * GB },
    prepare: { partitions: 1, record: 1024, batch: 16_384, bytes: 2 * GB },
    unit: 'GB',
    aim: 1,
  },
];
