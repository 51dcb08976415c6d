// Builds the addon with nothing but a C++ compiler; `--core-tests` builds native/core as a plain test program under
// ASan and UBSan and runs it. (`node-gyp rebuild` with binding.gyp gives the same addon where Python and make are.)
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const BASE_FLAGS = [
  '-std=c++20',
  '-Wall',
  '-Wextra',
  '-Wno-unused-parameter',
  '-Wno-missing-field-initializers',
  '-Inative',
];

/** Folder that holds node_api.h: beside the running Node when installed there, else from node-api-headers. */
function nodeHeaders() {
  const beside = resolve(dirname(process.execPath), '..', 'include', 'node');
  if (existsSync(join(beside, 'node_api.h')) && process.env.MILLRACE_HEADERS !== 'package') return beside;
  return join(root, 'node_modules', 'node-api-headers', 'include');
}

/** A C++ compiler's name, or undefined. */
function compiler() {
  const names = [process.env.CXX, 'c++', 'g++', 'clang++'].filter(
    (name) => name !== undefined && name !== '',
  );
  return names.find((name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0);
}

function sources(folder, keep) {
  return readdirSync(join(root, 'native', folder))
    .filter((name) => name.endsWith('.cc') && keep(name))
    .map((name) => join('native', folder, name));
}

/** Compiles every source to build/<folder>/*.o, one a core; returns the objects or throws with the compiler's text. */
async function compileAll(cxx, files, flags, folder, log) {
  mkdirSync(join(root, 'build', folder), { recursive: true });
  const waiting = files.map((source) => ({
    source,
    object: join('build', folder, `${source.replaceAll('/', '_')}.o`),
  }));
  const objects = waiting.map(({ object }) => object);
  const compileNext = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      log(`c++ ${next.source}`);
      const arguments_ = [...BASE_FLAGS, ...flags, '-c', next.source, '-o', next.object];
      await run(cxx, arguments_, `the compiler failed on ${next.source}`);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, compileNext));
  return objects;
}

/** Runs a command; rejects with what it printed when it fails. */
function run(command, arguments_, what) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, arguments_, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.once('error', reject);
    child.once('close', (status) => (status === 0 ? resolve() : reject(new Error(`${what}:\n${output}`))));
  });
}

/** Builds build/Release/millrace.node. Returns why it could not, or undefined. */
export async function buildAddon(log) {
  const cxx = compiler();
  if (cxx === undefined) return 'no C++ compiler was found (looked for $CXX, c++, g++, clang++)';
  const flags = [
    '-O2',
    '-g1',
    '-fPIC',
    '-fvisibility=hidden',
    '-DNAPI_VERSION=8',
    '-DNODE_ADDON_API_DISABLE_DEPRECATED',
    '-DNAPI_CPP_EXCEPTIONS',
    '-DNAPI_HAS_THREADS',
    '-DNODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS',
    `-I${nodeHeaders()}`,
    '-Inode_modules/node-addon-api',
  ];
  const files = [...sources('core', (name) => !name.endsWith('_test.cc')), ...sources('napi', () => true)];
  try {
    const objects = await compileAll(cxx, files, flags, 'obj', log);
    mkdirSync(join(root, 'build', 'Release'), { recursive: true });
    const output = join('build', 'Release', 'millrace.node');
    await run(cxx, ['-shared', ...objects, '-o', `${output}.tmp`, '-lpthread'], 'the linker failed');
    renameSync(join(root, `${output}.tmp`), join(root, output));
    return undefined;
  } catch (error) {
    return error.message;
  }
}

/** Builds and runs the C++ tests of native/core; the exit code of the program, 1 when it does not build. */
async function coreTests() {
  const cxx = compiler();
  if (cxx === undefined) {
    console.error('core tests: no C++ compiler was found');
    return 1;
  }
  const flags = [
    '-O1',
    '-g',
    '-fno-omit-frame-pointer',
    '-fsanitize=address,undefined',
    '-fno-sanitize-recover=undefined',
  ];
  const objects = await compileAll(
    cxx,
    sources('core', () => true),
    flags,
    'core-tests',
    console.error,
  );
  await run(
    cxx,
    ['-fsanitize=address,undefined', ...objects, '-o', 'build/core-tests/run', '-lpthread'],
    'the linker failed',
  );
  return spawnSync('build/core-tests/run', [], { cwd: root, stdio: 'inherit' }).status ?? 1;
}

if (process.argv.includes('--core-tests')) process.exit(await coreTests());
