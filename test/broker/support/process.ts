/** The broker as a process: memory, open files, and starts that are meant to fail. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../support/millrace.js';

export const MILLRACE = join(ROOT, 'bin', 'millrace');
const END_MS_MAX = 15_000;

/** Private memory in bytes: what leaks would grow. Shared pages of files do not count. */
export function memoryOf(pid: number): number {
  return statusOf(pid, 'RssAnon') + statusOf(pid, 'RssShmem');
}

function statusOf(pid: number, field: string): number {
  const found = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(found?.[1] ?? 0) * 1024;
}

export function openFilesOf(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

export interface Ended {
  code: number | null;
  output: string;
  ms: number;
}

/** Runs a command until it ends by itself; killed, and code null, when that takes longer than 15 s. */
export function runToEnd(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    const late = setTimeout(() => child.kill('SIGKILL'), END_MS_MAX);
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(late);
      resolve({ code, output, ms: performance.now() - began });
    });
  });
}

/** `millrace` with these arguments. */
export function millrace(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  return runToEnd(process.execPath, [MILLRACE, ...args], { env });
}

/** `--override k=v` for each. */
export function overrides(settings: Record<string, string | number>): string[] {
  return Object.entries(settings).flatMap(([key, value]) => ['--override', `${key}=${value}`]);
}
