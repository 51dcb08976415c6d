/**
 * `npm run bench [-- names… --full --pairs=N --kafka=stock|tuned --profile]`: Millrace, Apache Kafka and the C floor, one
 * after the other in pairs of alternating order. Prints a table and writes bench/results/<date>.json and .md, losses
 * included.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { ROWS } from './rows/index.js';
import { settle } from './support/ballast.js';
import { type Broker, discard, ROOT } from './support/brokers.js';
import { isInstalled } from './support/installed.js';
import { buildTools, floorFolder, floorTool, load, startFloor } from './support/load.js';
import { profiled } from './support/profile.js';
import { machine, missesOf, type RowResult, tableOf, told } from './support/report.js';
import { type Kind, onBroker, Rivals, starterOf } from './support/rivals.js';
import type { Figures, Pace, Row, Side } from './support/row.js';

interface Wanted {
  rows: Row[];
  pairs: number;
  kind: Kind;
  profile: boolean;
  pace: Pace;
  warmUpSeconds: number;
}

const SHORT: Pace = { warmSeconds: 1.5, seconds: 3, amount: 0.5 };
const FULL: Pace = { warmSeconds: 5, seconds: 10, amount: 1 };
const FLOOR_TOPIC = 'floor';
const say = (text: string): void => void process.stderr.write(`${text}\n`);

function wanted(words: readonly string[]): Wanted {
  const value = (name: string): string | undefined =>
    words.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3);
  const full = words.includes('--full');
  const names = words.filter((word) => !word.startsWith('--'));
  const unknown = names.filter((name) => !ROWS.some((row) => row.name === name));
  if (unknown.length > 0)
    throw new Error(`no row ${unknown.join(', ')}; there are ${ROWS.map((row) => row.name).join(', ')}`);
  const rows = ROWS.filter((row) => names.length === 0 || names.includes(row.name));
  return {
    rows: rows.filter(
      (row) =>
        row.name !== 'kcat' ||
        isInstalled('kcat', '-V') ||
        void say('kcat is not installed: its row is left out'),
    ),
    pairs: Number(value('pairs') ?? (full ? 5 : 1)),
    kind: value('kafka') === 'tuned' ? 'tuned' : 'stock',
    profile: words.includes('--profile') && isInstalled('perf', '--version'),
    pace: full ? FULL : SHORT,
    warmUpSeconds: full ? 60 : 20,
  };
}

async function floorOf(row: Row, pace: Pace): Promise<Figures> {
  settle();
  const figures = await row.floor?.({
    pace,
    served: async (options, loads) => {
      const server = await startFloor(options);
      try {
        return await loads((mode, more, topic = FLOOR_TOPIC) =>
          load(mode, server.port, topic, { pid: server.pid, ...more }),
        );
      } finally {
        await server.stop();
      }
    },
    ran: (mode, options) => floorTool(mode, floorFolder(), options),
  });
  return figures ?? {};
}

/** Millrace's figures when the row wants settings that the shared broker has not. */
async function onOwnMillrace(row: Row, name: string, { kind, pace }: Wanted): Promise<Figures> {
  const broker = await starterOf('millrace', kind).start(row.millraceSettings ?? {});
  try {
    return await onBroker(broker, 'millrace', row, name, pace);
  } finally {
    await broker.stop();
    discard(broker.directory);
  }
}

async function measured(row: Row, side: Side, pair: number, rivals: Rivals, plan: Wanted): Promise<Figures> {
  const name = `${row.name}-${pair}`;
  if (side === 'floor' || row.life !== undefined || (side === 'millrace' && row.millraceSettings)) {
    rivals.rest();
    try {
      if (side === 'floor') return await floorOf(row, plan.pace);
      settle();
      if (row.life !== undefined) return await row.life(starterOf(side, plan.kind), plan.pace);
      return await onOwnMillrace(row, name, plan);
    } finally {
      rivals.resume();
    }
  }
  return onBroker(rivals.take(side), side, row, name, plan.pace);
}

/** A row that fails on one side is told as such; the others go on. */
async function measuredOrFailed(
  result: RowResult,
  side: Side,
  pair: number,
  rivals: Rivals,
  plan: Wanted,
): Promise<Figures> {
  try {
    return await measured(result.row, side, pair, rivals, plan);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    say(`  ${side} failed: ${why}`);
    result.failures.push(`pair ${pair}, ${side}: ${why}`);
    return {};
  }
}

async function profileOf(row: Row, rivals: Rivals, plan: Wanted): Promise<string> {
  const broker: Broker = rivals.take('millrace');
  return profiled(broker.pid, () => onBroker(broker, 'millrace', row, `${row.name}-profile`, plan.pace));
}

async function measurePair(results: readonly RowResult[], pair: number, plan: Wanted): Promise<void> {
  say(`pair ${pair} of ${plan.pairs}: starting both brokers`);
  const rivals = await Rivals.start(plan.kind, plan.warmUpSeconds);
  try {
    for (const [index, result] of results.entries()) {
      const { row, runs } = result;
      say(`pair ${pair} of ${plan.pairs}, row ${index + 1} of ${results.length}: ${row.name}`);
      const sides: Side[] = pair % 2 === 1 ? ['millrace', 'kafka'] : ['kafka', 'millrace'];
      if (row.floor !== undefined) sides.unshift('floor');
      for (const side of sides) runs[side].push(await measuredOrFailed(result, side, pair, rivals, plan));
      const lines = told(result);
      for (const line of tableOf(lines).split('\n').slice(2)) say(`  ${line}`);
      const missed = lines.some((line) => line.verdict === 'missed');
      if (plan.profile && missed && pair === plan.pairs && row.measure && !row.millraceSettings) {
        result.profile = await profileOf(row, rivals, plan);
      }
    }
  } finally {
    await rivals.stop();
  }
}

async function main(): Promise<void> {
  const plan = wanted(process.argv.slice(2));
  buildTools();
  const before = loadavg()[0] ?? 0;
  const append = await floorTool('append', floorFolder(), {});
  const results: RowResult[] = plan.rows.map((row) => ({
    row,
    runs: { millrace: [], kafka: [], floor: [] },
    failures: [],
  }));
  for (let pair = 1; pair <= plan.pairs; pair++) await measurePair(results, pair, plan);
  const lines = results.flatMap((result) => told(result));
  const settings = `Kafka: ${plan.kind} settings. Pairs: ${plan.pairs}, ${plan.pace.seconds} s a window after ${plan.pace.warmSeconds} s. Load average before ${before.toFixed(1)}, after ${(loadavg()[0] ?? 0).toFixed(1)}.`;
  const floor = `Append floor of the minute (recv, CRC, pwrite): ${(append.freshCpuPerGB ?? 0).toFixed(2)} CPU-s/GB over fresh pages, ${(append.usedCpuPerGB ?? 0).toFixed(2)} over used ones.`;
  const text = [machine(), '', settings, floor, '', tableOf(lines), '', missesOf(results), ''].join('\n');
  process.stdout.write(text);
  const profiles = results.filter((result) => result.profile !== undefined);
  const appendix = profiles
    .map(({ row, profile }) => `\n## Profile: ${row.name}\n\n\`\`\`\n${profile}\n\`\`\`\n`)
    .join('');
  const folder = join(ROOT, 'bench', 'results');
  mkdirSync(folder, { recursive: true });
  const stamp = new Date().toISOString().slice(0, 16).replace(/[T:]/g, '-');
  writeFileSync(join(folder, `${stamp}.md`), text + appendix);
  const raw = results.map(({ row, runs, failures }) => ({ row: row.name, title: row.title, runs, failures }));
  writeFileSync(
    join(folder, `${stamp}.json`),
    `${JSON.stringify({ machine: machine(), settings, append, figures: lines, raw }, null, 1)}\n`,
  );
}

await main();
