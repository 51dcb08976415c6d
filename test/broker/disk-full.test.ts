/**
 * A disk that fills up while the broker runs, on a tmpfs of 64 MiB: appends are refused, reads go on, nothing that was
 * acknowledged is lost, and appends go on by themselves when there is space again.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KafkaError } from '../../src/base/kafka-error.js';
import { type StartedBroker, startMillrace } from '../support/millrace.js';
import { Client } from './support/client.js';
import { batchOf, createTopic, fetchOne, produce, readAll, until } from './support/requests.js';
import { canMount, type SmallDisk, smallDisk } from './support/small-disk.js';

const MIB = 1024 * 1024;
const PARTITIONS = 2;
const runs = canMount() || process.env.CI === 'true';

describe.skipIf(!runs)(`disk full${runs ? '' : ' [skipped: only root can mount a small disk]'}`, () => {
  let disk: SmallDisk;
  let broker: StartedBroker;
  let client: Client;
  /** Value by offset, by partition. */
  const acknowledged: Map<number, string>[] = Array.from({ length: PARTITIONS }, () => new Map());
  let number = 0;

  beforeAll(async () => {
    disk = smallDisk(64);
    broker = await startMillrace({
      data: `${disk.path}/data`,
      settings: { 'log.segment.bytes': 2 * MIB, 'num.network.threads': 1 },
    });
    client = await Client.open(broker.port);
    expect(await createTopic(client, 't', PARTITIONS)).toBe(0);
  });

  afterAll(async () => {
    client?.close();
    await broker?.kill();
    disk?.remove();
  });

  async function append(partition: number): Promise<number> {
    const value = `${number++} `.padEnd(100_000, 'x');
    const { error, offset } = await produce(client, 't', batchOf([value]), partition);
    if (error === 0) {
      expect(acknowledged[partition]?.has(offset)).toBe(false);
      acknowledged[partition]?.set(offset, value);
    }
    return error;
  }

  async function expectAllThere(reader: Client): Promise<void> {
    for (const [partition, expected] of acknowledged.entries()) {
      const found = new Map(
        (await readAll(reader, 't', partition)).map(({ offset, value }) => [offset, value] as const),
      );
      for (const [offset, value] of expected) expect(found.get(offset)).toBe(value);
    }
  }

  /** Appends to every partition until each was refused. */
  async function fillUp(): Promise<void> {
    for (let partition = 0; partition < PARTITIONS; partition++) {
      await until('refused', async () => {
        const error = await append(partition);
        expect([0, KafkaError.KAFKA_STORAGE_ERROR]).toContain(error);
        return error === 0 ? undefined : error;
      });
    }
  }

  it('refuses appends with KAFKA_STORAGE_ERROR and says so', async () => {
    for (let partition = 0; partition < PARTITIONS; partition++) expect(await append(partition)).toBe(0);
    disk.fill(12 * MIB);
    await fillUp();
    expect(broker.output()).toMatch(/[Nn]o space left|is full/);
  });

  it('goes on serving reads', async () => {
    await expectAllThere(client);
    const other = await Client.open(broker.port);
    const { error, highWatermark } = await fetchOne(other, { topic: 't' });
    expect(error).toBe(0);
    expect(highWatermark).toBe(acknowledged[0]?.size);
    other.close();
  });

  it('appends again by itself when there is space', async () => {
    disk.free();
    for (let partition = 0; partition < PARTITIONS; partition++) {
      await until('accepted', async () => ((await append(partition)) === 0 ? true : undefined));
      for (let times = 0; times < 30; times++) expect(await append(partition)).toBe(0);
    }
    await expectAllThere(client);
  });

  it('does so again and again', async () => {
    for (let round = 0; round < 3; round++) {
      disk.fill(2 * MIB);
      await fillUp();
      await expectAllThere(client);
      disk.free();
      for (let partition = 0; partition < PARTITIONS; partition++) {
        await until('accepted', async () => ((await append(partition)) === 0 ? true : undefined));
      }
    }
    await expectAllThere(client);
  }, 60_000);

  it('killed on a full disk, it starts and has everything acknowledged', async () => {
    disk.fill();
    await fillUp();
    await broker.kill();
    disk.free();
    broker = await startMillrace({
      data: `${disk.path}/data`,
      settings: { 'log.segment.bytes': 2 * MIB, 'num.network.threads': 1 },
    });
    client = await Client.open(broker.port);
    await expectAllThere(client);
    for (let partition = 0; partition < PARTITIONS; partition++) expect(await append(partition)).toBe(0);
    expect(await broker.stop()).toBe(0);
  });
});
