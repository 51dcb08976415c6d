/** Group members of kafkajs; see host.ts for what it reads and prints. */
import { createInterface } from 'node:readline';
import { Kafka, logLevel, PartitionAssigners } from 'kafkajs';

const bootstrap = process.argv[2];
const members = new Map();
const say = (member, ...words) => process.stdout.write(`${Date.now()} ${member} ${words.join(' ')}\n`);

async function start(name, groupId, topic) {
  const kafka = new Kafka({
    clientId: name,
    brokers: [bootstrap],
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 100, maxRetryTime: 500, retries: 30 },
  });
  const consumer = kafka.consumer({
    groupId,
    heartbeatInterval: 200,
    sessionTimeout: 8000,
    rebalanceTimeout: 8000,
    maxWaitTimeInMs: 100,
    partitionAssigners: [PartitionAssigners.roundRobin],
  });
  let owned = [];
  let stopping = false;
  const release = (kind) => {
    if (owned.length > 0) say(name, kind, owned.join());
    owned = [];
  };
  members.set(name, async () => {
    stopping = true;
    release('revoked');
    await consumer.disconnect();
    say(name, 'closed');
  });
  consumer.on(consumer.events.REBALANCING, () => release('revoked'));
  // Most errors it survives as a new member; a first join that meets a killed broker ends it: begin again, as applications do.
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    say(name, 'failed', 'CRASH', payload.error.name);
    release('lost');
    if (payload.restart || stopping) return;
    stopping = true;
    consumer.disconnect().finally(() => members.has(name) && start(name, groupId, topic));
  });
  // Not the end of commitOffsets(): that resolves for a consumer that is stopped although its commit was never answered.
  consumer.on(consumer.events.COMMIT_OFFSETS, ({ payload }) => {
    const pairs = payload.topics.flatMap(({ topic: of, partitions }) =>
      partitions.map(({ partition, offset }) => `${of}:${partition}=${offset}`),
    );
    say(name, 'committed', pairs.join());
  });
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    release('lost');
    if (stopping) return; // it leaves as soon as it has joined, and reads nothing
    owned = Object.entries(payload.memberAssignment).flatMap(([of, list]) =>
      list.map((index) => `${of}:${index}`),
    );
    say(name, 'assigned', owned.join());
  });
  // A broker that is killed just now ends these two, whatever the client's settings of retries.
  for (let begun = false; !begun && !stopping; ) {
    try {
      await consumer.connect();
      await consumer.subscribe({ topics: [topic], fromBeginning: true });
      begun = true;
    } catch (error) {
      say(name, 'failed', 'connect', error.name);
      await new Promise((done) => setTimeout(done, 100));
    }
  }
  if (stopping) return;
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch, resolveOffset, heartbeat, isRunning, isStale }) => {
      const { partition } = batch;
      if (!isRunning() || isStale() || !owned.includes(`${batch.topic}:${partition}`)) return;
      for (const message of batch.messages) {
        say(name, 'record', `${batch.topic}:${partition}`, message.offset, message.value.toString());
        resolveOffset(message.offset);
      }
      const offset = String(BigInt(batch.lastOffset()) + 1n);
      try {
        await consumer.commitOffsets([{ topic: batch.topic, partition, offset }]);
      } catch (error) {
        say(name, 'failed', error.type);
        throw error;
      }
      await heartbeat();
    },
  });
}

for await (const line of createInterface(process.stdin)) {
  const [command, name, group, topic] = line.split(' ');
  if (command === 'start') start(name, group, topic).catch((error) => say(name, 'ended', String(error)));
  else {
    members.get(name)();
    members.delete(name);
  }
}
await Promise.all([...members.values()].map((stop) => stop()));
process.exit(0);
