/** W5: batches that a producer compressed; Millrace with both kinds of validation. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BatchBuilder } from '../../src/record/batch-builder.js';
import { Codec } from '../../src/record/layout.js';
import { WORK } from '../support/brokers.js';
import { type Figures, perGB, perSecond, type Row, type Run } from '../support/row.js';

const BATCH_BYTES = 256 * 1024;
const RECORD_BYTES = 1024;
const LEVELS = ['INFO', 'WARN', 'DEBUG', 'INFO', 'ERROR'];

/** About 1 KiB of log text: words that return, ids and numbers that do not; lz4 makes 0.4 of it, zstd 0.25. */
function record(next: () => number): string {
  let text = '';
  while (text.length < RECORD_BYTES) {
    const id = next().toString(16).padStart(8, '0');
    text += `${LEVELS[next() % 5]} request=${id} path=/v1/items/${next() % 4096} status=200 took=${next() % 1024}ms from 10.1.${next() % 256}.7\n`;
  }
  return text.slice(0, RECORD_BYTES);
}

type Packing = typeof Codec.lz4 | typeof Codec.zstd;

interface BatchFile {
  path: string;
  uncompressedBytes: number;
}

function batchFile(codec: Packing): BatchFile {
  let state = 1;
  const next = (): number => {
    state = Math.imul(state, 1_103_515_245) + 12_345;
    return state >>> 8;
  };
  const plain = new BatchBuilder();
  const packed = new BatchBuilder({ codec });
  while (plain.sizeBytes + RECORD_BYTES < BATCH_BYTES) {
    const value = Buffer.from(record(next));
    for (const builder of [plain, packed]) builder.append(Date.now(), null, value);
  }
  mkdirSync(WORK, { recursive: true });
  const path = join(WORK, `batch-${codec}.bin`);
  writeFileSync(path, packed.build());
  return { path, uncompressedBytes: plain.build().length };
}

async function measured(load: Run['load'], codec: Packing, pace: Run['pace']): Promise<Figures> {
  const { path, uncompressedBytes } = batchFile(codec);
  const result = await load('produce', {
    partitions: 1,
    connections: 2,
    inflight: 5,
    batchfile: path,
    uncompressed: uncompressedBytes,
    warm: pace.warmSeconds,
    seconds: pace.seconds,
  });
  const bytes = result.uncompressedBytes ?? 0;
  return { cpu: perGB(result, bytes), mbps: perSecond(result, bytes) / 1e6 };
}

function row(codec: Packing, validation: 'full' | 'header', most: number): Row {
  const name = codec === Codec.lz4 ? 'lz4' : 'zstd';
  return {
    name: validation === 'full' ? `produce-${name}` : `produce-${name}-header`,
    title: `W5: ${name}, 1 KiB records, 256 KiB batches (uncompressed bytes count), log.validation=${validation}`,
    figures: [
      { key: 'cpu', title: 'CPU-s/GB', aim: { of: 'share', most } },
      { key: 'mbps', title: 'MB/s' },
    ],
    limit:
      validation === 'header'
        ? 'Receiving and appending: the floor’s work.'
        : `Unpacking every batch to look at its records (${name === 'zstd' ? 'libzstd' : 'an LZ4 check of our own'}).`,
    ...(validation === 'header' ? { millraceSettings: { 'log.validation': 'header' } } : {}),
    measure: async (run) => {
      await run.create(1);
      return measured(run.load, codec, run.pace);
    },
    floor: (run) => run.served({}, (load) => measured(load, codec, { ...run.pace, warmSeconds: 0.5 })),
  };
}

export const COMPRESSED_ROWS: readonly Row[] = [
  row(Codec.lz4, 'full', 0.25),
  row(Codec.zstd, 'full', 0.4),
  row(Codec.lz4, 'header', 0.1),
  row(Codec.zstd, 'header', 0.1),
];
