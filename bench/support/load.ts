import { execFile, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Broker, freePort, ROOT, WORK } from './brokers.js';
import { processStats } from './process-stats.js';

const run = promisify(execFile);

export interface LoadResult {
  requests: number;
  errors: number;
  records: number;
  bytes: number;
  seconds: number;
  p50us: number;
  p99us: number;
  p999us: number;
}

/** A load's result with what the broker spent on it. */
export interface Measured extends LoadResult {
  cpuSeconds: number;
  anonymousMiB: number;
}

/** The C++ files of a folder of bench/native, and when the newest file in it (headers too) was changed. */
function nativeFolder(name: string): { sources: string[]; newest: number } {
  const folder = join(ROOT, 'bench', 'native', name);
  const files = readdirSync(folder).map((file) => join(folder, file));
  return {
    sources: files.filter((file) => file.endsWith('.cc')),
    newest: Math.max(...files.map((file) => statSync(file).mtimeMs)),
  };
}

/** Builds the load generator and the floor when their sources are newer; returns the folder of both. */
export function buildTools(): string {
  mkdirSync(WORK, { recursive: true });
  const common = nativeFolder('common');
  const crc = join(ROOT, 'native', 'core', 'crc32c.cc');
  for (const tool of ['loadgen', 'floor']) {
    const output = join(WORK, tool);
    const own = nativeFolder(tool);
    const newest = Math.max(own.newest, common.newest, statSync(crc).mtimeMs);
    if (existsSync(output) && statSync(output).mtimeMs > newest) continue;
    const sources = [...own.sources, ...common.sources, crc];
    execFileSync(process.env.CXX ?? 'c++', ['-O2', '-std=c++20', ...sources, '-o', output], {
      stdio: 'inherit',
    });
  }
  return WORK;
}

function isNumberRecord(value: unknown): value is Record<string, number> {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every((one) => typeof one === 'number')
  );
}

export type Refusals = 'refusals-fail' | 'refusals-allowed';

/** What the generator printed before it ended with 1 because of refused requests; null = it failed otherwise. */
function printedBy(error: unknown): string | null {
  const stdout = error instanceof Error && 'stdout' in error ? error.stdout : '';
  return typeof stdout === 'string' && stdout !== '' ? stdout : null;
}

/** Runs one load; throws when it cannot, or when a request was refused that must not be. */
export async function load(
  mode: string,
  port: number,
  topic: string,
  options: Record<string, number | string>,
  refusals: Refusals = 'refusals-fail',
): Promise<LoadResult> {
  const words = Object.entries(options).map(([key, value]) => `${key}=${value}`);
  let stdout: string;
  try {
    ({ stdout } = await run(join(WORK, 'loadgen'), [mode, String(port), topic, ...words]));
  } catch (error) {
    const printed = printedBy(error);
    if (refusals === 'refusals-fail' || printed === null) throw error;
    stdout = printed;
  }
  const parsed: unknown = JSON.parse(stdout);
  if (!isNumberRecord(parsed)) throw new Error(`unexpected answer of the load generator: ${stdout}`);
  const {
    requests = 0,
    errors = 0,
    records = 0,
    bytes = 0,
    seconds = 0,
    p50us = 0,
    p99us = 0,
    p999us = 0,
  } = parsed;
  return { requests, errors, records, bytes, seconds, p50us, p99us, p999us };
}

export async function measured(pid: number, work: () => Promise<LoadResult>): Promise<Measured> {
  const before = processStats(pid, []);
  const result = await work();
  const after = processStats(pid, []);
  return { ...result, cpuSeconds: after.cpuSeconds - before.cpuSeconds, anonymousMiB: after.anonymousMiB };
}

/** The C server that does no more than receive, check, append and send. */
export async function startFloor(): Promise<Pick<Broker, 'pid' | 'port' | 'stop'>> {
  const port = await freePort();
  const directory = join(WORK, 'floor-data');
  mkdirSync(directory, { recursive: true });
  const child = spawn(join(WORK, 'floor'), [String(port), directory], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  await new Promise((done) => setTimeout(done, 200));
  return {
    pid: child.pid ?? 0,
    port,
    stop: () =>
      new Promise((done) => {
        child.once('exit', () => done());
        child.kill('SIGKILL');
      }),
  };
}
