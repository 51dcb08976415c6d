/**
 * One partition's log alone, in a temporary directory: drains appended, offsets and timestamps looked up, by the native
 * engine where it is built and by its portable twin (layers.ts runs it). Writes end in the page cache: nothing is flushed.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Bench, type BenchOptions } from 'tinybench';
import { BatchTable, Word } from '../src/io/batch-table.js';
import { systemClock } from '../src/io/clock.js';
import { openEngine } from '../src/io/engine.js';
import { ReadOut, ReadStatus, type SegmentEngine } from '../src/io/segment-engine.js';
import { BrokerConfig } from '../src/metadata/config/broker-config.js';
import { toLogConfig } from '../src/metadata/config/topic-config.js';
import { BatchBuilder } from '../src/record/batch-builder.js';
import { APPEND_STATE_BYTES } from '../src/storage/append-state.js';
import type { AppendOutcomes, LogDeps } from '../src/storage/contract.js';
import { PartitionLog } from '../src/storage/partition-log.js';
import { ProducerTable } from '../src/storage/producer-table.js';
import { ScratchSlab } from '../src/storage/scratch-slab.js';
import type { ByteBench } from './record.bench.js';

const ROWS_MAX = 64;
/** A log that is appended to begins anew here: with six of them a run takes less than 400 MB of disk. */
const LOG_BYTES_MAX = 50_000_000;
const SLAB_BYTES = 2 * 1024 * 1024;
const SEGMENTS = 8;
const SEGMENT_BYTES = 2 * 1024 * 1024;
const RECORDS_PER_BATCH = 10;
const FIRST_MS = 1_700_000_000_000;
const READ_BYTES_MAX = 1024 * 1024;
/** Slabs of this thread: the batches of a drain, and what storage rebuilds. */
const [DRAIN_SLAB, SCRATCH_SLAB] = [0, 1];

function batchOf(records: number, valueBytes: number, firstMs = FIRST_MS): Uint8Array {
  const builder = new BatchBuilder();
  const value = new Uint8Array(valueBytes).fill(97);
  for (let index = 0; index < records; index++) builder.append(firstMs + index, null, value);
  return builder.build();
}

/** A partition worker's world on one engine: it prepares a drain once and appends it to its logs. */
class Worker {
  private readonly slab = new Uint8Array(new SharedArrayBuffer(SLAB_BYTES));
  private readonly table = new BatchTable(ROWS_MAX);
  private readonly producers = ProducerTable.create(1024);
  private readonly logs: PartitionLog[] = [];
  private readonly outcomes: AppendOutcomes = {
    errors: new Int16Array(ROWS_MAX),
    baseOffsets: new Float64Array(ROWS_MAX),
    appendTimes: new Float64Array(ROWS_MAX),
    details: new Map(),
  };
  private rows = 0;

  constructor(
    readonly engine: SegmentEngine,
    private readonly root: string,
  ) {
    engine.registerSlab(DRAIN_SLAB, this.slab);
  }

  open(settings: Readonly<Record<string, string>> = {}): PartitionLog {
    const partition = this.logs.length;
    const directory = join(this.root, `${this.engine.name}-${partition}`);
    const broker = BrokerConfig.fromProperties(new Map([['node.id', '1']]));
    const config = toLogConfig(broker, new Map(Object.entries(settings)));
    const names = { directory, topic: this.engine.name, partition, topicId: 'ZxW9AAAAQACAAAAAAAAAAA' };
    const unknown = { recoveryPoint: undefined, logStartOffset: undefined, highWatermark: undefined };
    const deps: LogDeps = {
      engine: this.engine,
      clock: systemClock,
      random: () => 0.5,
      report: () => undefined,
      appendState: new SharedArrayBuffer(APPEND_STATE_BYTES),
      appendStateOffset: 0,
      producers: this.producers,
      producerScope: partition,
      slab: () => this.slab,
      scratch: new ScratchSlab(this.engine, SCRATCH_SLAB),
    };
    const spec = { ...names, ...unknown, config, cleanShutdown: false, sameBoot: true, leaderEpoch: 0 };
    const log = PartitionLog.open(spec, deps);
    this.logs.push(log);
    return log;
  }

  /** `append` appends these batches from now on. */
  load(batches: readonly Uint8Array[]): void {
    this.rows = batches.length;
    let at = 0;
    for (const [row, batch] of batches.entries()) {
      this.slab.set(batch, at);
      this.table.setWord(row, Word.slab, DRAIN_SLAB);
      this.table.setWord(row, Word.position, at);
      this.table.setWord(row, Word.length, batch.length);
      at += batch.length;
    }
  }

  append(log: PartitionLog): void {
    const { errors } = this.outcomes;
    log.append(this.table, 0, this.rows, this.outcomes);
    for (let row = 0; row < this.rows; row++) if (errors[row] !== 0) throw new Error('a batch was refused');
  }

  /** The log itself, or a new one in place of one that has grown. */
  kept(log: PartitionLog): PartitionLog {
    if (log.sizeBytes() < LOG_BYTES_MAX) return log;
    log.close(false);
    rmSync(log.spec.directory, { recursive: true });
    return this.open();
  }

  close(): void {
    for (const log of this.logs) log.close(false);
  }
}

/** Returns the bytes of a call. */
function addAppend(bench: Bench, worker: Worker, name: string, batches: readonly Uint8Array[]): number {
  let log = worker.open();
  bench.add(name, () => worker.append(log), {
    beforeAll: () => worker.load(batches),
    // Not timed.
    afterEach: () => {
      log = worker.kept(log);
    },
  });
  return batches.reduce((sum, batch) => sum + batch.length, 0);
}

/** Record n has offset n and timestamp FIRST_MS + n: every look-up has one right answer. */
function addLookUps(bench: Bench, worker: Worker): void {
  const { engine } = worker;
  const log = worker.open({ 'segment.bytes': String(SEGMENT_BYTES) });
  let records = 0;
  for (; log.segmentBases.length < SEGMENTS; records += ROWS_MAX * RECORDS_PER_BATCH) {
    const timestamp = (row: number): number => FIRST_MS + records + row * RECORDS_PER_BATCH;
    worker.load(
      Array.from({ length: ROWS_MAX }, (_, row) => batchOf(RECORDS_PER_BATCH, 100, timestamp(row))),
    );
    worker.append(log);
  }
  const out = new Float64Array(4);
  let state = 1;
  const anyRecord = (): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((state / 2 ** 32) * records);
  };
  bench.add(`find an offset in ${SEGMENTS} segments as a fetch does, ${engine.name}`, () => {
    const offset = anyRecord();
    const status = engine.read(log.token, offset, records, READ_BYTES_MAX, true, out);
    if (status !== ReadStatus.found || out[ReadOut.segmentBase] > offset) throw new Error('not found');
    engine.dropRange(out[ReadOut.range]);
  });
  bench.add(`find a timestamp in ${SEGMENTS} segments, ${engine.name}`, () => {
    const offset = anyRecord();
    if (log.findByTimestamp(FIRST_MS + offset)?.offset !== offset) throw new Error('not found');
  });
}

export interface LogBench extends Pick<ByteBench, 'bench' | 'bytesOf'> {
  readonly directory: string;
  /** Closes the logs and removes the directory. */
  close(): void;
}

export function logBench(options: BenchOptions): LogBench {
  const bench = new Bench(options);
  const bytesOf = new Map<string, number>();
  const directory = mkdtempSync(join(tmpdir(), 'millrace-bench-log-'));
  const workers: Worker[] = [];
  const close = (): void => {
    for (const worker of workers) worker.close();
    rmSync(directory, { recursive: true, force: true });
  };
  const drains = {
    '64 × 200 B': Array.from({ length: ROWS_MAX }, () => batchOf(1, 130)),
    '1 × 64 KiB': [batchOf(64, 1014)],
    '1 × 1 MiB': [batchOf(1022, 1014)],
  };
  const [best, twin] = [openEngine().engine, openEngine('portable').engine];
  try {
    for (const engine of best.name === 'native' ? [best, twin] : [twin]) {
      const worker = new Worker(engine, directory);
      workers.push(worker);
      for (const [drain, batches] of Object.entries(drains)) {
        const name = `append ${drain}, ${engine.name}`;
        bytesOf.set(name, addAppend(bench, worker, name, batches));
      }
      addLookUps(bench, worker);
    }
  } catch (error) {
    close();
    throw error;
  }
  return { bench, bytesOf, directory, close };
}
