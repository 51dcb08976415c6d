/** W15 to W19: many partitions, starts, idleness, and a start after kill -9. These rows start brokers of their own. */
import { type Broker, discard } from '../support/brokers.js';
import { processStats } from '../support/process-stats.js';
import { type Figures, GB, ms, perGB, type Row, type Starter } from '../support/row.js';

const TOPIC = 'bench';
const PARTITIONS = 1000;
const FIRST = 16;
/** A broker just started still compiles, loads and collects; what is idle afterwards is measured. */
const SETTLE_MS = 10_000;
const atMost = (most: number): { aim: { of: 'value'; most: number } } => ({ aim: { of: 'value', most } });
const pause = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds));

async function stopped(broker: Broker, work: () => Promise<Figures>): Promise<Figures> {
  try {
    return await work();
  } finally {
    await broker.stop();
  }
}

/** The last use of a broker and its directory. */
async function ended(broker: Broker, work: () => Promise<Figures>): Promise<Figures> {
  try {
    return await stopped(broker, work);
  } finally {
    discard(broker.directory);
  }
}

/** Starts again on a directory that exists; s from exec until every partition can be read. */
async function readable(starter: Starter, directory: string, partitions: number): Promise<Figures> {
  const since = Date.now();
  const broker = await starter.start({}, directory);
  return ended(broker, async () => {
    const result = await starter.load(broker, 'readable', TOPIC, { partitions, since });
    return { first: broker.readySeconds, seconds: result.readableSeconds ?? Number.NaN };
  });
}

async function manyPartitions(
  starter: Starter,
  pace: { seconds: number; warmSeconds: number },
): Promise<Figures> {
  const broker = await starter.start({});
  const figures = await stopped(broker, async () => {
    // The first partitions start the threads that serve all later ones; what a thousand more cost is asked.
    await starter.load(broker, 'create', 'first', { partitions: FIRST });
    await pause(SETTLE_MS);
    const before = processStats(broker.pid).anonymousMiB;
    const created = await starter.load(broker, 'create', TOPIC, { partitions: PARTITIONS });
    await pause(SETTLE_MS);
    const { anonymousMiB } = processStats(broker.pid);
    const shape = { partitions: PARTITIONS, connections: 4, record: 1024, batch: 16_384 };
    const paced = await starter.load(broker, 'produce', TOPIC, {
      ...shape,
      mbps: 20,
      seconds: pace.seconds * 2,
    });
    const flat = await starter.load(broker, 'produce', TOPIC, { ...shape, warm: 1, seconds: pace.seconds });
    return {
      create: created.answersSeconds ?? Number.NaN,
      memory: anonymousMiB - before,
      pacedMbps: (paced.bytes ?? 0) / (paced.seconds ?? 1) / 1e6,
      pacedP99: ms(paced.p99us),
      flatCpu: perGB(flat),
      flatMbps: (flat.bytes ?? 0) / (flat.seconds ?? 1) / 1e6,
    };
  });
  const again = await readable(starter, broker.directory, PARTITIONS);
  return { ...figures, restart: again.seconds };
}

export const LIFE_ROWS: readonly Row[] = [
  {
    name: 'start',
    title: 'W16: exec to the first Metadata answer in an empty directory',
    figures: [{ key: 'seconds', title: 's', ...atMost(0.2) }],
    life: async (starter) => {
      const broker = await starter.start({});
      return ended(broker, async () => ({ seconds: broker.readySeconds }));
    },
  },
  {
    name: 'idle',
    title: 'W17: idle, fresh directory, 10 s after the start',
    figures: [
      { key: 'anonymous', title: 'anonymous MiB', ...atMost(75) },
      { key: 'core', title: '% of a core', ...atMost(0.2) },
      { key: 'switches', title: 'switches/s', ...atMost(10) },
      { key: 'threads', title: 'threads' },
    ],
    life: async (starter, pace) => {
      const broker = await starter.start({});
      return ended(broker, async () => {
        await pause(SETTLE_MS);
        const windowSeconds = Math.max(10, pace.seconds * 2);
        const before = processStats(broker.pid);
        await pause(windowSeconds * 1000);
        const after = processStats(broker.pid);
        return {
          anonymous: after.anonymousMiB,
          core: ((after.cpuSeconds - before.cpuSeconds) / windowSeconds) * 100,
          switches: (after.switches - before.switches) / windowSeconds,
          threads: after.threads,
        };
      });
    },
  },
  {
    name: 'partitions',
    limit:
      'Memory: a log is 3.2 KiB of heap and 3.6 KiB of native memory in its worker; what the images of the other threads and garbage not yet collected add was not broken down. Restart: some 70 system calls a partition, on two cores.',
    title:
      'W15, W16: one topic of 1,000 partitions: created, 20 MB/s in 16 KiB batches, flat out, started again',
    figures: [
      { key: 'create', title: 'until all answer, s', ...atMost(0.5) },
      { key: 'pacedMbps', title: 'of 20 MB/s', aim: { of: 'value', least: 19.8 } },
      { key: 'pacedP99', title: 'ack p99, ms', ...atMost(50) },
      { key: 'flatCpu', title: 'flat out CPU-s/GB', aim: { of: 'share', most: 0.3 } },
      { key: 'flatMbps', title: 'flat out MB/s' },
      { key: 'memory', title: 'MiB per 1,000 more', ...atMost(6) },
      { key: 'restart', title: 'restart, s', ...atMost(0.5) },
    ],
    life: manyPartitions,
  },
  {
    name: 'killed',
    title: 'W19: start after kill -9 with 4 GiB in 20 partitions, until every partition can be read',
    figures: [{ key: 'seconds', title: 's', ...atMost(1) }],
    life: async (starter) => {
      const broker = await starter.start({});
      await starter.load(broker, 'create', TOPIC, { partitions: 20 });
      const load = { partitions: 20, connections: 4, record: 1024, batch: 65_536, bytes: 4.3 * GB };
      await starter.load(broker, 'produce', TOPIC, load);
      await broker.kill();
      return readable(starter, broker.directory, 20);
    },
  },
];
