// Makes dist/bundle from dist/src: what starts a broker as one file per thread, and V8's code cache of each (see
// load.cjs). Loading 200 modules one by one takes most of a broker's start; a bundle with its cache takes a tenth of it.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const folder = join(root, 'dist', 'bundle');
/** Names are those of the modules: src/io/thread-entry.ts looks for them. `main` last: whoever finds it finds them all. */
const ENTRIES = {
  'network-thread': 'broker/network/network-thread.js',
  worker: 'partition/worker.js',
  main: 'cli/main.js',
};
const WARM_UP_MS_MAX = 20_000;

/** V8 keeps ASCII at a byte a character, and the loader need not decode it. */
function toAscii(text) {
  return text.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

async function bundleAll() {
  const { build } = await import('rolldown');
  for (const [name, path] of Object.entries(ENTRIES)) {
    await build({
      input: { [name]: join(root, 'dist', 'src', path) },
      platform: 'node',
      // Loaded by the first use of their codec; they find their native part beside them. re2js: by the first expression.
      external: ['lz4-napi', 'snappy', '@cloudpss/zstd', 're2js'],
      logLevel: 'warn',
      output: {
        dir: folder,
        format: 'cjs',
        entryFileNames: '[name].code.cjs',
        codeSplitting: false,
        comments: false,
        sourcemap: true,
      },
    });
    const code = join(folder, `${name}.code.cjs`);
    // The head stands on the first line: the map's line numbers hold.
    const head = '(function (exports, require, module, __filename, __dirname) { ';
    writeFileSync(code, `${head}${toAscii(readFileSync(code, 'utf8'))}\n})`);
    writeFileSync(
      join(folder, `${name}.cjs`),
      `module.exports = require('../../bin/load.cjs')(__dirname, '${name}');\n`,
    );
  }
}

/** Metadata version 1 for one topic, which is created: every kind of thread runs. */
const METADATA = Buffer.from('\0\0\0\x18\0\x03\0\x01\0\0\0\x01\0\x04warm\0\0\0\x01\0\x04warm', 'latin1');

/** Resolves when the broker at `port` has answered twice: the second time the topic's partition is open. */
function ask(port) {
  return new Promise((done, reject) => {
    const socket = createConnection({ port, host: '127.0.0.1' });
    let answers = 0;
    socket.on('connect', () => socket.write(METADATA));
    socket.on('data', () => {
      if (++answers === 2) socket.end(done);
      else setTimeout(() => socket.write(METADATA), 200);
    });
    socket.on('error', reject);
  });
}

/** Runs a broker for a moment whose threads write down what they compiled. Rejects when there is no cache afterwards. */
async function writeCaches() {
  const data = mkdtempSync(join(tmpdir(), 'millrace-warm-up-'));
  const settings = ['listeners=PLAINTEXT://127.0.0.1:0', `log.dirs=${data}`].flatMap((one) => [
    '--override',
    one,
  ]);
  const child = spawn(process.execPath, [join(root, 'bin', 'millrace'), 'start', ...settings], {
    env: { ...process.env, MILLRACE_WRITE_CODE_CACHE: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const late = setTimeout(() => child.kill('SIGKILL'), WARM_UP_MS_MAX);
  let printed = '';
  child.stderr.on('data', (text) => (printed += text));
  child.stdout.on('data', (text) => {
    printed += text;
    const port = /clients +127\.0\.0\.1:(\d+)/.exec(printed)?.[1];
    if (port !== undefined && text.includes('docs'))
      ask(Number(port)).then(
        () => child.kill('SIGTERM'),
        () => child.kill('SIGKILL'),
      );
  });
  const status = await new Promise((done) => child.once('exit', done));
  clearTimeout(late);
  rmSync(data, { recursive: true, force: true });
  if (status !== 0) throw new Error(`the first run ended with ${status}: ${printed.trim()}`);
}

/** Builds dist/bundle. Without it dist/src runs and starts slower: nothing here stops the set-up. */
export async function buildBundle(log) {
  rmSync(folder, { recursive: true, force: true });
  try {
    log('bundling');
    await bundleAll();
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    return log(`no bundle, starts take longer: ${error.message}`);
  }
  try {
    await writeCaches();
  } catch (error) {
    log(`no code cache, starts take longer: ${error.message}`);
  }
}
