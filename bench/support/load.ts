import { execFile, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Broker, freePort, ROOT, untilListening, WORK } from './brokers.js';

const run = promisify(execFile);

/** What a tool prints: numbers by name; which ones depends on the mode (bench/native/loadgen/main.cc lists them). */
export type LoadResult = Partial<Record<string, number>>;
export type LoadOptions = Readonly<Record<string, number | string>>;

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

/** What a tool complained about before it ended. */
function complaintOf(error: unknown): string {
  const stderr = error instanceof Error && 'stderr' in error ? error.stderr : '';
  return typeof stderr === 'string' && stderr !== '' ? stderr.trim() : String(error);
}

/** What the generator printed before it ended with 1 because of refused requests; null = it failed otherwise. */
function printedBy(error: unknown): string | null {
  const stdout = error instanceof Error && 'stdout' in error ? error.stdout : '';
  return typeof stdout === 'string' && stdout !== '' ? stdout : null;
}

function parsed(tool: string, stdout: string): LoadResult {
  const value: unknown = JSON.parse(stdout);
  if (!isNumberRecord(value)) throw new Error(`unexpected answer of ${tool}: ${stdout}`);
  return value;
}

const wordsOf = (options: LoadOptions): string[] =>
  Object.entries(options).map(([key, value]) => `${key}=${value}`);

/** Runs one load; throws when it cannot, or when a request was refused that must not be. */
export async function load(
  mode: string,
  port: number,
  topic: string,
  options: LoadOptions,
  refusals: Refusals = 'refusals-fail',
): Promise<LoadResult> {
  const words = [mode, String(port), topic, ...wordsOf(options)];
  try {
    return parsed('loadgen', (await run(join(WORK, 'loadgen'), words)).stdout);
  } catch (error) {
    const printed = printedBy(error);
    if (refusals === 'refusals-allowed' && printed !== null) return parsed('loadgen', printed);
    throw new Error(`loadgen ${words.join(' ')} failed: ${printed ?? complaintOf(error)}`, { cause: error });
  }
}

/** A mode of the floor that runs to its end: `read` of a file, `sync` or `append` in a folder. */
export async function floorTool(mode: string, path: string, options: LoadOptions): Promise<LoadResult> {
  mkdirSync(floorFolder(), { recursive: true });
  return parsed('floor', (await run(join(WORK, 'floor'), [mode, path, ...wordsOf(options)])).stdout);
}

export const floorFolder = (): string => join(WORK, 'floor-data');

/** The C server that does no more than receive, check, append and send. */
export async function startFloor(options: LoadOptions): Promise<Pick<Broker, 'pid' | 'port' | 'stop'>> {
  const port = await freePort();
  mkdirSync(floorFolder(), { recursive: true });
  const words = ['null', String(port), floorFolder(), ...wordsOf(options)];
  const child = spawn(join(WORK, 'floor'), words, { stdio: ['ignore', 'ignore', 'inherit'] });
  await untilListening(port);
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
