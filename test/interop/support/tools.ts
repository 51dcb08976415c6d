/** Programs that talk to a broker: Kafka's own tools from the jars, and whatever else is installed. */
import { spawn } from 'node:child_process';
import { kafkaLibraries } from './libraries.js';

const RUN_MS_MAX = 120_000;
/** Fast start, little memory: a tool lives for a second. */
const JVM = ['-Xmx256m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xshare:auto'];

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string | Uint8Array;
  readonly cwd?: string;
  readonly env?: Record<string, string>;
}

/** Runs a program to its end. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  return new Promise((done, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    const timer = setTimeout(() => child.kill('SIGKILL'), RUN_MS_MAX);
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.once('error', reject);
    child.stdin.on('error', () => {}); // a program may end before it has read everything
    child.once('close', (code) => {
      clearTimeout(timer);
      done({ code, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() });
    });
    child.stdin.end(options.input ?? '');
  });
}

/** Runs and throws, with what the program said, when it fails. */
export async function mustRun(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const { code, stdout, stderr } = await run(command, args, options);
  if (code !== 0)
    throw new Error(
      `${command} ${args.join(' ')} ended with ${code}:\n${stderr.slice(-3000)}\n${stdout.slice(-1000)}`,
    );
  return stdout;
}

function javaArguments(tool: string, args: readonly string[]): string[] {
  return [...JVM, '-cp', `${kafkaLibraries()}/*`, tool, ...args];
}

/** One of Kafka's tools, whatever its exit code. */
export function kafkaTool(tool: string, args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  return run('java', javaArguments(tool, args), options);
}

export function mustRunKafkaTool(
  tool: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  return mustRun('java', javaArguments(tool, args), options);
}

/** Everything from a topic's start, one record a line, partition by partition as `format` says. */
export function kcatConsume(
  bootstrap: string,
  topic: string,
  format = '%p %s\n',
  more: readonly string[] = [],
): Promise<string> {
  const args = ['-b', bootstrap, '-t', topic, '-C', '-e', '-q', '-o', 'beginning', '-f', format, ...more];
  return mustRun('kcat', args);
}

export function kcatProduce(
  bootstrap: string,
  topic: string,
  lines: string,
  more: readonly string[] = [],
): Promise<string> {
  return mustRun('kcat', ['-b', bootstrap, '-t', topic, '-P', ...more], { input: lines });
}
