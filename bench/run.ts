/**
 * `npm run bench [-- names… --pairs=N]`: Millrace, Apache Kafka and the C floor one after the other in interleaved pairs.
 * Prints a Markdown table and writes bench/results/<date>.json and .md. Losses are in it like wins.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { ROWS, type Row } from './rows.js';
import { fillFreeMemory } from './support/ballast.js';
import { type Broker, ROOT, startKafka, startMillrace } from './support/brokers.js';
import {
  buildTools,
  type LoadResult,
  load,
  type Measured,
  measured,
  type Refusals,
  startFloor,
} from './support/load.js';
import { processStats } from './support/process-stats.js';
import { spreadText, table } from './support/table.js';

const TOPIC = 'bench';
const WARM_UP_MS = 15_000;
const WARM_UP_BYTES = 5e8;
type Side = 'millrace' | 'kafka' | 'floor';
const say = (text: string): void => void process.stderr.write(`${text}\n`);

async function prepared(row: Row, broker: Pick<Broker, 'port'>): Promise<void> {
  await load('ready', broker.port, TOPIC, {});
  // Kafka names leaders before it takes appends: the first requests may be refused, which is not measured.
  await load('produce', broker.port, TOPIC, row.prepare, 'refusals-allowed');
}

/**
 * The row's own load, over and over, before anything is measured. Without it Kafka's figures are those of its interpreter
 * and compilers: seen here 162 instead of 34 CPU-s per million requests.
 */
async function warmUp(row: Row, port: number): Promise<void> {
  const end = performance.now() + WARM_UP_MS;
  const smaller = row.unit === 'GB' ? { ...row.load, bytes: WARM_UP_BYTES } : { ...row.load, seconds: 5 };
  while (performance.now() < end) await oneLoad({ ...row, load: smaller }, port, 'refusals-allowed');
}

/** Catch-up reads go over the same data until enough bytes were read. */
async function oneLoad(row: Row, port: number, refusals?: Refusals): Promise<LoadResult> {
  if (row.mode !== 'fetch') return load(row.mode, port, TOPIC, row.load, refusals);
  const wanted = Number(row.load.bytes);
  const total = await load('fetch', port, TOPIC, { ...row.load, bytes: 0 });
  while (total.bytes < wanted) {
    const more = await load('fetch', port, TOPIC, { ...row.load, bytes: wanted - total.bytes });
    total.bytes += more.bytes;
    total.records += more.records;
    total.requests += more.requests;
    total.seconds += more.seconds;
  }
  return total;
}

async function measureSide(row: Row, side: Side): Promise<Measured> {
  const broker =
    side === 'floor'
      ? await startFloor()
      : side === 'kafka'
        ? await startKafka(row.settings)
        : await startMillrace(row.settings);
  try {
    await prepared(row, broker);
    if (side !== 'floor') await warmUp(row, broker.port);
    return await measured(broker.pid, () => oneLoad(row, broker.port));
  } finally {
    await broker.stop();
  }
}

function cost(row: Row, result: Measured): number {
  return row.unit === 'GB'
    ? result.cpuSeconds / (result.bytes / 1e9)
    : result.cpuSeconds / (result.requests / 1e6);
}

function speed(row: Row, result: Measured): number {
  return row.unit === 'GB' ? result.bytes / result.seconds / 1e6 : result.requests / result.seconds;
}

interface RowResult {
  row: Row;
  results: Record<Side, Measured[]>;
}

async function measureRow(row: Row, pairs: number): Promise<RowResult> {
  const results: Record<Side, Measured[]> = { millrace: [], kafka: [], floor: [] };
  for (let pair = 0; pair < pairs; pair++) {
    const order: Side[] = pair % 2 === 0 ? ['floor', 'millrace', 'kafka'] : ['floor', 'kafka', 'millrace'];
    for (const side of order) {
      fillFreeMemory();
      say(`${row.name}: pair ${pair + 1} of ${pairs}, ${side}`);
      results[side].push(await measureSide(row, side));
    }
  }
  return { row, results };
}

function lines({ row, results }: RowResult): string[] {
  const costs = (side: Side): number[] => results[side].map((result) => cost(row, result));
  const ratios = costs('millrace').map((value, pair) => value / (costs('kafka')[pair] ?? Number.NaN));
  const speeds = results.millrace.map((value, pair) => speed(row, value) / speed(row, results.kafka[pair]));
  const verdict = ratios.every((ratio) => ratio <= row.aim) ? 'reached' : 'missed';
  return [
    row.title,
    `CPU-s per ${row.unit}`,
    spreadText(costs('millrace')),
    spreadText(costs('kafka')),
    spreadText(costs('floor')),
    spreadText(ratios),
    `≤ ${row.aim}: ${verdict}`,
    spreadText(speeds),
  ];
}

/** exec to the first Metadata answer on an empty dir, idle memory and CPU, and 1,000 partitions until all have leaders. */
async function footprint(
  start: (settings: Record<string, string>) => Promise<Broker>,
): Promise<Record<string, number>> {
  const broker = await start({ 'num.partitions': '1000' });
  try {
    await new Promise((done) => setTimeout(done, 5_000));
    const before = processStats(broker.pid, []);
    await new Promise((done) => setTimeout(done, 10_000));
    const after = processStats(broker.pid, []);
    const created = await load('ready', broker.port, TOPIC, {});
    const { anonymousMiB } = processStats(broker.pid, []);
    return {
      'start to first Metadata answer, s': broker.readySeconds,
      'idle: anonymous memory, MiB': after.anonymousMiB,
      'idle: % of a core': (after.cpuSeconds - before.cpuSeconds) * 10,
      'idle: threads': after.threads,
      'topic of 1,000 partitions: s until all have leaders': created.seconds,
      'with 1,000 partitions: anonymous memory, MiB': anonymousMiB,
    };
  } finally {
    await broker.stop();
  }
}

function machine(): string {
  const java = execFileSync('sh', ['-c', 'java -version 2>&1 | head -1'], { encoding: 'utf8' }).trim();
  const model = cpus()[0]?.model ?? 'unknown CPU';
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} × ${model}, ${memory} GiB, Linux ${release()}, Node ${process.versions.node}, ${java}, Apache Kafka 4.3.1`;
}

async function main(): Promise<void> {
  const words = process.argv.slice(2);
  const full = words.includes('--full');
  const pairs = Number(words.find((word) => word.startsWith('--pairs='))?.slice(8) ?? (full ? 5 : 1));
  const names = words.filter((word) => !word.startsWith('--'));
  const wanted = (name: string): boolean => names.length === 0 || names.includes(name);
  buildTools();
  const loadBefore = loadavg()[0] ?? 0;
  const results: RowResult[] = [];
  for (const row of ROWS) if (wanted(row.name)) results.push(await measureRow(row, pairs));
  const header = ['row', 'figure', 'Millrace', 'Kafka', 'C floor', 'Millrace : Kafka', 'aim', 'speed ratio'];
  const load = `Load average before ${loadBefore.toFixed(1)}, after ${(loadavg()[0] ?? 0).toFixed(1)}; pairs: ${pairs}.`;
  const parts = [machine(), '', load, '', table(header, results.map(lines))];
  let foot: Record<string, Record<string, number>> = {};
  if (wanted('footprint')) {
    say('footprint: millrace, then kafka');
    foot = {
      millrace: await footprint((settings) => startMillrace(settings)),
      kafka: await footprint((settings) => startKafka(settings)),
    };
    const rows = Object.keys(foot.millrace ?? {}).map((key) => [
      key,
      spreadText([foot.millrace?.[key] ?? 0]),
      spreadText([foot.kafka?.[key] ?? 0]),
    ]);
    parts.push('', table(['footprint', 'Millrace', 'Kafka'], rows));
  }
  const text = `${parts.join('\n')}\n`;
  process.stdout.write(text);
  const folder = join(ROOT, 'bench', 'results');
  mkdirSync(folder, { recursive: true });
  const stamp = new Date().toISOString().slice(0, 16).replace(/[T:]/g, '-');
  writeFileSync(join(folder, `${stamp}.md`), text);
  writeFileSync(
    join(folder, `${stamp}.json`),
    `${JSON.stringify({ machine: machine(), load, pairs, results, footprint: foot }, null, 1)}\n`,
  );
}

await main();
