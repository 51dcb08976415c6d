import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach } from 'vitest';
import { BatchTable, Word } from '../../src/io/batch-table.js';
import { ManualClock } from '../../src/io/clock.js';
import { openEngine } from '../../src/io/engine.js';
import { PortableSegmentEngine } from '../../src/io/portable/segment-engine.js';
import type { SegmentEngine } from '../../src/io/segment-engine.js';
import { BatchBuilder } from '../../src/record/batch-builder.js';
import { APPEND_STATE_BYTES } from '../../src/storage/append-state.js';
import type { AppendOutcomes, LogConfig, LogDeps, LogSpec } from '../../src/storage/contract.js';
import type { FileOps } from '../../src/storage/files/file-ops.js';
import { PartitionLog } from '../../src/storage/partition-log.js';
import { ProducerTable } from '../../src/storage/producer-table.js';
import { ScratchSlab } from '../../src/storage/scratch-slab.js';

export const GOLDEN = resolve(import.meta.dirname, '../golden/partitions');
export const TOPIC_ID = 'ZxW9AAAAQACAAAAAAAAAAA';
const FOREVER = Number.MAX_SAFE_INTEGER;

export const CONFIG: LogConfig = {
  segmentBytes: 1_073_741_824,
  segmentMs: 604_800_000,
  segmentJitterMs: 0,
  segmentIndexBytes: 10_485_760,
  indexIntervalBytes: 4096,
  maxMessageBytes: 1_048_588,
  messageTimestampType: 'CreateTime',
  messageTimestampBeforeMaxMs: FOREVER,
  messageTimestampAfterMaxMs: 3_600_000,
  cleanupCompact: false,
  cleanupDelete: true,
  compressionType: 'producer',
  compressionGzipLevel: -1,
  compressionLz4Level: 9,
  compressionZstdLevel: 3,
  flushMessages: FOREVER,
  flushMs: FOREVER,
  retentionMs: 604_800_000,
  retentionBytes: -1,
  preallocate: false,
  fileDeleteDelayMs: 60_000,
  maxCompactionLagMs: FOREVER,
  minCompactionLagMs: 0,
  deleteRetentionMs: 86_400_000,
  minCleanableDirtyRatio: 0.5,
  minInsyncReplicas: 1,
  producerIdExpirationMs: 86_400_000,
  validation: 'full',
};

const made: string[] = [];
afterEach(() => {
  for (const path of made.splice(0)) rmSync(path, { recursive: true, force: true });
});

export function temporaryDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), 'millrace-storage-'));
  made.push(path);
  return path;
}

export interface World {
  root: string;
  engine: SegmentEngine;
  clock: ManualClock;
  reports: string[];
  producers: ProducerTable;
}

export function world(nowMs = 1_700_000_000_000): World {
  return {
    root: temporaryDirectory(),
    // The twin unless the addon is asked for: these tests are about storage, and need no compiler.
    engine: process.env.MILLRACE_TEST_ENGINE === 'native' ? openEngine().engine : new PortableSegmentEngine(),
    clock: new ManualClock(nowMs),
    reports: [],
    producers: ProducerTable.create(1024),
  };
}

const SLAB_BYTES = 4 * 1024 * 1024;

/** A log with its own worker's world: engine, slab, producer table. */
export class TestLog {
  readonly slab = new Uint8Array(new SharedArrayBuffer(SLAB_BYTES));
  readonly table = new BatchTable(64);
  readonly log: PartitionLog;
  readonly outcomes: AppendOutcomes = {
    errors: new Int16Array(64),
    baseOffsets: new Float64Array(64),
    appendTimes: new Float64Array(64),
    details: new Map(),
  };
  readonly deps: LogDeps;

  constructor(
    readonly world: World,
    readonly spec: LogSpec,
    files?: FileOps,
  ) {
    world.engine.registerSlab(0, this.slab);
    const report: LogDeps['report'] = (level, message) => world.reports.push(`${level}: ${message}`);
    this.deps = {
      engine: world.engine,
      clock: world.clock,
      random: () => 0.5,
      report,
      appendState: new SharedArrayBuffer(APPEND_STATE_BYTES),
      appendStateOffset: 0,
      producers: world.producers,
      producerScope: 7,
      slab: () => this.slab,
      scratch: new ScratchSlab(world.engine, 1),
    };
    this.log = PartitionLog.open(spec, this.deps, files);
  }

  /** Appends batches as one drain; returns the error numbers. */
  append(...batches: Uint8Array[]): number[] {
    let at = 0;
    batches.forEach((batch, row) => {
      this.slab.set(batch, at);
      this.table.setWord(row, Word.slab, 0);
      this.table.setWord(row, Word.position, at);
      this.table.setWord(row, Word.length, batch.length);
      at += batch.length;
    });
    this.outcomes.details.clear();
    this.log.append(this.table, 0, batches.length, this.outcomes);
    return [...this.outcomes.errors.subarray(0, batches.length)];
  }
}

export function specOf(
  world: World,
  change: Partial<LogSpec> = {},
  config: Partial<LogConfig> = {},
): LogSpec {
  const topic = change.topic ?? 't';
  return {
    directory: join(world.root, `${topic}-0`),
    topic,
    partition: 0,
    topicId: TOPIC_ID,
    config: { ...CONFIG, ...config },
    recoveryPoint: undefined,
    logStartOffset: undefined,
    highWatermark: undefined,
    cleanShutdown: false,
    sameBoot: true,
    leaderEpoch: 0,
    ...change,
  };
}

/** One client batch of `count` records of `bytes` value bytes. */
export function batchOf(
  count: number,
  timestamp: number,
  options: {
    bytes?: number;
    producerId?: bigint;
    producerEpoch?: number;
    baseSequence?: number;
    codec?: 0 | 1 | 2 | 3 | 4;
    key?: Uint8Array | null;
    transactional?: boolean;
  } = {},
): Uint8Array {
  const { bytes = 10, key = new Uint8Array([107]), ...header } = options;
  const builder = new BatchBuilder({ baseOffset: 0, ...header });
  for (let index = 0; index < count; index++)
    builder.append(timestamp + index, key, new Uint8Array(bytes).fill(65 + (index % 26)));
  return builder.build().slice();
}

/** Batches of a `.log` file in order. */
export function batchesOf(bytes: Uint8Array): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const batches: Uint8Array[] = [];
  for (let at = 0; at + 61 <= bytes.length; ) {
    if (view.getInt32(at + 8) === 0) break; // space allocated ahead
    const length = view.getInt32(at + 8) + 12;
    batches.push(bytes.slice(at, at + length));
    at += length;
  }
  return batches;
}

/** Content of a `.log` without space allocated ahead. */
export function used(path: string): Uint8Array {
  const bytes = read(path);
  const end = batchesOf(bytes).reduce((sum, batch) => sum + batch.length, 0);
  return bytes.subarray(end).every((byte) => byte === 0) ? bytes.subarray(0, end) : bytes;
}

/** A stored batch as a client would send it: offset 0, epoch -1 (both outside the CRC). */
export function asSent(batch: Uint8Array): Uint8Array {
  const sent = batch.slice();
  const view = new DataView(sent.buffer);
  view.setBigInt64(0, 0n);
  view.setInt32(12, -1);
  return sent;
}

export function logFiles(directory: string): string[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith('.log'))
    .sort();
}

export function read(...parts: string[]): Uint8Array {
  return new Uint8Array(readFileSync(join(...parts)));
}

/** Copies a golden partition into the world; returns a spec that opens it. */
export function golden(
  world: World,
  name: string,
  change: Partial<LogSpec> = {},
  config: Partial<LogConfig> = {},
): LogSpec {
  const topic = name.slice(name.indexOf('/') + 1, -2);
  const directory = join(world.root, `${topic}-0`);
  mkdirSync(directory, { recursive: true });
  cpSync(join(GOLDEN, 'clean', `${topic}-0`), directory, { recursive: true });
  if (name.startsWith('killed/')) {
    cpSync(join(GOLDEN, name), directory, { recursive: true });
    for (const file of readdirSync(directory))
      if (/0000(400|420)\.snapshot$/.test(file)) rmSync(join(directory, file));
    for (const [suffix, size] of [
      ['index', 10_485_760],
      ['timeindex', 10_485_756],
    ] as const) {
      const path = join(directory, `00000000000000000360.${suffix}`);
      writeFileSync(path, '');
      truncateSync(path, size);
    }
  }
  const metadata = readFileSync(join(directory, 'partition.metadata'), 'utf8');
  const topicId = /topic_id: (\S+)/.exec(metadata)?.[1] ?? '';
  return specOf(world, { directory, topic, topicId, leaderEpoch: -1, ...change }, config);
}

export { existsSync };
