/** dist/bundle: what `bin/millrace` starts, with V8's code cache of it. */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { threadEntry } from '../../src/io/thread-entry.js';
import { ROOT, startMillrace, temporaryDirectory } from '../support/millrace.js';
import { Client } from './support/client.js';
import { runToEnd } from './support/process.js';
import { batchOf, createTopic, produce, readAll } from './support/requests.js';

const BUNDLE = join(ROOT, 'dist', 'bundle');
const NAMES = ['main', 'network-thread', 'worker'];
const HEAD_BYTES = 8;

const BASE = temporaryDirectory('bundle');
afterAll(() => rmSync(BASE, { recursive: true, force: true }));

/** This package with an empty dist. */
function packageWith(name: string): string {
  const root = join(BASE, name);
  mkdirSync(join(root, 'dist'), { recursive: true });
  cpSync(join(ROOT, 'bin'), join(root, 'bin'), { recursive: true });
  for (const shared of ['package.json', 'node_modules', 'build'])
    symlinkSync(join(ROOT, shared), join(root, shared));
  return root;
}

async function startAndUse(root: string): Promise<void> {
  const broker = await startMillrace({ root });
  try {
    const client = await Client.open(broker.port);
    await createTopic(client, 't');
    expect(await produce(client, 't', batchOf(['value']))).toMatchObject({ error: 0 });
    expect(await readAll(client, 't')).toHaveLength(1);
    client.close();
  } finally {
    expect(await broker.stop()).toBe(0);
  }
}

describe('dist/bundle', () => {
  it('holds a bundle, its map and its code cache for every kind of thread', () => {
    for (const name of NAMES) {
      for (const end of ['.cjs', '.code.cjs', '.code.cjs.map', '.cache'])
        expect(existsSync(join(BUNDLE, name + end)), name + end).toBe(true);
      expect(/^[\0-\x7f]*$/.test(readFileSync(join(BUNDLE, `${name}.code.cjs`), 'latin1')), name).toBe(true);
    }
  });

  it('is all that a broker needs, in every thread', async () => {
    const root = packageWith('bundle');
    cpSync(BUNDLE, join(root, 'dist', 'bundle'), { recursive: true });
    await startAndUse(root);
  });

  it('is not needed: the modules run one by one', async () => {
    const root = packageWith('modules');
    symlinkSync(join(ROOT, 'dist', 'src'), join(root, 'dist', 'src'));
    await startAndUse(root);
  });

  it('missing like the modules, is missed in one sentence', async () => {
    const ended = await runToEnd(process.execPath, [
      join(packageWith('nothing'), 'bin', 'millrace'),
      'start',
    ]);
    expect(ended).toMatchObject({ code: 1, output: expect.stringMatching(/^millrace: not built yet.*\n$/) });
  });
});

describe('the loader', () => {
  const folder = join(BASE, 'loader');
  beforeEach(() => {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
  });

  const code = (body: string) =>
    writeFileSync(
      join(folder, 'main.code.cjs'),
      `(function (exports, require, module, __filename, __dirname) { ${body}\n})`,
    );
  const load = join(ROOT, 'bin', 'load.cjs');

  /** Runs the bundle in a process of its own; its standard output. */
  function run(write = false): string {
    const script = `console.log(require(${JSON.stringify(load)})(${JSON.stringify(folder)}, 'main').answer())`;
    const env = { ...process.env, ...(write ? { MILLRACE_WRITE_CODE_CACHE: folder } : {}) };
    return execFileSync(process.execPath, ['-e', script], { env, encoding: 'utf8' }).trim();
  }
  const cache = join(folder, 'main.cache');

  it('writes a cache when asked to and runs from it', () => {
    code('exports.answer = () => 41 + 1;');
    expect(run()).toBe('42');
    expect(existsSync(cache)).toBe(false);
    expect(run(true)).toBe('42');
    expect(existsSync(cache)).toBe(true);
    expect(run()).toBe('42');
  });

  it('ignores a cache of other code, although V8 would take it: the length is the same', () => {
    code('exports.answer = () => "old";');
    run(true);
    code('exports.answer = () => "new";');
    expect(run()).toBe('new');
  });

  it('ignores a damaged cache', () => {
    code('exports.answer = () => "whole";');
    run(true);
    const whole = readFileSync(cache);
    for (const at of [0, 4, HEAD_BYTES, whole.length >> 1, whole.length - 1]) {
      const damaged = Buffer.from(whole);
      damaged[at] ^= 0xff;
      writeFileSync(cache, damaged);
      expect(run(), `byte ${at}`).toBe('whole');
    }
    for (const bytes of [0, 3, HEAD_BYTES, whole.length - 1]) {
      writeFileSync(cache, whole.subarray(0, bytes));
      expect(run(), `${bytes} bytes`).toBe('whole');
    }
  });

  it('ignores a cache of another V8: one run with other flags', () => {
    code('exports.answer = () => "any";');
    run(true);
    const script = `console.log(require(${JSON.stringify(load)})(${JSON.stringify(folder)}, 'main').answer())`;
    const flags = ['--no-opt', '--max-lazy', '-e', script];
    expect(execFileSync(process.execPath, flags, { encoding: 'utf8' }).trim()).toBe('any');
  });
});

describe('stack traces of the bundle', () => {
  it('name modules, not the bundle', () => {
    const script = `
      const load = require(${JSON.stringify(join(ROOT, 'bin', 'load.cjs'))});
      const { main } = load(${JSON.stringify(BUNDLE)}, 'main');
      process.stderr.write = () => { console.log(new Error('probe').stack); return true; };
      Error.stackTraceLimit = 50;
      main(['node', 'millrace', 'no-such-command']);`;
    const stack = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' }).stdout;
    expect(stack).toMatch(/Error: probe\n/);
    expect(stack).toContain(join(ROOT, 'dist', 'src', 'cli', 'main.js'));
    expect(stack).not.toContain('.code.cjs');
  });
});

describe('threadEntry', () => {
  it('is the module beside its importer, or the bundle of that name beside the bundle', () => {
    const path = '../network/network-thread.js';
    expect(threadEntry('file:///m/dist/src/broker/main/a.js', path).href).toBe(
      'file:///m/dist/src/broker/network/network-thread.js',
    );
    expect(threadEntry('file:///m/dist/bundle/main.code.cjs', path).href).toBe(
      'file:///m/dist/bundle/network-thread.cjs',
    );
  });
});
