import { execFile, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort, ROOT, temporaryDirectory } from '../support/millrace.js';

const run = promisify(execFile);
const folder = temporaryDirectory('bench-native');

/** As bench/support/load.ts builds them, but in a hurry. */
async function build(tool: string): Promise<void> {
  const sources = [tool, 'common'].flatMap((name) => {
    const directory = join(ROOT, 'bench', 'native', name);
    return readdirSync(directory)
      .filter((file) => file.endsWith('.cc'))
      .map((file) => join(directory, file));
  });
  const crc = join(ROOT, 'native', 'core', 'crc32c.cc');
  await run(process.env.CXX ?? 'c++', ['-O1', '-std=c++20', ...sources, crc, '-o', join(folder, tool)]);
}

async function untilListening(port: number): Promise<void> {
  for (let attempt = 0; attempt < 500; attempt++) {
    const open = await new Promise<boolean>((done) => {
      const socket = createConnection({ port, host: '127.0.0.1' }, () => done(socket.end() !== null));
      socket.once('error', () => done(false));
    });
    if (open) return;
    await new Promise((done) => setTimeout(done, 10));
  }
  throw new Error('the floor does not listen');
}

async function loadgen(...words: string[]): Promise<Record<string, number>> {
  return JSON.parse((await run(join(folder, 'loadgen'), words)).stdout);
}

beforeAll(async () => {
  await build('loadgen');
  await build('floor');
}, 180_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the load generator beside the floor', () => {
  it('sends batches with a right CRC, counts them and keeps the rate', async () => {
    const port = await freePort();
    const data = join(folder, 'data');
    mkdirSync(data);
    const floor = spawn(join(folder, 'floor'), [String(port), data, String(16 << 20)], { stdio: 'inherit' });
    try {
      await untilListening(port);
      const sent = await loadgen(
        'produce',
        String(port),
        't',
        'batch=16384',
        'requests=100',
        `pid=${floor.pid}`,
      );
      // The floor answers CORRUPT_MESSAGE for a wrong CRC: the timestamp was patched into each batch.
      expect(sent).toMatchObject({ requests: 100, errors: 0, records: 1500, unsent: 0 });
      expect(sent.brokerCpu).toBeGreaterThanOrEqual(0);
      expect(sent.maxus).toBeGreaterThanOrEqual(sent.p50us ?? 0);
      const pinged = await loadgen('ping', String(port), 't', 'connections=3', 'requests=30');
      expect(pinged).toMatchObject({ requests: 30, errors: 0 });
      const paced = await loadgen(
        'produce',
        String(port),
        't',
        'batch=1',
        'rate=200',
        'seconds=0.5',
        'warm=0.2',
      );
      expect(paced.requests).toBeGreaterThanOrEqual(98);
      expect(paced.requests).toBeLessThanOrEqual(102);
    } finally {
      floor.kill('SIGKILL');
    }
  });

  it('ends with 2 and one line when it cannot run', async () => {
    const failed = run(join(folder, 'loadgen'), ['produce', String(await freePort()), 't', 'requests=1']);
    await expect(failed).rejects.toMatchObject({ code: 2, stdout: '', stderr: /^loadgen: .+\n$/ });
  });
});
