// `npm test`: format and lint, then vitest over test/ (without test/long, test/interop, test/compat). `--long` runs the first
// two of those, `--compat` the third.
// Ends with the plain line "N passed, N failed, N skipped".
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const suite = ['long', 'compat'].find((name) => process.argv.includes(`--${name}`));
const filters = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const report = join(root, 'build', suite === undefined ? 'test.json' : `test-${suite}.json`);
mkdirSync(join(root, 'build'), { recursive: true });

let lintFailed = 0;
if (suite === undefined && filters.length === 0) {
  const lint = spawnSync(
    process.execPath,
    [join(root, 'node_modules/@biomejs/biome/bin/biome'), 'check', '.'],
    {
      cwd: root,
      stdio: 'inherit',
    },
  );
  lintFailed = lint.status === 0 ? 0 : 1;
}

const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
const config = suite === undefined ? [] : ['--config', `vitest.${suite}.config.ts`];
const result = spawnSync(
  process.execPath,
  [
    vitest,
    'run',
    ...config,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...filters,
  ],
  { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] },
);

const summary = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : undefined;
const passed =
  (summary?.numPassedTests ?? 0) + (filters.length === 0 && suite === undefined && lintFailed === 0 ? 1 : 0);
// A file that fails to load counts as one failure although it holds no test result.
const brokenFiles = (summary?.testResults ?? []).filter(
  (file) => file.status === 'failed' && file.assertionResults.length === 0,
);
const failed = (summary?.numFailedTests ?? 1) + brokenFiles.length + lintFailed;
console.log(`${passed} passed, ${failed} failed, ${summary?.numPendingTests ?? 0} skipped`);
process.exit(failed === 0 && result.status === 0 ? 0 : 1);
