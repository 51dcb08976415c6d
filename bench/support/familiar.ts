/** Runs a tool that people know beside a broker and tells what the broker spent meanwhile. */
import { spawn } from 'node:child_process';
import type { WriteStream } from 'node:fs';
import { type Broker, kafkaLibraries } from './brokers.js';
import { processStats } from './process-stats.js';

/** Words for `java` that run one of Kafka's own tools. */
export function familiarTool(mainClass: string): string[] {
  return ['-Xmx512m', '-cp', `${kafkaLibraries()}/*`, mainClass];
}

export interface Used {
  /** Standard output, or nothing where it went to `sink`. */
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
  sink?: WriteStream,
): Promise<Used> {
  const before = processStats(broker.pid).cpuSeconds;
  const started = performance.now();
  const tool = spawn(command, words, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let complaints = '';
  if (sink === undefined) tool.stdout.on('data', (data) => (output += data));
  else tool.stdout.pipe(sink);
  tool.stderr.on('data', (data) => (complaints += data));
  const code = await new Promise<number | null>((done, reject) => {
    tool.once('error', reject);
    tool.once('close', done);
  });
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${complaints.slice(-500)}`);
  const seconds = (performance.now() - started) / 1000;
  return { output, seconds, cpuSeconds: processStats(broker.pid).cpuSeconds - before };
}
