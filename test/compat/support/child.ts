/** Runs a program with a time limit, all it prints into a file. */
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';

const KILL_MS = 5000;

export interface Ended {
  readonly code: number | null;
  /** It was stopped at the time limit. */
  readonly late: boolean;
  readonly seconds: number;
}

export function runLogged(
  command: string,
  args: readonly string[],
  log: string,
  options: { cwd: string; env?: Record<string, string>; secondsMax: number },
): Promise<Ended> {
  return new Promise((done, reject) => {
    const started = performance.now();
    const file = openSync(log, 'w');
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', file, file],
      detached: true, // a group of its own, so that what it starts ends with it
    });
    closeSync(file);
    let late = false;
    const signal = (name: NodeJS.Signals): void => {
      late = true;
      try {
        process.kill(-(child.pid ?? 0), name);
      } catch {
        // it has just ended
      }
    };
    const timers = [
      setTimeout(() => signal('SIGTERM'), options.secondsMax * 1000),
      setTimeout(() => signal('SIGKILL'), options.secondsMax * 1000 + KILL_MS),
    ];
    child.once('error', reject);
    child.once('close', (code) => {
      for (const timer of timers) clearTimeout(timer);
      done({ code, late, seconds: (performance.now() - started) / 1000 });
    });
  });
}
