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
  const release = (kind) => {
    if (owned.length > 0) say(name, kind, owned.join());
    owned = [];
  };
  members.set(name, async () => {
    release('revoked');
    await consumer.disconnect();
    say(name, 'closed');
  });
  consumer.on(consumer.events.REBALANCING, () => release('revoked'));
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    release('lost');
    owned = Object.entries(payload.memberAssignment).flatMap(([of, list]) =>
      list.map((index) => `${of}:${index}`),
    );
    say(name, 'assigned', owned.join());
  });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
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
      say(name, 'committed', `${batch.topic}:${partition}=${offset}`);
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
