/** Runs a tool that people know beside a broker and tells what the broker spent meanwhile. */
import { spawn } from 'node:child_process';
import { type Broker, kafkaLibraries } from './brokers.js';
import { processStats } from './process-stats.js';

/** Words for `java` that run one of Kafka's own tools. */
export function familiarTool(mainClass: string): string[] {
  return ['-Xmx512m', '-cp', `${kafkaLibraries()}/*`, mainClass];
}

export interface Used {
  /** Standard output, or nothing where it was thrown away. */
  output: string;
  /** Whole run of the tool, its start included. */
  seconds: number;
  /** Of the broker. */
  cpuSeconds: number;
}

/** Throws when the tool fails. */
export async function ranOn(
  broker: Broker,
  command: string,
  words: readonly string[],
  output: 'kept' | 'thrown away' = 'kept',
): Promise<Used> {
  const before = processStats(broker.pid).cpuSeconds;
  const started = performance.now();
  // Straight to /dev/null: a pipe through this process would be the slowest part of the run.
  const tool = spawn(command, words, { stdio: ['ignore', output === 'kept' ? 'pipe' : 'ignore', 'pipe'] });
  let told = '';
  let complaints = '';
  tool.stdout?.on('data', (data) => (told += data));
  tool.stderr?.on('data', (data) => (complaints += data));
  const code = await new Promise<number | null>((done, reject) => {
    tool.once('error', reject);
    tool.once('close', done);
  });
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${complaints.slice(-500)}`);
  const seconds = (performance.now() - started) / 1000;
  return { output: told, seconds, cpuSeconds: processStats(broker.pid).cpuSeconds - before };
}
