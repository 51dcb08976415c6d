/** A Java program of the applications' jars that runs until it is stopped. */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { applicationLibraries } from './libraries.js';

const JVM = ['-Xmx384m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xshare:auto'];
const LOGGING = `Configuration:
  Appenders: { Console: { name: OUT, PatternLayout: { pattern: "[%d] %p %m (%c)%n" } } }
  Loggers: { Root: { level: WARN, AppenderRef: [ { ref: OUT } ] } }
`;

export interface JavaProgram {
  /** What it printed so far. */
  output(): string;
  /** SIGTERM; resolves when it has ended. */
  stop(): Promise<void>;
}

/** `main`: a class of the jars, or a source file, which is compiled first. `folder`: where the logging settings go. */
export function startJava(main: string, args: readonly string[], folder: string): JavaProgram {
  const logging = join(folder, 'log4j2.yaml');
  writeFileSync(logging, LOGGING);
  const child = spawn(
    'java',
    [...JVM, `-Dlog4j2.configurationFile=${logging}`, '-cp', `${applicationLibraries()}/*`, main, ...args],
    { stdio: ['ignore', 'pipe', 'pipe'], cwd: folder },
  );
  let output = '';
  const keep = (chunk: Buffer): void => {
    output += chunk.toString();
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  return {
    output: () => output,
    stop: () => {
      child.kill('SIGTERM');
      return ended;
    },
  };
}
