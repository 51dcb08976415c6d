/**
 * Millrace and Kafka of one pair on fresh directories. Both live as long as the pair; whoever is not measured is stopped
 * (SIGSTOP), so it takes no CPU, and both keep what they have compiled. Both get the same warm-up of every kind of load
 * first: before its compilers are done Kafka costs four times as much.
 */
import { Kafka } from 'kafkajs';
import { settle } from './ballast.js';
import { type Broker, discard, type Settings, startKafka, startMillrace } from './brokers.js';
import { load } from './load.js';
import type { Figures, Pace, Row, Run, Starter } from './row.js';

type Side = Run['side'];
export type Kind = 'stock' | 'tuned';

/** What people change on a host of two cores that is there for throughput. */
const TUNED: Settings = {
  'num.network.threads': 2,
  'num.io.threads': 4,
  'num.replica.fetchers': 1,
  'socket.send.buffer.bytes': 1_048_576,
  'socket.receive.buffer.bytes': 1_048_576,
  'log.cleaner.enable': 'false',
};

/** A broker that stands still for its turn must not be taken for dead. */
const PATIENT: Settings = { 'broker.session.timeout.ms': 600_000 };

const WARM_UP = 'warm-up';

export function starterOf(side: Side, kind: Kind): Starter {
  const start = side === 'kafka' ? startKafka : startMillrace;
  const extra = side === 'kafka' && kind === 'tuned' ? TUNED : {};
  return {
    side,
    start: (settings, directory) => start({ ...extra, ...settings }, directory),
    load: (broker, mode, topic, options) => load(mode, broker.port, topic, { pid: broker.pid, ...options }),
  };
}

/** The run of a row on a broker that is there; its topics are deleted afterwards. */
export async function onBroker(
  broker: Broker,
  side: Side,
  row: Row,
  name: string,
  pace: Pace,
): Promise<Figures> {
  const topics: string[] = [];
  const run: Run = {
    side,
    broker,
    pace,
    topic: name,
    create: async (partitions, settings = {}, topic = name) => {
      topics.push(topic);
      const configs = Object.entries(settings).map(([key, value]) => [`config.${key}`, value]);
      await load('create', broker.port, topic, { partitions, ...Object.fromEntries(configs) });
    },
    load: (mode, options, topic = name) => load(mode, broker.port, topic, { pid: broker.pid, ...options }),
  };
  if (row.measure === undefined) throw new Error(`${row.name} has nothing to measure on a broker`);
  settle();
  try {
    return await row.measure(run);
  } finally {
    await deleteTopics(broker.port, topics);
  }
}

async function deleteTopics(port: number, topics: string[]): Promise<void> {
  if (topics.length === 0) return;
  const admin = new Kafka({ clientId: 'bench', brokers: [`127.0.0.1:${port}`], logLevel: 0 }).admin();
  await admin.connect();
  try {
    await admin.deleteTopics({ topics });
  } finally {
    await admin.disconnect();
  }
}

export class Rivals {
  private constructor(
    private readonly brokers: Readonly<Record<Side, Broker>>,
    private awake: Side,
  ) {}

  static async start(kind: Kind, warmUpSeconds: number): Promise<Rivals> {
    const kafka = await starterOf('kafka', kind).start(PATIENT);
    await warmUp(kafka.port, warmUpSeconds);
    process.kill(kafka.pid, 'SIGSTOP');
    const millrace = await starterOf('millrace', kind).start({});
    await warmUp(millrace.port, warmUpSeconds);
    return new Rivals({ kafka, millrace }, 'millrace');
  }

  /** `side` runs, the other one stands still. */
  take(side: Side): Broker {
    if (this.awake !== side) {
      process.kill(this.brokers[this.awake].pid, 'SIGSTOP');
      process.kill(this.brokers[side].pid, 'SIGCONT');
      this.awake = side;
    }
    return this.brokers[side];
  }

  /** Nobody runs: a row with brokers of its own is measured. */
  rest(): void {
    process.kill(this.brokers[this.awake].pid, 'SIGSTOP');
  }
  resume(): void {
    process.kill(this.brokers[this.awake].pid, 'SIGCONT');
  }

  async stop(): Promise<void> {
    // What they wrote is thrown away with their directories: a clean stop would only take time.
    for (const broker of Object.values(this.brokers)) {
      await broker.kill();
      discard(broker.directory);
    }
  }
}

/** Every kind of request the rows send, for as long as asked. */
async function warmUp(port: number, seconds: number): Promise<void> {
  const part = seconds / 4;
  await load('create', port, WARM_UP, { partitions: 6 });
  const allowed = 'refusals-allowed';
  const small = { partitions: 6, connections: 16, record: 100, batch: 1, seconds: part };
  await load('produce', port, WARM_UP, small, allowed);
  await load(
    'produce',
    port,
    WARM_UP,
    { partitions: 6, record: 1024, batch: 262_144, seconds: part, bytes: 2e9 },
    allowed,
  );
  await load('fetch', port, WARM_UP, { partitions: 6, loop: 1, seconds: part }, allowed);
  const stream = { partitions: 6, producers: 2, record: 1024, batch: 16_384, mbps: 20, seconds: part };
  await load('e2e', port, WARM_UP, stream, allowed);
  await deleteTopics(port, [WARM_UP]);
}
