/**
 * `npm run bench:soak [-- --minutes=30 --broker=millrace|kafka]`: 50 MB/s in and out for half an hour. Every minute: latency
 * percentiles, anonymous memory, descriptors and mappings. At the end the slopes, and exit 1 where memory, descriptors or
 * mappings went up or a late minute's p99.9 left the band of the others. Writes bench/results/soak-<date>.md.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fillFreeMemory } from './support/ballast.js';
import { type Broker, ROOT } from './support/brokers.js';
import { buildTools, type LoadResult } from './support/load.js';
import { type ProcessStats, processStats } from './support/process-stats.js';
import { machine } from './support/report.js';
import { starterOf } from './support/rivals.js';
import { ms, ofCore, type Starter } from './support/row.js';
import { spread, table } from './support/table.js';

const TOPIC = 'soak';
const PARTITIONS = 6;
const MIB = 1024 * 1024;
/** The first minutes fill caches and pools: slopes count from here on. */
const SETTLED_FROM = 5;
/** Growth from the first to the last third of the settled minutes that counts as a slope. */
const GROWTH_MAX = { anonymousMiB: 4, descriptors: 8, maps: 16 } as const;

interface Minute {
  load: LoadResult;
  stats: ProcessStats;
}

const median = (values: readonly number[]): number => spread(values).median;

/** Median of the last third less that of the first third. */
function growth(minutes: readonly Minute[], of: (minute: Minute) => number): number {
  const values = minutes.slice(Math.min(SETTLED_FROM, minutes.length >> 1)).map(of);
  const third = Math.max(1, Math.floor(values.length / 3));
  return median(values.slice(-third)) - median(values.slice(0, third));
}

async function run(starter: Starter, broker: Broker, count: number): Promise<Minute[]> {
  // Bounded on the disk: what is older than some seconds goes, and its segments are used again.
  const settings = { 'config.segment.bytes': 128 * MIB, 'config.retention.bytes': 256 * MIB };
  await starter.load(broker, 'create', TOPIC, { partitions: PARTITIONS, ...settings });
  const minutes: Minute[] = [];
  for (let minute = 1; minute <= count; minute++) {
    const load = await starter.load(broker, 'e2e', TOPIC, {
      producers: 2,
      record: 1024,
      batch: 16_384,
      mbps: 50,
      partitions: PARTITIONS,
      warm: 1,
      seconds: 59,
    });
    const stats = processStats(broker.pid);
    minutes.push({ load, stats });
    process.stderr.write(
      `minute ${minute} of ${count}: p99 ${ms(load.e2eP99us).toFixed(2)} ms, p99.9 ${ms(load.e2eP999us).toFixed(2)} ms, ${stats.anonymousMiB.toFixed(1)} MiB\n`,
    );
  }
  return minutes;
}

function report(minutes: readonly Minute[], side: string): { text: string; sound: boolean } {
  const header = [
    'minute',
    'p50 ms',
    'p99 ms',
    'p99.9 ms',
    'max ms',
    '% core',
    'MiB',
    'fds',
    'maps',
    'threads',
  ];
  const rows = minutes.map(({ load, stats }, index) => [
    String(index + 1),
    ...[load.e2eP50us, load.e2eP99us, load.e2eP999us, load.e2eMaxus].map((value) => ms(value).toFixed(2)),
    ofCore(load).toFixed(1),
    stats.anonymousMiB.toFixed(1),
    ...[stats.descriptors, stats.maps, stats.threads].map(String),
  ]);
  const grown = {
    anonymousMiB: growth(minutes, ({ stats }) => stats.anonymousMiB),
    descriptors: growth(minutes, ({ stats }) => stats.descriptors),
    maps: growth(minutes, ({ stats }) => stats.maps),
  };
  const late = growth(minutes, ({ load }) => ms(load.e2eP999us));
  const usual = median(minutes.map(({ load }) => ms(load.e2eP999us)));
  const lost = minutes.some(
    ({ load }) => (load.missing ?? 0) + (load.duplicated ?? 0) + (load.unsent ?? 0) > 0,
  );
  const sound =
    !lost &&
    grown.anonymousMiB <= GROWTH_MAX.anonymousMiB &&
    grown.descriptors <= GROWTH_MAX.descriptors &&
    grown.maps <= GROWTH_MAX.maps &&
    late <= usual;
  const told = `Growth from the first to the last third after minute ${SETTLED_FROM}: ${grown.anonymousMiB.toFixed(1)} MiB, ${grown.descriptors} descriptors, ${grown.maps} mappings, p99.9 ${late.toFixed(2)} ms (median ${usual.toFixed(2)} ms). ${lost ? 'Records were lost, repeated or not sent.' : 'No record was lost or repeated.'} ${sound ? 'Steady.' : 'NOT steady.'}`;
  const title = `${side}, 50 MB/s in and out, 16 KiB batches, ${PARTITIONS} partitions, ${minutes.length} minutes`;
  return { text: `${machine()}\n\n${title}\n\n${table(header, rows)}\n\n${told}\n`, sound };
}

const words = process.argv.slice(2);
const option = (name: string): string | undefined =>
  words.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3);
const starter = starterOf(option('broker') === 'kafka' ? 'kafka' : 'millrace', 'stock');
buildTools();
fillFreeMemory();
const broker = await starter.start({});
let minutes: Minute[] = [];
try {
  minutes = await run(starter, broker, Number(option('minutes') ?? 30));
} finally {
  await broker.stop();
}
const { text, sound } = report(minutes, starter.side);
process.stdout.write(text);
const folder = join(ROOT, 'bench', 'results');
mkdirSync(folder, { recursive: true });
const stamp = new Date().toISOString().slice(0, 16).replace(/[T:]/g, '-');
writeFileSync(join(folder, `soak-${stamp}-${starter.side}.md`), text);
process.exitCode = sound ? 0 : 1;
