/**
 * The record layer alone: MB/s of uncompressed record bytes (layers.ts runs it).
 * Two payloads: a 16 KiB batch of log lines (a small producer's) and one of 1 MiB.
 */
import { Bench, type BenchOptions } from 'tinybench';
import { BatchBuilder } from '../src/record/batch-builder.js';
import { BatchView } from '../src/record/batch-view.js';
import { compress, decompress } from '../src/record/codec/index.js';
import { Codec, codecName } from '../src/record/layout.js';
import { RecordCursor } from '../src/record/record-cursor.js';

const LEVELS = ['INFO', 'WARN', 'DEBUG', 'INFO', 'ERROR'];

/** Log lines of about 120 bytes: repetitive, as logs are, but with ids and numbers in them. */
function batchOf(sizeBytes: number): Uint8Array {
  const builder = new BatchBuilder();
  let state = 1;
  while (builder.sizeBytes < sizeBytes) {
    state = Math.imul(state, 1_103_515_245) + 12_345;
    const id = (state >>> 0).toString(16).padStart(8, '0');
    const line = `${LEVELS[(state >>> 8) % 5]} request=${id} path=/v1/items/${state >>> 20} status=200 took=${state & 1023}ms from 10.1.${(state >>> 9) & 255}.7`;
    builder.append(1_700_000_000_000 + builder.count, Buffer.from(id), Buffer.from(line));
  }
  return builder.build();
}

/** A bench whose rows are told in bytes a second. */
export interface ByteBench {
  readonly bench: Bench;
  /** Uncompressed bytes of one call, by task name. */
  readonly bytesOf: ReadonlyMap<string, number>;
  /** Compression ratio, by task name. */
  readonly ratios: ReadonlyMap<string, string>;
}

export function recordBench(options: BenchOptions): ByteBench {
  const bench = new Bench(options);
  const bytesOf = new Map<string, number>();
  const ratios = new Map<string, string>();
  const add = (name: string, bytes: number, run: () => void): void => {
    bytesOf.set(name, bytes);
    bench.add(name, run);
  };
  for (const sizeBytes of [16 * 1024, 1024 * 1024]) {
    const batch = batchOf(sizeBytes);
    const view = new BatchView();
    view.set(batch, 0);
    const records = view.recordBytes();
    const label = sizeBytes < 1e6 ? '16 KiB' : '1 MiB';
    const cursor = new RecordCursor();
    add(`walk ${view.count} records, ${label}`, records.length, () => {
      view.set(batch, 0);
      cursor.reset(batch, view.recordsPosition, view.nextPosition, view.count);
      while (cursor.next());
    });
    add(`CRC-32C (portable), ${label}`, records.length, () => {
      view.computeCrc();
    });
    const [key, value] = [Buffer.from('8charkey'), Buffer.alloc(110, 'v')];
    const builder = new BatchBuilder();
    add(`build, ${label}`, sizeBytes, () => {
      builder.reset();
      while (builder.sizeBytes < sizeBytes) builder.append(1, key, value);
      builder.build();
    });
    for (const codec of [Codec.gzip, Codec.snappy, Codec.lz4, Codec.zstd]) {
      const packed = compress(codec, records);
      const name = codecName(codec);
      ratios.set(`compress ${name}, ${label}`, (records.length / packed.length).toFixed(2));
      add(`compress ${name}, ${label}`, records.length, () => {
        compress(codec, records);
      });
      add(`decompress ${name}, ${label}`, records.length, () => {
        decompress(codec, packed);
      });
    }
  }
  return { bench, bytesOf, ratios };
}
