/** Runs the built broker as a process of its own, as users do. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const ABOVE = resolve(import.meta.dirname, '../..');
/** Root of the tree, also for programs that were compiled into dist. */
export const ROOT = existsSync(join(ABOVE, 'package.json')) ? ABOVE : resolve(ABOVE, '..');
const START_MS_MAX = 20_000;

export function temporaryDirectory(name: string): string {
  return mkdtempSync(join(tmpdir(), `millrace-${name}-`));
}

export function freePort(): Promise<number> {
  return new Promise((done, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => done(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

export interface StartedBroker {
  readonly port: number;
  readonly bootstrap: string;
  readonly pid: number;
  /** Log dir. */
  readonly data: string;
  /** What it printed so far. */
  output(): string;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL. */
  kill(): Promise<void>;
}

export interface StartOptions {
  /** Log dir; a temporary one by default, removed after stop. */
  data?: string;
  port?: number;
  settings?: Record<string, string | number>;
  env?: Record<string, string>;
  /** Package that is run; this one by default. */
  root?: string;
}

/** Starts a broker and waits for its banner. */
export async function startMillrace(options: StartOptions = {}): Promise<StartedBroker> {
  const port = options.port ?? (await freePort());
  const data = options.data ?? join(temporaryDirectory('broker'), 'data');
  const folder = temporaryDirectory('config');
  const file = join(folder, 'server.properties');
  const settings = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${port + 1}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${port + 1}`,
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': data,
    ...options.settings,
  };
  writeFileSync(
    file,
    Object.entries(settings)
      .map(([key, value]) => `${key}=${value}\n`)
      .join(''),
  );
  const child = spawn(process.execPath, [join(options.root ?? ROOT, 'bin', 'millrace'), 'start', file], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const exited = new Promise<number | null>((done) => child.once('exit', (code) => done(code)));
  await untilBanner(child, () => output);
  const finish = async (signal: NodeJS.Signals): Promise<number | null> => {
    child.kill(signal);
    const code = await exited;
    rmSync(folder, { recursive: true, force: true });
    if (options.data === undefined) rmSync(data, { recursive: true, force: true });
    return code;
  };
  return {
    port,
    bootstrap: `127.0.0.1:${port}`,
    pid: child.pid ?? 0,
    data,
    output: () => output,
    stop: () => finish('SIGTERM'),
    kill: async () => {
      await finish('SIGKILL');
    },
  };
}

async function untilBanner(child: ChildProcess, output: () => string): Promise<void> {
  const deadline = performance.now() + START_MS_MAX;
  while (!output().includes('is ready')) {
    if (child.exitCode !== null) throw new Error(`the broker ended with ${child.exitCode}:\n${output()}`);
    if (performance.now() > deadline) throw new Error(`no banner after ${START_MS_MAX} ms:\n${output()}`);
    await new Promise((done) => setTimeout(done, 10));
  }
}
