/** Starts and stops the two brokers on fresh directories: Millrace as built here, Apache Kafka from its jars. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { join, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../../..');
export const WORK = join(ROOT, 'bench', '.work');

export interface Broker {
  readonly name: 'millrace' | 'kafka';
  readonly pid: number;
  readonly port: number;
  readonly directory: string;
  /** exec to the first Metadata answer, s. */
  readonly readySeconds: number;
  /** SIGTERM, until it has ended. */
  stop(): Promise<void>;
  /** SIGKILL, until it has ended. */
  kill(): Promise<void>;
}

/** Settings for both, by Kafka's names. */
export type Settings = Readonly<Record<string, string | number>>;

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

/** Metadata v0 for no topic: the smallest request that a ready broker answers. */
const METADATA = Uint8Array.from([0, 0, 0, 18, 0, 3, 0, 1, 0, 0, 0, 1, 0, 4, 98, 101, 110, 99, 0, 0, 0, 0]);

function answersMetadata(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = createConnection({ port, host: '127.0.0.1' });
    const end = (answer: boolean): void => {
      socket.destroy();
      done(answer);
    };
    socket.once('connect', () => socket.write(METADATA));
    socket.once('data', (data) => end(data.length > 12));
    socket.once('error', () => end(false));
    socket.once('close', () => done(false));
  });
}

async function untilReady(port: number, process: ChildProcess, started: number): Promise<number> {
  for (;;) {
    if (process.exitCode !== null)
      throw new Error(`the broker ended with ${process.exitCode} before it was ready`);
    if (await answersMetadata(port)) return (performance.now() - started) / 1000;
    await new Promise((done) => setTimeout(done, 2));
    if (performance.now() - started > 60_000) throw new Error('the broker was not ready after 60 s');
  }
}

function properties(port: number, directory: string, settings: Settings): Record<string, string> {
  return {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${port + 1}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${port + 1}`,
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': join(directory, 'data'),
    'offsets.topic.replication.factor': '1',
    // Rebalances are timed, not the wait for more members.
    'group.initial.rebalance.delay.ms': '0',
    // Rows delete what they wrote.
    'log.segment.delete.delay.ms': '1000',
    'log.retention.check.interval.ms': '500',
    ...Object.fromEntries(Object.entries(settings).map(([key, value]) => [key, String(value)])),
  };
}

function writeProperties(path: string, values: Record<string, string>): void {
  writeFileSync(
    path,
    `${Object.entries(values)
      .map(([key, value]) => `${key}=${value}`)
      .join('\n')}\n`,
  );
}

async function launch(
  name: Broker['name'],
  command: string,
  args: string[],
  port: number,
  directory: string,
): Promise<Broker> {
  const started = performance.now();
  const child = spawn(command, args, { cwd: directory, stdio: ['ignore', 'ignore', 'inherit'] });
  const readySeconds = await untilReady(port, child, started);
  const end = (signal: NodeJS.Signals): Promise<void> =>
    new Promise((done) => {
      if (child.exitCode !== null || child.signalCode !== null) return done();
      child.once('exit', () => done());
      child.kill(signal);
      child.kill('SIGCONT');
    });
  return {
    name,
    pid: child.pid ?? 0,
    port,
    directory,
    readySeconds,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  };
}

export async function startMillrace(settings: Settings = {}, directory = fresh('millrace')): Promise<Broker> {
  const port = await freePort();
  const file = join(directory, 'server.properties');
  writeProperties(file, properties(port, directory, settings));
  const args = [join(ROOT, 'bin', 'millrace'), 'start', file, '--log-level', 'error'];
  return launch('millrace', process.execPath, args, port, directory);
}

export function kafkaLibraries(): string {
  const folder = join(WORK, 'kafka-libs');
  if (!existsSync(join(folder, '.complete'))) {
    mkdirSync(folder, { recursive: true });
    const args = [
      '-q',
      '-f',
      join(ROOT, 'bench', 'pom.xml'),
      'dependency:copy-dependencies',
      `-DoutputDirectory=${folder}`,
    ];
    execFileSync('mvn', args, { stdio: 'inherit' });
    writeFileSync(join(folder, '.complete'), '');
  }
  return folder;
}

/** Heap and collector as kafka-server-start sets them. */
const JVM =
  '-Xmx1G -Xms1G -server -XX:+UseG1GC -XX:MaxGCPauseMillis=20 -XX:InitiatingHeapOccupancyPercent=35 -XX:+ExplicitGCInvokesConcurrent -Djava.awt.headless=true';
const LOGGING = `Configuration:
  Appenders: { Console: { name: OUT, target: SYSTEM_ERR, PatternLayout: { pattern: "%p %m%n" } } }
  Loggers: { Root: { level: ERROR, AppenderRef: [ { ref: OUT } ] } }
`;

export async function startKafka(settings: Settings = {}, directory = fresh('kafka')): Promise<Broker> {
  const port = await freePort();
  const file = join(directory, 'server.properties');
  writeProperties(file, properties(port, directory, settings));
  writeFileSync(join(directory, 'log4j2.yaml'), LOGGING);
  const classPath = `${kafkaLibraries()}/*`;
  if (!existsSync(join(directory, 'data', 'meta.properties'))) {
    execFileSync(
      'java',
      ['-cp', classPath, 'kafka.tools.StorageTool', 'format', '-t', 'bXlsbHJhY2UtYmVuY2gtMQ', '-c', file],
      { stdio: 'ignore' },
    );
  }
  const args = [
    ...JVM.split(' '),
    `-Dlog4j2.configurationFile=${join(directory, 'log4j2.yaml')}`,
    '-cp',
    classPath,
    'kafka.Kafka',
    file,
  ];
  return launch('kafka', 'java', args, port, directory);
}

/** Removes what runs that have ended left behind, but never what a living broker of this run works in. */
function fresh(name: string): string {
  mkdirSync(WORK, { recursive: true });
  for (const old of readdirSync(WORK)) {
    const owner = /^run-[a-z]+-(\d+)-/.exec(old)?.[1];
    if (owner !== undefined && owner !== String(process.pid)) discard(join(WORK, old));
  }
  const directory = join(WORK, `run-${name}-${process.pid}-${Math.trunc(performance.now())}`);
  mkdirSync(directory, { recursive: true });
  return directory;
}

/** A broker's directory, once it has ended for good. */
export function discard(directory: string): void {
  rmSync(directory, { recursive: true, force: true });
}

/** Until somebody listens on the port. */
export async function untilListening(port: number): Promise<void> {
  for (let attempt = 0; attempt < 1000; attempt++) {
    const open = await new Promise<boolean>((done) => {
      const socket = createConnection({ port, host: '127.0.0.1' }, () => {
        socket.destroy();
        done(true);
      });
      socket.once('error', () => done(false));
    });
    if (open) return;
    await new Promise((done) => setTimeout(done, 10));
  }
  throw new Error(`nobody listens on port ${port} after 10 s`);
}
