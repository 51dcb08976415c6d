/** Runs the real Apache Kafka from its published jars (bench/pom.xml), with the interface of test/support/millrace. */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type StartedBroker, type StartOptions, temporaryDirectory } from '../../support/millrace.js';
import { kafkaLibraries } from './libraries.js';

const START_MS_MAX = 60_000;
const POLL_MS = 50;
/** Small on purpose: these tests compare behaviour, not speed, and share the machine with a second broker. */
const JVM = ['-Xmx512m', '-Xms256m', '-XX:+UseSerialGC', '-Djava.awt.headless=true'];
const LOGGING = `Configuration:
  Appenders: { Console: { name: OUT, PatternLayout: { pattern: "[%d] %p %m (%c)%n" } } }
  Loggers: { Root: { level: INFO, AppenderRef: [ { ref: OUT } ] } }
`;

/** How the controller quorum is formed: static voters, or a dynamic quorum as `kafka-storage format --standalone`. */
export type Quorum = 'static' | 'standalone';

export interface KafkaOptions {
  /** Log dir, formatted when it holds no meta.properties; a temporary one by default, removed after stop. */
  data?: string;
  port?: number;
  quorum?: Quorum;
  settings?: Record<string, string | number>;
}

/** Below the ports that the system hands out to outgoing connections: those come and go while a test restarts brokers. */
const PORT_MIN = 20_000;
const PORTS = 10_000;
let nextPort = PORT_MIN + ((process.pid * 2) % PORTS);

function isFree(port: number): Promise<boolean> {
  return new Promise((done) => {
    const server = createServer();
    server.once('error', () => done(false));
    server.listen(port, '127.0.0.1', () => server.close(() => done(true)));
  });
}

/** A port that is free together with the one behind it: clients and controller. */
export async function freePortPair(): Promise<number> {
  for (;;) {
    const port = nextPort;
    nextPort = PORT_MIN + ((nextPort - PORT_MIN + 2) % PORTS);
    if ((await isFree(port)) && (await isFree(port + 1))) return port;
  }
}

/** Settings of a single node that takes both roles, as both brokers read them. */
export function nodeSettings(port: number, data: string, quorum: Quorum): Record<string, string | number> {
  const controller = `127.0.0.1:${port + 1}`;
  return {
    'process.roles': 'broker,controller',
    'node.id': 1,
    ...(quorum === 'static'
      ? { 'controller.quorum.voters': `1@${controller}` }
      : { 'controller.quorum.voters': '', 'controller.quorum.bootstrap.servers': controller }),
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://${controller}`,
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': data,
    'offsets.topic.replication.factor': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
  };
}

/** Starts Millrace from the settings that Kafka gets with a standalone quorum: Millrace formats its directories so. */
export async function millraceOptions(settings: Record<string, string | number> = {}): Promise<StartOptions> {
  const port = await freePortPair();
  const { 'log.dirs': _, ...node } = nodeSettings(port, '', 'standalone');
  return { port, settings: { ...node, ...settings } };
}

function format(libraries: string, file: string, quorum: Quorum): void {
  const how = quorum === 'standalone' ? ['--standalone'] : [];
  const cluster = Buffer.from(Array.from({ length: 16 }, (_, i) => (i * 37 + 11) & 0xff)).toString(
    'base64url',
  );
  const args = [
    '-cp',
    `${libraries}/*`,
    'kafka.tools.StorageTool',
    'format',
    '-t',
    cluster,
    '-c',
    file,
    ...how,
  ];
  execFileSync('java', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}

/** Starts Kafka and waits until it serves. */
export async function startKafka(options: KafkaOptions = {}): Promise<StartedBroker> {
  const port = options.port ?? (await freePortPair());
  const folder = temporaryDirectory('kafka');
  const data = options.data ?? join(folder, 'data');
  const quorum = options.quorum ?? 'static';
  const file = join(folder, 'server.properties');
  const settings = { ...nodeSettings(port, data, quorum), ...options.settings };
  writeFileSync(
    file,
    Object.entries(settings)
      .map(([key, value]) => `${key}=${value}\n`)
      .join(''),
  );
  writeFileSync(join(folder, 'log4j2.yaml'), LOGGING);
  mkdirSync(data, { recursive: true });
  const libraries = kafkaLibraries();
  if (!existsSync(join(data, 'meta.properties'))) format(libraries, file, quorum);
  const logging = `-Dlog4j2.configurationFile=${join(folder, 'log4j2.yaml')}`;
  const child = spawn('java', [...JVM, logging, '-cp', `${libraries}/*`, 'kafka.Kafka', file], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const keep = (chunk: Buffer): void => {
    output += chunk.toString();
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const exited = new Promise<number | null>((done) => child.once('exit', (code) => done(code)));
  const deadline = performance.now() + START_MS_MAX;
  while (!output.includes('Kafka Server started')) {
    if (child.exitCode !== null)
      throw new Error(`Kafka ended with ${child.exitCode}:\n${output.slice(-6000)}`);
    if (performance.now() > deadline)
      throw new Error(`Kafka not ready after ${START_MS_MAX} ms:\n${output.slice(-6000)}`);
    await new Promise((done) => setTimeout(done, POLL_MS));
  }
  const finish = async (signal: NodeJS.Signals): Promise<number | null> => {
    child.kill(signal);
    const code = await exited;
    rmSync(folder, { recursive: true, force: true });
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
