/**
 * kill -9 under load, again and again: idempotent producers with acks=all, segments of 1 MiB so that rolls and recycling
 * happen. After every restart what was acknowledged is where it was acknowledged, once, and the batch whose answer was
 * lost can be sent again without becoming two.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Client } from '../broker/support/client.js';
import { batchOf, createTopic, newProducer, produce, readAll, sleep } from '../broker/support/requests.js';
import { type StartedBroker, startMillrace, temporaryDirectory } from '../support/millrace.js';

const PARTITIONS = 3;
const RECORDS = 5;
const BYTES = 4_000;
const SETTINGS = { 'log.segment.bytes': 1024 * 1024, 'num.network.threads': 1 };

/** One idempotent producer for one partition; it lives longer than any broker. */
class Producer {
  /** Value by offset. */
  readonly acknowledged = new Map<number, string>();
  sequence = 0;
  retried = 0;
  /** The batch that was sent and not answered: the next to be sent, byte for byte. */
  private unanswered: { bytes: Uint8Array; values: string[] } | undefined;

  constructor(
    readonly partition: number,
    private readonly identity: { producerId: bigint; producerEpoch: number },
  ) {}

  private next(): { bytes: Uint8Array; values: string[] } {
    const values = Array.from({ length: RECORDS }, (_, index) =>
      `${this.partition}/${this.sequence + index} `.padEnd(BYTES, '.'),
    );
    return { values, bytes: batchOf(values, { ...this.identity, baseSequence: this.sequence }) };
  }

  /** Sends until the connection ends. */
  async run(port: number): Promise<void> {
    const client = await Client.open(port);
    while (!client.isClosed) {
      if (this.unanswered !== undefined) this.retried++;
      const batch = this.unanswered ?? this.next();
      this.unanswered = batch;
      const answer = await produce(client, 't', batch.bytes, this.partition).catch(() => undefined);
      if (answer === undefined) break;
      expect(answer.error).toBe(0);
      for (const [index, value] of batch.values.entries()) {
        expect(this.acknowledged.has(answer.offset + index)).toBe(false);
        this.acknowledged.set(answer.offset + index, value);
      }
      this.sequence += RECORDS;
      this.unanswered = undefined;
    }
    client.close();
  }

  /** Everything acknowledged is at its offset; nothing is there twice; nothing but the unanswered batch was added. */
  async check(client: Client, fromStart: boolean): Promise<void> {
    const from = fromStart ? 0 : Math.max(0, this.acknowledged.size - 2_000);
    const found = await readAll(client, 't', this.partition, from);
    const values = new Map(found.map(({ offset, value }) => [offset, value] as const));
    for (const [offset, value] of this.acknowledged) {
      if (offset >= from && values.get(offset) !== value) {
        expect({ offset, value: values.get(offset)?.trim() }).toEqual({ offset, value: value.trim() });
      }
    }
    expect(new Set(values.values()).size).toBe(found.length);
    expect(found.map(({ offset }) => offset)).toEqual(found.map((_, index) => from + index));
    const extra = found.filter(({ offset }) => !this.acknowledged.has(offset)).map(({ value }) => value);
    expect(extra.length === 0 || extra.join() === this.unanswered?.values.join()).toBe(true);
  }
}

async function killAgainAndAgain(rounds: number, env: Record<string, string>): Promise<void> {
  const folder = temporaryDirectory('kill');
  const data = join(folder, 'data');
  const start = (): Promise<StartedBroker> => startMillrace({ data, settings: SETTINGS, env });
  let broker = await start();
  const admin = await Client.open(broker.port);
  expect(await createTopic(admin, 't', PARTITIONS)).toBe(0);
  const producers: Producer[] = [];
  for (let partition = 0; partition < PARTITIONS; partition++) {
    producers.push(new Producer(partition, await newProducer(admin)));
  }
  admin.close();
  let seed = 7;
  for (let round = 0; round < rounds; round++) {
    const runs = producers.map((producer) => producer.run(broker.port));
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    await sleep(50 + (seed % 400));
    await broker.kill();
    await Promise.all(runs);
    broker = await start();
    const client = await Client.open(broker.port);
    for (const producer of producers) await producer.check(client, round % 10 === 9 || round === rounds - 1);
    client.close();
  }
  expect(await broker.stop()).toBe(0);
  const records = producers.reduce((sum, { acknowledged }) => sum + acknowledged.size, 0);
  const retried = producers.reduce((sum, producer) => sum + producer.retried, 0);
  // Enough for several segments of each partition, and for answers to be lost on their way.
  expect(records * BYTES).toBeGreaterThan(PARTITIONS * 2 * 1024 * 1024);
  expect(retried).toBeGreaterThan(rounds / 2);
  rmSync(folder, { recursive: true, force: true });
}

it('50 times under load with the native engine', () => killAgainAndAgain(50, {}));
it('5 times under load with the portable engine', () => killAgainAndAgain(5, { MILLRACE_NATIVE: 'off' }));
