/** Where a broker spends its time while a row runs, as text (Linux `perf`, where it is installed). */
import { execFileSync, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { WORK } from './brokers.js';

const LINES_MAX = 40;

/** Runs `work` under sampling of process `pid`; returns the report, or why there is none. */
export async function profiled(pid: number, work: () => Promise<unknown>): Promise<string> {
  const data = join(WORK, `perf-${pid}.data`);
  const recorder = spawn('perf', ['record', '-q', '-F', '499', '-g', '-p', String(pid), '-o', data], {
    stdio: 'ignore',
  });
  const over = new Promise((done) => recorder.once('exit', done));
  try {
    await work();
  } finally {
    recorder.kill('SIGINT');
    await over;
  }
  try {
    const words = [
      'report',
      '--stdio',
      '-q',
      '--no-children',
      '-g',
      'none',
      '--sort',
      'comm,dso,symbol',
      '-i',
      data,
    ];
    const text = execFileSync('perf', words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    const lines = text.split('\n').filter((line) => line.trim() !== '');
    return lines
      .slice(0, LINES_MAX)
      .map((line) => line.trimEnd())
      .join('\n');
  } catch (error) {
    return `perf gave no report: ${error instanceof Error ? error.message : String(error)}`;
  } finally {
    rmSync(data, { force: true });
  }
}
