// All the set-up there is: dependencies, addon, TypeScript. Each step is skipped when its output is newer than its input,
// so a second run costs a few file stats and works offline. `--force` rebuilds.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const force = process.argv.includes('--force');
const say = (text) => process.stderr.write(`setup: ${text}\n`);

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  say(`Node ${process.versions.node} is too old; Millrace needs 20.19 or newer.`);
  process.exit(1);
}

/** Newest mtime (ms) of files below the paths; 0 when none exists. */
function newest(paths, keep = () => true) {
  let latest = 0;
  for (const path of paths) {
    const absolute = join(root, path);
    if (!existsSync(absolute)) continue;
    const stat = statSync(absolute);
    if (!stat.isDirectory()) {
      latest = Math.max(latest, stat.mtimeMs);
      continue;
    }
    for (const name of readdirSync(absolute, { recursive: true, encoding: 'utf8' })) {
      if (keep(name)) latest = Math.max(latest, statSync(join(absolute, name)).mtimeMs);
    }
  }
  return latest;
}

function stale(stamp, inputs, keep) {
  return force || !existsSync(join(root, stamp)) || newest([stamp]) < newest(inputs, keep);
}

function installDependencies() {
  const stamp = 'node_modules/.millrace-setup';
  if (existsSync(join(root, stamp)) && newest([stamp]) >= newest(['package.json', 'package-lock.json']))
    return;
  say('installing dependencies (npm ci)');
  const result = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (result.status !== 0) {
    say('npm ci failed; the lines above say why.');
    process.exit(1);
  }
  writeFileSync(join(root, stamp), '');
}

async function buildNative() {
  const status = 'build/native-status.json';
  if (!stale(status, ['native', 'bin/build-native.js'])) return;
  say('building the native engine');
  const { buildAddon } = await import('./build-native.js');
  const reason = await buildAddon(say);
  mkdirSync(join(root, 'build'), { recursive: true });
  if (reason !== undefined) {
    rmSync(join(root, 'build', 'Release', 'millrace.node'), { force: true });
    say(`the native engine is not available, the portable one will run: ${reason}`);
  }
  writeFileSync(
    join(root, status),
    `${JSON.stringify({ built: reason === undefined, reason: reason?.split('\n')[0] })}\n`,
  );
}

function buildTypeScript() {
  const stamp = 'dist/.built';
  if (!stale(stamp, ['src', 'bench', 'test', 'tsconfig.json'], (name) => name.endsWith('.ts'))) return;
  say('compiling TypeScript');
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const result = spawnSync(process.execPath, [tsc, '-p', root], { cwd: root, stdio: ['ignore', 2, 2] });
  if (result.status !== 0) {
    say('TypeScript did not compile; the lines above say where.');
    process.exit(1);
  }
  writeFileSync(join(root, stamp), '');
}

/** Anew for every version of Node too: a code cache serves the one that wrote it. */
async function bundle() {
  const stamp = 'dist/bundle/.node-version';
  const inputs = ['dist/.built', 'bin/bundle.js', 'bin/load.cjs', 'bin/millrace', 'package-lock.json'];
  const same = !stale(stamp, inputs) && readFileSync(join(root, stamp), 'utf8') === process.version;
  if (same) return;
  const { buildBundle } = await import('./bundle.js');
  await buildBundle(say);
  mkdirSync(join(root, 'dist', 'bundle'), { recursive: true });
  writeFileSync(join(root, stamp), process.version);
}

installDependencies();
await buildNative();
buildTypeScript();
await bundle();
