// Builds the addon with nothing but a C++ compiler; `--core-tests` builds native/core as a plain test program under
// ASan and UBSan and runs it. (`node-gyp rebuild` with binding.gyp gives the same addon where Python and make are.)
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync } from 'node:fs';
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

/** Compiles every source to build/<folder>/*.o, two at a time; returns the objects or throws with the compiler's text. */
function compileAll(cxx, files, flags, folder, log) {
  mkdirSync(join(root, 'build', folder), { recursive: true });
  return files.map((source) => {
    const object = join('build', folder, `${source.replaceAll('/', '_')}.o`);
    log(`  c++ ${source}`);
    run(cxx, [...BASE_FLAGS, ...flags, '-c', source, '-o', object], `the compiler failed on ${source}`);
    return object;
  });
}

function run(command, args, what) {
  const result = spawnSync(command, args, { cwd: root, encoding: 'utf8' });
  if (result.status !== 0) throw new Error(`${what}:\n${result.stdout}${result.stderr}`);
}

/** Builds build/Release/millrace.node. Returns why it could not, or undefined. */
export function buildAddon(log) {
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
    `-I${nodeHeaders()}`,
    '-Inode_modules/node-addon-api',
  ];
  const files = [...sources('core', (name) => !name.endsWith('_test.cc')), ...sources('napi', () => true)];
  try {
    const objects = compileAll(cxx, files, flags, 'obj', log);
    mkdirSync(join(root, 'build', 'Release'), { recursive: true });
    const output = join('build', 'Release', 'millrace.node');
    run(cxx, ['-shared', ...objects, '-o', `${output}.tmp`, '-lpthread'], 'the linker failed');
    renameSync(join(root, `${output}.tmp`), join(root, output));
    return undefined;
  } catch (error) {
    return error.message;
  }
}

/** Builds and runs the C++ tests of native/core; the exit code of the program, 1 when it does not build. */
function coreTests() {
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
  const objects = compileAll(
    cxx,
    sources('core', () => true),
    flags,
    'core-tests',
    console.error,
  );
  run(
    cxx,
    ['-fsanitize=address,undefined', ...objects, '-o', 'build/core-tests/run', '-lpthread'],
    'the linker failed',
  );
  return spawnSync('build/core-tests/run', [], { cwd: root, stdio: 'inherit' }).status ?? 1;
}

if (process.argv.includes('--core-tests')) process.exit(coreTests());
